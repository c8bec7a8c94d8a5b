//! Names from inside a container, made into labels: the last part of a path, nothing that disguises
//! or breaks a line, never empty. They are shown and matched, and never become paths.

use crate::limits;

/// A member's label: `C:\TEMP\orders.csv` is `orders.csv`, and what has no name is `file-3`.
#[must_use]
pub fn member(name: &str, number: usize) -> String {
    let label = label(name);
    if label.trim_matches(['.', ' ']).is_empty() {
        return format!("file-{number}");
    }
    label
}

/// The last part of `name` without control and direction characters (Unicode TR 36, 3.1), at most
/// [`limits::NAME_BYTES`] bytes.
#[must_use]
pub fn label(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut label = String::with_capacity(last.len().min(limits::NAME_BYTES));
    for c in last
        .chars()
        .filter(|c| !c.is_control() && !is_direction(*c))
    {
        if label.len() + c.len_utf8() > limits::NAME_BYTES {
            break;
        }
        label.push(c);
    }
    label.trim().to_owned()
}

fn is_direction(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The ending of a name, lower case and without its dot.
#[must_use]
pub fn ending(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((_, ending)) => ending.to_ascii_lowercase(),
        None => String::new(),
    }
}
