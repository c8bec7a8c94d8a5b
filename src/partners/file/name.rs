//! What files are called: `{reference}{action}-{key}.{ext}` unless the operator says otherwise.
//!
//! `{key}` must be in it: it is what tells two deliveries apart, and what lets a repeat find its own
//! file. Only plain characters come into a name, whatever the sender wrote.

use crate::limits;
use crate::order::Action;
use crate::partners::Request;
use crate::partners::form::derived;

/// Characters of the key: 32 to the power of ten, so that no two deliveries share one.
const KEY: usize = 10;

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Reference,
    Action,
    Key,
    Extension,
}

impl Pattern {
    /// Reads `text`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (before, after) = rest.split_once('{').unwrap_or((rest, ""));
            if !before.chars().all(is_plain) {
                return Err(format!(
                    "“{before}” cannot stand in a file's name: letters, digits, “-”, “_” and “.” can"
                ));
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            if before.len() == rest.len() {
                break;
            }
            let Some((word, behind)) = after.split_once('}') else {
                return Err("a “{” has no “}” behind it".to_owned());
            };
            parts.push(match word {
                "reference" => Part::Reference,
                "action" => Part::Action,
                "key" => Part::Key,
                "ext" => Part::Extension,
                _ => return Err(format!("“{{{word}}}” is unknown: there are {{reference}}, {{action}}, {{key}} and {{ext}}")),
            });
            rest = behind;
        }
        if !parts.contains(&Part::Key) {
            return Err(
                "{key} must stand in it: it tells two deliveries of the same number apart"
                    .to_owned(),
            );
        }
        if matches!(parts.first(), Some(Part::Text(text)) if text.starts_with('.')) {
            return Err(
                "a name that begins with a dot is taken for a file that is not whole".to_owned(),
            );
        }
        Ok(Self(parts))
    }

    /// The name of the file of `request`.
    pub(super) fn of(&self, request: &Request, extension: &str) -> String {
        let mut name = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => name.push_str(text),
                Part::Reference => name.push_str(&plain(&request.reference)),
                Part::Action => name.push_str(match request.action {
                    Action::Create => "",
                    Action::Update => "-update",
                    Action::Cancel => "-cancel",
                }),
                Part::Key => name.push_str(&derived(&request.key, KEY)),
                Part::Extension => name.push_str(extension),
            }
        }
        name
    }
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// The name of a file that is no order's: `key` tells it apart from all others.
#[must_use]
pub fn keyed(name: &str, key: &str, extension: &str) -> String {
    format!("{}-{}.{extension}", plain(name), derived(key, KEY))
}

/// A number as it can stand in a name.
#[must_use]
pub fn plain(reference: &str) -> String {
    let chars = reference.chars().take(limits::NAME_REFERENCE);
    chars
        .map(|c| if is_plain(c) && c != '.' { c } else { '_' })
        .collect()
}
