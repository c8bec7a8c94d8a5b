//! The message around the words: RFC 5322 headers and MIME parts, safe against loops and injection.
//!
//! Automatic mail says so (RFC 3834 section 5), and repeats exactly: date, Message-ID and boundaries
//! come from the input. Attachments are base64 and never of a text type, so that no server on the
//! way touches their bytes.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Body as Encoded, Mailbox, MultiPart, SinglePart};
use lettre::{Address, Message};
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::failure::Failure;
use crate::limits;

use super::clean::label;

const DURING: &str = "writing a mail";
/// RFC 5322 section 2.1.1 allows 998 characters a line and Message-IDs do not fold.
const MESSAGE_ID_BYTES: usize = 250;

/// The addresses and threading of one mail.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// Who writes: `EDI desk <edi@example.com>`.
    pub from: &'a str,
    /// The only recipient, an address.
    pub to: &'a str,
    /// Its own id, with angle brackets: the same on every try.
    pub message_id: &'a str,
    /// When it was made.
    pub date: Millis,
    /// The Message-ID of the mail it answers.
    pub in_reply_to: Option<&'a str>,
    /// The `References` of the mail it answers, without that mail's own id.
    pub references: &'a [String],
    /// The subject of the mail it answers: mail programs thread by it as well.
    pub answered_subject: Option<&'a str>,
}

impl Head<'_> {
    /// `Re:` what it answers, once; else its own.
    pub(super) fn subject(&self, own: String) -> String {
        let Some(answered) = self
            .answered_subject
            .map(str::trim)
            .filter(|s| !s.is_empty())
        else {
            return own;
        };
        let is_reply = answered
            .get(..3)
            .is_some_and(|start| start.eq_ignore_ascii_case("re:"));
        label(&if is_reply {
            answered.to_owned()
        } else {
            format!("Re: {answered}")
        })
    }
}

/// What kind of automatic mail (RFC 3834 section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    /// An answer to a file or mail.
    Report,
    /// Sent of our own accord.
    Notice,
    /// To somebody who asked for it.
    News {
        /// The address to which one POST ends it (RFC 8058); it is for machines and people.
        leave: Option<&'a str>,
    },
}

pub(super) struct Body {
    pub(super) text: String,
    pub(super) html: String,
}

pub(super) struct Attachment<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) bytes: Cow<'a, [u8]>,
}

/// Whether `mailbox` can stand in `From`: an address, or a name with one in angle brackets.
///
/// # Errors
/// A failure of the operator that shows it.
pub fn check_mailbox(mailbox: &str) -> Result<(), Failure> {
    parse(mailbox).map(drop)
}

/// Whether `address` can be mailed to; answers it without name and brackets.
///
/// # Errors
/// A failure of the operator that shows it.
pub fn check_address(address: &str) -> Result<String, Failure> {
    parse(address).map(|mailbox| mailbox.email.to_string())
}

