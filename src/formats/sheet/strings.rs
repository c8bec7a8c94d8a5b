//! The shared strings of a workbook, in one piece of memory.
//!
//! A workbook of 200,000 rows refers to its strings millions of times; one arena and an offset a string
//! cost a tenth of a `String` each, and the limit is one comparison.

use super::{Step, too_large};
use crate::limits;

/// Strings by number.
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
    word: &'static str,
}

impl Strings {
    pub(super) fn new(word: &'static str) -> Self {
        Self {
            text: String::new(),
            ends: Vec::new(),
            word,
        }
    }

    /// The text under construction: what is written behind its end belongs to the next string.
    pub(super) fn tail(&mut self) -> &mut String {
        &mut self.text
    }

    /// Where the next string starts.
    pub(super) fn tail_start(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }

    /// Ends the string under construction.
    pub(super) fn finish(&mut self) -> Step<u32> {
        let number = u32::try_from(self.ends.len());
        let end = u32::try_from(self.text.len());
        match (number, end) {
            (Ok(number), Ok(end))
                if self.text.len() <= limits::SHARED_TEXT_BYTES
                    && u64::from(number) < limits::CELLS_STREAMED =>
            {
                self.ends.push(end);
                Ok(number)
            }
            _ => Err(too_large(
                self.word,
                &format!(
                    "its texts are longer than {} MB together",
                    limits::SHARED_TEXT_BYTES >> 20
                ),
            )
            .into()),
        }
    }

    /// String `number`.
    pub(super) fn get(&self, number: usize) -> Option<&str> {
        let end = *self.ends.get(number)? as usize;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before)? as usize,
            None => 0,
        };
        self.text.get(start..end)
    }
}
