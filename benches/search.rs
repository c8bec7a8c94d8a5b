//! How long lists and searches take in a ledger with many orders.
//!
//! ```text
//! cargo bench --bench search                      one million orders in 200,000 files
//! ORDERS=100000 cargo bench --bench search        fewer
//! LEDGER=/tmp/big cargo bench --bench search      keep the ledger there, and use it again
//! ```
//!
//! Rows are written by SQL and indexed by the ledger itself; every question is asked through the port,
//! as the pages and the API do, and its worst of twenty is told.
#![expect(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measuring tool, not a part of the product"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use orderdock::arrival::FileId;
use orderdock::clock::{Millis, now};
use orderdock::ledger::sqlite::{FILE, Options, SqliteLedger};
use orderdock::ledger::{Filter, Ledger, Reads};

const CITIES: [&str; 8] = [
    "rotterdam",
    "antwerpen",
    "duisburg",
    "hamburg",
    "gdańsk",
    "valencia",
    "trieste",
    "köln",
];

fn open(folder: &Path) -> SqliteLedger {
    let host = "bench.invalid".to_owned();
    SqliteLedger::open(folder, Options { host }).unwrap()
}

/// `orders` orders, five to a file, over the last 90 days; senders from common to rare.
fn fill(folder: &Path, orders: i64) {
    let mut db = rusqlite::Connection::open(folder.join(FILE)).unwrap();
    let start = now().before(Duration::from_hours(24 * 90)).0;
    let step = 90 * 86_400_000 / orders;
    for first in (1..=orders).step_by(10_000) {
        let tx = db.transaction().unwrap();
        for id in first..(first + 10_000).min(orders + 1) {
            row(&tx, id, start + id * step);
        }
        tx.commit().unwrap();
    }
}

fn row(tx: &rusqlite::Connection, id: i64, at: i64) {
    let file = (id - 1) / 5 + 1;
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        tx.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    let sender = match file % 1000 {
        0 => "rare".to_owned(),
        n => format!("sender-{}", n % 20),
    };
    let verdict = if file % 50 == 0 { "error" } else { "done" };
    if (id - 1) % 5 == 0 {
        run(
            "INSERT INTO arrival (id, source, locator, size, modified, claimed, stage, verdict, settled)
             VALUES (?1, 'inbox', ?2, 1000, 1, ?3, 'settled', ?4, ?3)",
            &[&file, &file.to_string().into_bytes(), &at, &verdict],
        );
        run(
            "INSERT INTO file (id, arrival, state, sender, name, bytes, sha256, outcome, format, orders)
             VALUES (?1, ?1, 'read', ?2, ?3, 1000, x'00', 'accepted', 'csv', 5)",
            &[&file, &sender, &format!("orders-{file:07}.csv")],
        );
        run(
            "INSERT INTO span (file, first, last, reading) VALUES (?1, ?2, ?3, 0)",
            &[&file, &id, &(id + 4)],
        );
    }
    let city = CITIES[(id % 8) as usize];
    let search = format!(" customer {} {city} {:04} ab", id % 5000, id % 10_000);
    run(
        "INSERT INTO orders (id, file, reading, seq, created, action, kind, hold, reference, identity,
                             content_hash, source_hash, origin, search)
         VALUES (?1, ?2, 0, 0, ?3, 'create', 'transport', 0, ?4, randomblob(16), randomblob(32),
                 randomblob(32), '{}', ?5)",
        &[&id, &file, &at, &format!("PO-{id:08}"), &search],
    );
    let state = match id % 1000 {
        1 => "refused",
        _ if id % 200_000 == 7 => "parked",
        _ => "delivered",
    };
    let person = (state == "parked").then_some(at);
    let lane = if id % 10_000 == 3 { "seldom" } else { "erp" };
    run(
        "INSERT INTO delivery (orders, file, state, destination, action, created, attempts, started, ended,
                               reference, key, person)
         VALUES (?1, ?2, ?3, ?4, 'create', ?5, 1, ?5, ?5, ?6, 'od1-x', ?7)",
        &[&id, &file, &state, &lane, &at, &format!("PO-{id:08}"), &person],
    );
}

/// The worst of twenty.
macro_rules! ask {
    ($name:literal, $what:expr) => {{
        let mut worst = Duration::ZERO;
        let mut rows = 0;
        for _ in 0..20 {
            let began = Instant::now();
            rows = $what.await.unwrap().len();
            worst = worst.max(began.elapsed());
        }
        println!(
            "{:<44}{:>9.2} ms  {rows} rows",
            $name,
            worst.as_secs_f64() * 1000.0
        );
    }};
}

fn main() {
    let orders: i64 = std::env::var("ORDERS").map_or(1_000_000, |n| n.parse().unwrap());
    let scratch = tempfile::tempdir().unwrap();
    let folder: PathBuf =
        std::env::var_os("LEDGER").map_or_else(|| scratch.path().into(), Into::into);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    if !folder.join(FILE).exists() {
        drop(open(&folder));
        let began = Instant::now();
        fill(&folder, orders);
        println!(
            "{orders} orders written in {:.0} s",
            began.elapsed().as_secs_f64()
        );
    }
    let ledger = open(&folder);
    runtime.block_on(async {
        let began = Instant::now();
        let mut worst = Duration::ZERO;
        loop {
            let step = Instant::now();
            let more = ledger.index().await.unwrap();
            worst = worst.max(step.elapsed());
            if !more {
                break;
            }
        }
        println!(
            "indexed in {:.0} s, the longest step {:.0} ms",
            began.elapsed().as_secs_f64(),
            worst.as_secs_f64() * 1000.0
        );
        questions(&ledger, orders).await;
        ledger.close().await.unwrap();
    });
}

