//! What partners tell of orders they have accepted: polls, a stream, calls. All of it is in the history
//! of its order once, whatever breaks on the way.

pub(super) mod air;
mod asked;
mod calls;
mod stream;

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::Stand;
use crate::support::dock::Dock;

/// The step of the address that partners call.
pub(super) const STEP: &str = "0123456789abcdefABCDEF-_";

/// The name by which the outside reaches the daemon, known before the daemon's own port is.
pub(super) struct Door {
    pub(super) at: SocketAddr,
    leads_to: Arc<Mutex<Option<SocketAddr>>>,
    /// How many daemons have opened a web side behind it.
    opened: Cell<usize>,
}

impl Door {
    pub(super) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let leads_to: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
        let door = Self {
            at: listener.local_addr().unwrap(),
            leads_to: Arc::clone(&leads_to),
            opened: Cell::default(),
        };
        std::thread::spawn(move || {
            for outside in listener.incoming().flatten() {
                let target = *leads_to.lock().unwrap();
                let Some(inside) = target.and_then(|at| TcpStream::connect(at).ok()) else {
                    continue;
                };
                for (from, to) in [(&outside, &inside), (&inside, &outside)] {
                    let ends = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    std::thread::spawn(move || pass(ends));
                }
            }
        });
        door
    }

    /// The section of the configuration.
    pub(super) fn section(&self) -> String {
        format!(
            "\n[http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://{}\"\n",
            self.at
        )
    }

    /// It leads to the web side that the next daemon of `dock` opens.
    pub(super) fn open(&self, dock: &Dock) -> SocketAddr {
        let at = dock.until("the web side is open", || {
            let log = dock.log();
            let rest = log
                .split("The console is open.")
                .nth(self.opened.get() + 1)?;
            let (_, rest) = rest.split_once("127.0.0.1:")?;
            let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
            format!("127.0.0.1:{port}").parse().ok()
        });
        self.opened.set(self.opened.get() + 1);
        *self.leads_to.lock().unwrap() = Some(at);
        at
    }
}

fn pass((mut from, mut to): (TcpStream, TcpStream)) {
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    drop(to.shutdown(std::net::Shutdown::Both));
}

impl Stand {
    /// Adds a section to the configuration.
    pub(super) fn with_section(self, more: &str) -> Self {
        let path = self.dock.path("orderdock.toml");
        let text = std::fs::read_to_string(path).unwrap();
        self.dock.configure(&format!("{text}{more}"));
        self
    }

    /// The history of the order with this number, as it happened.
    fn history(&self, reference: &str) -> Vec<Value> {
        history(&self.dock, reference)
    }

    /// Waits until the history of an order fits.
    pub(super) fn wait_for_history(
        &self,
        reference: &str,
        fits: impl Fn(&[Value]) -> bool,
    ) -> Vec<Value> {
        wait_for_history(&self.dock, reference, fits)
    }

    /// Something happens at the partner; what came of its calls.
    pub(super) fn told(&self, action: &str, input: &Value) -> Vec<u64> {
        let acted = self.sandbox.act(self.kind, action, input);
        let acted = self.runtime.block_on(acted).unwrap();
        let sent = acted["sent"].as_array().unwrap();
        sent.iter()
            .map(|one| one["status"].as_u64().unwrap_or(0))
            .collect()
    }
}

pub(super) fn history(dock: &Dock, reference: &str) -> Vec<Value> {
    let args = ["orders", "list", "--reference", reference, "--json"];
    let Some(order) = dock.json(&args).into_iter().next() else {
        return Vec::new();
    };
    let id = order["id"].to_string();
    let mut shown = dock.json(&["orders", "show", &id, "--json"]);
    match shown.remove(0)["events"].take() {
        Value::Array(events) => events,
        _ => Vec::new(),
    }
}

fn wait_for_history(dock: &Dock, reference: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    dock.until(&format!("the history of {reference}"), || {
        Some(history(dock, reference)).filter(|events| fits(events))
    })
}

/// The codes of events, sorted.
pub(super) fn codes(events: &[Value]) -> Vec<String> {
    let codes = events
        .iter()
        .map(|event| event["code"].as_str().unwrap_or(""));
    let mut codes: Vec<_> = codes.map(str::to_owned).collect();
    codes.sort();
    codes
}
