//! Contargo's stream, killed again and again.

use std::time::Duration;

use serde_json::{Value, json};

use super::super::{Stand, contargo_stand};
use super::codes;

fn stand(settings: &Value, track: &str) -> Stand {
    contargo_stand(settings, &format!("track = {track}"))
}

fn pickup(reference: &str, container: Option<&str>) -> Value {
    json!({
        "reference": reference, "kind": "pickup",
        "references": {"customer": reference},
        "parties": {"terminal": {"name": "Duisburg"}},
        "shipments": [{
            "pickup": {"date": "2026-03-02", "from": "14:00"},
            "equipment": [{"number": container, "iso_size_type": "45G1", "loading_state": "full"}]
        }]
    })
}

/// Orders at the partner, with the container each names; their ids there.
fn deliver(stand: &Stand, containers: &[Option<&str>]) -> Vec<String> {
    let references = (0..containers.len()).map(|n| format!("A-{n}"));
    let ids = references.zip(containers).map(|(reference, container)| {
        stand.drop_order(
            &format!("{reference}.json"),
            &pickup(&reference, *container),
        );
        let delivery = stand.wait_for_state(&reference, "delivered");
        delivery["remote_id"].as_str().unwrap().to_owned()
    });
    ids.collect()
}

/// Something happens to an order; its container is named where it is known.
fn happens(stand: &Stand, order: &str, container: Option<&str>, kind: &str) -> String {
    let event = json!({"type": kind, "observation": {
        "observedLoadingUnit": {"loadingUnit": {"number": container}},
        "location": {"designation": "Duisburg"}}});
    let input = json!({"orderId": order, "event": event});
    let acted = stand.sandbox.act(stand.kind, "event", &input);
    let acted = stand.runtime.block_on(acted).unwrap();
    acted["result"]["id"].as_str().unwrap().to_owned()
}

fn wait_until_listening(stand: &Stand) {
    stand.dock.until("the stream is open", || {
        (stand.state("/tracking/streams") != 0).then_some(())
    });
}

/// Eight times, or as often as `ORDERDOCK_KILLS` says, and then once a second; three things happen for
/// each.
#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "once a second, where that is asked for"
)]
fn a_stream_that_is_killed_again_and_again_loses_and_doubles_nothing() {
    let told = std::env::var("ORDERDOCK_KILLS").ok();
    let kills = told.as_ref().map_or(8, |kills| kills.parse().unwrap());
    let pause = Duration::from_secs(u64::from(told.is_some()));
    for replay in [true, false] {
        let settings = json!({"replay": replay, "retry_ms": 100, "close_stream_after": 2,
                              "misleading_names": true});
        let stand = stand(&settings, "{ rest = \"1s\" }");
        let daemon = stand.dock.start();
        let containers = [Some("ABCU 000001-2"), Some("ABCU0000028"), None];
        let ids = deliver(&stand, &containers);
        wait_until_listening(&stand);
        let mut happened = vec![Vec::new(); ids.len()];
        for n in 0..3 * kills {
            // Sometimes nobody listens when it happens.
            if n % 3 == 0 {
                std::thread::sleep(pause);
                stand.act("hang-up", &json!({}));
            }
            let at = n % ids.len();
            let id = happens(&stand, &ids[at], containers[at], &format!("GATE_{n}"));
            happened[at].push(id);
        }
        for (n, mut wanted) in happened.into_iter().enumerate() {
            let events =
                stand.wait_for_history(&format!("A-{n}"), |events| events.len() >= wanted.len());
            let mut found: Vec<_> = events
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned())
                .collect();
            wanted.sort();
            found.sort();
            assert_eq!(found, wanted, "replay {replay}, order {n}");
            assert_eq!(events[0]["place"], "Duisburg");
        }
        assert_eq!(daemon.stop(), 0);
    }
}

#[test]
fn what_happened_while_the_daemon_was_dead_is_found_at_its_start() {
    let stand = stand(&json!({"replay": false}), "{ rest = \"1s\" }");
    let daemon = stand.dock.start();
    let ids = deliver(&stand, &[Some("ABCU0000012")]);
    wait_until_listening(&stand);
    happens(&stand, &ids[0], Some("ABCU0000012"), "GATE_IN");
    stand.wait_for_history("A-0", |events| events.len() == 1);
    daemon.kill();
    happens(&stand, &ids[0], Some("ABCU0000012"), "GATE_OUT");
    let daemon = stand.dock.start();
    let events = stand.wait_for_history("A-0", |events| events.len() == 2);
    assert_eq!(codes(&events), ["GATE_IN", "GATE_OUT"]);
    drop(daemon);
}

#[test]
fn one_look_without_a_daemon_asks_and_does_not_listen() {
    let stand = stand(&json!({}), "{ first = \"1s\", every = \"1s\" }");
    stand.drop_order("a.json", &pickup("A-0", Some("ABCU0000012")));
    assert_eq!(stand.once(), 0);
    let id = stand.delivery("A-0")["remote_id"]
        .as_str()
        .unwrap()
        .to_owned();
    happens(&stand, &id, None, "GATE_IN");
    let events = stand.dock.until("it was asked for", || {
        assert_eq!(stand.once(), 0);
        Some(stand.history("A-0")).filter(|events| !events.is_empty())
    });
    assert_eq!(codes(&events), ["GATE_IN"]);
    assert_eq!(stand.count("GET tracking/events"), 0);
}
