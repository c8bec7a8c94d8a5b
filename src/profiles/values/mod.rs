//! Cells become values: numbers, dates, times, ids.
//!
//! What would have to be guessed is refused: `1,234` where nobody declared the decimal sign's
//! meaning, `03-04-25` without a declared order of day and month, an id that a spreadsheet has
//! rounded. Whatever has one reading only is taken, however it is written. Reading a good value
//! allocates nothing; these functions run for every cell of every file.
//!
//! Never here: where the cell stands and which field it fills. The caller adds the place.

mod cell;
mod clock;
mod date;
mod date_faults;
mod months;
mod number;
mod pattern;
#[cfg(test)]
mod tests;

pub use cell::id_text;
pub use clock::parse_time;
pub use date::{Dates, parse_date};
pub use number::{DecimalSign, Numbers, parse_number};
pub use pattern::DatePattern;

/// Why a cell is not the value it should be; the caller makes a problem of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueFault {
    /// Stable and dotted: `number.ambiguous`, `date.impossible`.
    pub code: &'static str,
    /// One sentence for the sender.
    pub message: String,
    /// What was expected instead.
    pub expected: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl ValueFault {
    #[cold]
    fn new(code: &'static str, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            expected: expected.into(),
            hint: None,
        }
    }

    #[cold]
    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// `text` without the blanks around it. Nearly no cell has any, and most characters are ASCII: one look
/// at each end is enough for them.
#[inline]
pub(crate) fn trimmed(text: &str) -> &str {
    let is_plain = |byte: Option<&u8>| byte.is_none_or(|byte| matches!(byte, 0x21..=0x7e));
    let bytes = text.as_bytes();
    if is_plain(bytes.first()) && is_plain(bytes.last()) {
        return text;
    }
    text.trim()
}

/// The value of a text of ASCII digits, at most nine of them.
fn small_number(digits: &str) -> Option<u32> {
    if digits.is_empty() || digits.len() > 9 || !is_digits(digits) {
        return None;
    }
    digits.parse().ok()
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}
