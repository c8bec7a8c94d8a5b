//! What the language can say, and what it cannot be made to do.

use minijinja::context;

use super::*;

fn eval(text: &str) -> Result<Value, ExpressionError> {
    let order = context! { kind => "pickup", lines => vec![1, 2, 3], remarks => "x".repeat(2_000) };
    Expression::compile(text)?.eval(context! { order => order })
}

#[test]
fn a_condition_reads_the_order() {
    assert!(eval("order.kind == 'pickup'").unwrap().is_true());
    assert!(
        eval("order.lines | length > 2 and order.kind is startingwith('pick')")
            .unwrap()
            .is_true()
    );
}

#[test]
fn an_unknown_name_is_an_error_and_not_empty() {
    assert!(eval("order.knid == 'pickup'").is_err());
}

#[test]
fn nonsense_is_refused_when_it_is_compiled() {
    assert!(Expression::compile("order.kind ==").is_err());
}

#[test]
fn the_longest_expression_is_evaluated_and_a_longer_one_refused() {
    let text = format!("0{}", "+1".repeat(limits::EXPRESSION_BYTES / 2 - 1));
    assert_eq!(
        eval(&text).unwrap().to_string(),
        (limits::EXPRESSION_BYTES / 2 - 1).to_string()
    );
    assert!(eval(&format!("{text}+1+1")).is_err());
}

#[test]
fn nothing_in_the_language_multiplies_data() {
    for text in [
        "range(90000) | map('upper') | map('lower') | list | length",
        "'x' * 100000000",
        "[1] * 100000000",
        "'a\\'b' * 100000000",
        "(('x' * 10000) ~ '') | length",
        "'a' | indent(100000000, true)",
        "'%100000000d' | format(1)",
        "order.lines | batch(100000000, 'x')",
        "order.lines | slice(100000000)",
        "order.lines | tojson(indent=100000000)",
        "order.remarks | list | join(order.remarks)",
        "order.remarks | replace('x', order.remarks)",
        "order.remarks | replace('', order.remarks)",
        "order.lines | select('in', order.lines)",
    ] {
        assert!(eval(text).is_err(), "{text}");
    }
}

#[test]
fn texts_are_joined_and_replaced_within_the_size_of_a_cell() {
    assert_eq!(
        eval("order.lines | join(', ')").unwrap().to_string(),
        "1, 2, 3"
    );
    assert_eq!(
        eval("order.kind | replace('pick', 'set')")
            .unwrap()
            .to_string(),
        "setup"
    );
}

#[test]
fn an_asterisk_in_a_text_is_no_multiplication() {
    assert_eq!(eval("'5 * \\' *' ~ \"*\"").unwrap().to_string(), "5 * ' **");
}
