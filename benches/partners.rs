//! What an order costs in mapping, signing and tokens: `cargo bench --bench partners`.
//!
//! Each partner and the plain http kind in turn render and deliver the same orders, 32 in flight, to a
//! sandbox that answers on threads of its own; only the CPU of the delivering thread counts. Rounds are
//! interleaved and the least of each is told, because the machine has others on it.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use orderdock::config::Config;
use orderdock::daemon;
use orderdock::order::Action;
use orderdock::partners::{Body, Outcome, Partner, Request};
use orderdock::sandbox::{Kind, Options, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Done<T> = Result<T, Box<dyn Error>>;

const ORDERS: usize = 1_000;
const ROUNDS: usize = 9;
const IN_FLIGHT: usize = 32;
/// A whole order in the daemon, from a csv file to settled (W1 in README.md).
const DAEMON_US: f64 = 125.0;

#[expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]
fn main() -> Done<()> {
    let elsewhere = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let sandbox = elsewhere.block_on(Sandbox::start(&Options::new(&Kind::ALL)))?;
    let listener = elsewhere.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let sink = format!("http://{}/orders", listener.local_addr()?);
    elsewhere.spawn(serve(listener));
    let here = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let partner = partners(&sandbox, &sink)?;
    let inside = here.enter();
    let plain = partner("http")?;
    println!("partner         http us   its us   more us   of a whole order");
    for (name, order) in orders() {
        let own = partner(name)?;
        let (mut least, mut most) = (f64::MAX, f64::MAX);
        for round in 0..ROUNDS {
            let some = some(&order, name, round)?;
            least = least.min(here.block_on(cost(&plain, &some))?);
            most = most.min(here.block_on(cost(&own, &some))?);
        }
        let more = most - least;
        let share = 100.0 * more / DAEMON_US;
        println!("{name:14} {least:8.1} {most:8.1} {more:9.1} {share:9.1} %");
    }
    // To the sink: what the sandbox gives back of so many packages is more than is read of an answer.
    let own = partner("large")?;
    let large = dispatch("L-1", 1_000);
    let (mut least, mut most) = (f64::MAX, f64::MAX);
    for round in 0..ROUNDS {
        let one = some(&large, "large", round)?.split_off(ORDERS - 1);
        least = least.min(here.block_on(cost(&plain, &one))?);
        most = most.min(here.block_on(cost(&own, &one))?);
    }
    println!(
        "1,000 packages: http {:.2} ms, trademax {:.2} ms (mapping, flattening, natural sort, signature)",
        least / 1000.0,
        most / 1000.0
    );
    drop(inside);
    Ok(())
}

/// The adapters of a configuration, by the names of their kinds.
fn partners(
    sandbox: &Sandbox,
    sink: &str,
) -> Done<impl Fn(&str) -> Done<Arc<dyn Partner>> + use<>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("orderdock.toml");
    let lane = |name: &str, url: &str, rest: &str| {
        let kind = if name == "large" { "trademax" } else { name };
        format!(
            "[[destination]]\nname = \"{name}\"\nkind = \"{kind}\"\nurl = \"{url}\"\n\
             concurrency = {IN_FLIGHT}\n{rest}\n"
        )
    };
    let contargo = format!(
        "user = \"sandbox\"\npassword = \"contargo-password\"\ntoken_url = \"{}\"",
        sandbox.token_url()
    );
    let lanes = [
        lane("http", sink, ""),
        lane("large", sink, "api_key = \"SANDBOX\"\nsecret = \"any\""),
        lane(
            "trademax",
            &sandbox.url(Kind::Trademax),
            "api_key = \"SANDBOX\"\nsecret = \"trademax-secret\"",
        ),
        lane("contargo", &sandbox.url(Kind::Contargo), &contargo),
        lane(
            "cargamos",
            &sandbox.url(Kind::Cargamos),
            "user = \"sandbox@example.com\"\npassword = \"cargamos-password\"\nkey = \"cargamos-key\"",
        ),
        lane(
            "cargooffice",
            &sandbox.url(Kind::Cargooffice),
            "key = \"cargooffice-key\"\ncarrier = \"12021\"",
        ),
    ];
    fs::write(&path, format!("state_dir = \"state\"\n{}", lanes.concat()))?;
    let config = Config::load(Path::new(&path)).map_err(|errors| format!("{errors:?}"))?;
    let partner = daemon::partner_of(config);
    Ok(move |name: &str| {
        let found = partner(name)?;
        found.ok_or_else(|| "no such destination".into())
    })
}

