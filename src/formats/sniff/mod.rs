//! What a file is, by its content.
//!
//! The name and what was asked for are hints: they decide between kinds of text, never against
//! evident content. What is nothing that orderdock reads is refused by its true name, because "a PDF
//! cannot be read, send the table itself" helps where "invalid file" does not.

mod messages;
mod other;
mod zip;

use std::path::Path;

use super::{FormatKind, Input, encoding};
use crate::problem::Problem;

/// Compound files of Microsoft: xls, but also doc, msg, and encrypted workbooks.
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
/// Starts of BIFF streams that stand without a container (BIFF 2 to 8).
const BIFF: [&[u8]; 5] = [
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x08\x00",
    b"\x09\x08\x10\x00",
];
const SPREADSHEET_ML: &str = "urn:schemas-microsoft-com:office:spreadsheet";

/// The format of `input` by content; `forced` (what the operator or the sender's address asked for)
/// overrides the name and decides between kinds of text. HTML, SYLK and `SpreadsheetML` tables count
/// as [`FormatKind::Xls`]: the reader of sheets looks again. Seeks back to the start.
///
/// # Errors
/// A problem that names what the file is instead, where it is nothing we read.
pub fn sniff(input: &mut dyn Input, forced: Option<FormatKind>) -> Result<FormatKind, Problem> {
    let head = encoding::head(input)?;
    if head.is_empty() {
        return Err(Problem::error("file.empty", "The file is empty.")
            .with_hint("Check the export that made it, and send it again."));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return zip::kind(input, &head);
    }
    if head.starts_with(OLE) {
        let encrypted = other::compound(input)?;
        let promised = forced
            .or_else(|| by_name(input.name()))
            .filter(|kind| kind.is_sheet());
        // What is encrypted is one of the newer workbooks; which, nobody can see.
        return Ok(if encrypted {
            promised.unwrap_or(FormatKind::Xlsx)
        } else {
            FormatKind::Xls
        });
    }
    if BIFF.iter().any(|start| head.starts_with(start)) {
        return Ok(FormatKind::Xls);
    }
    if let Some(problem) = other::binary(&head) {
        return Err(problem);
    }
    let text = readable(&head);
    if forced.is_none() && input.name().to_ascii_lowercase().ends_with(".eml") {
        return Err(other::mail());
    }
    let wish = forced.or_else(|| by_name(input.name()));
    of_text(
        text.trim_start_matches(['\u{FEFF}', ' ', '\t', '\n', '\r']),
        wish,
    )
}

/// A warning where the name promises another format than the content is.
#[must_use]
pub fn extension_differs(name: &str, found: FormatKind) -> Option<Problem> {
    let promised = by_name(name)?;
    if promised == found {
        return None;
    }
    Some(
        Problem::warning(
            "file.extension-differs",
            format!(
                "The name says {}, but the content is {}; it was read as {}.",
                promised.as_str(),
                found.as_str(),
                found.as_str()
            ),
        )
        .with_value(name),
    )
}

/// The format that a name's extension promises.
fn by_name(name: &str) -> Option<FormatKind> {
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "xlsm" | "xltx" | "xltm" => Some(FormatKind::Xlsx),
        "tsv" | "tab" => Some(FormatKind::Csv),
        "jsonl" | "ndjson" => Some(FormatKind::Json),
        "xlt" => Some(FormatKind::Xls),
        word => FormatKind::parse(word),
    }
}

/// The head as characters, well enough to look for ASCII words in it.
fn readable(head: &[u8]) -> String {
    let wide = encoding::utf_16(head);
    match wide {
        Some(encoding) => encoding.decode(head).0.into_owned(),
        None => String::from_utf8_lossy(head).into_owned(),
    }
}

/// What a text is. `text` starts with its first character that is no white space.
fn of_text(text: &str, wish: Option<FormatKind>) -> Result<FormatKind, Problem> {
    if let Some(kind) = messages::kind(text) {
        return Ok(kind);
    }
    if let Some(problem) = other::text(text) {
        return Err(problem);
    }
    if wish == Some(FormatKind::Fixed) {
        return Ok(FormatKind::Fixed);
    }
    if is_sylk(text) {
        return Ok(FormatKind::Xls);
    }
    if text.starts_with('<') {
        return Ok(if is_table_markup(text, wish) {
            FormatKind::Xls
        } else {
            FormatKind::Xml
        });
    }
    if looks_like_json(text) {
        return Ok(FormatKind::Json);
    }
    Ok(match wish {
        // A text that was meant to be something is read as such, so that its problem fits.
        Some(
            kind @ (FormatKind::Xml
            | FormatKind::Json
            | FormatKind::Edifact
            | FormatKind::X12
            | FormatKind::Ttm),
        ) => kind,
        Some(kind) if kind.is_sheet() && !text.contains([',', ';', '\t', '|']) => {
            return Err(other::no_workbook());
        }
        _ => FormatKind::Csv,
    })
}

/// Symbolic link format: the first record is `ID`, followed by the program's name.
fn is_sylk(text: &str) -> bool {
    text.starts_with("ID;P") && text.lines().nth(1).is_some_and(|line| line.contains(';'))
}

/// HTML or `SpreadsheetML`, which many systems write under the name `.xls`.
fn is_table_markup(text: &str, wish: Option<FormatKind>) -> bool {
    let start: String = text
        .chars()
        .take(4096)
        .collect::<String>()
        .to_ascii_lowercase();
    if start.contains(SPREADSHEET_ML) && start.contains("workbook") {
        return true;
    }
    let html = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<table",
        "<meta",
        "<style",
        "<div",
    ];
    if html.iter().any(|tag| start.starts_with(tag)) {
        return true;
    }
    // Well-formed XHTML is XML; it is a table only where the name says so.
    let promised = wish.is_some_and(FormatKind::is_sheet);
    promised && (start.contains("<html") || start.contains("<table"))
}

/// `{` and a key or an end; `[` and the start of a value.
fn looks_like_json(text: &str) -> bool {
    let mut characters = text.chars().filter(|c| !c.is_ascii_whitespace());
    match (characters.next(), characters.next()) {
        (Some('{'), next) => matches!(next, Some('"' | '}') | None),
        (Some('['), next) => matches!(next, Some('{' | '[' | ']' | '"') | None),
        _ => false,
    }
}
