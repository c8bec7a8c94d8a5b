//! What a form takes from where, and what it finds missing.

use super::*;

const STATE: Field = Field {
    name: "unit.state",
    from: "shipments[0].state",
    what: "the state",
};

fn fields(name: &str, text: &str) -> Result<Fields, String> {
    let texts = BTreeMap::from([(name.to_owned(), text.to_owned())]);
    Fields::compile(&texts, &[&["unit.state"]])
}

#[test]
fn a_field_is_taken_from_the_destinations_expression_and_checked_all_the_same() {
    let order = Order {
        reference: "full".to_owned(),
        ..Order::default()
    };
    let elsewhere = fields("unit.state", "order.reference").unwrap();
    let mut form = Form::new("They", &order, &elsewhere);
    let words = ["FULL", "EMPTY"];
    assert_eq!(form.word(STATE, None, &words).as_deref(), Some("FULL"));
    let usual = Fields::default();
    let mut form = Form::new("They", &order, &usual);
    assert_eq!(form.word(STATE, Some("half"), &words), None);
    assert_eq!(form.need(STATE, Some(" ")), "");
    let problems = form.problems();
    assert_eq!(
        problems[0].to_string(),
        "shipments[0].state: They does not know this value for the state. Found “half”. Expected FULL, EMPTY."
    );
    assert_eq!(problems[1].code, "destination.missing");
}

#[test]
fn fields_that_are_not_there_and_expressions_that_are_none_are_mistakes() {
    assert!(
        fields("unit.colour", "'red'")
            .unwrap_err()
            .contains("unit.state")
    );
    assert!(fields("unit.state", "order.(").is_err());
}

#[test]
fn what_is_derived_from_a_key_is_always_the_same_and_plain() {
    let one = derived("od1-abc", 32);
    assert_eq!((one.len(), &one), (32, &derived("od1-abc", 32)));
    assert_ne!(one, derived("od1-abd", 32));
    assert!(
        one.bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    );
}

#[test]
fn decimals_are_as_short_as_they_can_be() {
    let table = [
        ("55.0", "55"),
        ("2.10", "2.1"),
        ("0.00", "0"),
        ("1200", "1200"),
    ];
    for (number, short) in table {
        assert_eq!(shortest(number.parse().unwrap()), short);
    }
}
