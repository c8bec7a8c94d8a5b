//! What orderdock does not read, by its true name.

use memchr::memmem;

use super::super::{Input, encoding};
use crate::problem::Problem;

const SEND_THE_TABLE: &str = "Send the table itself, as csv, xml, xls or xlsx.";
const UNPACK_FIRST: &str = "Send the file itself, not packed.";

/// Start of a binary file, code, name, and what to do.
const BINARY: &[(&[u8], &str, &str, &str)] = &[
    (b"%PDF-", "file.is-pdf", "a PDF", SEND_THE_TABLE),
    (
        b"\x89PNG\r\n",
        "file.is-image",
        "a PNG image",
        SEND_THE_TABLE,
    ),
    (
        b"\xFF\xD8\xFF",
        "file.is-image",
        "a JPEG image",
        SEND_THE_TABLE,
    ),
    (b"GIF8", "file.is-image", "a GIF image", SEND_THE_TABLE),
    (b"II*\x00", "file.is-image", "a TIFF image", SEND_THE_TABLE),
    (b"MM\x00*", "file.is-image", "a TIFF image", SEND_THE_TABLE),
    (
        b"{\\rtf",
        "file.is-rtf",
        "a rich text document",
        SEND_THE_TABLE,
    ),
    (b"\x1F\x8B", "file.is-gzip", "a gzip archive", UNPACK_FIRST),
    (b"BZh", "file.is-bzip2", "a bzip2 archive", UNPACK_FIRST),
    (b"\xFD7zXZ\x00", "file.is-xz", "an xz archive", UNPACK_FIRST),
    (
        b"\x28\xB5\x2F\xFD",
        "file.is-zstd",
        "a zstd archive",
        UNPACK_FIRST,
    ),
    (
        b"Rar!\x1A\x07",
        "file.is-rar",
        "a RAR archive",
        UNPACK_FIRST,
    ),
    (
        b"7z\xBC\xAF\x27\x1C",
        "file.is-7z",
        "a 7-Zip archive",
        UNPACK_FIRST,
    ),
    (b"MSCF", "file.is-cab", "a cabinet archive", UNPACK_FIRST),
    (b"\x7FELF", "file.is-program", "a program", SEND_THE_TABLE),
    (
        b"\x78\x9F\x3E\x22",
        "file.is-tnef",
        "a winmail.dat",
        "Send the mail as plain text or HTML, not as rich text.",
    ),
    (
        b"SQLite format 3\x00",
        "file.is-sqlite",
        "an SQLite database",
        SEND_THE_TABLE,
    ),
    (b"PAR1", "file.is-parquet", "a Parquet file", SEND_THE_TABLE),
    (
        b"\x00\x01\x00\x00Standard",
        "file.is-access",
        "an Access database",
        SEND_THE_TABLE,
    ),
];

/// The problem of a binary file, or of rubbish. Text, also UTF-16, is neither.
pub(super) fn binary(head: &[u8]) -> Option<Problem> {
    let known = BINARY.iter().find(|(start, ..)| head.starts_with(start));
    if let Some((_, code, what, hint)) = known {
        return Some(is(code, what, hint));
    }
    let early = head.get(..head.len().min(1024)).unwrap_or_default();
    if memmem::find(early, b"%PDF-1.").is_some() && !early.is_ascii() {
        return Some(is("file.is-pdf", "a PDF", SEND_THE_TABLE));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some(is("file.is-tar", "a tar archive", UNPACK_FIRST));
    }
    if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        return Some(is("file.is-image", "a WebP image", SEND_THE_TABLE));
    }
    if head.starts_with(b"MZ") && head.contains(&0) {
        return Some(is("file.is-program", "a program", SEND_THE_TABLE));
    }
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Some(is("file.is-image", "a bitmap image", SEND_THE_TABLE));
    }
    is_rubbish(head).then(|| {
        Problem::error(
            "file.unknown",
            "The file is no text and no workbook; what it is could not be told.",
        )
        .with_hint(SEND_THE_TABLE)
    })
}

