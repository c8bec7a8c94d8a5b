//! Answers to a file in the partner's own format: that it came, and what became of its orders.
//!
//! Pure, and made from what the ledger knows once the file's arrival is concluded. An answer never
//! says more than is so: what was not sent to a destination is not accepted, whatever the reason.

use std::borrow::Cow;

use super::Marks;
use crate::clock::Millis;
use crate::failure::Failure;
use crate::formats::Interchange;
use crate::problem::Problem;

mod edifact;
mod receipt;
mod ubl;
mod x12;

/// The formats of answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// EDIFACT: is the interchange well formed (CONTRL, syntax version 3).
    Contrl,
    /// EDIFACT: what became of each order (APERAK, D.96A).
    Aperak,
    /// X12: functional acknowledgment.
    Functional,
    /// X12: implementation acknowledgment.
    Implementation,
    /// UBL 2.1 `ApplicationResponse`: accepted or rejected.
    ApplicationResponse,
    /// UBL 2.1 `OrderResponse`.
    OrderResponse,
    /// A receipt as a table, a row an order and a row a finding.
    Csv,
    /// The same as JSON.
    Json,
}

/// Every format and its word in the configuration.
pub const WORDS: [(&str, Answer); 8] = [
    ("contrl", Answer::Contrl),
    ("aperak", Answer::Aperak),
    ("997", Answer::Functional),
    ("999", Answer::Implementation),
    ("application-response", Answer::ApplicationResponse),
    ("order-response", Answer::OrderResponse),
    ("csv", Answer::Csv),
    ("json", Answer::Json),
];

impl Answer {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        let found = WORDS.iter().find(|(_, answer)| *answer == self);
        found.map_or("", |(word, _)| *word)
    }

    /// The answer of this word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        let found = WORDS.iter().find(|(known, _)| *known == word);
        found.map(|(_, answer)| *answer)
    }

    /// The ending of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Contrl | Self::Aperak => "edi",
            Self::Functional | Self::Implementation => "x12",
            Self::ApplicationResponse | Self::OrderResponse => "xml",
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

/// What became of one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderFate {
    /// The sender's number.
    pub reference: String,
    /// Whether every destination has it, or had it before.
    pub accepted: bool,
    /// Why not, in words.
    pub words: Vec<String>,
    /// What partners call it, and what else they told, by destination.
    pub told: Vec<(String, String)>,
}

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fate {
    /// Its name.
    pub file: String,
    /// Hex of its SHA-256.
    pub sha256: String,
    /// When it came.
    pub came: Millis,
    /// Whether anything of it was refused.
    pub clean: bool,
    /// Whether none of its orders was taken.
    pub nothing: bool,
    /// Its orders that were taken up.
    pub orders: Vec<OrderFate>,
    /// What was found in it.
    pub problems: Vec<Problem>,
    /// Its envelope.
    pub interchange: Interchange,
}

impl Fate {
    /// The findings that are errors.
    fn errors(&self) -> impl Iterator<Item = &Problem> {
        self.problems.iter().filter(|problem| problem.is_error())
    }

    /// What became of the order with this number.
    fn of(&self, reference: &str) -> Option<&OrderFate> {
        self.orders
            .iter()
            .find(|order| order.reference == reference)
    }

    /// The findings about the segments from `first` to `last`.
    fn within(&self, (first, last): (u64, u64)) -> Vec<&Problem> {
        let inside = |problem: &&Problem| {
            number(problem).is_some_and(|number| first <= number && number <= last)
        };
        self.errors().filter(inside).collect()
    }

    /// The findings about no message in particular.
    fn outside(&self) -> Vec<&Problem> {
        let inside = |problem: &Problem| {
            let number = number(problem)?;
            let mut messages = self.interchange.messages.iter();
            messages.find(|message| message.segments.0 <= number && number <= message.segments.1)
        };
        self.errors()
            .filter(|problem| inside(problem).is_none())
            .collect()
    }

    /// The numbers of all orders, those that were read and those that were not taken up.
    fn numbers(&self) -> Vec<Cow<'_, str>> {
        let mut numbers: Vec<Cow<'_, str>> = Vec::new();
        let read = self.orders.iter().map(|order| order.reference.as_str());
        let sent = self
            .interchange
            .messages
            .iter()
            .map(|sent| sent.order.as_str());
        let document = self.interchange.number.as_deref();
        for number in read.chain(sent).chain(document) {
            if !number.is_empty() && !numbers.iter().any(|known| known == number) {
                numbers.push(Cow::Borrowed(number));
            }
        }
        numbers
    }
}

/// The number of the segment that a finding names: `NAD+BY (segment 7)`.
fn number(problem: &Problem) -> Option<u64> {
    let label = problem.place.segment.as_deref()?;
    let (_, number) = label.rsplit_once("(segment ")?;
    number.trim_end_matches(')').parse().ok()
}

/// Writes the answer to a file. `None` where this format has nothing to say to it, such as an
/// EDIFACT answer to a file that is none.
///
/// # Errors
/// A failure of ours.
pub fn write(answer: Answer, fate: &Fate, marks: &Marks) -> Result<Option<Vec<u8>>, Failure> {
    Ok(match answer {
        Answer::Contrl => edifact::contrl(fate, marks),
        Answer::Aperak => edifact::aperak(fate, marks),
        Answer::Functional => x12::write(fate, marks, x12::Edition::Functional),
        Answer::Implementation => x12::write(fate, marks, x12::Edition::Implementation),
        Answer::ApplicationResponse => Some(ubl::application(fate, marks)),
        Answer::OrderResponse => Some(ubl::order(fate, marks)),
        Answer::Csv => Some(receipt::csv(fate)),
        Answer::Json => Some(receipt::json(fate)?),
    })
}
