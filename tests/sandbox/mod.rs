//! Each partner's sandbox by HTTP, with requests written from the partner's documents.

mod cargamos;
mod cargoconnect;
mod cargooffice;
mod contargo;
mod contargo_tracking;
mod control;
mod faults;
mod program;
mod soap;
mod trademax;
mod trademax_signature;

use std::collections::BTreeMap;
use std::net::SocketAddr;

use orderdock::sandbox::{Kind, Options, Sandbox};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The time at which the sandboxes under test stand still.
const NOW: &str = "2026-03-02T10:00:00Z";
const NOW_SECONDS: i64 = 1_772_445_600;

/// A sandbox of one partner, its clock standing still.
async fn start(kind: Kind) -> Sandbox {
    start_with(&[kind], &json!({})).await
}

async fn start_with(kinds: &[Kind], settings: &Value) -> Sandbox {
    let mut options = Options::new(kinds);
    options.clock = Some(NOW.to_owned());
    options.frozen = true;
    options.settings = options.settings.merge(settings).unwrap();
    Sandbox::start(&options).await.unwrap()
}

/// An answer.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// One request on a connection of its own; `None` where the connection ended without an answer.
async fn try_send(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream
        .write_all(request(address, method, target, headers, body).as_bytes())
        .await
        .unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    parse(&bytes)
}

fn request(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> String {
    let mut text = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("host"))
    {
        text += &format!("Host: {address}\r\n");
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    text + &format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Answer {
        status,
        headers,
        body: body.to_owned(),
    })
}

/// One request that is answered. The path is below the partner's own.
async fn send(
    sandbox: &Sandbox,
    kind: Kind,
    (method, path): (&str, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let target = format!("/{kind}{path}");
    try_send(sandbox.address(), method, &target, headers, body)
        .await
        .expect("an answer")
}

/// A request to the control path.
async fn control(sandbox: &Sandbox, method: &str, path: &str, body: &str) -> Answer {
    let target = format!("/_sandbox/{path}");
    try_send(sandbox.address(), method, &target, &[], body)
        .await
        .expect("an answer")
}
