//! The numbers by which an order is found beside its reference.

use std::collections::BTreeMap;

use super::appeared;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;

/// Keeps the numbers of an order.
pub(in crate::ledger::sqlite::arrows) fn keep(
    tx: &Tx<'_>,
    order: i64,
    numbers: &[String],
) -> Sql<()> {
    for number in numbers.iter().take(limits::NUMBERS_PER_ORDER) {
        add(tx, order, number)?;
    }
    Ok(())
}

/// A person has corrected the order.
pub(in crate::ledger::sqlite::arrows) fn again(
    tx: &Tx<'_>,
    order: i64,
    numbers: &[String],
) -> Sql<()> {
    tx.run("DELETE FROM number WHERE orders = ?1", [order])?;
    keep(tx, order, numbers)
}

/// What a partner told of an order is what it will be called in its events: its id, its tracking
/// numbers. Links are not.
pub(in crate::ledger::sqlite::arrows) fn of_receipt(
    tx: &Tx<'_>,
    order: i64,
    reference: &str,
    remote_id: Option<&str>,
    facts: &BTreeMap<String, String>,
) -> Sql<()> {
    let told = facts.values().map(String::as_str).chain(remote_id);
    for number in told.filter(|number| !number.contains("://")) {
        if !number.eq_ignore_ascii_case(reference) {
            add(tx, order, number)?;
        }
    }
    appeared(tx, order, reference)
}

fn add(tx: &Tx<'_>, order: i64, number: &str) -> Sql<()> {
    if number.is_empty() || number.chars().count() > limits::NUMBER_CHARS {
        return Ok(());
    }
    tx.run(
        "INSERT OR IGNORE INTO number (orders, value) VALUES (?1, ?2)",
        (order, number),
    )?;
    Ok(())
}