async fn questions(ledger: &SqliteLedger, orders: i64) {
    let page = Filter {
        limit: 50,
        ..Filter::default()
    };
    let with = |change: fn(&mut Filter)| {
        let mut filter = page.clone();
        change(&mut filter);
        filter
    };
    ask!("orders, newest", ledger.orders(&page));
    let deep = Filter {
        before: Some(orders / 2),
        ..page.clone()
    };
    ask!("orders, from the middle", ledger.orders(&deep));
    ask!(
        "orders, text of an eighth (rotterdam)",
        ledger.orders(&with(|f| f.text = Some("rotterdam".into())))
    );
    ask!(
        "orders, text of a few (customer 4711)",
        ledger.orders(&with(|f| f.text = Some("customer 4711".into())))
    );
    ask!(
        "orders, text of one (po-00123456)",
        ledger.orders(&with(|f| f.text = Some("po-00123456".into())))
    );
    ask!(
        "orders, text of none",
        ledger.orders(&with(|f| f.text = Some("nowhere at all".into())))
    );
    ask!(
        "orders, two letters",
        ledger.orders(&with(|f| f.text = Some("zz".into())))
    );
    ask!(
        "orders, number",
        ledger.orders(&with(|f| f.reference = Some("PO-00123456".into())))
    );
    ask!(
        "orders, number's beginning (all)",
        ledger.orders(&with(|f| f.reference = Some("PO-".into())))
    );
    ask!(
        "orders, rare sender",
        ledger.orders(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "orders, no sender of this name",
        ledger.orders(&with(|f| f.sender = Some("nobody".into())))
    );
    ask!(
        "orders, seldom destination",
        ledger.orders(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "orders, refused",
        ledger.orders(&with(|f| f.state = Some("refused".into())))
    );
    ask!(
        "orders, parked",
        ledger.orders(&with(|f| f.state = Some("parked".into())))
    );
    ask!(
        "orders, held (none)",
        ledger.orders(&with(|f| f.state = Some("held".into())))
    );
    ask!(
        "orders, since an hour from now (none)",
        ledger.orders(&with(|f| f.since = Some(Millis(now().0 + 3_600_000))))
    );
    ask!(
        "orders, part of a number (123456)",
        ledger.orders(&with(|f| f.reference = Some("123456".into())))
    );
    ask!(
        "orders, number of none",
        ledger.orders(&with(|f| f.reference = Some("nothing".into())))
    );
    ask!(
        "orders, file's name of one",
        ledger.orders(&with(|f| f.name = Some("orders-0123456".into())))
    );
    ask!(
        "orders, file's name of none",
        ledger.orders(&with(|f| f.name = Some("nothing".into())))
    );
    ask!(
        "orders, of one file",
        ledger.orders(&with(|f| f.file = Some(FileId(777))))
    );
    ask!(
        "orders, cancelled (none)",
        ledger.orders(&with(|f| f.state = Some("cancelled".into())))
    );
    ask!("files, newest", ledger.files(&page));
    ask!(
        "files, with an order of this number",
        ledger.files(&with(|f| f.reference = Some("PO-00123456".into())))
    );
    ask!(
        "files, with an order of these words (none)",
        ledger.files(&with(|f| f.text = Some("nothing".into())))
    );
    ask!(
        "files, seldom destination",
        ledger.files(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "files, claimed (none)",
        ledger.files(&with(|f| f.state = Some("claimed".into())))
    );
    ask!(
        "files, name of one",
        ledger.files(&with(|f| f.name = Some("orders-0123456".into())))
    );
    ask!(
        "files, name of all",
        ledger.files(&with(|f| f.name = Some(".csv".into())))
    );
    ask!(
        "files, rare sender",
        ledger.files(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "files, error",
        ledger.files(&with(|f| f.state = Some("error".into())))
    );
    ask!(
        "files, pending (none)",
        ledger.files(&with(|f| f.state = Some("pending".into())))
    );
    ask!("deliveries, newest", ledger.deliveries(&page));
    ask!(
        "deliveries, refused",
        ledger.deliveries(&with(|f| f.state = Some("refused".into())))
    );
    ask!(
        "deliveries, cancelled (none)",
        ledger.deliveries(&with(|f| f.state = Some("cancelled".into())))
    );
    ask!(
        "deliveries, due (none)",
        ledger.deliveries(&with(|f| f.state = Some("due".into())))
    );
    ask!(
        "deliveries, seldom destination",
        ledger.deliveries(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "deliveries, no destination of this name",
        ledger.deliveries(&with(|f| f.destination = Some("nothing".into())))
    );
    ask!(
        "deliveries, rare sender",
        ledger.deliveries(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "deliveries, no sender of this name",
        ledger.deliveries(&with(|f| f.sender = Some("nobody".into())))
    );
    ask!(
        "deliveries, number of none",
        ledger.deliveries(&with(|f| f.reference = Some("nothing".into())))
    );
    ask!(
        "deliveries, text of a few (customer 4711)",
        ledger.deliveries(&with(|f| f.text = Some("customer 4711".into())))
    );
    ask!(
        "deliveries, of one file",
        ledger.deliveries(&with(|f| f.file = Some(FileId(777))))
    );
    ask!(
        "deliveries, parked",
        ledger.deliveries(&with(|f| f.state = Some("parked".into())))
    );
}
