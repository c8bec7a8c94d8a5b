//! The bytes of mails, in slices of a bounded size.
//!
//! Small mails are asked for together, which costs one turn on the line instead of one each;
//! larger ones slice by slice. Nothing is marked as read. A mail that the server chokes on is told
//! as failed and the others go on, over a new connection where it took the old one with it.

use std::collections::HashSet;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::Door;
use super::place::Place;
use super::session::{Fault, Session};
use crate::arrival::{ArrivalId, Entry};
use crate::failure::Failure;
use crate::limits;
use crate::sources::Piece;

/// The receiver wants no more.
struct Unwanted;

/// What ends a turn before its time.
enum Cut {
    Unwanted,
    Fault(Fault),
}

impl From<Unwanted> for Cut {
    fn from(_: Unwanted) -> Self {
        Self::Unwanted
    }
}

impl From<Fault> for Cut {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// One mail still to be read.
struct Wanted {
    arrival: ArrivalId,
    entry: Entry,
    place: Place,
    /// Whether it was asked for together with others and did not come.
    alone: bool,
}

pub(super) struct Fetch<'a> {
    door: &'a Door,
    pieces: &'a mpsc::Sender<Piece>,
    session: Option<Session>,
    /// Connections that may still be made.
    connections: u32,
}

impl<'a> Fetch<'a> {
    pub(super) fn new(door: &'a Door, pieces: &'a mpsc::Sender<Piece>) -> Self {
        Self {
            door,
            pieces,
            session: None,
            connections: limits::IMAP_CONNECTIONS,
        }
    }

    /// Reads all, until they are read or nobody listens any more.
    pub(super) async fn all(mut self, entries: Vec<(ArrivalId, Entry)>) {
        if self.each(entries).await.is_err() {
            return;
        }
        if let Some(session) = self.session {
            session.end().await;
        }
    }

    async fn each(&mut self, entries: Vec<(ArrivalId, Entry)>) -> Result<(), Unwanted> {
        let mut wanted = Vec::with_capacity(entries.len());
        for (arrival, entry) in entries {
            match Place::read(&entry.locator) {
                Some(place) => wanted.push(Wanted {
                    arrival,
                    entry,
                    place,
                    alone: false,
                }),
                None => self.tell(Piece::Gone(arrival)).await?,
            }
        }
        // Taken from the end.
        wanted.reverse();
        while !wanted.is_empty() {
            self.turn(&mut wanted).await?;
        }
        Ok(())
    }

    /// One turn: some small mails together, or one.
    async fn turn(&mut self, wanted: &mut Vec<Wanted>) -> Result<(), Unwanted> {
        let Some(mut session) = self.connected(wanted).await? else {
            return Ok(());
        };
        let (cut, kept) = match together(wanted) {
            0 | 1 => match wanted.pop() {
                Some(one) => (self.one(&mut session, &one).await, Some(one)),
                None => return Ok(()),
            },
            count => {
                let from = wanted.len() - count;
                let mut some = wanted.split_off(from);
                some.reverse();
                let cut = self.some(&mut session, &mut some).await;
                // What did not come is asked for alone.
                for mut left in some.into_iter().rev() {
                    left.alone = true;
                    wanted.push(left);
                }
                (cut, None)
            }
        };
        let fault = match cut {
            Ok(()) => {
                self.session = Some(session);
                return Ok(());
            }
            Err(Cut::Unwanted) => return Err(Unwanted),
            Err(Cut::Fault(fault)) => fault,
        };
        if !matches!(fault, Fault::Broken(_)) {
            self.session = Some(session);
        }
        match kept {
            Some(one) => {
                let failure = fault.failure(format!("reading {}", one.entry.locator));
                self.tell(Piece::Failed(one.arrival, failure)).await
            }
            None => Ok(()),
        }
    }

    /// A session; `None` where none can be had, and everything wanted was told as failed.
    async fn connected(&mut self, wanted: &mut Vec<Wanted>) -> Result<Option<Session>, Unwanted> {
        if let Some(session) = self.session.take() {
            return Ok(Some(session));
        }
        let opened = if self.connections == 0 {
            Err(Failure::temporary(
                format!("reading mails at {}", self.door.settings.host),
                "the connection broke again and again",
            ))
        } else {
            self.connections -= 1;
            self.door.open().await
        };
        match opened {
            Ok(session) => Ok(Some(session)),
            Err(failure) => {
                for one in wanted.drain(..).rev() {
                    self.tell(Piece::Failed(one.arrival, failure.clone()))
                        .await?;
                }
                Ok(None)
            }
        }
    }

