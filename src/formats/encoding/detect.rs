//! Evidence about the encoding of undeclared bytes.
//!
//! The whole input is checked for UTF-8 before the first character is told, because a file that is
//! plain ASCII for a hundred megabytes may end in a Windows umlaut, and nothing that was told can be
//! taken back. The check costs less than a tenth of a second for the largest file.

use std::io::SeekFrom;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::{Decision, head, piece_at, unreadable};
use crate::formats::Input;
use crate::limits;
use crate::problem::Problem;

/// UTF-16 without a mark: in western text every second byte is zero.
///
/// Nine of ten pairs must agree, so that a stray zero byte in an 8-bit file is not taken for it.
pub(super) fn utf_16_by_zeros(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len() / 2;
    if pairs < 2 {
        return None;
    }
    let (mut even, mut odd) = (0, 0);
    for pair in head.chunks_exact(2) {
        even += usize::from(pair.first() == Some(&0));
        odd += usize::from(pair.last() == Some(&0));
    }
    let most = |count: usize| count * 10 >= pairs * 4;
    let few = |count: usize| count * 20 <= pairs;
    if most(odd) && few(even) {
        Some(UTF_16LE)
    } else if most(even) && few(odd) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The encoding label of an XML declaration at the start of `head`, read through `wide` if it is
/// UTF-16.
pub(super) fn xml_label(head: &[u8], wide: Option<&'static Encoding>) -> Option<String> {
    let start = head.get(..head.len().min(1024)).unwrap_or_default();
    let text: String = match wide {
        Some(encoding) => encoding.decode(start).0.into_owned(),
        None => start
            .strip_prefix(b"\xEF\xBB\xBF")
            .unwrap_or(start)
            .iter()
            .map(|byte| char::from(*byte))
            .collect(),
    };
    let declaration = text.strip_prefix("<?xml")?;
    let declaration = declaration.split_once("?>")?.0;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let (label, _) = value.get(1..)?.split_once(quote)?;
    Some(label.trim().to_owned())
}

/// Whether `head` is UTF-8 with at least one character beyond ASCII.
pub(super) fn is_wide_utf_8(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => head.len(),
        // A character that the end of the head cuts is no evidence against it.
        Err(error) if error.error_len().is_none() => error.valid_up_to(),
        Err(_) => return false,
    };
    !head.get(..valid).unwrap_or_default().is_ascii()
}

/// UTF-8 if every byte of `input` is, else the detector's guess with a warning.
pub(super) fn utf_8_or_guess(input: &mut dyn Input) -> Result<Decision, Problem> {
    let Some(bad) = first_not_utf_8(input)? else {
        return Ok(Decision::of(UTF_8));
    };
    let mut sample = head(input)?;
    if bad >= sample.len() as u64 {
        // The head is clean: the evidence lies around the first bad byte. Everything before it is
        // UTF-8, so the sample may start anywhere.
        sample = piece_at(input, bad.saturating_sub(256), limits::HEAD_BYTES)?;
    }
    let (good, broken) = utf_8_sequences(&sample);
    if good > broken {
        // UTF-8 with damage: another encoding would turn every accented letter into two. Reading
        // as UTF-8 ends at the damaged place and names it.
        return Ok(Decision::of(UTF_8));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let warning = Problem::warning(
        "encoding.detected",
        format!(
            "The file is not UTF-8 and does not say what it is; it was read as {}.",
            encoding.name()
        ),
    )
    .with_value(encoding.name())
    .with_hint("Check accented letters, and save as UTF-8 or declare the encoding of the source.");
    Ok(Decision::of(encoding).warn(Some(warning)))
}

/// The offset of the first byte that is not UTF-8.
fn first_not_utf_8(input: &mut dyn Input) -> Result<Option<u64>, Problem> {
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut offset = 0_u64;
    let mut carry: Vec<u8> = Vec::with_capacity(8);
    loop {
        let available = input.fill_buf().map_err(unreadable)?;
        if available.is_empty() {
            return Ok((!carry.is_empty()).then_some(offset));
        }
        if !carry.is_empty() {
            // Finish the character that the last buffer cut, byte by byte.
            carry.extend(available.first());
            input.consume(1);
            match std::str::from_utf8(&carry) {
                Ok(_) => {
                    offset += carry.len() as u64;
                    carry.clear();
                }
                Err(error) if error.error_len().is_some() => return Ok(Some(offset)),
                Err(_) => {}
            }
            continue;
        }
        let window = available
            .get(..available.len().min(limits::HEAD_BYTES))
            .unwrap_or_default();
        let used = window.len();
        match std::str::from_utf8(window) {
            Ok(_) => offset += used as u64,
            Err(error) => {
                offset += error.valid_up_to() as u64;
                if error.error_len().is_some() {
                    return Ok(Some(offset));
                }
                carry.extend_from_slice(window.get(error.valid_up_to()..).unwrap_or_default());
            }
        }
        input.consume(used);
    }
}

/// How many characters beyond ASCII are proper UTF-8, and how many places are not.
fn utf_8_sequences(sample: &[u8]) -> (usize, usize) {
    let (mut good, mut broken) = (0, 0);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    (good, broken)
}
