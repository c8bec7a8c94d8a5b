//! The headers of a mail, as far as routing and answering need them. Bounded in number and length.

use mail_parser::{Address, HeaderForm, HeaderName, HeaderValue, Message};

use super::bounce;
use crate::letter::{Facts, Letter};
use crate::limits;

/// What the headers of `message` say.
pub(super) fn letter(message: &Message<'_>) -> Letter {
    let facts = facts(message);
    let mut references = values(message, "References");
    references.extend(values(message, "In-Reply-To"));
    let mut letter = Letter {
        from: shown(message),
        references: ids(&references.join(" ")),
        to: addresses(message, &["To", "Cc"]),
        delivered_to: addresses(message, &["Delivered-To", "X-Original-To", "Envelope-To"]),
        facts,
        bounce: None,
    };
    letter.bounce = bounce::read(message, &letter.facts);
    letter
}

fn facts(message: &Message<'_>) -> Facts {
    let first = |name: &str| values(message, name).into_iter().next();
    Facts {
        from: addresses(message, &["From"]),
        reply_to: addresses(message, &["Reply-To"]),
        return_path: first("Return-Path").map(|path| bare(&path)),
        auto_submitted: first("Auto-Submitted"),
        precedence: first("Precedence"),
        x_auto_response_suppress: first("X-Auto-Response-Suppress"),
        content_type: first("Content-Type"),
        subject: message.subject().map(|subject| cut(&decoded(subject))),
        message_id: first("Message-ID").and_then(|id| ids(&id).into_iter().next()),
        authentication_results: values(message, "Authentication-Results"),
        header_names: message
            .headers()
            .iter()
            .take(limits::MAIL_HEADERS)
            .map(|header| header.name().to_owned())
            .collect(),
    }
}

/// Whether the mail as a whole is a report about another one (RFC 6522).
pub(super) fn is_report(facts: &Facts) -> bool {
    let kind = facts.content_type.as_deref().unwrap_or_default();
    kind.trim()
        .to_ascii_lowercase()
        .starts_with("multipart/report")
}

/// The unfolded values of all headers of a name, topmost first.
fn values(message: &Message<'_>, name: &str) -> Vec<String> {
    let named = message
        .headers()
        .iter()
        .filter(|header| header.name().eq_ignore_ascii_case(name));
    let raw = named.take(limits::MAIL_HEADERS).filter_map(|header| {
        let at = |offset: u32| usize::try_from(offset).ok();
        let span = at(header.offset_start())?..at(header.offset_end())?;
        let value = String::from_utf8_lossy(message.raw_message.get(span)?).into_owned();
        Some(cut(&value.split_whitespace().collect::<Vec<_>>().join(" ")))
    });
    raw.collect()
}

/// The bare addresses in all headers of these names.
fn addresses(message: &Message<'_>, names: &[&'static str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let name = HeaderName::parse(*name).unwrap_or(HeaderName::Other((*name).into()));
        for value in message.header_as(name, HeaderForm::Addresses) {
            let HeaderValue::Address(list) = &value else {
                continue;
            };
            each(list, |address| {
                if found.len() < limits::MAIL_HEADERS {
                    found.push(bare(address));
                }
            });
        }
    }
    found.retain(|address| address.contains('@'));
    found
}

fn each(list: &Address<'_>, mut take: impl FnMut(&str)) {
    for one in list.iter() {
        if let Some(address) = &one.address {
            take(address);
        }
    }
}

/// An address without brackets, blanks and control characters.
fn bare(address: &str) -> String {
    let address = address.trim().trim_matches(['<', '>']);
    let clean = address
        .chars()
        .filter(|c| !c.is_control() && !c.is_whitespace());
    clean.take(limits::MAIL_HEADER_CHARS).collect()
}

/// `From` with the name that people see.
fn shown(message: &Message<'_>) -> String {
    let Some(first) = message.from().and_then(Address::first) else {
        return values(message, "From")
            .into_iter()
            .next()
            .unwrap_or_default();
    };
    let address = first.address.as_deref().unwrap_or_default();
    match first.name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => cut(&format!("{} <{address}>", decoded(name))),
        _ => cut(address),
    }
}

/// The message ids in a value: everything in angle brackets.
fn ids(value: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for part in value.split('<').skip(1) {
        let Some((id, _)) = part.split_once('>') else {
            continue;
        };
        let id = format!("<{}>", id.trim());
        if !id.contains(char::is_whitespace) && id.contains('@') && !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(limits::MAIL_HEADERS);
    ids
}

/// Encoded words that the parser left alone, because they stand where RFC 2047 does not allow them:
/// within quotes, or in a file name.
pub(super) fn decoded(text: &str) -> String {
    if !text.contains("=?") || !text.contains("?=") {
        return text.to_owned();
    }
    let header = format!("{text}\n");
    match mail_parser::parsers::MessageStream::new(header.as_bytes()).parse_unstructured() {
        HeaderValue::Text(decoded) => decoded.into_owned(),
        _ => text.to_owned(),
    }
}

fn cut(value: &str) -> String {
    let clean = value.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(limits::MAIL_HEADER_CHARS).collect()
}
