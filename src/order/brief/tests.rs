//! A brief says what its order says.

use super::super::{Identity, Order};
use super::Brief;

/// A broker's order with escapes, other scripts and every place that is looked at.
const FULL: &str = r#"{"reference":"A \"1\"","kind":"transport","action":"update","remarks":"\u00e4",
  "references":{"awb":"020-12345675","customer":"KD-7","shipment":"A \"1\"","tracking":"020-12345675"},
  "parties":{"buyer":{"ids":{"customer":"77","gln":"4012345000009"},"name":"ÅSA & Co"},
             "consignee":{"name":"Łódź \"Hurt\"","postcode":"90-001","city":"ŁÓDŹ"}},
  "lines":[{"item_id":"X","quantity":"2"}],
  "shipments":[{"id":"S-1","pickup":{"party":{"city":"Köln"}},
                "delivery":{"party":{"name":"Lager\t2","postcode":"50667"}}},{"id":"S-2"}]}"#;

fn whole(json: &str) -> Order {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_brief_and_its_order_are_the_same_one() {
    let named = r#"{"reference":"B","parties":{"buyer":{"name":"Bäcker"}}}"#;
    let bare = r#"{"reference":"B"}"#;
    for json in [FULL, named, bare] {
        let (brief, order) = (Brief::read(json.as_bytes()).unwrap(), whole(json));
        assert_eq!(brief.identity("acme"), Identity::of("acme", &order));
        assert_eq!(brief.reference(), order.reference);
        assert_eq!((brief.kind, brief.action), (order.kind, order.action));
    }
}

#[test]
fn it_is_found_by_its_other_numbers_each_once() {
    let brief = Brief::read(FULL.as_bytes()).unwrap();
    assert_eq!(brief.numbers(), ["020-12345675", "S-1", "S-2"]);
}

#[test]
fn it_is_found_by_words_in_lower_case() {
    let brief = Brief::read(FULL.as_bytes()).unwrap();
    assert_eq!(
        brief.search_words(),
        " 020-12345675 kd-7 a \"1\" 020-12345675 åsa & co łódź \"hurt\" 90-001 łódź köln lager\t2 50667 s-1 s-2"
    );
}

#[test]
fn what_is_no_order_is_refused() {
    let cut = FULL.get(..FULL.len() - 1).unwrap();
    for json in [
        cut,
        "7",
        r#"{"reference":7}"#,
        r#"{"shipments":{}}"#,
        "\u{0}",
    ] {
        assert!(Brief::read(json.as_bytes()).is_err(), "{json}");
    }
}
