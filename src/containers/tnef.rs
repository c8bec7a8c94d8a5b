//! `winmail.dat`: the attachments that Outlook hides in a mail in rich text (MS-OXTNEF).
//!
//! A signature, a key, then attributes: level, id, length, data, checksum (section 2.1.3). Each
//! `attAttachRendData` starts an attachment; its name and bytes come as attributes of their own or
//! among its MAPI properties, whose long name and object win. Lengths are believed only as far as
//! bytes are there. A message inside an attachment is a TNEF stream of its own.

use encoding_rs::{Encoding, UTF_16LE, WINDOWS_1252};

use super::{Container, Part, Parts, Reader, name, whole};
use crate::formats::Input;
use crate::limits;
use crate::problem::Problem;

pub(super) struct Tnef;

const SIGNATURE: u32 = 0x223E_9F78;
/// Section 2.1.3.1: the level of attributes of attachments.
const OF_ATTACHMENT: u8 = 2;
const OEM_CODEPAGE: u32 = 0x0006_9007;
const REND_DATA: u32 = 0x0006_9002;
const TITLE: u32 = 0x0001_8010;
const DATA: u32 = 0x0006_800F;
const PROPERTIES: u32 = 0x0006_9005;
/// MAPI properties (MS-OXPROPS) by their ids.
const DATA_OBJECT: u16 = 0x3701;
const FILENAME: u16 = 0x3704;
const LONG_FILENAME: u16 = 0x3707;
const MIME_TAG: u16 = 0x370E;
const HIDDEN: u16 = 0x7FFE;
/// What stands before a message inside an attachment: its interface id.
const INTERFACE_ID: usize = 16;

impl Container for Tnef {
    fn unpack(&self, input: &mut dyn Input, parts: &mut dyn Parts) -> Result<(), Problem> {
        let bytes = whole(input, limits::MAIL_BYTES, "tnef.too-large")?;
        stream(&bytes, parts, 0)
    }
}

/// One attachment as far as its attributes were read.
#[derive(Default)]
struct Found<'b> {
    title: Option<String>,
    name: Option<String>,
    kind: Option<String>,
    bytes: Option<&'b [u8]>,
    object: Option<&'b [u8]>,
    hidden: bool,
}

fn stream(bytes: &[u8], parts: &mut dyn Parts, depth: usize) -> Result<(), Problem> {
    let mut reader = Reader::new(bytes);
    if reader.u32() != Some(SIGNATURE) || reader.u16().is_none() {
        return Err(damaged("it does not begin as one"));
    }
    let mut charset = WINDOWS_1252;
    let mut found: Option<Found<'_>> = None;
    while !reader.rest().is_empty() {
        let (level, id, data) = attribute(&mut reader, parts)?;
        if id == OEM_CODEPAGE {
            charset = codepage(data).unwrap_or(charset);
        }
        if level != OF_ATTACHMENT {
            continue;
        }
        if id == REND_DATA {
            tell(found.replace(Found::default()), parts, depth)?;
            continue;
        }
        let found = found.get_or_insert_default();
        match id {
            TITLE => found.title = Some(text(data, charset)),
            DATA => found.bytes = Some(data),
            PROPERTIES => properties(data, charset, found)
                .ok_or_else(|| damaged("the properties of an attachment end early"))?,
            _ => {}
        }
    }
    tell(found, parts, depth)
}

/// The next attribute. A checksum that does not fit is told and no more: what the file gets wrong
/// about itself is no reason to lose an order.
fn attribute<'b>(
    reader: &mut Reader<'b>,
    parts: &mut dyn Parts,
) -> Result<(u8, u32, &'b [u8]), Problem> {
    let mut read = || {
        let (level, id, length) = (reader.u8()?, reader.u32()?, reader.u32()?);
        let data = reader.take(usize::try_from(length).ok()?)?;
        Some((level, id, data, reader.u16()?))
    };
    let (level, id, data, stated) = read().ok_or_else(|| damaged("it ends early"))?;
    let sum = data
        .iter()
        .fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    if sum != stated {
        parts.problem(
            Problem::warning(
                "tnef.checksum",
                "A checksum in the winmail.dat does not fit; what it holds was read all the same.",
            )
            .with_hint("Please compare the orders with what was sent."),
        );
    }
    Ok((level, id, data))
}

