//! X12 interchanges: ASC X12, any version from 002040 on.
//!
//! Promises: the separators are read from the ISA segment as it stands, whether its elements are
//! padded to their fixed widths or not; several interchanges may follow each other; trailers are
//! checked against what stands there.
//!
//! Never: knowing what a transaction set means.

mod isa;

use super::encoding::{self, Text};
use super::segments::envelope::{self, Frame, Syntax, coded};
use super::segments::tokens::Tokens;
use super::segments::{Message, Segment};
use super::{About, FormatKind, Input, ReadOptions, Records};
use crate::problem::Problem;

/// X12.5 and X12.6: what opens and closes, and where its control number stands.
const FRAMES: [Frame; 3] = [
    Frame {
        open: "ISA",
        close: "IEA",
        reference: 13,
        name: "interchange",
    },
    Frame {
        open: "GS",
        close: "GE",
        reference: 6,
        name: "group",
    },
    Frame {
        open: "ST",
        close: "SE",
        reference: 2,
        name: "transaction set",
    },
];

/// Reads X12 into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::X12)?;
    let mut tokens = Tokens::new(Text::open(input, &decision)?);
    let about = About {
        format: FormatKind::X12,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: None,
        separators: Some(isa::separators(tokens.peek(isa::LOOK)?)?),
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    if let Some(warning) = decision.warning.clone()
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    let syntax = X12 {
        version: String::new(),
    };
    envelope::read(&mut tokens, syntax, records)
}

struct X12 {
    /// GS08 of the present group, which versions its transaction sets.
    version: String,
}

impl Syntax for X12 {
    fn code(&self) -> &'static str {
        "x12"
    }

    fn name(&self) -> &'static str {
        "X12"
    }

    fn frames(&self) -> &'static [Frame; 3] {
        &FRAMES
    }

    fn begin(&mut self, tokens: &mut Tokens<'_>) -> Result<bool, Problem> {
        let text = tokens.peek(isa::LOOK)?;
        if text.is_empty() {
            return Ok(false);
        }
        let separators = isa::separators(text)?;
        tokens.set(separators);
        Ok(true)
    }

    fn envelope(&mut self, segment: &Segment<'_>) -> Option<Problem> {
        match segment.tag() {
            "GS" => {
                segment.get(8, 1).trim().clone_into(&mut self.version);
                None
            }
            "ISA" if segment.get(15, 1).trim() == "T" => {
                let what = "The sender marks the interchange as a test.";
                Some(coded(Problem::warning("segment", what), "x12", "test"))
            }
            _ => None,
        }
    }

    fn message(&self, segment: &Segment<'_>) -> Message {
        let version = match segment.get(3, 1).trim() {
            "" => self.version.clone(),
            version => version.to_owned(),
        };
        Message {
            kind: segment.get(1, 1).trim().to_owned(),
            version,
            reference: segment.get(2, 1).trim().to_owned(),
            label: String::new(),
        }
    }
}
