//! The form of a subscription, and what calls tell.

use serde_json::json;

use super::events::heard;
use super::orders::{Targets, Wish, awb_of, fill};
use crate::order::Order;
use crate::partners::form::Fields;
use crate::partners::tracker::{End, NotTaken, Sighting};

fn order(awb: &str, notify: &[&str]) -> Order {
    Order {
        reference: "A-1".to_owned(),
        references: [("awb".to_owned(), awb.to_owned())].into(),
        notify: notify.iter().map(|text| (*text).to_owned()).collect(),
        ..Order::default()
    }
}

fn filled(order: &Order, targets: &Targets) -> (Wish, Vec<String>) {
    let (wish, problems) = fill(order, targets, &Fields::default());
    let codes = problems.into_iter();
    let codes = codes.map(|problem| format!("{} {}", problem.code, problem.place));
    (wish, codes.collect())
}

#[test]
fn air_waybills_are_written_in_one_way() {
    for text in ["000-12345675", "00012345675", "000 1234 5675"] {
        assert_eq!(awb_of(text).as_deref(), Some("000-12345675"), "{text}");
    }
    for text in ["", "000-1234567", "00-123456789x", "٠00-1234567"] {
        assert_eq!(awb_of(text), None, "{text}");
    }
}

#[test]
fn an_order_passes_one_url_and_five_mailboxes_on() {
    let targets = Targets {
        pass_on: true,
        ..Targets::default()
    };
    let five = [
        "a@b.example",
        "c@b.example",
        "d@b.example",
        "e@b.example",
        "f@b.example",
    ];
    let mut all = vec!["https://x.example/in"];
    all.extend(five);
    let (wish, wrong) = filled(&order("00012345675", &all), &targets);
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(wish.url.as_deref(), Some("https://x.example/in"));
    assert_eq!(wish.emails, five);
    let (_, wrong) = filled(&order("1", &["g@b"]), &targets);
    assert_eq!(wrong.len(), 3, "{wrong:?}");
    all.extend(["g@b.example", "https://y.example/"]);
    let (_, wrong) = filled(&order("000-12345675", &all), &targets);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    let (_, wrong) = filled(&order("000-12345675", &[]), &targets);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
}

#[test]
fn with_an_address_of_our_own_nobody_else_is_told_by_the_partner() {
    let targets = Targets {
        url: Some("https://edi.example/hooks/x".to_owned()),
        ..Targets::default()
    };
    let (wish, wrong) = filled(&order("000-12345675", &["a@b.example"]), &targets);
    assert!(
        wrong.is_empty() && wish.emails.is_empty(),
        "{wish:?} {wrong:?}"
    );
    assert_eq!(wish.url, targets.url);
}

#[test]
fn a_call_is_a_history_in_which_everything_stands_once() {
    let received = json!({"code": "RCS", "eventDate": "2026-03-02T09:00:00+01:00", "eventLocation": "AMS",
        "weight": "220.0", "pieces": "20", "isPlanned": false});
    let booked = json!({"code": "BKD", "eventLocation": "AMS"});
    let planned =
        json!({"code": "DEP", "eventDate": "2026-03-03T09:00:00+01:00", "isPlanned": true});
    let body = json!({"awb": "000-12345675", "oldEvents": [booked], "newEvents": [received, planned],
        "events": [booked, received, planned]});
    let heard_of = heard(body.to_string().as_bytes()).unwrap();
    assert_eq!(heard_of.mark, "000-12345675");
    let wanted = Sighting {
        id: None,
        code: "RCS".to_owned(),
        text: "pieces 20, weight 220.0".to_owned(),
        place: Some("AMS".to_owned()),
        at: Some("2026-03-02T09:00:00+01:00".to_owned()),
        end: None,
    };
    assert_eq!(heard_of.sightings.len(), 2);
    assert_eq!(heard_of.sightings[0], wanted);
    let body = json!({"awb": "000-12345675", "newEvents": [{"code": "DLV"}]}).to_string();
    assert_eq!(
        heard(body.as_bytes()).unwrap().sightings[0].end,
        Some(End::Done)
    );
}

#[test]
fn what_is_no_call_is_not_read_as_one() {
    for body in [
        "",
        "[]",
        "{}",
        "{\"awb\": 7}",
        "{\"awb\": \"x\", \"events\": []}",
    ] {
        assert!(
            matches!(heard(body.as_bytes()), Err(NotTaken::Unreadable(_))),
            "{body}"
        );
    }
    let odd =
        json!({"awb": "000-12345675", "newEvents": {"code": "X"}, "events": [7, {"code": {}}, {}]});
    assert_eq!(heard(odd.to_string().as_bytes()).unwrap().sightings, []);
}