    /// Asks for several small mails of one mailbox; those that came whole are taken out of `some`.
    async fn some(&self, session: &mut Session, some: &mut Vec<Wanted>) -> Result<(), Cut> {
        let Some(place) = some.first().map(|one| one.place.clone()) else {
            return Ok(());
        };
        let selected = session.select(&place.folder, false).await?;
        if selected.validity != place.validity {
            return Ok(());
        }
        let uids: Vec<u32> = some.iter().map(|one| one.place.uid.get()).collect();
        let running = session.ask_for(&uids, 0).await?;
        while let Some((uid, bytes)) = session.slice(&running).await? {
            let at = some.iter().position(|one| {
                one.place.uid.get() == uid && one.entry.version.size == bytes.len() as u64
            });
            if let Some(at) = at {
                let one = some.remove(at);
                self.tell(Piece::Bytes(one.arrival, bytes)).await?;
                self.tell(Piece::Complete(one.arrival)).await?;
            }
        }
        Ok(())
    }

    /// Reads one mail slice by slice.
    async fn one(&self, session: &mut Session, one: &Wanted) -> Result<(), Cut> {
        let Wanted {
            arrival,
            entry,
            place,
            ..
        } = one;
        let selected = session.select(&place.folder, false).await?;
        if selected.validity != place.validity || !lies_there(session, one).await? {
            return Ok(self.tell(Piece::Gone(*arrival)).await?);
        }
        let most = entry
            .version
            .size
            .saturating_add(limits::IMAP_SLICE_BYTES as u64);
        let mut read = 0;
        loop {
            let Some(slice) = slice(session, place.uid.get(), read).await? else {
                return Ok(self.tell(Piece::Gone(*arrival)).await?);
            };
            let length = slice.len() as u64;
            // The size is what the server counted; some count lines differently (Exchange does).
            // Only an empty slice behind the last one proves the end, where the two differ.
            if length == 0 && (read > 0 || entry.version.size == 0) {
                break;
            }
            read += length;
            if length == 0 || read > most {
                return Err(Fault::Unfit(format!(
                    "the server told {} bytes and gives {read} or more",
                    entry.version.size
                ))
                .into());
            }
            self.tell(Piece::Bytes(*arrival, slice)).await?;
            if read == entry.version.size && length < limits::IMAP_SLICE_BYTES as u64 {
                break;
            }
        }
        Ok(self.tell(Piece::Complete(*arrival)).await?)
    }

    async fn tell(&self, piece: Piece) -> Result<(), Unwanted> {
        self.pieces.send(piece).await.map_err(|_| Unwanted)
    }
}

/// How many of the last of `wanted` are asked for together: small, of one mailbox, and not the ones
/// that did not come that way.
fn together(wanted: &[Wanted]) -> usize {
    let Some(first) = wanted.last() else {
        return 0;
    };
    let mut seen = HashSet::new();
    wanted
        .iter()
        .rev()
        .take(limits::IMAP_TOGETHER)
        .take_while(|one| {
            !one.alone
                && one.entry.version.size <= limits::IMAP_SMALL_BYTES
                && one.place.folder == first.place.folder
                && one.place.validity == first.place.validity
                && seen.insert(one.place.uid)
        })
        .count()
}

/// Whether the mail is there in the version that was listed.
async fn lies_there(session: &mut Session, one: &Wanted) -> Result<bool, Fault> {
    let mails = session.about(&[one.place.uid.get()]).await?;
    Ok(mails.iter().any(|mail| mail.version == one.entry.version))
}

/// One slice of a mail; `None` if the mail is gone.
async fn slice(session: &mut Session, uid: u32, from: u64) -> Result<Option<Bytes>, Fault> {
    let running = session.ask_for(&[uid], from).await?;
    let mut found = None;
    while let Some((of, bytes)) = session.slice(&running).await? {
        if of == uid && found.is_none() {
            found = Some(bytes);
        }
    }
    Ok(found)
}
