//! What an errand may be told.

use super::*;

const LOCK: Errand = Errand {
    name: "lines.lock",
    about: "Locks lines.",
    takes: &[
        Argument::needed("order", "the order's number"),
        Argument::needed("line", "a line").many(),
        Argument::open("why", "a reason"),
    ],
    changes: true,
};

fn told(pairs: &[(&str, &str)]) -> Arguments {
    let mut told = Arguments::default();
    for (name, value) in pairs {
        let values = told.0.entry((*name).to_owned()).or_default();
        values.push((*value).to_owned());
    }
    told
}

#[test]
fn an_errand_says_what_it_is_not_told_or_told_in_vain() {
    let table = [
        (vec![("order", "FO1"), ("line", "1"), ("line", "2")], None),
        (vec![("order", "FO1")], Some("“line” is missing, a line")),
        (
            vec![("order", " "), ("line", "1")],
            Some("“order” is missing"),
        ),
        (
            vec![("order", "FO1"), ("order", "FO2"), ("line", "1")],
            Some("“order” can be told once"),
        ),
        (
            vec![("order", "FO1"), ("line", "1"), ("lines", "2")],
            Some("there is no argument “lines”: lines.lock takes order= line=… [why=]"),
        ),
    ];
    for (pairs, words) in table {
        let objection = LOCK.objection(&told(&pairs));
        match (&objection, words) {
            (None, None) => {}
            (Some(told), Some(words)) if told.contains(words) => {}
            _ => panic!("{pairs:?}: {objection:?}"),
        }
    }
}
