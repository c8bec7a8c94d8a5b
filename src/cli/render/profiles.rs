//! Profiles and explanations for people.

use super::super::table::{Cell, Column, Look, Table, Tone};
use super::heading;
use crate::problem::excerpt;
use crate::profiles::{ExplainedOrder, Known};

/// The profiles as a table.
#[must_use]
pub fn profiles_table(known: &[Known], look: &Look) -> String {
    let mut table = Table::new(&[
        ("NAME", Column::Left),
        ("READS", Column::Left),
        ("VERSION", Column::Left),
        ("WHOSE", Column::Left),
        ("USED", Column::Left),
        ("TITLE", Column::Flex),
    ]);
    for known in known {
        let whose = if known.built_in { "built in" } else { "yours" };
        let used = if known.recognised {
            "by its looks"
        } else {
            "where a route names it"
        };
        table.row(vec![
            Cell::from(known.known_as.name.as_str()),
            Cell::from(known.reads),
            Cell::from(known.known_as.version.as_str()),
            Cell::from(whose),
            Cell::from(used),
            Cell::from(known.title.as_str()),
        ]);
    }
    table.render(look)
}

/// Where the fields of an order came from.
#[must_use]
pub fn explained(order: &ExplainedOrder, look: &Look) -> String {
    let title = match (order.reference.as_str(), order.good) {
        ("", _) => "An order without a number".to_owned(),
        (reference, true) => format!("Order {}", excerpt(reference)),
        (reference, false) => format!("Order {}, withheld", excerpt(reference)),
    };
    let mut table = Table::new(&[
        ("FIELD", Column::Left),
        ("VALUE", Column::Flex),
        ("FROM", Column::Left),
        ("PROFILE SAYS", Column::Flex),
    ]);
    for field in &order.fields {
        let from = match field.place.to_string() {
            place if place.is_empty() => Cell::toned("made by the profile", Tone::Faint),
            place => Cell::from(place),
        };
        table.row(vec![
            Cell::from(field.field.as_str()),
            Cell::from(excerpt(&field.value)),
            from,
            Cell::from(excerpt(&field.rule)),
        ]);
    }
    format!("{}{}", heading(&title, look), table.render(look))
}
