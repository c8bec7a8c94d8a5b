//! The signature of the documents, and what is missing in orders.

use secrecy::SecretString;
use serde_json::{Value, json};

use super::orders::{Rules, fill};
use super::signature;
use crate::order::Order;
use crate::partners::form::Fields;

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
fn an_order_is_read_by_the_names_of_its_fields_and_what_stands_again_is_a_list() {
    let text = "<?xml version=\"1.0\"?><x:order a=\"1\"><!-- x --><name>A &amp;amp; B</name>\
                <empty/><none></none><good><weight>1</weight></good><good><weight>2</weight></good>\
                <good><x:weight unit=\"kg\"> 3 </x:weight></good></x:order";
    let expected = json!({"name": "A &amp; B", "weight": ["1", "2", "3"]});
    assert_eq!(Value::Object(super::errands::fields(text)), expected);
}
