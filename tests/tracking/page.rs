//! Track & trace: what everybody may see, and what nobody finds out.

use std::net::SocketAddr;

use serde_json::json;

use super::{keep_secret, order, orders, show, status, statuses};
use crate::support::dock::{Daemon, Dock};
use crate::support::erp::Erp;
use crate::support::http::{Ask, Reply};

/// Where the console of the house listens.
pub(super) fn address(dock: &Dock) -> SocketAddr {
    dock.until("the console is open", || {
        let log = dock.log();
        let line = log
            .lines()
            .rev()
            .find(|line| line.contains("The console is open"))?;
        let (_, rest) = line.split_once("127.0.0.1:")?;
        let port: String = rest.chars().take_while(char::is_ascii_digit).collect();
        format!("127.0.0.1:{port}").parse().ok()
    })
}

/// A house with the public page, one order with a postcode and a milestone.
struct Public {
    dock: Dock,
    daemon: Daemon,
    at: SocketAddr,
}

fn public() -> Public {
    let erp = Erp::start();
    let dock = Dock::new(
        &erp.orders(),
        "[http]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\n\n\
         [tracking]\npage = true\ncallbacks = true\nsecret = { file = \"secret\" }\n",
    );
    keep_secret(&dock);
    let daemon = dock.start();
    let at = address(&dock);
    let to = json!({ "shipments": [{ "id": "SHIP-9", "delivery": { "party": {
        "name": "Jan de Vries", "street": "Kade 1", "postcode": "3011 AB", "city": "Rotterdam"
    } } }] });
    dock.drop_file("one.json", orders(&[order("T-1", &to)]));
    dock.wait_for("done", "one.json");
    dock.drop_file("loaded.json", statuses(&[status("T-1", "loaded")]));
    dock.wait_for("done", "loaded.json");
    Public { dock, daemon, at }
}

impl Public {
    fn look_up(&self, number: &str, postcode: &str) -> Reply {
        Ask::post("/track")
            .form(&[("number", number), ("postcode", postcode)])
            .send(self.at)
    }

    fn json(&self, number: &str, postcode: &str) -> Reply {
        Ask::post("/track")
            .with("Accept", "application/json")
            .form(&[("number", number), ("postcode", postcode)])
            .send(self.at)
    }
}

