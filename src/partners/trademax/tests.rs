//! The signature against the vectors of Trademax's documents, and what orders look like.

use secrecy::SecretString;
use serde_json::json;

use super::sign::{flatten, natural, signature};
use super::*;

fn signed(params: &Value) -> String {
    let mut flat = flatten(params.as_object().unwrap());
    signature(&mut flat, &SecretString::from("SECRET")).unwrap()
}

fn structure(first: &str, second: &str) -> Value {
    json!({
        "api_key": "YOUR_PUBLIC_KEY", "timestamp": "1523021209", "method": "POST",
        "url": "http://api.trademax.com/vendor/dispatch", "order_type": "SO", "order_no": "IS0000000",
        "transaction_id": "DDDD1DdDDDDdddfffDF", "external_reference": null, "vendor_id": "999999999",
        "packages": [
            {"package_id": "1", "external_package_id": "7499999", "weight": "55", "volume": "2.1",
             "picking_zones": ["H"], "products": [{"line_no": "20000", "artno": first}]},
            {"package_id": "2", "external_package_id": "7599999", "weight": "35", "volume": "1.5",
             "picking_zones": ["H"], "products": [{"line_no": "10000", "artno": second}]}
        ],
        "products": [
            {"line_no": "10000", "artno": "998", "quantity": "1"},
            {"line_no": "20000", "artno": "999", "quantity": "1"}
        ]
    })
}

#[test]
fn the_documents_structure_is_signed_and_its_printed_string_is_not() {
    let good = "c7a6b20d71c884bd3511f231d4d041f23edcebc62a14e5d95906c4e7b08ee91e";
    let swapped = "c6a40c4762987d446972224f7a9b04b2bccad18f7bb855a66ea1d296f22436e2";
    assert_eq!(signed(&structure("999", "998")), good);
    assert_eq!(signed(&structure("998", "999")), swapped);
}

#[test]
fn eleven_packages_are_signed_in_natural_order() {
    let packages: Vec<_> = (1..=11)
        .map(|n| json!({"package_id": n.to_string()}))
        .collect();
    let params = json!({
        "api_key": "PUB", "method": "POST", "order_no": "FO1", "packages": packages,
        "timestamp": "1700000000", "transaction_id": "T1",
        "url": "http://127.0.0.1:8080/api/dispatch", "warehouse_id": "nw"
    });
    let natural = "3cc798d5eca0f8d8973878a8408e0d42e7025cd4e91d836057b79242868dbc60";
    assert_eq!(signed(&params), natural);
}

#[test]
fn a_get_is_signed_like_everything_else() {
    let params = json!({
        "api_key": "PUB", "method": "GET", "timestamp": "1700000000",
        "url": "http://127.0.0.1:8080/api/inventory/123/stock-adjustment", "warehouse_id": "nw"
    });
    let get = "ab13e5cbe1e1f9af134a211813460c66681e90f49049143b59ba227a333c9dd9";
    assert_eq!(signed(&params), get);
}

#[test]
fn digits_compare_as_numbers_and_all_else_by_byte() {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let long = "9".repeat(60);
    let table = [
        ("a[2]", "a[10]", Less),
        ("a[10]", "a[9]", Greater),
        ("a", "a[0]", Less),
        ("a[0][z]", "a[1][b]", Less),
        ("B", "a", Less),
        ("x_", "x[", Greater),
        ("a7", "a7", Equal),
        ("a07", "a8", Less),
        (long.as_str(), "1", Greater),
    ];
    for (one, other, order) in table {
        assert_eq!(natural(one, other), order, "{one} {other}");
        assert_eq!(natural(other, one), order.reverse(), "{other} {one}");
    }
}

#[test]
fn lists_without_anything_in_them_are_not_signed() {
    let flat = flatten(
        json!({"a": [], "b": {"c": "1"}, "d": null})
            .as_object()
            .unwrap(),
    );
    let expected = [("b[c]", "1"), ("d", "")];
    assert_eq!(
        flat,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}
