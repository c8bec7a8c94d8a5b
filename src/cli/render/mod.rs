//! Rows of the ledger as text for people. Pure: rows and a [`Look`] in, text out.

mod changes;
mod delivery;
mod file;
mod order;
mod parsed;
mod profiles;
mod screen;
mod told;

pub use changes::changes;
pub use delivery::{deliveries_table, delivery};
pub use file::{file, files_table};
pub use order::{order, orders_table};
pub use parsed::parsed;
pub use profiles::{explained, profiles_table};
pub use screen::screen;
pub use told::{errands_table, told};

use std::fmt::Write;

use super::table::{Cell, Look, Tone, paragraph};
use crate::arrival::DeliveryState;
use crate::clock::Millis;
use crate::problem::{Problem, Severity};

/// A state with the colour of its meaning.
fn state(state: DeliveryState) -> Cell {
    Cell::toned(state.as_str(), tone(state))
}

fn tone(state: DeliveryState) -> Tone {
    match state {
        DeliveryState::Delivered | DeliveryState::Repeat => Tone::Good,
        DeliveryState::Refused | DeliveryState::Parked => Tone::Bad,
        DeliveryState::Cancelled => Tone::Faint,
        DeliveryState::Staged
        | DeliveryState::Held
        | DeliveryState::Due
        | DeliveryState::Attempting => Tone::Open,
    }
}

/// When, and how long ago.
fn when(at: Millis, look: &Look) -> String {
    let shown = at.timestamp().strftime("%Y-%m-%d %H:%M:%S");
    format!("{shown} UTC, {}", look.age(at))
}

/// A heading over a part of a story.
fn heading(title: &str, look: &Look) -> String {
    format!("\n{}\n", look.paint(Tone::Head, title))
}

/// Findings under their heading, a paragraph each; nothing, if there are none.
fn findings(problems: &[Problem], left_out: u64, look: &Look) -> String {
    if problems.is_empty() {
        return String::new();
    }
    let mut text = heading("Problems", look);
    for problem in problems {
        let (word, tone) = match problem.severity {
            Severity::Error => ("error", Tone::Bad),
            Severity::Warning => ("warning", Tone::Open),
        };
        let told = format!("{problem} [{}]", problem.code);
        text += &paragraph(word, tone, &told, look);
    }
    if left_out > 0 {
        writeln!(text, "and {left_out} more").unwrap_or_default();
    }
    text
}

/// Instead of an empty table.
fn nothing(what: &str) -> String {
    format!("no {what} fit\n")
}

#[cfg(test)]
mod tests;
