//! A mail that we composed, for reading: its first text, and its bytes for a mail program.
//!
//! Only mails of our own making come here, so that a small reader of their one shape is enough:
//! a `text/plain` part in one of three encodings (RFC 2045 section 6).

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use super::{ask, message, strange};
use crate::arrival::FileId;
use crate::control::{Request, Response as Told};
use crate::ledger::ReportRow;
use crate::limits;
use crate::web::Shared;
use crate::web::access::Person;

/// A mail as a page shows it.
#[derive(Serialize)]
pub(super) struct Mail {
    row: ReportRow,
    file: String,
    text: String,
}

/// A mail about a file; `None` if there is none, or its bytes are not kept.
pub(super) async fn of_file(
    site: &Shared,
    person: &Person,
    id: i64,
    report: i64,
) -> Result<Option<Mail>, Response> {
    let Some((row, file, bytes)) = bytes(site, person, id, report).await? else {
        return Ok(None);
    };
    let text = text(&bytes).chars().take(limits::SHOWN_TEXT).collect();
    Ok(Some(Mail { row, file, text }))
}

/// The row and bytes of a mail that is about this file.
async fn bytes(
    site: &Shared,
    person: &Person,
    id: i64,
    report: i64,
) -> Result<Option<(ReportRow, String, bytes::Bytes)>, Response> {
    let story = match ask(site, person, Request::File(FileId(id))).await {
        Ok(Told::File(Some(story))) => *story,
        Ok(Told::File(None)) => return Ok(None),
        other => return Err(strange(other)),
    };
    let row = story.reports.into_iter().find(|row| row.id.0 == report);
    let Some(row) = row else {
        return Ok(None);
    };
    match ask(site, person, Request::Mail(row.id)).await {
        Ok(Told::Bytes(found)) => Ok(found.map(|bytes| (row, story.file.name, bytes.0))),
        other => Err(strange(other)),
    }
}

/// The whole mail, to be opened by a mail program.
pub(super) async fn save(
    State(site): State<Shared>,
    person: Person,
    Path((id, report)): Path<(i64, i64)>,
) -> Response {
    match bytes(&site, &person, id, report).await {
        Ok(Some((_, _, bytes))) => {
            let name = format!("report-{report}.eml");
            let headers = [
                (header::CONTENT_TYPE, "message/rfc822".to_owned()),
                (header::CONTENT_DISPOSITION, super::attachment(&name)),
            ];
            (headers, bytes).into_response()
        }
        Ok(None) => {
            let text = "This mail was not made yet, or is no longer kept.";
            message(&site, StatusCode::NOT_FOUND, "No such mail", text)
        }
        Err(response) => response,
    }
}

/// The words of the first plain text in a mail of ours.
fn text(mail: &[u8]) -> String {
    let mail = String::from_utf8_lossy(mail);
    let Some((_, part)) = mail.split_once("Content-Type: text/plain") else {
        return String::new();
    };
    let Some((head, body)) = part.split_once("\r\n\r\n") else {
        return String::new();
    };
    // A boundary begins with `=_`, which no encoded text holds.
    let body = body.split("\r\n--=_").next().unwrap_or_default();
    let head = head.to_ascii_lowercase();
    let bytes = if head.contains("quoted-printable") {
        quoted(body)
    } else if head.contains("base64") {
        let text: String = body.split_ascii_whitespace().collect();
        STANDARD.decode(text).unwrap_or_default()
    } else {
        body.as_bytes().to_vec()
    };
    String::from_utf8_lossy(&bytes).replace("\r\n", "\n")
}

/// Quoted-printable (RFC 2045 section 6.7): `=` at the end of a line joins it with the next.
fn quoted(body: &str) -> Vec<u8> {
    let joined = body.replace("=\r\n", "");
    let mut bytes = Vec::with_capacity(joined.len());
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = tail.get(..2).filter(|_| *first == b'=');
        let byte =
            code.and_then(|code| u8::from_str_radix(std::str::from_utf8(code).ok()?, 16).ok());
        if let Some(byte) = byte {
            bytes.push(byte);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_words_of_a_mail_are_read_in_every_encoding_that_we_write() {
        let mail = |encoding: &str, body: &str| {
            format!(
                "Subject: x\r\nContent-Type: multipart/mixed; boundary=\"=_a\"\r\n\r\n--=_a\r\n\
                 Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\
                 \r\n\r\n{body}\r\n--=_a--\r\n"
            )
        };
        let read = |encoding, body| text(mail(encoding, body).as_bytes());
        assert_eq!(read("7bit", "Row 3\r\nis wrong"), "Row 3\nis wrong");
        assert_eq!(
            read("quoted-printable", "Gr=C3=BC=\r\n=C3=9Fe 1=3D1"),
            "Grüße 1=1"
        );
        assert_eq!(read("base64", "R3LDvMOf\r\nZQ=="), "Grüße");
        assert_eq!(text(b"no mail"), "");
    }
}
