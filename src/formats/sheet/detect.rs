//! What a spreadsheet really is, by its first bytes and, for a zip, its parts.

use super::package::Package;
use super::{Step, damaged, head, truncated};
use crate::formats::{FormatKind, Input};
use crate::problem::Problem;

/// Bytes looked at.
const HEAD: u64 = 4_096;

/// The kinds of spreadsheet bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Xlsb,
    Ods,
    /// An OLE2 compound file: BIFF5 and 8, or an encrypted OOXML workbook.
    Ole,
    /// A bare BIFF stream: versions 2 to 4.
    Biff,
    Html,
    SpreadsheetMl,
    Sylk,
}

impl Kind {
    /// The word that problem codes start with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Ole | Self::Biff => "xls",
            Self::Html => "html",
            Self::SpreadsheetMl => "spreadsheetml",
            Self::Sylk => "sylk",
        }
    }

    /// The format it counts as.
    pub(super) fn format(self) -> FormatKind {
        match self {
            Self::Xlsx => FormatKind::Xlsx,
            Self::Xlsb => FormatKind::Xlsb,
            Self::Ods => FormatKind::Ods,
            _ => FormatKind::Xls,
        }
    }

    /// What a person calls it, and the extensions that say so.
    fn spoken(self) -> (&'static str, &'static [&'static str]) {
        match self {
            Self::Xlsx => (
                "an Excel workbook (xlsx)",
                &["xlsx", "xlsm", "xltx", "xltm"],
            ),
            Self::Xlsb => ("an Excel binary workbook (xlsb)", &["xlsb"]),
            Self::Ods => ("an OpenDocument spreadsheet (ods)", &["ods", "ots"]),
            Self::Ole | Self::Biff => ("an Excel 97 workbook (xls)", &["xls", "xlt", "xlw"]),
            Self::Html => ("a web page (HTML)", &["html", "htm"]),
            Self::SpreadsheetMl => ("an Excel 2003 XML workbook", &["xml"]),
            Self::Sylk => ("a SYLK file", &["slk", "sylk"]),
        }
    }
}

/// The kind of `input`.
pub(super) fn kind(format: FormatKind, input: &mut dyn Input) -> Step<Kind> {
    let word = format.as_str();
    let bytes = head(input, HEAD, word)?;
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return zip_kind(format, input);
    }
    if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
        return Ok(Kind::Ole);
    }
    if let [9, 0 | 2 | 4, 4 | 6, 0, ..] = bytes[..] {
        return Ok(Kind::Biff);
    }
    if bytes.starts_with(b"ID;P") {
        return Ok(Kind::Sylk);
    }
    if let Some(kind) = markup_kind(&bytes) {
        return Ok(kind);
    }
    Err(neither(word, input, &bytes).into())
}

/// A zip's kind by the parts that only this kind has.
fn zip_kind(format: FormatKind, input: &mut dyn Input) -> Step<Kind> {
    let word = format.as_str();
    let mut package = Package::open(input, word)?;
    if let Some(mimetype) = package.small("mimetype")? {
        if mimetype.starts_with(b"application/vnd.oasis.opendocument.spreadsheet") {
            return Ok(Kind::Ods);
        }
        if mimetype.starts_with(b"application/vnd.oasis.opendocument") {
            return Err(not_a_workbook(word, "another kind of OpenDocument file").into());
        }
    }
    if package.has("xl/workbook.bin") {
        return Ok(Kind::Xlsb);
    }
    if package.has("xl/workbook.xml") || package.has("[Content_Types].xml") {
        return if package.has("word/document.xml") || package.has("ppt/presentation.xml") {
            Err(not_a_workbook(word, "a text document or presentation").into())
        } else {
            Ok(Kind::Xlsx)
        };
    }
    if package.has("content.xml") {
        return Ok(Kind::Ods);
    }
    Err(not_a_workbook(word, "a zip archive of other things").into())
}

/// HTML and SpreadsheetML, in any encoding that keeps ASCII or doubles it.
fn markup_kind(bytes: &[u8]) -> Option<Kind> {
    let plain: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| *byte != 0)
        .collect::<Vec<u8>>()
        .to_ascii_lowercase();
    let text = plain
        .strip_prefix(b"\xEF\xBB\xBF")
        .or_else(|| plain.strip_prefix(b"\xFF\xFE"))
        .or_else(|| plain.strip_prefix(b"\xFE\xFF"))
        .unwrap_or(&plain)
        .trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let has = |what: &[u8]| memchr::memmem::find(text, what).is_some();
    if has(b"urn:schemas-microsoft-com:office:spreadsheet") && has(b"<?xml") {
        // Excel's own HTML carries this namespace too, with an <html> root.
        if !has(b"<html") {
            return Some(Kind::SpreadsheetMl);
        }
    }
    [
        &b"<html"[..],
        b"<!doctype html",
        b"<table",
        b"<head",
        b"<body",
        b"<meta",
        b"<style",
        b"<div",
    ]
    .iter()
    .any(|tag| has(tag))
    .then_some(Kind::Html)
}

fn not_a_workbook(word: &str, what: &str) -> Problem {
    super::error_in(
        word,
        "not-a-workbook",
        format!("The file is {what}, not a workbook."),
    )
    .with_hint("Send the workbook itself.")
}

/// None of the kinds: says what it looks like instead.
fn neither(word: &str, input: &dyn Input, bytes: &[u8]) -> Problem {
    if bytes.is_empty() {
        return truncated(word);
    }
    let textual = bytes
        .iter()
        .all(|byte| *byte >= 0x20 || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0C));
    if textual {
        let name = input.name().to_owned();
        return Problem::error(
            "file.extension-differs",
            "The file is named like a workbook but is plain text.",
        )
        .with_value(&name)
        .with_hint(
            "Send it with the extension .csv if it is a csv file, else save it as a real workbook.",
        );
    }
    damaged(word, "its first bytes are those of no workbook")
}

/// A warning where the name's extension belongs to another kind.
pub(super) fn extension_differs(kind: Kind, name: &str) -> Option<Problem> {
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    let (spoken, own) = kind.spoken();
    let known = [
        "xlsx", "xlsm", "xltx", "xltm", "xlsb", "ods", "ots", "xls", "xlt", "xlw", "csv", "txt",
        "xml", "json", "htm", "html", "slk",
    ];
    if own.contains(&extension.as_str()) || !known.contains(&extension.as_str()) {
        return None;
    }
    Some(
        Problem::warning(
            "file.extension-differs",
            format!("The file is named .{extension} but is {spoken}; it was read as what it is."),
        )
        .with_value(name),
    )
}