#[test]
fn number_and_postcode_show_the_milestones_and_nothing_else() {
    let public = public();
    for number in ["T-1", "t-1", "SHIP-9"] {
        let page = public.look_up(number, "3011ab");
        assert_eq!(page.status, 200, "{}", page.text());
        let text = page.text();
        assert!(
            text.contains("loaded") && text.contains("2026-11-22 10:15"),
            "{text}"
        );
        for secret in ["Vries", "Kade", "3011", "SKU-1", "inbox"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    let told = public.json("T-1", "3011 AB").json();
    assert_eq!(told["reference"], "T-1");
    assert_eq!(told["milestones"][0]["text"], "loaded");
    assert_eq!(told["finished"], false);
    // Its link shows the same to whoever has it, and another order's does not.
    let link = told["link"].as_str().unwrap();
    let path = link.split_once("127.0.0.1:1").unwrap().1;
    let seen = Ask::get(path).send(public.at);
    assert_eq!(seen.status, 200);
    assert!(seen.text().contains("loaded"));
    let (front, signature) = path.rsplit_once('/').unwrap();
    let forged = signature.replace(|c: char| c.is_ascii_digit(), "a");
    assert_eq!(
        Ask::get(&format!("{front}/{forged}"))
            .send(public.at)
            .status,
        404
    );
    assert_eq!(
        Ask::get(&format!("/track/2/{signature}"))
            .send(public.at)
            .status,
        404
    );
    assert_eq!(public.daemon.stop(), 0);
}

#[test]
fn an_unknown_number_and_a_wrong_postcode_get_the_same_answer_and_trying_on_is_refused() {
    let public = public();
    let unknown = public.json("T-404", "3011 AB");
    let wrong = public.json("T-1", "9999 ZZ");
    assert_eq!((unknown.status, wrong.status), (404, 404));
    assert_eq!(unknown.body, wrong.body);
    let same = |page: Reply, number: &str| page.text().replace(number, "NUMBER");
    let unknown = same(public.look_up("T-404", "3011 AB"), "T-404");
    assert_eq!(unknown, same(public.look_up("T-1", "1011 AB"), "T-1"));
    let refused = (0..20)
        .map(|n| public.json("T-1", &format!("{n} AB")))
        .find(|r| r.status == 429);
    let refused = refused.expect("so many tries in a minute are refused");
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(
        public.json("T-1", "3011 AB").status,
        429,
        "the right one as well"
    );
    assert_eq!(public.daemon.stop(), 0);
}

#[test]
fn who_has_seen_an_order_follows_it_and_nobody_else_does() {
    let public = public();
    let page = public.look_up("T-1", "3011 AB");
    let (order, signature) = (page.input("order"), page.input("signature"));
    let follow = |signature: &str, target: &str| {
        Ask::post("/track/follow")
            .form(&[
                ("order", &order),
                ("signature", signature),
                ("target", target),
            ])
            .send(public.at)
    };
    assert_eq!(
        follow("0123456789abcdef", "https://acme.example/hook").status,
        404
    );
    assert_eq!(follow(&signature, "https://10.0.0.1/hook").status, 422);
    assert_eq!(
        follow(&signature, "jan@acme.example").status,
        422,
        "mails are off"
    );
    assert_eq!(follow(&signature, "https://acme.example/hook").status, 200);
    assert_eq!(
        follow(&signature, "https://other.example/hook").status,
        409,
        "one URL"
    );
    let story = show(&public.dock, "T-1");
    let followers = story["followers"].as_array().unwrap();
    assert_eq!(followers.len(), 1);
    assert_eq!(followers[0]["target"], "https://acme.example/hook");
    assert!(followers[0].get("token").is_none());
    assert_eq!(Ask::get("/track/leave/guess").send(public.at).status, 404);
    assert_eq!(public.daemon.stop(), 0);
}

#[test]
fn nothing_of_it_is_there_unless_it_is_configured() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "[http]\nlisten = \"127.0.0.1:0\"\n");
    let daemon = dock.start();
    let at = address(&dock);
    assert_eq!(Ask::get("/track").send(at).status, 404);
    let form = [("number", "T-1"), ("postcode", "3011 AB")];
    assert_eq!(Ask::post("/track").form(&form).send(at).status, 404);
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_program_lets_others_follow_an_order_and_takes_that_back() {
    let public = public();
    let dock = &public.dock;
    let key = |role: &str| {
        let made = dock.run(&["key", "add", role, "--role", role]);
        assert!(made.status.success());
        String::from_utf8(made.stdout).unwrap().trim().to_owned()
    };
    let ask = |method: &str, path: &str, key: &str| {
        Ask::new(method, path).with("Authorization", &format!("Bearer {key}"))
    };
    let (coordinator, viewer) = (key("coordinator"), key("viewer"));
    let path = "/api/v1/orders/1/followers";
    let target = json!({ "target": "https://acme.example/hook" });
    let refused = ask("POST", path, &viewer).json(&target).send(public.at);
    assert_eq!(refused.status, 403, "{}", refused.text());
    let private = json!({ "target": "https://192.168.0.1/hook" });
    assert_eq!(
        ask("POST", path, &coordinator)
            .json(&private)
            .send(public.at)
            .status,
        422
    );
    assert_eq!(
        ask("POST", path, &coordinator)
            .json(&target)
            .send(public.at)
            .status,
        204
    );
    let story = ask("GET", "/api/v1/orders/1", &viewer)
        .send(public.at)
        .json();
    assert_eq!(story["followers"][0]["target"], "https://acme.example/hook");
    assert_eq!(story["events"][0]["text"], "loaded");
    let left = format!("{path}?target=https%3A%2F%2Facme.example%2Fhook");
    assert_eq!(
        ask("DELETE", &left, &coordinator).send(public.at).status,
        204
    );
    let followers = &show(dock, "T-1")["followers"];
    assert_eq!(followers[0]["why"], "They asked for it.");
    assert_eq!(public.daemon.stop(), 0);
}

#[test]
fn a_reload_opens_and_closes_the_public_page() {
    let public = public();
    let reload = |count: usize| {
        public.daemon.signal("HUP");
        public.dock.until("the new configuration is in use", || {
            let log = public.dock.log();
            (log.matches("The new configuration is in use.").count() >= count).then_some(())
        });
    };
    let open = public.dock.config().to_owned();
    let link = public.json("T-1", "3011 AB").json()["link"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = link.split_once("127.0.0.1:1").unwrap().1;
    public
        .dock
        .configure(&open.replace("page = true", "page = false"));
    reload(1);
    assert_eq!(Ask::get("/track").send(public.at).status, 404);
    assert_eq!(public.json("T-1", "3011 AB").status, 404);
    assert_eq!(Ask::get(path).send(public.at).status, 404);
    // Open again, with another secret and no callbacks: old links are good no more.
    std::fs::write(
        public.dock.path("secret"),
        "another secret of more than twenty-four",
    )
    .unwrap();
    public
        .dock
        .configure(&open.replace("callbacks = true", "callbacks = false"));
    reload(2);
    let page = public.look_up("T-1", "3011 AB");
    assert_eq!(page.status, 200);
    assert!(
        !page.text().contains("Follow this order"),
        "{}",
        page.text()
    );
    assert_eq!(Ask::get(path).send(public.at).status, 404);
    assert_eq!(public.daemon.stop(), 0);
}
