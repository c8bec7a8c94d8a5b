//! What each kind of answer of each partner does to the file, to its sender's mail and to the next
//! try.

use serde_json::{Value, json};

use super::others::{office, transport};
use super::tracking::air;
use super::{Stand, cargamos, contargo, contargo_stand, trademax};

/// A partner, what is sent there, and how it is brought to each answer.
struct Case {
    name: &'static str,
    start: fn(&Value) -> Stand,
    order: fn(&str) -> Value,
    /// The path of orders in fault rules.
    path: &'static str,
    /// Settings of the sandbox under which our credentials are wrong.
    stranger: Value,
    /// Settings under which we may not do it.
    forbidden: Option<Value>,
    /// Makes of an order one that only the partner finds wrong, and what it says.
    refused: fn(&Stand, &mut Value),
    says: &'static str,
    /// Takes away what the partner needs, and how its sender hears of it.
    lacks: (fn(&mut Value), &'static str),
    /// The reference whose value it takes once only.
    once: Option<&'static str>,
    /// Whether it recognises what it has already.
    knows: bool,
}

fn always_400(stand: &Stand, path: &str) {
    stand.sandbox.fault(&format!("POST {path} = 400")).unwrap();
}

fn cases() -> [Case; 5] {
    [
        Case {
            name: "contargo",
            start: |settings| contargo_stand(settings, ""),
            order: contargo::pickup,
            path: "/star/orders",
            stranger: json!({"password": "other"}),
            forbidden: None,
            refused: |stand, _| always_400(stand, "/star/orders"),
            says: "An unexpected error occurred!",
            lacks: (|order| order["parties"] = json!({}), "terminal"),
            once: None,
            knows: false,
        },
        Case {
            name: "trademax",
            start: |settings| trademax::stand(settings, ""),
            order: trademax::dispatch,
            path: "/dispatch",
            stranger: json!({"secret": "other"}),
            forbidden: Some(json!({"denied_actions": ["POST dispatch"]})),
            refused: |stand, order| {
                // Its packages are another's there.
                stand.drop_order("0.json", &trademax::dispatch("R-0"));
                assert_eq!(stand.once(), 0);
                for (n, goods) in order["shipments"][0]["goods"]
                    .as_array_mut()
                    .unwrap()
                    .iter_mut()
                    .enumerate()
                {
                    goods["external_package_id"] = json!(format!("R-0-{}", n + 1));
                }
            },
            says: "belongs to another dispatch",
            lacks: (
                |order| order["references"] = json!({"warehouse": "nw"}),
                "an order type",
            ),
            once: Some("transaction"),
            knows: true,
        },
        Case {
            name: "cargamos",
            start: |settings| cargamos::stand(settings, ""),
            order: |reference| cargamos::parcel(reference, "06600"),
            path: "/shipments",
            stranger: json!({"password": "other"}),
            forbidden: None,
            refused: |_, order| {
                order["shipments"][0]["delivery"]["party"]["postcode"] = json!("033002");
            },
            says: "Out of coverage",
            lacks: (
                |order| order["shipments"][0]["delivery"]["party"]["contact"] = json!({}),
                "phone",
            ),
            once: Some("tracking"),
            knows: true,
        },
        Case {
            name: "cargoconnect",
            start: |settings| air::stand(settings, "emails = [\"air@edi.example\"]"),
            order: |reference| air::freight(reference, "create", &[]),
            path: "/subscribe",
            stranger: json!({"api_key": "other"}),
            forbidden: None,
            refused: |stand, _| always_400(stand, "/subscribe"),
            says: "internal server error",
            lacks: (|order| order["references"] = json!({}), "air waybill"),
            once: None,
            knows: true,
        },
        Case {
            name: "cargooffice",
            start: |settings| office(settings, ""),
            order: transport,
            path: "/order",
            stranger: json!({"key": "other"}),
            forbidden: None,
            refused: |stand, _| always_400(stand, "/order"),
            says: "An unexpected error occurred",
            lacks: (|order| order["parties"] = json!({}), "customer number"),
            once: None,
            knows: true,
        },
    ]
}

/// How many reports to its sender the file has, and how many mails wait in all.
fn mails(stand: &Stand, name: &str) -> (usize, u64) {
    let files = stand
        .dock
        .json(&["files", "list", "--name", name, "--json"]);
    let id = files[0]["id"].to_string();
    let story = stand.dock.json(&["files", "show", &id, "--json"]).remove(0);
    let reports = story["reports"].as_array().unwrap().len();
    let status = stand.dock.json(&["status", "--json"]).remove(0);
    (reports, status["mails"].as_u64().unwrap())
}

fn posts(stand: &Stand, case: &Case) -> usize {
    let last = case.path.rsplit('/').next().unwrap();
    let calls = stand.calls().into_iter();
    calls
        .filter(|call| call.starts_with("POST ") && call.contains(&format!("/{last} ")))
        .count()
}

#[test]
fn what_the_partner_refuses_goes_back_to_its_sender_and_is_not_sent_again() {
    for case in cases() {
        let stand = (case.start)(&json!({}));
        let mut order = (case.order)("R-1");
        (case.refused)(&stand, &mut order);
        let before = posts(&stand, &case);
        stand.drop_order("a.json", &order);
        assert_eq!(stand.once(), 1, "{}", case.name);
        assert_eq!(stand.dock.names("error")[0], "a.json", "{}", case.name);
        let sidecar = stand.sidecar("a.json");
        assert!(sidecar.contains(case.says), "{}: {sidecar}", case.name);
        assert_eq!(stand.delivery("R-1")["state"], "refused", "{}", case.name);
        assert_eq!(mails(&stand, "a.json"), (1, 1), "{}", case.name);
        let sent = posts(&stand, &case);
        assert_eq!(sent, before + 1, "{}: the partner said so", case.name);
        assert_eq!(stand.once(), 0, "{}: nothing is left to do", case.name);
        assert_eq!(posts(&stand, &case), sent, "{}", case.name);
    }
}

#[test]
fn what_the_partner_needs_is_missed_before_any_call_and_told_to_the_sender() {
    for case in cases() {
        let stand = (case.start)(&json!({}));
        let (take, words) = case.lacks;
        let mut order = (case.order)("R-1");
        take(&mut order);
        stand.drop_order("a.json", &order);
        assert_eq!(stand.once(), 1, "{}", case.name);
        assert_eq!(stand.calls(), [""; 0], "{}", case.name);
        let sidecar = stand.sidecar("a.json");
        assert!(sidecar.contains(words), "{}: {sidecar}", case.name);
        assert_eq!(mails(&stand, "a.json"), (1, 1), "{}", case.name);
    }
}

#[test]
fn what_somebody_else_has_sent_already_goes_back_to_its_sender() {
    for case in cases() {
        let Some(once) = case.once else { continue };
        let stand = (case.start)(&json!({}));
        for (name, code) in [("a.json", 0), ("b.json", 1)] {
            let mut order = (case.order)(name);
            order["references"][once] = json!("THE-SAME");
            stand.drop_order(name, &order);
            assert_eq!(stand.once(), code, "{} {name}", case.name);
        }
        assert_eq!(stand.dock.names("done"), ["a.json"]);
        assert_eq!(stand.dock.names("error")[0], "b.json");
        assert_eq!(mails(&stand, "b.json"), (1, 1), "{}", case.name);
        assert_eq!(posts(&stand, &case), 2, "{}", case.name);
    }
}

#[test]
fn wrong_credentials_and_missing_rights_are_told_to_the_operators_and_the_file_waits() {
    for case in cases() {
        let settings = [Some(case.stranger.clone()), case.forbidden.clone()];
        for settings in settings.into_iter().flatten() {
            let stand = (case.start)(&settings);
            stand.drop_order("a.json", &(case.order)("R-1"));
            assert_eq!(stand.once(), 1, "{}", case.name);
            assert_eq!(stand.dock.names(""), ["a.json"], "{} {settings}", case.name);
            assert_eq!(stand.delivery("R-1")["state"], "due", "{}", case.name);
            let told = "no report to the sender, one mail to the operators";
            assert_eq!(mails(&stand, "a.json"), (0, 1), "{}: {told}", case.name);
        }
    }
}

#[test]
fn what_passes_is_waited_out_and_nobody_hears_of_it() {
    for case in cases() {
        let stand = (case.start)(&json!({}));
        let rule = format!("POST {} = 503:1, times=1", case.path);
        stand.sandbox.fault(&rule).unwrap();
        let daemon = stand.dock.start();
        stand.drop_order("a.json", &(case.order)("R-1"));
        stand.wait_for_state("R-1", "delivered");
        stand.dock.wait_for("done", "a.json");
        assert_eq!(mails(&stand, "a.json"), (0, 0), "{}", case.name);
        assert_eq!(
            posts(&stand, &case),
            2,
            "{}: {:?}",
            case.name,
            stand.calls()
        );
        daemon.stop();
    }
}

#[test]
fn a_lost_answer_doubles_nothing_and_waits_for_a_person_only_where_the_partner_cannot_tell() {
    for case in cases() {
        let stand = (case.start)(&json!({}));
        let rule = format!("POST {} = commit-then-drop, times=1", case.path);
        stand.sandbox.fault(&rule).unwrap();
        let daemon = stand.dock.start();
        stand.drop_order("a.json", &(case.order)("R-1"));
        let state = if case.knows { "delivered" } else { "parked" };
        stand.wait_for_state("R-1", state);
        if case.knows {
            stand.dock.wait_for("done", "a.json");
        } else {
            assert_eq!(stand.dock.names(""), ["a.json"], "{}", case.name);
            assert_eq!(posts(&stand, &case), 1, "{}", case.name);
        }
        let (reports, _) = mails(&stand, "a.json");
        assert_eq!(reports, 0, "{}: no sender hears of it", case.name);
        daemon.stop();
    }
}

#[test]
fn what_its_state_no_longer_allows_goes_back_to_the_sender_of_the_change() {
    let booked = contargo_stand(&json!({}), "");
    booked.drop_order("a.json", &contargo::pickup("R-1"));
    assert_eq!(booked.once(), 0);
    let id = booked.delivery("R-1")["remote_id"].clone();
    booked.act("book", &json!({ "id": id }));
    let published = trademax::stand(&json!({}), "");
    published.drop_order("a.json", &trademax::dispatch("R-1"));
    assert_eq!(published.once(), 0);
    for (stand, mut order, method) in [
        (booked, contargo::pickup("R-1"), "PUT"),
        (published, trademax::dispatch("R-1"), "PATCH"),
    ] {
        order["action"] = json!("update");
        order["references"]["customer"] = json!("another");
        stand.drop_order("b.json", &order);
        assert_eq!(stand.once(), 1, "{method}");
        assert_eq!(stand.dock.names("error")[0], "b.json", "{method}");
        assert_eq!(stand.delivery("R-1")["state"], "refused", "{method}");
        assert_eq!(mails(&stand, "b.json"), (1, 1), "{method}");
        assert_eq!(stand.once(), 0, "{method}: nothing is left to do");
        assert_eq!(stand.count(method), 1, "{:?}", stand.calls());
    }
}

#[test]
fn what_cannot_be_read_goes_back_to_its_sender_before_any_call() {
    for case in cases() {
        let stand = (case.start)(&json!({}));
        let text = (case.order)("R-1").to_string();
        stand.dock.drop_file("a.json", &text[..text.len() - 9]);
        assert_eq!(stand.once(), 1, "{}", case.name);
        assert_eq!(stand.dock.names("error")[0], "a.json", "{}", case.name);
        assert_eq!(mails(&stand, "a.json"), (1, 1), "{}", case.name);
        assert_eq!(stand.calls(), [""; 0], "{}", case.name);
    }
}
