//! Which characters the bytes of a text are.
//!
//! The order of evidence: what the operator declared (binding), a byte order mark, what an XML file
//! says about itself, being valid UTF-8, the zero bytes of UTF-16 without a mark, and last the guess
//! of a detector. A guess is always a warning that names the encoding; a contradiction is named as
//! well. Nothing is ever replaced: bytes that are no characters are a problem with line and column.
//!
//! All of it streams: a file of any size costs one buffer.

mod detect;
mod place;
mod text;

use std::io::SeekFrom;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{FormatKind, Input};
use crate::limits;
use crate::problem::{Place, Problem};

pub use place::Position;
pub(super) use place::line_ends;
pub use text::Text;

/// How the bytes of one input are read.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The encoding.
    pub encoding: &'static Encoding,
    /// Bytes of the byte order mark, which is not text.
    pub mark: u64,
    /// A guess or a contradiction worth telling.
    pub warning: Option<Problem>,
}

impl Decision {
    fn of(encoding: &'static Encoding) -> Self {
        Self {
            encoding,
            mark: 0,
            warning: None,
        }
    }

    fn warn(mut self, warning: Option<Problem>) -> Self {
        self.warning = warning;
        self
    }
}

/// Decides how `input` is read as text of `format`. Leaves `input` somewhere: [`Text::open`] seeks.
///
/// # Errors
/// A problem where the declared encoding does not exist or contradicts the bytes.
pub fn decide(
    input: &mut dyn Input,
    declared: Option<&str>,
    format: FormatKind,
) -> Result<Decision, Problem> {
    let head = head(input)?;
    let mark = byte_order_mark(&head)?;
    if let Some(label) = declared {
        return as_declared(label, mark, &head);
    }
    if format == FormatKind::Xml {
        return as_xml_says(mark, &head);
    }
    if let Some(decision) = mark {
        return Ok(decision);
    }
    if let Some(encoding) = detect::utf_16_by_zeros(&head) {
        return Ok(Decision::of(encoding));
    }
    if format == FormatKind::Json {
        // RFC 8259, 8.1: JSON that travels between systems is UTF-8, so nothing is guessed.
        return Ok(Decision::of(UTF_8));
    }
    detect::utf_8_or_guess(input)
}

/// How `input` is read whose own words, spoken by `who`, name the encoding `said`. A mark is
/// evidence against it.
///
/// # Errors
/// As [`decide`].
pub(super) fn as_said(
    input: &mut dyn Input,
    said: &'static Encoding,
    who: &str,
) -> Result<Decision, Problem> {
    let head = head(input)?;
    let Some(marked) = byte_order_mark(&head)? else {
        return Ok(Decision::of(said).warn(utf_8_in_disguise(said, &head, who)));
    };
    let evident = marked.encoding;
    let warning = (evident != said).then(|| {
        Problem::warning(
            "encoding.contradiction",
            format!(
                "{who} names {}, but the file starts with the byte order mark of {}; it was read as {}.",
                said.name(), evident.name(), evident.name()
            ),
        )
    });
    Ok(marked.warn(warning))
}

/// The first bytes of `input`; seeks back to the start.
///
/// # Errors
/// Where the input cannot be read.
pub(super) fn head(input: &mut dyn Input) -> Result<Vec<u8>, Problem> {
    let head = piece_at(input, 0, limits::HEAD_BYTES)?;
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    Ok(head)
}

/// At most `most` bytes from `start` on; leaves `input` behind them.
///
/// # Errors
/// Where the input cannot be read.
pub(super) fn piece_at(input: &mut dyn Input, start: u64, most: usize) -> Result<Vec<u8>, Problem> {
    input.seek(SeekFrom::Start(start)).map_err(unreadable)?;
    let mut piece = Vec::new();
    while piece.len() < most {
        let available = input.fill_buf().map_err(unreadable)?;
        if available.is_empty() {
            break;
        }
        let take = available.len().min(most - piece.len());
        piece.extend_from_slice(available.get(..take).unwrap_or_default());
        input.consume(take);
    }
    Ok(piece)
}

/// The UTF-16 that `head` is, by its mark or its zero bytes.
pub(super) fn utf_16(head: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_bom(head)
        .map(|(encoding, _)| encoding)
        .or_else(|| detect::utf_16_by_zeros(head))
        .filter(|encoding| *encoding == UTF_16LE || *encoding == UTF_16BE)
}

