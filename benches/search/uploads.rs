//! How fast orders are delivered while large uploads come in, beside how fast without them.
//!
//! What is uploaded is nothing that anybody could read, so that it is refused at its first bytes and the
//! uploads alone are measured. `RATE` is what their line carries, in MB/s.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::client::Client;
use super::daemon::Daemon;
use super::number;

const ORDERS: u64 = 5;
const PIECE: usize = 64 << 10;
const UPLOAD: usize = 90_000_000;

pub(crate) fn measure() {
    let files = u64::try_from(number("FILES", 2_000)).unwrap();
    let rounds = number("ROUNDS", 3);
    let scratch = tempfile::tempdir().unwrap();
    let inbox = scratch.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    let (sink, count) = sink();
    let config = format!(
        "state_dir = \"{root}/state\"\nmin_free = \"1MB\"\n[http]\nlisten = \"127.0.0.1:0\"\n\
         key_rate = 1000000\n\
         [[source]]\nname = \"inbox\"\nkind = \"local\"\npath = \"{root}/inbox\"\nstable = \"0s\"\n\
         [[source]]\nname = \"upload\"\nkind = \"upload\"\n\
         [[destination]]\nname = \"erp\"\nkind = \"http\"\nurl = \"http://{sink}/\"\nconcurrency = 16\n\
         [[route]]\ndestination = [\"erp\"]\n",
        root = scratch.path().display()
    );
    let daemon = Daemon::start(scratch.path(), &config);
    let mut rates = [Vec::new(), Vec::new()];
    for round in 0..rounds {
        for with in [false, true] {
            let stop = Arc::new(AtomicBool::new(!with));
            let uploads = upload(&daemon, Arc::clone(&stop));
            let name = format!("{round}-{with}");
            let took = deliver(&inbox, &name, files, &count);
            stop.store(true, Ordering::Relaxed);
            let sent = uploads.join().unwrap();
            let rate = (files * ORDERS) as f64 / took.as_secs_f64();
            rates[usize::from(with)].push(rate);
            let beside = if with {
                format!(", beside {sent} uploads of 90 MB")
            } else {
                String::new()
            };
            println!("{rate:>8.0} orders/s{beside}");
        }
    }
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let [mut without, mut with] = rates;
    let share = median(&mut with) / median(&mut without);
    println!(
        "with uploads: {:.0} % of the rate without (wanted: 90)",
        share * 100.0
    );
}

/// Uploads one file after the other until told to stop; how many were taken.
fn upload(daemon: &Daemon, stop: Arc<AtomicBool>) -> std::thread::JoinHandle<usize> {
    let (at, key) = (daemon.at, daemon.key.clone());
    let rate = u64::try_from(number("RATE", 12)).unwrap() * 1_000_000;
    std::thread::spawn(move || {
        let mut taken = 0;
        let piece = vec![0xA5; PIECE];
        while !stop.load(Ordering::Relaxed) {
            let mut client = Client::new(at);
            client.headers = format!("Authorization: Bearer {key}\r\n");
            let path = format!("/api/v1/files?source=upload&name=large-{taken}.bin");
            let answer = client.send(&path, UPLOAD / PIECE, &piece, rate);
            assert_eq!(answer.status, 202);
            taken += 1;
        }
        taken
    })
}

/// Drops so many files, and waits for all of their orders.
fn deliver(inbox: &Path, name: &str, files: u64, count: &AtomicU64) -> Duration {
    let wanted = count.load(Ordering::Relaxed) + files * ORDERS;
    let began = Instant::now();
    for file in 0..files {
        let mut text = String::from("order_id,order_date,sku,quantity,unit,unit_price,currency\n");
        for order in 0..ORDERS {
            text.push_str(&format!(
                "{name}-{file}-{order},2026-02-01,SKU-1,1,PCE,1.00,EUR\n"
            ));
        }
        let part = inbox.join(format!(".{name}-{file}.part"));
        std::fs::write(&part, text).unwrap();
        std::fs::rename(&part, inbox.join(format!("{name}-{file}.csv"))).unwrap();
    }
    while count.load(Ordering::Relaxed) < wanted {
        assert!(began.elapsed() < Duration::from_mins(10), "not delivered");
        std::thread::sleep(Duration::from_millis(2));
    }
    began.elapsed()
}

/// A partner that takes every order, and their count.
fn sink() -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let count = Arc::new(AtomicU64::new(0));
    let counting = Arc::clone(&count);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let count = Arc::clone(&counting);
            std::thread::spawn(move || take(stream, &count));
        }
    });
    (at, count)
}

fn take(stream: TcpStream, count: &AtomicU64) {
    stream.set_nodelay(true).unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        count.fetch_add(1, Ordering::Relaxed);
        let answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}";
        if reader.get_mut().write_all(answer).is_err() {
            return;
        }
    }
}
