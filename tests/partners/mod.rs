//! Whole files on their way to partner systems, each played by its sandbox: the right calls are
//! made, the answers are with the order, the file is in the right place, and what goes wrong there
//! has its effect on file, mail and the next try.

mod cargamos;
mod checks;
mod configured;
mod contargo;
mod effects;
mod errands;
mod http;
mod others;
mod soap;
mod tracking;
mod trademax;

use std::time::Duration;

use orderdock::sandbox::{Kind, Options, Sandbox};
use serde_json::{Value, json};

use crate::support::dock::{Dock, read};

/// Mail that goes nowhere: the outbox keeps it.
const MAIL: &str = "[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"edi@example.com\"\n\
                    operators = [\"ops@example.com\"]\n";

/// A partner's sandbox, and a house that delivers there.
struct Stand {
    sandbox: Sandbox,
    kind: Kind,
    runtime: tokio::runtime::Runtime,
    dock: Dock,
}

impl Stand {
    /// `destination` is what the destination's section says beside name and url.
    fn start(kind: Kind, settings: &Value, destination: impl Fn(&Sandbox) -> String) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(1).enable_all().build().unwrap();
        let mut options = Options::new(&[kind]);
        options.settings = options.settings.merge(settings).unwrap();
        let sandbox = runtime.block_on(Sandbox::start(&options)).unwrap();
        let dock = Dock::new(&sandbox.url(kind), MAIL);
        let text = dock
            .config()
            .replace("kind = \"http\"\n", &destination(&sandbox));
        dock.configure(&text);
        Self {
            sandbox,
            kind,
            runtime,
            dock,
        }
    }

    /// Drops one canonical order.
    fn drop_order(&self, name: &str, order: &Value) {
        self.dock.drop_file(name, order.to_string());
    }

    /// Everything is tried once; the exit code.
    fn once(&self) -> i32 {
        self.dock.once().0
    }

    /// What the partner holds.
    fn state(&self, pointer: &str) -> Value {
        self.sandbox
            .state(self.kind)
            .pointer(pointer)
            .cloned()
            .unwrap_or_default()
    }

    /// The requests that were answered or not, as `METHOD path status`.
    fn calls(&self) -> Vec<String> {
        let entries = self.sandbox.log().into_iter();
        entries
            .filter(|entry| entry.direction == "in")
            .map(|entry| {
                let path = entry.target.split('?').next().unwrap().to_owned();
                let last: Vec<_> = path.rsplit('/').take(2).collect();
                let status = entry.status.map_or("lost".to_owned(), |s| s.to_string());
                format!("{} {}/{} {status}", entry.method, last[1], last[0])
            })
            .collect()
    }

    /// How many calls contain these words.
    fn count(&self, words: &str) -> usize {
        let calls = self.calls();
        calls.iter().filter(|call| call.contains(words)).count()
    }

    /// The only delivery of the order with this number, or the newest.
    fn delivery(&self, reference: &str) -> Value {
        let args = ["deliveries", "list", "--reference", reference, "--json"];
        self.dock.json(&args).remove(0)
    }

    /// The words of the sidecar beside a file in error.
    fn sidecar(&self, name: &str) -> String {
        read(
            &self
                .dock
                .path("inbox/error")
                .join(format!("{name}.error.txt")),
        )
    }

    /// Waits until the delivery of an order is in a state.
    fn wait_for_state(&self, reference: &str, state: &str) -> Value {
        self.dock.until(&format!("{reference} is {state}"), || {
            let args = ["deliveries", "list", "--reference", reference, "--json"];
            let found = self.dock.json(&args);
            found.into_iter().find(|row| row["state"] == state)
        })
    }

    fn advance(&self, seconds: u64) {
        self.sandbox.advance(Duration::from_secs(seconds));
    }

    fn act(&self, action: &str, input: &Value) {
        let acted = self.sandbox.act(self.kind, action, input);
        self.runtime.block_on(acted).unwrap();
    }
}

/// Contargo with its sandbox's account.
fn contargo_stand(settings: &Value, more: &str) -> Stand {
    Stand::start(
        Kind::Contargo,
        &json!({ "contargo": settings }),
        |sandbox| {
            format!(
                "kind = \"contargo\"\nuser = \"sandbox\"\npassword = \"contargo-password\"\n\
                 token_url = \"{}\"\n{more}\n",
                sandbox.token_url()
            )
        },
    )
}