/// The problem of an input that breaks off while it is read.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature map_err asks for"
)]
pub(super) fn unreadable(error: std::io::Error) -> Problem {
    Problem::error(
        "file.unreadable",
        format!("The file could not be read to its end: {error}."),
    )
}

fn byte_order_mark(head: &[u8]) -> Result<Option<Decision>, Problem> {
    if head.starts_with(&[0xFF, 0xFE, 0, 0]) || head.starts_with(&[0, 0, 0xFE, 0xFF]) {
        return Err(Problem::error(
            "encoding.utf-32",
            "The file is written in UTF-32, which is not read.",
        )
        .with_hint("Save the file as UTF-8."));
    }
    Ok(Encoding::for_bom(head).map(|(encoding, length)| Decision {
        encoding,
        mark: length as u64,
        warning: None,
    }))
}

fn as_declared(label: &str, mark: Option<Decision>, head: &[u8]) -> Result<Decision, Problem> {
    let declared = Encoding::for_label(label.as_bytes())
        .ok_or_else(|| unknown_label(label, "The configuration"))?;
    let Some(marked) = mark else {
        let warning = utf_8_in_disguise(declared, head, "The configuration");
        return Ok(Decision::of(declared).warn(warning));
    };
    if marked.encoding == declared {
        return Ok(marked);
    }
    Err(Problem::error(
        "encoding.contradiction",
        format!(
            "The file is declared as {} but starts with the byte order mark of {}.",
            declared.name(),
            marked.encoding.name()
        ),
    )
    .at(Place::line(1, Some(1)))
    .with_hint(format!(
        "Save the file as {}, or change the declared encoding of its source.",
        declared.name()
    )))
}

fn unknown_label(label: &str, who: &str) -> Problem {
    Problem::error(
        "encoding.unknown",
        format!("{who} names an encoding that does not exist."),
    )
    .with_value(label)
    .expecting("a name such as utf-8, windows-1252 or utf-16le")
}

/// XML 1.0, 4.3.3: the mark, else the declaration, else UTF-8; never a guess.
fn as_xml_says(mark: Option<Decision>, head: &[u8]) -> Result<Decision, Problem> {
    let wide = mark
        .as_ref()
        .map(|decision| decision.encoding)
        .or_else(|| detect::utf_16_by_zeros(head))
        .filter(|encoding| *encoding == UTF_16LE || *encoding == UTF_16BE);
    let label = detect::xml_label(head, wide);
    let Some(label) = label else {
        return Ok(mark.unwrap_or_else(|| Decision::of(wide.unwrap_or(UTF_8))));
    };
    let said = Encoding::for_label(label.as_bytes());
    let evident = mark.unwrap_or_else(|| Decision::of(wide.unwrap_or(UTF_8)));
    if evident.mark > 0 || wide.is_some() {
        // `UTF-16` without LE or BE leaves the order to the mark: no contradiction.
        let agrees = said == Some(evident.encoding)
            || (wide.is_some() && label.to_ascii_lowercase().starts_with("utf-16"));
        let warning = (!agrees).then(|| contradiction(&label, evident.encoding));
        return Ok(evident.warn(warning));
    }
    let said =
        said.ok_or_else(|| unknown_label(&label, "The XML declaration").at(Place::line(1, None)))?;
    if said == UTF_16LE || said == UTF_16BE {
        // The declaration itself could be read byte by byte, so it is not UTF-16.
        return Ok(Decision::of(UTF_8).warn(Some(contradiction(&label, UTF_8))));
    }
    let warning = utf_8_in_disguise(said, head, "The XML declaration");
    Ok(Decision::of(said).warn(warning))
}

fn contradiction(label: &str, evident: &'static Encoding) -> Problem {
    Problem::warning(
        "encoding.contradiction",
        format!(
            "The XML declaration names an encoding that the bytes contradict; the file was read as {}.",
            evident.name()
        ),
    )
    .at(Place::line(1, None))
    .with_value(label)
}

/// A file that is declared as an 8-bit encoding but whose accented letters are proper UTF-8: it is
/// read as declared, and the doubt is told, because text in it will look like `Ã©`.
fn utf_8_in_disguise(declared: &'static Encoding, head: &[u8], who: &str) -> Option<Problem> {
    if declared == UTF_8 || !declared.is_single_byte() || !detect::is_wide_utf_8(head) {
        return None;
    }
    Some(
        Problem::warning(
            "encoding.doubtful",
            format!(
                "{who} says {}, but the file looks like UTF-8.",
                declared.name()
            ),
        )
        .with_hint("If accented letters look wrong, correct the declared encoding."),
    )
}
