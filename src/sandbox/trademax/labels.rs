//! Labels: the numbers on them and a page that stands for them.

use crate::sandbox::call::Reply;

/// A serial shipping container code with the application identifier 00: twenty digits, the last a
/// check digit (GS1 General Specifications, 7.9).
pub(super) fn sscc(number: u64) -> String {
    let digits = format!("0735{:013}", number % 10_000_000_000_000);
    let sum: u32 = digits
        .bytes()
        .zip([3, 1].into_iter().cycle())
        .map(|(digit, weight)| u32::from(digit.saturating_sub(b'0')) * weight)
        .sum();
    format!("00{digits}{}", (10 - sum % 10) % 10)
}

/// What a label link leads to.
pub(super) fn page(name: &str) -> Reply {
    let safe: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-.".contains(*c))
        .collect();
    Reply::text(
        200,
        "text/plain; charset=utf-8",
        format!("Label {safe} of the sandbox.\n"),
    )
}
