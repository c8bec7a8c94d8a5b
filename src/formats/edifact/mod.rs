//! EDIFACT interchanges: ISO 9735, syntax versions 1 to 4, any directory from D.93A on, EANCOM.
//!
//! Promises: the separators are those of UNA, else the ones the syntax level defines; the charset
//! is the one UNB names (UNOA to UNOY); several interchanges may follow each other; trailers are
//! checked against what stands there. Newlines may stand between segments, wrap them at a fixed
//! width, or, without UNA, end them.
//!
//! Never: knowing what a message means. Interactive EDIFACT (UIB) and packaged objects (UNO) are
//! refused.

mod charset;
mod service;

use super::encoding::Text;
use super::segments::envelope::{self, Frame, Syntax, coded};
use super::segments::tokens::Tokens;
use super::segments::{Message, Segment};
use super::{About, FormatKind, Input, ReadOptions, Records};
use crate::problem::Problem;

/// ISO 9735-1, annex A: what opens and closes, and where its reference stands.
const FRAMES: [Frame; 3] = [
    Frame {
        open: "UNB",
        close: "UNZ",
        reference: 5,
        name: "interchange",
    },
    Frame {
        open: "UNG",
        close: "UNE",
        reference: 5,
        name: "group",
    },
    Frame {
        open: "UNH",
        close: "UNT",
        reference: 1,
        name: "message",
    },
];

/// Reads EDIFACT into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = charset::decide(input, options.encoding.as_deref())?;
    let mut tokens = Tokens::new(Text::open(input, &decision)?);
    let (separators, _) = service::separators(tokens.peek(service::LOOK)?)?;
    let about = About {
        format: FormatKind::Edifact,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: None,
        separators: Some(separators),
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    if let Some(warning) = decision.warning.clone()
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    envelope::read(&mut tokens, Edifact, records)
}

struct Edifact;

impl Syntax for Edifact {
    fn code(&self) -> &'static str {
        "edifact"
    }

    fn name(&self) -> &'static str {
        "EDIFACT"
    }

    fn frames(&self) -> &'static [Frame; 3] {
        &FRAMES
    }

    fn begin(&mut self, tokens: &mut Tokens<'_>) -> Result<bool, Problem> {
        let text = tokens.peek(service::LOOK)?;
        if text.is_empty() {
            return Ok(false);
        }
        let (separators, advice) = service::separators(text)?;
        tokens.skip(advice);
        tokens.set(separators);
        Ok(true)
    }

    fn envelope(&mut self, segment: &Segment<'_>) -> Option<Problem> {
        let test = segment.tag() == "UNB" && segment.get(11, 1) == "1";
        test.then(|| {
            let what = "The sender marks the interchange as a test.";
            coded(Problem::warning("segment", what), "edifact", "test")
        })
    }

    fn message(&self, segment: &Segment<'_>) -> Message {
        let parts = (2..=5).map(|part| segment.get(2, part));
        let version: Vec<&str> = parts.collect();
        Message {
            kind: segment.get(2, 1).to_owned(),
            version: version.join(":").trim_end_matches(':').to_owned(),
            reference: segment.get(1, 1).to_owned(),
            label: String::new(),
        }
    }
}
