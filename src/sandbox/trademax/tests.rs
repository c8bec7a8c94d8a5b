//! The order of names is an order, and the published strings come out of it.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::json;

use super::natural::compare;
use super::params::Params;
use super::signature;

fn name() -> impl Strategy<Value = String> {
    "[a-c_\\[\\]A0-2]{0,6}|[a-z]{1,3}(\\[0{0,2}[0-9]{1,22}\\]){0,2}"
}

proptest! {
    #[test]
    fn the_order_is_total(a in name(), b in name(), c in name()) {
        prop_assert_eq!(compare(&a, &b), compare(&b, &a).reverse());
        prop_assert_eq!(compare(&a, &b) == Ordering::Equal, a == b);
        if compare(&a, &b) != Ordering::Greater && compare(&b, &c) != Ordering::Greater {
            prop_assert_ne!(compare(&a, &c), Ordering::Greater);
        }
    }

    #[test]
    fn indexes_compare_as_numbers(a in any::<u64>(), b in any::<u64>()) {
        let name = |index: u64| format!("packages[{index}][weight]");
        prop_assert_eq!(compare(&name(a), &name(b)), a.cmp(&b));
    }

    #[test]
    fn a_sort_gives_one_result(mut names in prop::collection::vec(name(), 0..20)) {
        let mut other = names.clone();
        other.reverse();
        names.sort_by(|a, b| compare(a, b));
        other.sort_by(|a, b| compare(a, b));
        prop_assert_eq!(names, other);
    }
}

#[test]
fn numbers_of_any_length_and_leading_zeros_have_their_place() {
    let mut names = [
        "p[10]",
        "p[2]",
        "p[02]",
        "p[99999999999999999999999]",
        "p[0]",
        "p",
    ];
    names.sort_by(|a, b| compare(a, b));
    assert_eq!(
        names,
        [
            "p",
            "p[0]",
            "p[02]",
            "p[2]",
            "p[10]",
            "p[99999999999999999999999]"
        ]
    );
}

#[test]
fn scalars_become_the_texts_of_php() {
    let body = json!({ "c": 55.0, "a": 2.1, "b": true, "d": false, "e": null, "f": [], "g": 7, "h": {"x": ["ä b"]} });
    let call = crate::sandbox::call::Call {
        method: "POST".to_owned(),
        segments: Vec::new(),
        url: String::new(),
        query: Vec::new(),
        headers: [(
            "content-type".parse().unwrap(),
            "application/json".parse().unwrap(),
        )]
        .into_iter()
        .collect(),
        body: body.to_string().into(),
    };
    let params = Params::of(&call).unwrap();
    assert_eq!(
        signature::string(&params),
        "a=2.1&b=1&c=55&d=0&e=&g=7&h[x][0]=ä b"
    );
}
