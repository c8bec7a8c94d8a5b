//! The mails of the selected mailbox: which there are, what they are, their bytes.
//!
//! Numbers are UIDs, always; sequence numbers change under one's feet. What a server says of a mail
//! that nobody asked about is passed over.

use std::num::NonZeroU32;

use bytes::Bytes;

use super::super::place;
use super::super::wire::reply::Data;
use super::super::wire::value::Value;
use super::command::{Command, set};
use super::{Answer, Fault, Running, Session};
use crate::arrival::Version;
use crate::limits;

/// A mail and which version of it lies there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sources::imap) struct Mail {
    pub(in crate::sources::imap) uid: NonZeroU32,
    pub(in crate::sources::imap) version: Version,
}

/// What is asked about a mail before it is taken.
const ABOUT: &str = "(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])";

impl Session {
    /// Lets the server tell what has come since.
    pub(in crate::sources::imap) async fn refresh(&mut self) -> Result<(), Fault> {
        self.run(&Command::new("NOOP"), |_| ()).await.map(drop)
    }

    /// The UIDs that fit `criteria`, in ascending order.
    pub(in crate::sources::imap) async fn search(
        &mut self,
        criteria: &str,
    ) -> Result<Vec<u32>, Fault> {
        let running = self
            .begin(&Command::new("UID SEARCH").words(criteria))
            .await?;
        let mut uids: Vec<u32> = Vec::new();
        loop {
            let answer = self.answer(&running, limits::IMAP_SEARCH_BYTES).await?;
            if let Answer::End(_) = answer {
                break;
            }
            let found = answer.data("SEARCH").map(|data| data.values.as_slice());
            let found = found
                .unwrap_or_default()
                .iter()
                .filter_map(Value::number::<u32>);
            // A server that tells more than it was asked for is not believed without end.
            uids.extend(found.take((2 * limits::LISTING_NAMES).saturating_sub(uids.len())));
        }
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Asks about these mails; those that are gone are left out. One that the server cannot tell
    /// about is left out as well: it must not stand in the way of the others.
    pub(in crate::sources::imap) async fn about(
        &mut self,
        uids: &[u32],
    ) -> Result<Vec<Mail>, Fault> {
        let mut mails = Vec::with_capacity(uids.len());
        for some in uids.chunks(limits::IMAP_TOGETHER) {
            match self.about_some(some, &mut mails).await {
                Ok(()) => {}
                Err(Fault::Refused(status)) if some.len() == 1 => {
                    tracing::warn!(uid = some.first(), %status, "The server cannot tell about a mail; it is left alone.");
                }
                Err(Fault::Refused(_)) => {
                    for one in some {
                        let told = mails.iter().any(|mail: &Mail| mail.uid.get() == *one);
                        if !told {
                            self.about_one(*one, &mut mails).await?;
                        }
                    }
                }
                Err(fault) => return Err(fault),
            }
        }
        mails.sort_unstable_by_key(|mail| mail.uid);
        mails.dedup_by_key(|mail| mail.uid);
        Ok(mails)
    }

    async fn about_one(&mut self, uid: u32, mails: &mut Vec<Mail>) -> Result<(), Fault> {
        match self.about_some(&[uid], mails).await {
            Err(Fault::Refused(status)) => {
                tracing::warn!(uid, %status, "The server cannot tell about a mail; it is left alone.");
                Ok(())
            }
            told => told,
        }
    }

    async fn about_some(&mut self, uids: &[u32], mails: &mut Vec<Mail>) -> Result<(), Fault> {
        let command = Command::new("UID FETCH").words(&set(uids)).words(ABOUT);
        let running = self.begin(&command).await?;
        loop {
            let answer = self.answer(&running, limits::IMAP_ANSWER_BYTES).await?;
            if let Answer::End(_) = answer {
                return Ok(());
            }
            let mail = answer.data("FETCH").and_then(mail);
            if let Some(mail) = mail.filter(|mail| uids.contains(&mail.uid.get())) {
                mails.push(mail);
            }
        }
    }

    /// Asks for a slice of these mails, without marking them as read. The answers come by
    /// [`Session::slice`].
    pub(in crate::sources::imap) async fn ask_for(
        &mut self,
        uids: &[u32],
        from: u64,
    ) -> Result<Running, Fault> {
        let slice = limits::IMAP_SLICE_BYTES;
        let command = Command::new("UID FETCH")
            .words(&set(uids))
            .words(&format!("(UID BODY.PEEK[]<{from}.{slice}>)"));
        self.begin(&command).await
    }

    /// The next slice: of which mail, and its bytes. `None`: that was all.
    pub(in crate::sources::imap) async fn slice(
        &mut self,
        running: &Running,
    ) -> Result<Option<(u32, Bytes)>, Fault> {
        let most = limits::IMAP_SLICE_BYTES + limits::IMAP_ANSWER_BYTES;
        loop {
            let answer = self.answer(running, most).await?;
            if let Answer::End(_) = answer {
                return Ok(None);
            }
            let slice = answer.data("FETCH").and_then(|data| {
                let items = items(data)?;
                let uid = item(items, |name| name == "UID")?.number()?;
                let body = item(items, |name| {
                    name == "BODY[]" || name.starts_with("BODY[]<")
                })?;
                // NIL: nothing lies at the offset, which is behind the mail's end.
                Some((uid, body.bytes().cloned().unwrap_or_default()))
            });
            if slice.is_some() {
                return Ok(slice);
            }
        }
    }
}

fn items(data: &Data) -> Option<&[Value]> {
    data.values.first()?.list()
}

/// The value behind the name that fits.
fn item(items: &[Value], fits: impl Fn(&str) -> bool) -> Option<&Value> {
    items.chunks(2).find_map(|pair| match pair {
        [Value::Atom(name), value] => {
            let name = std::str::from_utf8(name).ok()?.to_ascii_uppercase();
            fits(&name).then_some(value)
        }
        _ => None,
    })
}

fn mail(data: &Data) -> Option<Mail> {
    let items = items(data)?;
    let uid = item(items, |name| name == "UID")?.number()?;
    let size = item(items, |name| name == "RFC822.SIZE")?.number()?;
    let arrived = item(items, |name| name == "INTERNALDATE")?;
    let header = item(items, |name| name.starts_with("BODY[HEADER"));
    let header = header.and_then(Value::bytes).cloned().unwrap_or_default();
    Some(Mail {
        uid,
        version: place::version(size, seconds(arrived.bytes()?), message_id(&header)),
    })
}

/// The seconds since 1970 of `17-Jul-1996 02:44:25 -0700`. A date that is none counts as 1970: the
/// mail must come in nevertheless.
fn seconds(date: &[u8]) -> i64 {
    let date = String::from_utf8_lossy(date);
    let read = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", date.trim());
    let read = read.and_then(|date| date.to_timestamp());
    read.map_or(0, jiff::Timestamp::as_second)
}

/// What stands behind `Message-ID:`, without the folding that servers do differently.
fn message_id(header: &[u8]) -> &[u8] {
    let value = memchr::memchr(b':', header).and_then(|colon| header.get(colon + 1..));
    value.unwrap_or_default().trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::imap::wire::reply::{Reply, read};

    fn about(text: &'static str) -> Option<Mail> {
        match read(&Bytes::from_static(text.as_bytes())) {
            Reply::Data(data) => mail(&data),
            _ => None,
        }
    }

    #[test]
    fn a_mail_is_told_in_any_order_and_case() {
        let one = about(
            "* 1 FETCH (UID 7 RFC822.SIZE 1234 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" \
             BODY[HEADER.FIELDS (MESSAGE-ID)] {21}\r\nMessage-ID: <a@b>\r\n\r\n)\r\n",
        );
        let other = about(
            "* 9 FETCH (body[HEADER.FIELDS (\"MESSAGE-ID\")] \"message-id:  <a@b>\" internaldate \
             \"17-Jul-1996 09:44:25 +0000\" flags (\\Seen) rfc822.size 1234 uid 7)\r\n",
        );
        assert_eq!(one, other);
        let mail = one.unwrap();
        assert_eq!((mail.uid.get(), mail.version.size), (7, 1234));
        assert_eq!(place::date(mail.version), 837_596_665);
    }

    #[test]
    fn days_of_one_digit_and_wrong_dates_are_no_reason_to_leave_a_mail() {
        assert_eq!(seconds(b" 1-Jan-1970 00:00:01 +0000"), 1);
        assert_eq!(seconds(b"1-Jan-1970 01:00:02 +0100"), 2);
        assert_eq!(seconds(b"yesterday"), 0);
    }
}
