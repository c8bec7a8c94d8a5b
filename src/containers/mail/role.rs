//! What a part of a mail is for: an order file, the text, or something a mail program added.

use std::collections::HashMap;

use mail_parser::{ContentType, Message, MessagePart, MimeHeaders, PartType};

use super::name;
use crate::problem::Problem;

/// What becomes of a part.
pub(super) enum Role {
    /// A file.
    File,
    /// Attached, but of a kind that is never an order: told and left alone.
    Aside,
    /// The text of the mail, or one of its variants.
    Text,
    /// Nothing that anybody attached.
    Nothing,
    /// Something that cannot be opened, and by its kind may have been the order.
    Refused(Box<Problem>),
}

/// Types of order files: these count without a name. `application/octet-stream` is any file.
const FILES: &[&str] = &[
    "application/csv",
    "application/edi-consent",
    "application/edi-x12",
    "application/edifact",
    "application/json",
    "application/msexcel",
    "application/octet-stream",
    "application/vnd.ms-excel",
    "application/vnd.ms-excel.sheet.binary.macroenabled.12",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/x-excel",
    "application/x-msexcel",
    "application/x-zip-compressed",
    "application/xml",
    "application/zip",
    "application/ms-tnef",
    "application/vnd.ms-tnef",
    "text/comma-separated-values",
    "text/csv",
    "text/tab-separated-values",
    "text/tsv",
    "text/x-csv",
    "text/xml",
];

/// Signatures, cards, invitations, the resource forks of a Macintosh.
const ADDED: &[&str] = &[
    "application/applefile",
    "application/ics",
    "application/pgp-keys",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "text/calendar",
    "text/directory",
    "text/vcard",
    "text/x-vcard",
];

/// Endings of pictures, sounds and films.
const PICTURES: &[&str] = &[
    "bmp", "emz", "gif", "heic", "ico", "jfif", "jpe", "jpeg", "jpg", "mov", "mp3", "mp4", "png",
    "svg", "tif", "tiff", "wav", "webp", "wmf", "wmz",
];

/// For each part the index of the multipart around it.
pub(super) struct Around<'m> {
    message: &'m Message<'m>,
    parents: HashMap<usize, usize>,
}

impl<'m> Around<'m> {
    pub(super) fn of(message: &'m Message<'_>) -> Self {
        let mut parents = HashMap::new();
        for (index, part) in message.parts.iter().enumerate() {
            if let PartType::Multipart(inner) = &part.body {
                for child in inner.iter().filter_map(|id| usize::try_from(*id).ok()) {
                    parents.insert(child, index);
                }
            }
        }
        Self { message, parents }
    }

    /// The kind of multipart around a part: `mixed`, `related`, `alternative`.
    fn multipart(&self, index: usize) -> Option<String> {
        let parent = self.message.parts.get(*self.parents.get(&index)?)?;
        let kind = parent.content_type()?;
        Some(kind.subtype()?.to_ascii_lowercase())
    }

    pub(super) fn role(&self, index: usize, part: &MessagePart<'_>) -> Role {
        let kind = kind(part);
        let title = file_name(part);
        let attached = part
            .content_disposition()
            .is_some_and(ContentType::is_attachment);
        if let Some(problem) = refused(part, &kind) {
            return Role::Refused(Box::new(problem));
        }
        if ADDED.contains(&kind.as_str()) {
            return if title.is_some() {
                Role::Aside
            } else {
                Role::Nothing
            };
        }
        let around = self.multipart(index);
        let around = around.as_deref();
        if is_picture(Some(&kind), title.as_deref().unwrap_or_default()) {
            let within = around == Some("related") || part.content_id().is_some();
            return if title.is_none() || (!attached && within) {
                Role::Nothing
            } else {
                Role::Aside
            };
        }
        let text = kind.starts_with("text/") && !FILES.contains(&kind.as_str());
        if text && !attached && (title.is_none() || around == Some("alternative")) {
            return Role::Text;
        }
        if title.is_some() || attached || FILES.contains(&kind.as_str()) {
            return Role::File;
        }
        Role::Nothing
    }
}