fn orders() -> [(&'static str, Value); 4] {
    let contargo = json!({
        "reference": "O-1", "kind": "pickup", "references": {"customer": "REL-77"},
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{"pickup": {"date": "2026-03-02", "from": "14:00"},
            "equipment": [{"number": "ABCU0000012", "iso_size_type": "45G1", "loading_state": "full",
                           "seals": [{"party": "customs", "number": "C1"}]}]}]
    });
    let cargamos = json!({
        "reference": "O-1", "kind": "delivery", "references": {"lot": "L1"},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "09:00"},
            "delivery": {"date": "2026-03-03", "to": "20:00", "party": {
                "name": "Ana", "street": "Reforma", "house_no": "1", "postcode": "06600",
                "city": "Cuauhtemoc", "region": "CDMX", "country": "MX",
                "contact": {"phone": "5511112222"}}},
            "goods": [{"weight_kg": "1.2", "height_cm": "10", "width_cm": "20", "length_cm": "30"}]}]
    });
    let cargooffice = json!({
        "reference": "O-1", "kind": "transport",
        "parties": {"buyer": {"ids": {"customer": "1234"}, "name": "A & B"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "party": {"name": "P", "city": "Gent", "country": "BE"}},
            "delivery": {"date": "2026-03-03", "party":
                {"name": "D", "postcode": "1098 XH", "city": "Amsterdam", "country": "NL"}},
            "goods": [{"quantity": "2", "package_type": "PX", "weight_kg": "120.50"}]}]
    });
    [
        ("trademax", dispatch("O-1", 2)),
        ("contargo", contargo),
        ("cargamos", cargamos),
        ("cargooffice", cargooffice),
    ]
}

fn dispatch(reference: &str, packages: usize) -> Value {
    let package = |id: usize| {
        json!({"package_id": id.to_string(), "weight_kg": "55.0", "volume_m3": "2.10",
               "picking_zones": ["H"], "contents": [{"line": "10000", "item_id": "998"}]})
    };
    let goods: Vec<_> = (1..=packages).map(package).collect();
    json!({
        "reference": reference, "kind": "dispatch",
        "references": {"warehouse": "nw", "order_type": "SO", "customer": "Acme"},
        "lines": [{"number": "10000", "item_id": "998", "quantity": packages.to_string()}],
        "shipments": [{"goods": goods}]
    })
}

/// Orders that differ in their numbers, with their keys.
fn some(order: &Value, name: &str, round: usize) -> Done<Vec<(String, Vec<u8>)>> {
    let mut order = order.clone();
    let mut one = |n: usize| {
        let reference = format!("{name}-{round}-{n}");
        order["reference"] = reference.clone().into();
        Ok((reference, serde_json::to_vec(&order)?))
    };
    (0..ORDERS).map(&mut one).collect()
}

/// Microseconds of CPU an order.
async fn cost(partner: &Arc<dyn Partner>, orders: &[(String, Vec<u8>)]) -> Done<f64> {
    let before = cpu()?;
    let sent = stream::iter(orders).map(|(key, order)| send(partner, key, order));
    let outcomes: Vec<_> = sent.buffer_unordered(IN_FLIGHT).collect().await;
    let took = cpu()? - before;
    for outcome in outcomes {
        outcome?;
    }
    Ok(took / 1000.0 / f64::from(u32::try_from(orders.len())?))
}

async fn send(partner: &Arc<dyn Partner>, key: &str, order: &[u8]) -> Done<()> {
    let body = match partner.render(order, key).map_err(|why| why.to_string())? {
        Body::Canonical => order.to_vec().into(),
        Body::Rendered(bytes) => bytes,
    };
    let request = Request {
        key: key.to_owned(),
        action: Action::Create,
        reference: key.to_owned(),
        body,
        remote_id: None,
        repeated: false,
    };
    match partner.deliver(&request).await {
        Outcome::Accepted(_) => Ok(()),
        outcome => Err(outcome.into_failure().to_string().into()),
    }
}

/// Nanoseconds that this thread has run.
fn cpu() -> Done<f64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat")?;
    let first = told.split_whitespace().next().ok_or("no schedstat")?;
    Ok(first.parse()?)
}

/// Takes every order there is.
async fn serve(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(take(stream));
    }
}

async fn take(mut stream: TcpStream) -> std::io::Result<()> {
    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n\r\n{\"id\":\"abc\"}";
    let mut bytes = Vec::new();
    loop {
        let head = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let whole = head.and_then(|end| {
            let text = String::from_utf8_lossy(bytes.get(..end)?).to_lowercase();
            let (_, rest) = text.split_once("content-length: ")?;
            let length: usize = rest.lines().next()?.trim().parse().ok()?;
            Some(end + 4 + length)
        });
        match whole {
            Some(whole) if bytes.len() >= whole => {
                bytes.drain(..whole);
                stream.write_all(ANSWER).await?;
            }
            _ if stream.read_buf(&mut bytes).await? == 0 => return Ok(()),
            _ => {}
        }
    }
}
