//! Labels with their values, above a table or on a sheet of their own.

use super::super::beside::{Kept, KeptCell};
use super::super::model::Beside;
use super::super::synonyms::normalise;
use super::super::target::level_of;
use super::guess::{self, Scored};
use crate::formats::CellKind;

/// Labels with their values and what they mean, where the words are known.
pub(super) fn labels(kept: &Kept) -> Vec<(String, String, Scored)> {
    let mut found = Vec::new();
    for (_, cells) in kept.rows() {
        for cell in cells {
            let label = cell.text.split([':', '=']).next().unwrap_or("").trim();
            if label.is_empty() || label.len() > 40 || cell.kind != CellKind::Text {
                continue;
            }
            let normal = normalise(label);
            let named = match normal.as_str() {
                "date" | "datum" => Some(("issued", 70)),
                _ => guess::by_name(label).filter(|(_, score)| *score >= 65),
            };
            let Some((field, score)) = named else {
                continue;
            };
            let is_label = |cell: &KeptCell| {
                cell.text.len() > 3
                    && guess::by_name(&cell.text).is_some_and(|(_, score)| score >= 95)
            };
            let Some(value) = kept.find(&Beside::Label(normal, label.to_owned()), &is_label) else {
                continue;
            };
            let field = guess::name_or_street(guess::of_head(field), &value.text);
            let value = [value.text];
            if let Some(scored) =
                guess::scored(Some((field, score)), &value).filter(|(found, _)| *found == field)
                && !found.iter().any(|(_, _, (known, _))| *known == field)
            {
                let [value] = value;
                found.push((label.to_owned(), value, scored));
            }
        }
    }
    found
}

/// Labels of a sheet that is one order: what is ordered stands among them.
pub(super) fn labels_of_order(kept: &Kept) -> Vec<(String, String, Scored)> {
    let mut pairs = labels(kept);
    for (label, value, scored) in &mut pairs {
        let Some((field, _)) = guess::by_name(label) else {
            continue;
        };
        let line = level_of(field).1;
        if ["quantity", "amount"].contains(&line) && field.starts_with("lines.") {
            let checked = guess::scored(Some((field, scored.1)), std::slice::from_ref(value));
            if let Some(checked) = checked {
                *scored = checked;
            }
        }
    }
    pairs
}