/// The whole message.
pub(super) fn compose(
    head: &Head<'_>,
    kind: Kind<'_>,
    subject: &str,
    body: &Body,
    attachments: &[Attachment<'_>],
) -> Result<Vec<u8>, Failure> {
    let message_id = clean_id(head.message_id)
        .ok_or_else(|| Failure::ours(DURING, "The report has no usable Message-ID."))?;
    let seconds = u64::try_from(head.date.0 / 1_000).unwrap_or(0);
    let mut builder = Message::builder()
        .from(parse(head.from)?)
        .to(parse(head.to)?)
        .subject(subject)
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .message_id(Some(message_id.to_owned()))
        .raw_header(raw(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            match kind {
                Kind::Report => "auto-replied",
                Kind::Notice | Kind::News { .. } => "auto-generated",
            },
        ))
        .raw_header(raw(
            HeaderName::new_from_ascii_str("X-Auto-Response-Suppress"),
            "All",
        ));
    if let Kind::News { leave: Some(leave) } = kind {
        builder = builder
            .raw_header(raw(
                HeaderName::new_from_ascii_str("List-Unsubscribe"),
                &format!("<{leave}>"),
            ))
            .raw_header(raw(
                HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
                "List-Unsubscribe=One-Click",
            ));
    }
    if let Some(answered) = head.in_reply_to.and_then(clean_id) {
        builder = builder
            .in_reply_to(answered.to_owned())
            .references(references(head.references, answered));
    }
    let words = MultiPart::alternative()
        .boundary(boundary(message_id, "words"))
        .singlepart(SinglePart::plain(body.text.clone()))
        .singlepart(SinglePart::html(body.html.clone()));
    let mut whole = MultiPart::mixed()
        .boundary(boundary(message_id, "whole"))
        .multipart(words);
    for attachment in attachments {
        whole = whole.singlepart(part(attachment)?);
    }
    let message = builder
        .multipart(whole)
        .map_err(|error| Failure::ours(DURING, error))?;
    Ok(message.formatted())
}

fn raw(name: HeaderName, value: &str) -> HeaderValue {
    HeaderValue::new(name, value.to_owned())
}

fn part(attachment: &Attachment<'_>) -> Result<SinglePart, Failure> {
    let kind = ContentType::parse(content_type(&attachment.name))
        .map_err(|error| Failure::ours(DURING, error))?;
    let body =
        Encoded::new_with_encoding(attachment.bytes.to_vec(), ContentTransferEncoding::Base64)
            .map_err(|_| Failure::ours(DURING, "An attachment could not be encoded."))?;
    Ok(Part::new(attachment_name(&attachment.name)).body(body, kind))
}

/// What a mail program may take as a name: no path, no control characters, not too long.
fn attachment_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).collect();
    let clean = label(&clean);
    if clean.trim_matches('.').is_empty() {
        "file".to_owned()
    } else {
        clean
    }
}

/// By ending. Never `text/…`: those are re-encoded on the way, and come back changed.
fn content_type(name: &str) -> &'static str {
    let ending = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    match ending.as_str() {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xls" => "application/vnd.ms-excel",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "xml" => "application/xml",
        "json" => "application/json",
        _ => "application/octet-stream",
    }
}

/// `Name <address>` or an address. The name may hold anything: it is what stands before the last
/// `<`, since real names have commas and dots.
fn parse(mailbox: &str) -> Result<Mailbox, Failure> {
    let wrong = || {
        Failure::operator(
            DURING,
            format!("“{}” is not a mail address.", label(mailbox)),
        )
    };
    let trimmed = mailbox.trim();
    let (name, address) = match trimmed.strip_suffix('>') {
        Some(inner) => inner.rsplit_once('<').ok_or_else(wrong)?,
        None => ("", trimmed),
    };
    let address: Address = address.trim().parse().map_err(|_| wrong())?;
    let name = label(name.trim().trim_matches('"'));
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// An id from a foreign header as it may stand in ours: one token in angle brackets, else nothing.
fn clean_id(id: &str) -> Option<&str> {
    let id = id.trim();
    let inner = id.strip_prefix('<')?.strip_suffix('>')?;
    let fits = !inner.is_empty()
        && id.len() <= MESSAGE_ID_BYTES
        && inner
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    fits.then_some(id)
}

/// The thread's ids and the answered one (RFC 5322 section 3.6.4); of a long thread the first and
/// the latest.
fn references(earlier: &[String], answered: &str) -> String {
    let mut ids: Vec<&str> = earlier.iter().filter_map(|id| clean_id(id)).collect();
    ids.retain(|id| *id != answered);
    ids.push(answered);
    if ids.len() > limits::REFERENCES {
        let surplus = ids.len() - limits::REFERENCES;
        ids.drain(1..=surplus);
    }
    ids.join(" ")
}

/// The same for the same mail. `=_` stands in no quoted-printable or base64 text, so no part can
/// hold it (RFC 2045 section 6.7).
fn boundary(message_id: &str, which: &str) -> String {
    let hash = Sha256::new()
        .chain_update(message_id)
        .chain_update(which)
        .finalize();
    format!("=_orderdock_{}", hex::encode(&hash[..12]))
}
