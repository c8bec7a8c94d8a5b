//! What a change did, or would do.

use super::super::table::{Cell, Column, Look, Table, Tone};
use crate::ledger::Changed;

/// The rows that a change touched.
#[must_use]
pub fn changes(rows: &[Changed], dry_run: bool, look: &Look) -> String {
    if rows.is_empty() {
        return "nothing fits, or nothing is in a state in which this can be done\n".to_owned();
    }
    let mut table = Table::new(&[
        ("WHAT", Column::Left),
        ("ID", Column::Right),
        ("NAME", Column::Flex),
        ("FROM", Column::Left),
        ("TO", Column::Left),
    ]);
    for row in rows {
        table.row(vec![
            Cell::from(&row.thing),
            Cell::from(row.id),
            Cell::from(&row.name),
            Cell::toned(&row.from, Tone::Faint),
            Cell::from(&row.to),
        ]);
    }
    let count = rows.len();
    let end = if dry_run {
        format!("{count} would be changed; nothing was\n")
    } else {
        format!("{count} changed\n")
    };
    table.render(look) + &end
}
