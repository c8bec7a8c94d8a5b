//! The charset of an interchange: what its syntax identifier (UNB 0001) says.
//!
//! ISO 9735-1, annex A. A and B promise ASCII and real files break the promise, so for them the
//! bytes decide; so they do for an identifier that nobody knows.

use std::io::SeekFrom;

use encoding_rs::{
    EUC_KR, Encoding, ISO_2022_JP, ISO_8859_2, ISO_8859_3, ISO_8859_4, ISO_8859_5, ISO_8859_6,
    ISO_8859_7, ISO_8859_8, ISO_8859_15, UTF_8, WINDOWS_1252, WINDOWS_1254,
};

use super::super::encoding::{self, Decision};
use super::super::{FormatKind, Input};
use crate::problem::Problem;

/// How the bytes of `input` are read.
///
/// # Errors
/// As [`encoding::decide`].
pub(super) fn decide(input: &mut dyn Input, declared: Option<&str>) -> Result<Decision, Problem> {
    let head = encoding::head(input)?;
    let wide = encoding::utf_16(&head).is_some();
    let said = identifier(&head).filter(|_| !wide).and_then(|id| of(&id));
    match said {
        Some(said) if declared.is_none() => encoding::as_said(input, said, "The UNB segment"),
        _ => encoding::decide(input, declared, FormatKind::Edifact),
    }
    .inspect(|_| drop(input.seek(SeekFrom::Start(0))))
}

/// The four letters behind UNB.
fn identifier(head: &[u8]) -> Option<String> {
    let start = head.get(..head.len().min(256)).unwrap_or_default();
    let at = memchr::memmem::find(start, b"UNB")?;
    let letters = start.get(at + 4..at + 8)?;
    letters
        .iter()
        .all(u8::is_ascii_uppercase)
        .then(|| String::from_utf8_lossy(letters).into_owned())
}

/// The encoding of an identifier; nothing where the bytes have to decide.
///
/// Where the Encoding Standard has no plain ISO 8859-1 and -9, their Windows supersets stand for
/// them: they differ only in control characters that no interchange may hold.
fn of(identifier: &str) -> Option<&'static Encoding> {
    Some(match identifier {
        "UNOC" => WINDOWS_1252,
        "UNOD" => ISO_8859_2,
        "UNOE" => ISO_8859_5,
        "UNOF" => ISO_8859_7,
        "UNOG" => ISO_8859_3,
        "UNOH" => ISO_8859_4,
        "UNOI" => ISO_8859_6,
        "UNOJ" => ISO_8859_8,
        "UNOK" => WINDOWS_1254,
        "UNOL" => ISO_8859_15,
        "UNOX" => ISO_2022_JP,
        "UNOW" | "UNOY" => UTF_8,
        "KECA" => EUC_KR,
        _ => return None,
    })
}