/// Hands an attachment on.
fn tell(found: Option<Found<'_>>, parts: &mut dyn Parts, depth: usize) -> Result<(), Problem> {
    let Some(found) = found else {
        return Ok(());
    };
    let title = found.name.or(found.title).unwrap_or_default();
    let inner = found.object.and_then(|object| object.get(INTERFACE_ID..));
    if let Some(inner) = inner.filter(|inner| inner.starts_with(&SIGNATURE.to_le_bytes())) {
        if depth + 1 >= limits::MAIL_DEPTH {
            return Err(damaged("messages in it are nested too deeply"));
        }
        return stream(inner, parts, depth + 1);
    }
    let Some(bytes) = found.object.or(found.bytes) else {
        return Ok(());
    };
    let aside = found.hidden || super::mail::is_picture(found.kind.as_deref(), &title);
    if found.hidden {
        // A picture of the text's, as in an HTML mail.
        return Ok(());
    }
    let name = name::label(&title);
    parts.part(Part { name, bytes, aside })
}

/// MAPI properties of an attachment (section 2.1.3.4): a count, then type, id, values.
fn properties<'b>(data: &'b [u8], charset: &'static Encoding, found: &mut Found<'b>) -> Option<()> {
    let mut reader = Reader::new(data);
    for _ in 0..reader.u32()? {
        let (kind, id) = (reader.u16()?, reader.u16()?);
        if id >= 0x8000 {
            named(&mut reader)?;
        }
        let value = values(&mut reader, kind)?;
        let words = || match kind & 0x0FFF {
            0x1F => text(value, UTF_16LE),
            _ => text(value, charset),
        };
        match id {
            LONG_FILENAME => found.name = Some(words()),
            FILENAME if found.name.is_none() => found.name = Some(words()),
            MIME_TAG => found.kind = Some(words()),
            DATA_OBJECT => found.object = Some(value),
            HIDDEN => found.hidden = value.first().is_some_and(|byte| *byte != 0),
            _ => {}
        }
    }
    Some(())
}

/// The name of a property that has one instead of a fixed id: a set, then a number or a text.
fn named(reader: &mut Reader<'_>) -> Option<()> {
    reader.take(16)?;
    if reader.u32()? == 0 {
        return reader.u32().map(drop);
    }
    let length = usize::try_from(reader.u32()?).ok()?;
    padded(reader, length).map(drop)
}

/// The first value of a property; further ones are passed over.
fn values<'b>(reader: &mut Reader<'b>, kind: u16) -> Option<&'b [u8]> {
    let fixed = match kind & 0x0FFF {
        0x0 | 0x1 => Some(0),
        0x2 | 0x3 | 0x4 | 0xA | 0xB => Some(4),
        0x5 | 0x6 | 0x7 | 0x14 | 0x40 => Some(8),
        0x48 => Some(16),
        0xD | 0x1E | 0x1F | 0x102 => None,
        _ => return None,
    };
    let several = kind & 0x1000 != 0 || fixed.is_none();
    let count = if several { reader.u32()? } else { 1 };
    let mut first = None;
    for _ in 0..count {
        let value = match fixed {
            // Endless as it may be, it takes no bytes and so no time worth it.
            Some(0) => return Some(&[]),
            Some(length) => reader.take(length)?,
            None => {
                let length = usize::try_from(reader.u32()?).ok()?;
                padded(reader, length)?
            }
        };
        first.get_or_insert(value);
    }
    Some(first.unwrap_or_default())
}

/// `length` bytes and what fills up to a multiple of four.
fn padded<'b>(reader: &mut Reader<'b>, length: usize) -> Option<&'b [u8]> {
    let value = reader.take(length)?;
    let filler = (4 - length % 4) % 4;
    // The last value of a stream is not always filled up.
    reader.take(filler.min(reader.rest().len()))?;
    Some(value)
}

fn text(bytes: &[u8], charset: &'static Encoding) -> String {
    let (text, _) = charset.decode_without_bom_handling(bytes);
    text.trim_end_matches('\0').to_owned()
}

/// The code pages that Outlook writes names in.
fn codepage(data: &[u8]) -> Option<&'static Encoding> {
    let number = Reader::new(data).u32()?;
    let label = match number {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        65001 => "utf-8".to_owned(),
        number => format!("windows-{number}"),
    };
    Encoding::for_label(label.as_bytes())
}

fn damaged(detail: &str) -> Problem {
    Problem::error(
        "tnef.damaged",
        "The winmail.dat is damaged and cannot be opened.",
    )
    .with_value(detail)
    .with_hint("Send the mail as plain text or HTML, not as rich text.")
}