/// `type/subtype`, lower case; a part without a type is text (RFC 2045 section 5.2).
fn kind(part: &MessagePart<'_>) -> String {
    let Some(kind) = part.content_type() else {
        return "text/plain".to_owned();
    };
    let subtype = kind.subtype().unwrap_or_default();
    format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase()
}

/// Whether something is a picture, sound or film, by its type or, where that says nothing, its name.
/// A known ending of an order file wins over the type.
pub(in crate::containers) fn is_picture(kind: Option<&str>, title: &str) -> bool {
    let kind = kind.unwrap_or("application/octet-stream");
    let ending = name::ending(title);
    if [
        "csv", "xml", "xls", "xlsx", "xlsm", "xlsb", "ods", "json", "txt", "zip", "edi", "ttm",
    ]
    .contains(&ending.as_str())
    {
        return false;
    }
    ["image/", "audio/", "video/"]
        .iter()
        .any(|start| kind.starts_with(start))
        || (kind.starts_with("application/") && PICTURES.contains(&ending.as_str()))
}

/// The name of a part, decoded (RFC 2231, RFC 2047), if it has one.
pub(super) fn file_name(part: &MessagePart<'_>) -> Option<String> {
    let name = part.attachment_name()?;
    (!name.trim().is_empty()).then(|| super::headers::decoded(name))
}

/// A name for a part that has none: `attachment.csv`.
pub(super) fn unnamed(part: &MessagePart<'_>) -> String {
    let kind = kind(part);
    let ending = match kind.as_str() {
        "text/csv" | "text/x-csv" | "application/csv" | "text/comma-separated-values" => ".csv",
        "text/tab-separated-values" | "text/tsv" => ".tsv",
        "text/xml" | "application/xml" => ".xml",
        "application/json" => ".json",
        "text/plain" => ".txt",
        "text/html" => ".html",
        "application/zip" | "application/x-zip-compressed" => ".zip",
        _ => "",
    };
    format!("attachment{ending}")
}

/// What cannot be opened, by its true name.
fn refused(part: &MessagePart<'_>, kind: &str) -> Option<Problem> {
    let coding = part.content_transfer_encoding().unwrap_or_default();
    let coding = coding.trim().to_ascii_lowercase();
    if ["x-uuencode", "uuencode", "x-uue", "uue"].contains(&coding.as_str()) {
        return Some(uuencode());
    }
    if kind == "application/mac-binhex40" || coding.contains("binhex") {
        return Some(binhex());
    }
    match kind {
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => Some(encrypted()),
        "message/partial" => Some(
            Problem::error(
                "mail.partial",
                "The mail is one of several pieces of a larger one.",
            )
            .with_hint("Send the order file in one mail."),
        ),
        "message/external-body" => Some(
            Problem::error(
                "mail.external",
                "The mail only says where its attachment lies; nothing is fetched from there.",
            )
            .with_hint("Attach the order file itself."),
        ),
        _ => None,
    }
}

/// Whether a multipart is encrypted (RFC 1847).
pub(super) fn is_encrypted(part: &MessagePart<'_>) -> bool {
    kind(part) == "multipart/encrypted"
}

pub(super) fn encrypted() -> Problem {
    Problem::error(
        "mail.encrypted",
        "The mail is encrypted, or signed in a way that hides its parts.",
    )
    .with_hint("Send the order file in a mail that is not encrypted.")
}

pub(super) fn uuencode() -> Problem {
    Problem::error(
        "mail.uuencode",
        "The file is packed into the text of the mail as uuencode, which is not read.",
    )
    .with_hint("Attach the file in the ordinary way (MIME).")
}

pub(super) fn binhex() -> Problem {
    Problem::error(
        "mail.binhex",
        "The file is packed as BinHex, which is not read.",
    )
    .with_hint("Attach the file in the ordinary way (MIME, base64).")
}
