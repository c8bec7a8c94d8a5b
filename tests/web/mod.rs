//! Browsers and programs at the door: from outside, over HTTP.

use std::net::SocketAddr;

use serde_json::Value;

use crate::support::dock::{Daemon, Dock};
use crate::support::erp::Erp;
use crate::support::http::{Ask, Reply};

mod api;
pub(crate) mod browser;
mod cargooffice;
mod contract;
mod doors;
mod events;
mod held;
mod metrics;
mod openid;
mod pages;
mod refusals;
mod twins;
mod upload;

const PASSWORD: &str = "correct horse battery";

/// A house with the web side open, and a partner.
pub(crate) struct House {
    pub(crate) dock: Dock,
    pub(crate) erp: Erp,
    pub(crate) at: SocketAddr,
    pub(crate) daemon: Daemon,
}

/// Somebody who has logged in.
pub(crate) struct Visitor<'a> {
    house: &'a House,
    cookie: String,
    pub(crate) csrf: String,
}

const MORE: &str = "
[[source]]
name = \"upload\"
kind = \"upload\"
max_size = \"3MB\"

[[source]]
name = \"review\"
kind = \"upload\"
hold = true

[[sender]]
name = \"acme\"
match = { source = \"inbox\" }

[[route]]
destination = [\"erp\"]

[http]
listen = \"127.0.0.1:0\"
";

/// What the daemon says when it listens.
const OPENED: &str = "The console is open.";

/// Where the console listens, once it was opened for the `count`th time.
fn opened(dock: &Dock, count: usize) -> SocketAddr {
    dock.until("the console is open", || {
        let log = dock.log();
        let line = log
            .lines()
            .filter(|line| line.contains(OPENED))
            .nth(count - 1)?;
        let (_, rest) = line.split_once("127.0.0.1:")?;
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        format!("127.0.0.1:{port}").parse().ok()
    })
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with("")
    }

    /// With further lines in the section `[http]`.
    pub(crate) fn with(http: &str) -> Self {
        let erp = Erp::start();
        let dock = Dock::new(&erp.orders(), &format!("{MORE}{http}"));
        let daemon = dock.start();
        let at = opened(&dock, 1);
        Self {
            dock,
            erp,
            at,
            daemon,
        }
    }

    /// Ends the daemon and starts it anew; it listens elsewhere then.
    pub(crate) fn again(&mut self) {
        let before = self.dock.log().matches(OPENED).count();
        self.daemon.signal("TERM");
        self.daemon.wait();
        self.daemon = self.dock.start();
        self.at = opened(&self.dock, before + 1);
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        Ask::get(path).send(self.at)
    }

    /// Lets somebody log in.
    pub(crate) fn person(&self, name: &str, role: &str) {
        use std::io::Write;
        let mut command = self.dock.command(&["user", "add", name, "--role", role]);
        command.stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        writeln!(stdin, "{PASSWORD}").unwrap();
        drop(stdin);
        assert!(child.wait().unwrap().success());
    }

    pub(crate) fn try_password(&self, name: &str, password: &str) -> Reply {
        let form = [("name", name), ("password", password)];
        Ask::post("/login").form(&form).send(self.at)
    }

    /// A person of this role who has logged in.
    pub(crate) fn visitor(&self, role: &str) -> Visitor<'_> {
        self.person(role, role);
        let reply = self.try_password(role, PASSWORD);
        assert_eq!(reply.status, 303, "{}", reply.text());
        let cookie = reply
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        let page = Ask::get("/").with("Cookie", &cookie).send(self.at);
        Visitor {
            house: self,
            csrf: page.input("csrf"),
            cookie,
        }
    }

    /// A new key.
    pub(crate) fn key(&self, name: &str, more: &[&str]) -> String {
        let output = self.dock.run(&[&["key", "add", name][..], more].concat());
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What `what` answers to `key`, once it is as `fits` says.
    pub(crate) fn until(&self, key: &str, path: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.dock.until(&format!("{path} as it should be"), || {
            let reply = bearer(Ask::get(path), key).send(self.at);
            assert_eq!(reply.status, 200, "{}", reply.text());
            Some(reply.json()).filter(|value| fits(value))
        })
    }
}

impl Visitor<'_> {
    pub(crate) fn send(&self, ask: Ask) -> Reply {
        ask.with("Cookie", &self.cookie).send(self.house.at)
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send(Ask::get(path))
    }

    /// A form with the session's token.
    pub(crate) fn press(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let fields = [&[("csrf", self.csrf.as_str())], fields].concat();
        self.send(Ask::post(path).form(&fields))
    }
}

/// The request with a key.
pub(crate) fn bearer(ask: Ask, key: &str) -> Ask {
    ask.with("Authorization", &format!("Bearer {key}"))
}

/// A table of one-line orders.
pub(crate) fn table(references: &[&str]) -> String {
    let mut text = String::from("order_id,order_date,sku,quantity,unit,unit_price,currency\n");
    for reference in references {
        text.push_str(&format!("{reference},2026-02-01,SKU-1,1,PCE,1.00,EUR\n"));
    }
    text
}

/// A table whose second row is wrong.
pub(crate) fn bad() -> String {
    table(&["B-1"]) + "B-2,2026-02-01,SKU-1,ten,PCE,1.00,EUR\n"
}
