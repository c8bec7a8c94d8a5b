//! Which kind of zip file: only the names in its directory are looked at, nothing is unpacked.

use memchr::memmem;

use super::super::{FormatKind, Input, encoding};
use super::other::is;
use crate::limits;
use crate::problem::Problem;

/// Longest comment behind the end record, plus the record: where it must be found.
const END_WINDOW: usize = 65_535 + 22;
const ODS: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

/// The workbook format of the zip file whose start is `head`.
///
/// # Errors
/// A problem that names what kind of archive it is, or that it was cut off.
pub(super) fn kind(input: &mut dyn Input, head: &[u8]) -> Result<FormatKind, Problem> {
    let Some(names) = directory(input)? else {
        return Err(cut_off(head));
    };
    of_names(&names, head).ok_or_else(|| {
        let holds = |part: &str| names.iter().any(|name| name.starts_with(part));
        let table = "Send the table itself, as csv, xml, xls or xlsx.";
        if holds("word/") {
            is("file.is-docx", "a Word document", table)
        } else if holds("ppt/") {
            is("file.is-pptx", "a PowerPoint presentation", table)
        } else if holds("mimetype") {
            is(
                "file.is-opendocument",
                "an OpenDocument file, but no spreadsheet",
                table,
            )
        } else if holds("meta-inf/") {
            is("file.is-jar", "a Java archive", table)
        } else {
            is(
                "file.is-zip",
                "a zip archive",
                "Send the file itself, not packed.",
            )
        }
    })
}

/// The workbook format that `names` belong to.
fn of_names(names: &[String], head: &[u8]) -> Option<FormatKind> {
    let holds = |wanted: &str| names.iter().any(|name| name.ends_with(wanted));
    if names.iter().any(|name| name == "mimetype") || memmem::find(head, ODS).is_some() {
        return memmem::find(head, ODS).map(|_| FormatKind::Ods);
    }
    if holds("workbook.bin") {
        return Some(FormatKind::Xlsb);
    }
    let sheets = names
        .iter()
        .any(|name| name.starts_with("xl/") || name.contains("/xl/"));
    (holds("workbook.xml") || sheets).then_some(FormatKind::Xlsx)
}

/// The names in the central directory, lower case, with `/`; `None` without an end record.
fn directory(input: &mut dyn Input) -> Result<Option<Vec<String>>, Problem> {
    let size = input.size();
    let from = size.saturating_sub(END_WINDOW as u64);
    let tail = encoding::piece_at(input, from, END_WINDOW)?;
    let Some(end) = memmem::rfind(&tail, b"PK\x05\x06") else {
        return Ok(None);
    };
    let record = tail.get(end..).unwrap_or_default();
    let mut length = number(record, 12, 4);
    let mut start = number(record, 16, 4);
    if start == u64::from(u32::MAX) || length == u64::from(u32::MAX) {
        // Zip64: the record before the locator has the true numbers.
        let Some(large) = memmem::rfind(tail.get(..end).unwrap_or_default(), b"PK\x06\x06") else {
            return Ok(None);
        };
        let record = tail.get(large..).unwrap_or_default();
        length = number(record, 40, 8);
        start = number(record, 48, 8);
    }
    if start.saturating_add(length) > size {
        return Ok(None);
    }
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    let entries = encoding::piece_at(input, start, wanted.min(limits::ZIP_DIRECTORY_BYTES))?;
    Ok(Some(names(&entries)))
}

fn names(entries: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = entries;
    while rest.starts_with(b"PK\x01\x02") && names.len() < limits::ARCHIVE_MEMBERS {
        let length = |at: usize| usize::try_from(number(rest, at, 2)).unwrap_or_default();
        let (name, extra, comment) = (length(28), length(30), length(32));
        let name = rest.get(46..46 + name).unwrap_or_default();
        names.push(
            String::from_utf8_lossy(name)
                .replace('\\', "/")
                .to_ascii_lowercase(),
        );
        rest = rest
            .get(46 + name.len() + extra + comment..)
            .unwrap_or_default();
    }
    names
}

/// A zip file without its end: what it was going to be shows in its first entries.
fn cut_off(head: &[u8]) -> Problem {
    let (code, what) = if memmem::find(head, ODS).is_some() {
        ("ods.truncated", "an ods workbook")
    } else if memmem::find(head, b"[Content_Types].xml").is_some()
        || memmem::find(head, b"xl/").is_some()
        || memmem::find(head, b"_rels/.rels").is_some()
    {
        ("xlsx.truncated", "an xlsx workbook")
    } else {
        ("zip.truncated", "a zip archive")
    };
    Problem::error(
        code,
        format!("The file is the beginning of {what}; its end is missing."),
    )
    .with_hint("The file was probably cut off while it was written; send it again.")
}

/// The little-endian number at `at`.
fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    bytes.get(at..at + length).map_or(0, |bytes| {
        bytes
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    })
}