/// Control characters that no text has, in numbers. A stray zero byte in a csv file is none, and
/// neither is a control character that serves as delimiter.
fn is_rubbish(head: &[u8]) -> bool {
    if encoding::utf_16(head).is_some() || head.starts_with(b"\xEF\xBB\xBF") {
        return false;
    }
    let control =
        |byte: &&u8| **byte < 0x20 && !matches!(**byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    let controls = head.iter().filter(control).count();
    let utf_8 = head.utf8_chunks().next().is_none_or(|chunk| {
        // A character that the end of the head cuts does not count.
        chunk.valid().len() + 4 > head.len()
    });
    let share = if utf_8 { 3 } else { 20 };
    controls * share > head.len()
}

/// The problem of a text in a format that is not read.
pub(super) fn text(text: &str) -> Option<Problem> {
    const OTHERWISE: &str = "Send the orders as EDIFACT, csv, xml, xls or xlsx.";
    let start = text
        .get(..text.floor_char_boundary(4096.min(text.len())))
        .unwrap_or_default();
    if start.starts_with("STX=") {
        return Some(is(
            "file.is-tradacoms",
            "a TRADACOMS interchange",
            OTHERWISE,
        ));
    }
    if is_bare_x12(start) {
        return Some(is(
            "file.is-x12-part",
            "an X12 message without the ISA and GS segments around it",
            "Send the whole interchange, from ISA to IEA.",
        ));
    }
    if is_mail(start) {
        return Some(mail());
    }
    None
}

/// `GS*PO*` or `ST*850*`: a group or message that was taken out of its interchange.
fn is_bare_x12(start: &str) -> bool {
    let Some(rest) = start
        .strip_prefix("GS")
        .or_else(|| start.strip_prefix("ST"))
    else {
        return false;
    };
    let mut chars = rest.chars();
    let Some(separator) = chars
        .next()
        .filter(|c| matches!(c, '*' | '|' | '^' | '~' | '\u{1D}'))
    else {
        return false;
    };
    let code = chars.as_str().split(separator).next().unwrap_or_default();
    match start.as_bytes() {
        [b'S', ..] => code.len() == 3 && code.bytes().all(|b| b.is_ascii_digit()),
        _ => code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) && rest.contains("ST"),
    }
}

/// The problem of a mail where a file was expected.
pub(super) fn mail() -> Problem {
    is("file.is-mail", "a mail", "Send the attached file itself.")
}

/// The problem of a plain text that calls itself a workbook.
pub(super) fn no_workbook() -> Problem {
    Problem::error(
        "file.unknown",
        "The name promises a workbook, but the file is a plain text without any table.",
    )
    .with_hint(SEND_THE_TABLE)
}

/// Two header lines of which one is known to stand at a mail's start.
fn is_mail(start: &str) -> bool {
    const FIRST: [&str; 10] = [
        "received:",
        "return-path:",
        "delivered-to:",
        "mime-version:",
        "message-id:",
        "x-original-to:",
        "from:",
        "date:",
        "subject:",
        "dkim-signature:",
    ];
    let start = match start.strip_prefix("From ") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => start,
    };
    let mut headers = start.lines().filter(|line| !line.starts_with([' ', '\t']));
    let first = headers.next().unwrap_or_default().to_ascii_lowercase();
    let second = headers.next().unwrap_or_default();
    let is_header = second.split_once(':').is_some_and(|(name, _)| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    });
    FIRST.iter().any(|name| first.starts_with(name)) && is_header
}

/// Names of streams in the first sectors of a compound file's directory: whether it wraps an encrypted
/// workbook.
///
/// # Errors
/// A problem where the file is evidently no workbook.
pub(super) fn compound(input: &mut dyn Input) -> Result<bool, Problem> {
    let directory = first_directory_sectors(input)?;
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memmem::find(&directory, &wide).is_some()
    };
    if ["Workbook", "Book", "WORKBOOK", "BOOK"]
        .into_iter()
        .any(holds)
    {
        return Ok(false);
    }
    if holds("EncryptedPackage") {
        return Ok(true);
    }
    let problem = if holds("WordDocument") {
        is("file.is-doc", "a Word document", SEND_THE_TABLE)
    } else if holds("PowerPoint Document") {
        is("file.is-ppt", "a PowerPoint presentation", SEND_THE_TABLE)
    } else if holds("__properties_version1.0") {
        is(
            "file.is-msg",
            "an Outlook message",
            "Send the attached file itself.",
        )
    } else {
        // The directory may be spread out; the reader of sheets follows it properly.
        return Ok(false);
    };
    Err(problem)
}

/// Up to 32 directory entries, from where the header says the directory starts.
fn first_directory_sectors(input: &mut dyn Input) -> Result<Vec<u8>, Problem> {
    let head = encoding::head(input)?;
    let number = |at: usize, length: usize| {
        head.get(at..at + length).map_or(0, |bytes| {
            bytes
                .iter()
                .rev()
                .fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
        })
    };
    let sector = 1_u64 << number(30, 2).clamp(7, 12);
    let start = number(48, 4).saturating_add(1).saturating_mul(sector);
    encoding::piece_at(input, start, 32 * 128)
}

pub(super) fn is(code: &'static str, what: &str, hint: &'static str) -> Problem {
    Problem::error(code, format!("The file is {what}, which is not read.")).with_hint(hint)
}
