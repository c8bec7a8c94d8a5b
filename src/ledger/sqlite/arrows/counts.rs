//! What charts count, hour by hour: kept with the arrows, so that no page ever counts rows.
//!
//! Words in `tally`: `orders.OUTCOME` by source, `took.STEP` by destination, `found.CODE` by sender.

use crate::arrival::DeliveryState;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{Count, ParsedFile};
use crate::problem::Problem;
use crate::profiles::Outcome;
use std::collections::BTreeMap;
use std::time::Duration;

/// A file was read: the orders that are withheld, and what was found wrong.
pub(super) fn read(tx: &mut Tx<'_>, source: &str, sender: &str, file: &ParsedFile) {
    let summary = &file.summary;
    let withheld = match summary.outcome {
        // Its good orders stay behind with the others.
        Outcome::Rejected => summary.withheld + summary.orders,
        Outcome::Accepted | Outcome::Partial => summary.withheld,
    };
    if withheld > 0 {
        tx.tally("orders.withheld", source, withheld);
    }
    let mut found = BTreeMap::new();
    for problem in file
        .problems
        .iter()
        .filter(|problem| Problem::is_error(problem))
    {
        *found.entry(&problem.code).or_insert(0) += 1;
    }
    for (code, count) in found {
        tx.tally(format!("found.{code}"), sender, count);
    }
}

/// A delivery of a source's order became final.
pub(super) fn ended(tx: &mut Tx<'_>, source: &str, state: DeliveryState) {
    let word = match state {
        DeliveryState::Delivered => "orders.delivered",
        DeliveryState::Refused => "orders.refused",
        DeliveryState::Repeat => "orders.repeat",
        _ => return,
    };
    tx.tally(word, source, 1);
}

/// A delivery that was final as soon as it was made: a repeat, or one that is not fit to be sent.
pub(super) fn made(tx: &mut Tx<'_>, arrival: i64, state: DeliveryState) -> Sql<()> {
    if !state.is_final() {
        return Ok(());
    }
    let source: Option<String> = tx.first(
        "SELECT source FROM arrival WHERE id = ?1",
        [arrival],
        |row| row.get(0),
    )?;
    ended(tx, &source.unwrap_or_default(), state);
    Ok(())
}

/// How long a delivery took that was accepted.
pub(super) fn took(tx: &mut Tx<'_>, destination: &str, time: Duration) {
    tx.tally(Count::took(time), destination, 1);
}
