//! A mail: the files attached to it, and what its headers say.
//!
//! A file is a part with a file name or of a known type, whatever its disposition, also inside a
//! forwarded message. What mail programs add by themselves is none: the text and its variants,
//! pictures within it, signatures, cards. A delivery report holds no files of its sender: what it
//! quotes is ours.
//!
//! Text parts are taken from their raw bytes. Their charset label is often wrong, and decoding by it
//! would lose what the format's own detection can still read.

use mail_parser::{Encoding, Message, MessageParser, MessagePart, PartType, decoders};

use super::{Container, Part, Parts, name, whole};
use crate::formats::Input;
use crate::limits;
use crate::problem::{Place, Problem};

mod bounce;
mod headers;
mod role;
mod update;

pub(super) use role::is_picture;
use role::{Around, Role};

pub(super) struct Mail;

impl Container for Mail {
    fn unpack(&self, input: &mut dyn Input, parts: &mut dyn Parts) -> Result<(), Problem> {
        let bytes = whole(input, limits::MAIL_BYTES, "mail.too-large")?;
        let message = MessageParser::default().parse(&bytes[..]);
        let message = message.filter(|message| !message.parts.is_empty());
        let Some(message) = message else {
            parts.letter(crate::letter::Letter::default());
            return Err(Problem::error(
                "mail.damaged",
                "The mail has no headers and cannot be read.",
            )
            .with_hint("Send it again, with the order file attached."));
        };
        let letter = headers::letter(&message);
        let report = headers::is_report(&letter.facts);
        parts.letter(letter);
        if report {
            return Ok(());
        }
        walk(&message, parts, 0)
    }
}

/// Every part of one message, in its order; forwarded messages within their place.
fn walk(message: &Message<'_>, parts: &mut dyn Parts, depth: usize) -> Result<(), Problem> {
    if depth >= limits::MAIL_DEPTH {
        parts.problem(
            Problem::error(
                "mail.too-deep",
                "Forwarded messages are nested too deeply to be opened.",
            )
            .with_hint("Attach the order file to a new mail."),
        );
        return Ok(());
    }
    let around = Around::of(message);
    for (index, part) in message.parts.iter().enumerate() {
        match &part.body {
            PartType::Multipart(_) => {
                if role::is_encrypted(part) {
                    parts.problem(encrypted(part));
                }
            }
            PartType::Message(inner) if !inner.parts.is_empty() => walk(inner, parts, depth + 1)?,
            _ => leaf(message, part, around.role(index, part), parts)?,
        }
    }
    Ok(())
}

fn leaf(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    role: Role,
    parts: &mut dyn Parts,
) -> Result<(), Problem> {
    let aside = match role {
        Role::Nothing => return Ok(()),
        Role::Text => {
            packed_in_text(message, part, parts);
            return update(message, part, parts);
        }
        Role::Refused(problem) => {
            parts.problem(named(*problem, part));
            return Ok(());
        }
        Role::Aside => true,
        Role::File => false,
    };
    let decoded = if part.is_encoding_problem {
        None
    } else {
        content(message, part)
    };
    let Some(bytes) = decoded else {
        parts.problem(named(damaged(), part));
        return Ok(());
    };
    if bytes.is_empty() && role::file_name(part).is_none() {
        return Ok(());
    }
    parts.part(Part {
        name: label(part),
        bytes: &bytes,
        aside,
    })
}

/// What a text tells of a freight.
fn update(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    parts: &mut dyn Parts,
) -> Result<(), Problem> {
    if !matches!(part.body, PartType::Text(_)) {
        return Ok(());
    }
    let text = content(message, part).unwrap_or_default();
    match update::table(message.subject().unwrap_or_default(), &text) {
        Some(table) => parts.part(Part {
            name: update::NAME.to_owned(),
            bytes: table.as_bytes(),
            aside: false,
        }),
        None => Ok(()),
    }
}

/// The bytes of a part as its sender attached them; `None` where its transfer encoding is broken.
fn content<'m>(
    message: &'m Message<'_>,
    part: &'m MessagePart<'_>,
) -> Option<std::borrow::Cow<'m, [u8]>> {
    if let PartType::Binary(bytes) | PartType::InlineBinary(bytes) = &part.body {
        return Some((&**bytes).into());
    }
    let raw = raw(message, part);
    Some(match part.encoding {
        Encoding::None => raw.into(),
        Encoding::Base64 => decoders::base64::base64_decode(raw)?.into(),
        Encoding::QuotedPrintable => {
            decoders::quoted_printable::quoted_printable_decode(raw)?.into()
        }
    })
}

/// The part's body as it lies in the message.
fn raw<'m>(message: &'m Message<'_>, part: &MessagePart<'_>) -> &'m [u8] {
    let at = |offset: u32| usize::try_from(offset).unwrap_or(usize::MAX);
    let (from, to) = (at(part.raw_body_offset()), at(part.raw_end_offset()));
    message.raw_message.get(from..to).unwrap_or_default()
}

/// A text that holds a file the way mails did before MIME: named, so that nobody believes it was
/// read.
fn packed_in_text(message: &Message<'_>, part: &MessagePart<'_>, parts: &mut dyn Parts) {
    let text = content(message, part).unwrap_or_default();
    let text = text
        .get(..text.len().min(limits::MAIL_TEXT_BYTES))
        .unwrap_or_default();
    if memchr::memmem::find(text, b"(This file must be converted with BinHex").is_some() {
        parts.problem(role::binhex());
    }
    let mut lines = text.split(|byte| *byte == b'\n');
    while let Some(line) = lines.next() {
        let Some(name) = begins(line) else {
            continue;
        };
        if lines.next().is_some_and(is_encoded) {
            parts.problem(role::uuencode().at(Place {
                member: Some(name::label(&String::from_utf8_lossy(name))),
                ..Place::default()
            }));
        }
    }
}

/// The file name of a line `begin 644 orders.csv`.
fn begins(line: &[u8]) -> Option<&[u8]> {
    let rest = line.strip_prefix(b"begin ")?;
    let (mode, name) = rest.split_at_checked(rest.iter().position(|byte| *byte == b' ')?)?;
    let octal = (3..=4).contains(&mode.len()) && mode.iter().all(|b| (b'0'..=b'7').contains(b));
    octal
        .then(|| name.trim_ascii())
        .filter(|name| !name.is_empty())
}

/// Whether a line is as long as its first character says (45 bytes, `M`, for all but the last).
fn is_encoded(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    let Some(first) = line.first().filter(|first| (b'!'..=b'`').contains(first)) else {
        return false;
    };
    let encoded = usize::from((first - b' ') & 0x3F).div_ceil(3) * 4;
    line.len().abs_diff(encoded + 1) <= 2
}

/// The name of a part; without one, an ending that its type promises.
fn label(part: &MessagePart<'_>) -> String {
    match role::file_name(part) {
        Some(name) => name::label(&name),
        None => role::unnamed(part),
    }
}

fn named(problem: Problem, part: &MessagePart<'_>) -> Problem {
    let label = label(part);
    if label.is_empty() {
        return problem;
    }
    problem.at(Place {
        member: Some(label),
        ..Place::default()
    })
}

fn damaged() -> Problem {
    Problem::error(
        "mail.damaged-part",
        "The attachment was damaged on its way: its transfer encoding is broken.",
    )
    .with_hint("Send the mail again.")
}

fn encrypted(part: &MessagePart<'_>) -> Problem {
    named(role::encrypted(), part)
}
