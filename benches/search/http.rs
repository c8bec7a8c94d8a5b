//! Every page and every call of the API over a daemon: how long the server takes, half and 99 of a hundred.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use super::client::Client;
use super::daemon::Daemon;
use super::fill::EVERY;
use super::number;

/// What is asked: `{o}` and `{f}` are an order and its file, another each time; those with contents.
const QUESTIONS: [&str; 62] = [
    "/",
    "/now",
    "/files",
    "/files?q=orders-0123456",
    "/files?q=nothing",
    "/files?state=error",
    "/files?state=pending",
    "/files?sender=rare",
    "/files?sender=nobody",
    "/files/{f}",
    "/files/{f}/view",
    "/orders",
    "/orders?q=rotterdam",
    "/orders?q=customer+4711",
    "/orders?q=po-00123456",
    "/orders?q=nowhere",
    "/orders?q=zz",
    "/orders?state=refused",
    "/orders?state=parked",
    "/orders?sender=rare",
    "/orders?before={o}",
    "/orders/{o}",
    "/held",
    "/upload",
    "/profiles",
    "/profiles/cargooffice",
    "/charts",
    "/charts?span=week",
    "/charts?span=week&source=source-3",
    "/login",
    "/api",
    "/api/v1/status",
    "/api/v1/charts",
    "/api/v1/charts?hours=168&span=6",
    "/api/v1/files",
    "/api/v1/files?limit=1000",
    "/api/v1/files?name=orders-0123456",
    "/api/v1/files?name=.csv",
    "/api/v1/files?reference=PO-00123456",
    "/api/v1/files?destination=seldom",
    "/api/v1/files?state=claimed",
    "/api/v1/files/{f}",
    "/api/v1/files/{f}/original",
    "/api/v1/orders",
    "/api/v1/orders?limit=1000",
    "/api/v1/orders?text=rotterdam",
    "/api/v1/orders?text=nowhere",
    "/api/v1/orders?reference=123456",
    "/api/v1/orders?name=orders-0123456",
    "/api/v1/orders?destination=seldom",
    "/api/v1/orders?since=2h",
    "/api/v1/orders/{o}",
    "/api/v1/deliveries",
    "/api/v1/deliveries?state=refused",
    "/api/v1/deliveries?destination=seldom",
    "/api/v1/deliveries?text=customer+4711",
    "/api/v1/deliveries?sender=rare",
    "/api/v1/deliveries/{o}",
    "/api/v1/sources",
    "/api/v1/destinations",
    "/api/v1/profiles",
    "/metrics",
];

pub(crate) fn measure(ledger: &Path, orders: i64) {
    let scratch = tempfile::tempdir().unwrap();
    let inbox = scratch.path().join("inbox");
    std::fs::create_dir(&inbox).unwrap();
    // Nothing of the ledger is dropped, and nobody is delivered to.
    let config = format!(
        "state_dir = \"{}\"\nmin_free = \"1MB\"\nretention = \"3650d\"\n\
         [http]\nlisten = \"127.0.0.1:0\"\nkey_rate = 1000000\n\
         [[source]]\nname = \"inbox\"\nkind = \"local\"\npath = \"{}\"\n\
         [[destination]]\nname = \"erp\"\nkind = \"http\"\nurl = \"http://127.0.0.1:1/\"\n\
         [[destination]]\nname = \"seldom\"\nkind = \"http\"\nurl = \"http://127.0.0.1:1/\"\n\
         [[route]]\ndestination = [\"erp\"]\n",
        ledger.display(),
        inbox.display()
    );
    let daemon = Daemon::start(scratch.path(), &config);
    let headers = format!("Cookie: {}\r\n", daemon.cookie());
    let key = format!("Authorization: Bearer {}\r\n", daemon.key);
    let (times, at_once) = (number("TIMES", 200), number("CONNECTIONS", 1));
    println!("{times} times each, {at_once} at once");
    println!(
        "{:<46}{:>9}{:>9}{:>9}{:>9}",
        "", "p50 ms", "p99 ms", "max ms", "kB"
    );
    let mut slowest = Duration::ZERO;
    for question in QUESTIONS {
        let headers = if question.starts_with("/api/v1") {
            &key
        } else {
            &headers
        };
        let (mut took, bytes) = asked(daemon.at, headers, question, (times, at_once), orders);
        took.sort();
        let of = |percent: usize| took[(took.len() * percent).div_ceil(100) - 1];
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        println!(
            "{question:<46}{:>9.2}{:>9.2}{:>9.2}{:>9.1}",
            ms(of(50)),
            ms(of(99)),
            ms(of(100)),
            bytes as f64 / 1000.0
        );
        slowest = slowest.max(of(99));
    }
    println!("the slowest p99: {:.1} ms", slowest.as_secs_f64() * 1000.0);
}

/// The times of one question, by so many clients, and the longest of its answers.
fn asked(
    at: SocketAddr,
    headers: &str,
    question: &str,
    (times, at_once): (i64, i64),
    orders: i64,
) -> (Vec<Duration>, usize) {
    let ask = |client: i64| {
        let mut connection = Client::new(at);
        headers.clone_into(&mut connection.headers);
        let (mut all, mut most) = (Vec::new(), 0);
        // The first is not counted: whoever looks has looked before.
        for n in 0..=times / at_once {
            let order = ((client * 7919 + n * 104_729) % (orders / EVERY)) * EVERY + 1;
            let path = question
                .replace("{o}", &order.to_string())
                .replace("{f}", &((order - 1) / 5 + 1).to_string());
            let answer = connection.get(&path);
            assert_eq!(answer.status, 200, "{path}");
            most = most.max(answer.bytes);
            if n > 0 {
                all.push(answer.took);
            }
        }
        (all, most)
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..at_once).map(|n| scope.spawn(move || ask(n))).collect();
        let answers = clients.into_iter().map(|client| client.join().unwrap());
        answers.fold((Vec::new(), 0), |(mut all, most), (one, bytes)| {
            all.extend(one);
            (all, most.max(bytes))
        })
    })
}
