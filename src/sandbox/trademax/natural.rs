//! Natural order of parameter names: `packages[2]` before `packages[10]`.
//!
//! Runs of digits compare as numbers of any length, all else by byte. Names that differ only in
//! leading zeros are told apart by their bytes, so that this is a total order and equal means
//! identical: a sort gives one result, whatever the order on the wire was.

use std::cmp::Ordering;

/// Compares two names.
#[must_use]
pub fn compare(left: &str, right: &str) -> Ordering {
    by_parts(left.as_bytes(), right.as_bytes()).then_with(|| left.cmp(right))
}

fn by_parts(mut left: &[u8], mut right: &[u8]) -> Ordering {
    loop {
        let (Some(first), Some(second)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len());
        };
        if first.is_ascii_digit() && second.is_ascii_digit() {
            let (first, rest) = number(left);
            let (second, other_rest) = number(right);
            // Without leading zeros the longer number is the bigger one.
            let order = first
                .len()
                .cmp(&second.len())
                .then_with(|| first.cmp(second));
            if order != Ordering::Equal {
                return order;
            }
            (left, right) = (rest, other_rest);
        } else if first != second {
            // A digit has the same place among other bytes whatever its value is.
            return first.cmp(second);
        } else {
            (left, right) = (&left[1..], &right[1..]);
        }
    }
}

/// The number at the start without its leading zeros, and what follows it.
fn number(text: &[u8]) -> (&[u8], &[u8]) {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(digits);
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    (&number[zeros..], rest)
}
