//! Order lines.

use super::{Findings, Path, amount, check_digits, codes, quantity, unknown_unit};
use crate::limits;
use crate::order::{Action, Kind, Line, Order};
use crate::problem::Problem;

pub(super) fn check(order: &Order, findings: &mut Findings<'_>) {
    let path = Path::root("lines");
    if order.lines.len() > limits::LINES_PER_ORDER {
        let problem = Problem::error("order.too-many-lines", "The order has too many lines.")
            .with_value(&order.lines.len().to_string())
            .expecting(format!("at most {}", limits::LINES_PER_ORDER))
            .with_hint("Split it into several orders.");
        findings.add(path, problem);
        return;
    }
    // A purchase or a movement of stock is its lines; for carriage they only describe the goods.
    let is_complete = order.action == Action::Create
        && matches!(order.kind, Kind::Purchase | Kind::Dispatch | Kind::Receipt);
    for (i, line) in order.lines.iter().enumerate() {
        one(path.index(i), line, is_complete, findings);
        amount(
            path.index(i).field("amount"),
            line.amount,
            order.currency.as_deref(),
            findings,
        );
    }
    duplicates(&order.lines, findings);
}

fn one(path: Path<'_>, line: &Line, is_complete: bool, findings: &mut Findings<'_>) {
    // Without a unit, pieces are meant: 1.5 of nothing in particular would have to be guessed.
    let is_counted = line.unit.as_deref().is_none_or(codes::is_counted_unit);
    match line.quantity {
        Some(count) => quantity(path.field("quantity"), count, is_counted, findings),
        None if is_complete => {
            let problem = Problem::error("quantity.missing", "The line has no quantity.")
                .expecting("a number greater than 0");
            findings.add(path.field("quantity"), problem);
        }
        None => {}
    }
    let is_named = [
        &line.item_id,
        &line.buyer_item_id,
        &line.gtin,
        &line.description,
    ]
    .iter()
    .any(|name| name.as_ref().is_some_and(|name| !name.is_empty()));
    if is_complete && !is_named {
        let problem = Problem::error("item.missing", "The line does not say what is ordered.")
            .expecting("an article number, a GTIN or a description");
        findings.add(path.field("item_id"), problem);
    }
    findings.code(
        path.field("unit"),
        line.unit.as_ref(),
        codes::is_unit,
        unknown_unit,
    );
    if let Some(gtin) = &line.gtin
        && !check_digits::is_gtin(gtin)
    {
        findings.warn(path.field("gtin"), "gtin.check-digit", |code| {
            let is_number =
                matches!(gtin.len(), 8 | 12 | 13 | 14) && gtin.bytes().all(|b| b.is_ascii_digit());
            let what = if is_number {
                "The GTIN's check digit is wrong."
            } else {
                "This is no GTIN."
            };
            Problem::warning(code, what)
                .with_value(gtin)
                .expecting("8, 12, 13 or 14 digits, the last of them the check digit")
                .with_hint("Compare it with the label of the article.")
        });
    }
}

/// Line numbers that stand twice. Nearly always they ascend, and nothing needs to be kept.
fn duplicates(lines: &[Line], findings: &mut Findings<'_>) {
    if lines.is_sorted_by(ascends) {
        return;
    }
    let mut numbers: Vec<(&str, usize)> = lines
        .iter()
        .enumerate()
        .filter_map(|(i, line)| Some((line.number.as_deref()?, i)))
        .collect();
    numbers.sort_unstable();
    let path = Path::root("lines");
    for pair in numbers.windows(2) {
        if let [(first, at), (second, again)] = pair
            && first == second
        {
            let problem = Problem::error("line.number.duplicate", "The line number stands twice.")
                .with_value(second)
                .expecting("a number of its own for each line")
                .with_hint(format!("Line {} of the order has it too.", at + 1));
            findings.add(path.index(*again).field("number"), problem);
        }
    }
}

/// Whether `b`'s number comes after `a`'s as numbers are counted, so that no two can be equal.
fn ascends(a: &Line, b: &Line) -> bool {
    match (&a.number, &b.number) {
        (Some(a), Some(b)) => (a.len(), a) < (b.len(), b),
        _ => false,
    }
}
