//! The signature of the documents, and what is missing in orders.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::orders::{Rules, fill};
use super::signature;
use crate::order::Order;
use crate::partners::form::Fields;
use crate::partners::wire::xml;

#[test]
fn the_time_is_signed_as_the_documents_compute_it() {
    let key = SecretString::from("abcdefabcdef");
    assert_eq!(
        signature("1523021209", &key),
        "29ce31583aba0322f9b3bc60158fff44"
    );
}

fn problems(order: &Value, carrier: Option<&str>) -> Vec<String> {
    let order: Order = serde_json::from_value(order.clone()).unwrap();
    let rules = Rules {
        carrier: carrier.map(str::to_owned),
        customer: None,
    };
    let (frozen, problems) = fill(&order, &rules, &Fields::default());
    assert!(!frozen.xml.contains("A&B"), "what stands in it is escaped");
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn numbers_that_are_missing_or_too_long_are_said_before_anything_is_sent() {
    let good = json!({"reference": "4711", "kind": "transport",
        "parties": {"buyer": {"ids": {"customer": "1234"}, "name": "A&B"}}});
    assert_eq!(problems(&good, Some("12021")), [""; 0]);
    assert!(problems(&good, None)[0].contains("carrier number"));
    let mut long = good.clone();
    long["reference"] = json!("123456789012345678");
    assert!(problems(&long, Some("1"))[0].contains("at most 17"));
    let mut nobody = good;
    nobody["parties"] = json!({});
    assert!(problems(&nobody, Some("1"))[0].contains("customer number"));
}

#[test]
fn an_answer_in_xml_is_told_as_a_tree_and_what_is_none_not_at_all() {
    let text = "<?xml version=\"1.0\"?><x:order a=\"1\"><!-- x --><name>A &amp;amp; B &#8364;</name>\
                <empty/><none></none><good><weight>1</weight></good><good><weight>2</weight></good>\
                <note><![CDATA[<b> & c]]></note><x:weight unit=\"kg\"> 3 </x:weight></x:order>";
    let expected = json!({"order": {"name": "A &amp; B €", "good": [{"weight": "1"}, {"weight": "2"}],
                "note": "<b> & c", "weight": "3"}});
    assert_eq!(xml::tree(text), Some(expected));
    let deep = "<a>".repeat(10_000);
    for text in [
        "",
        "ok",
        "<a><b></a>",
        "<a>1",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
        "<a>&x;</a>",
        &deep,
    ] {
        assert_eq!(xml::tree(text), None, "{}", text.get(..20).unwrap_or(text));
    }
}
