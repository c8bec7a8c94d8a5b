//! One file being read: which request comes next, and what its answers make of it.
//!
//! ```text
//! open ─▶ looked at ─▶ read to the end ─▶ looked at again ─▶ closed
//! ```
//!
//! The end is told (complete, gone or failed) once and only when it is certain; whatever does not
//! fit the version that was listed is gone.

use std::collections::BTreeMap;

use bytes::{BufMut, Bytes};

use super::super::pipe::Pipe;
use super::super::status::{self, END};
use super::super::wire::{Answer, Attributes, Malformed, kind, open, put_string};
use crate::arrival::ArrivalId;
use crate::clients::Piece;
use crate::clients::{Item, Wanted, shown};
use crate::failure::Failure;
use crate::limits;

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    Open,
    /// By its path, why it could not be opened.
    Look,
    Before,
    Data {
        offset: u64,
        length: u32,
    },
    After,
    Close,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    ToOpen,
    ToLookWhy,
    ToLookBefore,
    Reading,
    ToClose,
    /// Nothing more to ask.
    Over,
}

pub(super) struct File {
    wanted: Wanted,
    step: Step,
    handle: Bytes,
    /// Requests on their way.
    waiting: usize,
    /// Up to where was asked for.
    asked: u64,
    /// Up to where was sent on.
    sent: u64,
    /// Pieces not sent yet, by their offset.
    ahead: BTreeMap<u64, Bytes>,
    /// Rests of short answers, to be asked for again.
    again: Vec<(u64, u32)>,
    /// The server said that nothing follows.
    at_end: bool,
    /// The second look was asked for.
    looked_again: bool,
    /// Why it could not be opened.
    why: Option<Failure>,
    /// Its last piece, to be sent on.
    end: Option<Piece>,
    ended: bool,
}

impl File {
    pub(super) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            step: Step::ToOpen,
            handle: Bytes::new(),
            waiting: 0,
            asked: 0,
            sent: 0,
            ahead: BTreeMap::new(),
            again: Vec::new(),
            at_end: false,
            looked_again: false,
            why: None,
            end: None,
            ended: false,
        }
    }

    pub(super) fn arrival(&self) -> ArrivalId {
        self.wanted.arrival
    }

    /// The file, if its end was not told.
    pub(super) fn unended(self) -> Option<Wanted> {
        (!self.ended).then_some(self.wanted)
    }

    /// Whether nothing is left to ask, to wait for or to tell.
    pub(super) fn is_closed(&self) -> bool {
        self.step == Step::Over && self.waiting == 0
    }

    fn size(&self) -> u64 {
        self.wanted.version.size
    }

    /// The next request, if one is to be made now.
    pub(super) fn ask(&mut self, pipe: &mut Pipe) -> Option<(u32, Asked)> {
        let asked = self.next()?;
        let handle = &self.handle;
        let path = &self.wanted.path;
        let id = match asked {
            Asked::Open => pipe.ask(kind::OPEN, |out| {
                put_string(out, path);
                out.put_u32(open::READ);
                out.put_u32(0);
            }),
            Asked::Look => pipe.ask(kind::LSTAT, |out| put_string(out, path)),
            Asked::Before | Asked::After => pipe.ask(kind::FSTAT, |out| put_string(out, handle)),
            Asked::Data { offset, length } => pipe.ask(kind::READ, |out| {
                put_string(out, handle);
                out.put_u64(offset);
                out.put_u32(length);
            }),
            Asked::Close => pipe.ask(kind::CLOSE, |out| put_string(out, handle)),
        };
        self.waiting += 1;
        Some((id, asked))
    }

    fn next(&mut self) -> Option<Asked> {
        match self.step {
            Step::ToOpen if self.waiting == 0 => Some(Asked::Open),
            Step::ToLookWhy if self.waiting == 0 => Some(Asked::Look),
            Step::ToLookBefore => {
                self.step = Step::Reading;
                Some(Asked::Before)
            }
            Step::Reading => self.next_read(),
            Step::ToClose if self.waiting == 0 => {
                self.step = Step::Over;
                Some(Asked::Close)
            }
            _ => None,
        }
    }

    fn next_read(&mut self) -> Option<Asked> {
        if let Some((offset, length)) = self.again.pop() {
            return Some(Asked::Data { offset, length });
        }
        let ahead = self.asked.saturating_sub(self.sent);
        let most = limits::SFTP_REQUESTS as u64 * u64::from(limits::SFTP_READ_BYTES);
        // Up to its size, and once beyond it: only the server knows where it ends.
        if self.asked <= self.size() && ahead < most {
            let offset = self.asked;
            let left = u32::try_from(self.size() - offset).unwrap_or(u32::MAX);
            let length = left.clamp(1, limits::SFTP_READ_BYTES);
            self.asked += u64::from(length);
            return Some(Asked::Data { offset, length });
        }
        if self.at_end && self.sent == self.size() && !self.looked_again && self.waiting == 0 {
            self.looked_again = true;
            return Some(Asked::After);
        }
        None
    }

    /// Takes an answer.
    pub(super) fn take(&mut self, asked: Asked, answer: Answer) -> Result<(), Malformed> {
        self.waiting -= 1;
        match (asked, answer) {
            (Asked::Close, Answer::Status { .. }) => {}
            // It is over already; what was on its way changes nothing.
            _ if self.end.is_some() || self.ended => {}
            (Asked::Open, Answer::Handle(handle)) => {
                self.handle = handle;
                self.step = Step::ToLookBefore;
            }
            (Asked::Open, Answer::Status { code, .. }) if status::is_missing(code) => {
                self.over(Piece::Gone(self.arrival()), Step::Over);
            }
            (Asked::Open, Answer::Status { code, message }) => {
                self.why = Some(self.failure(code, &message));
                self.step = Step::ToLookWhy;
            }
            (Asked::Look, answer) => self.why_not(&answer),
            (Asked::Before, Answer::Attributes(seen)) => {
                if !self.is_same(seen) {
                    self.gone();
                }
            }
            (Asked::After, Answer::Attributes(seen)) if self.is_same(seen) => {
                self.over(Piece::Complete(self.arrival()), Step::ToClose);
            }
            (Asked::After, Answer::Attributes(_)) => self.gone(),
            (Asked::Data { offset, length }, Answer::Data(bytes)) => {
                self.data(offset, length, bytes)?;
            }
            (Asked::Data { offset, .. }, Answer::Status { code: END, .. }) => {
                if offset < self.size() {
                    self.gone();
                } else {
                    self.at_end = true;
                }
            }
            (_, Answer::Status { code, message }) => {
                let failure = self.failure(code, &message);
                self.over(Piece::Failed(self.arrival(), failure), Step::ToClose);
            }
            _ => return Err(Malformed),
        }
        Ok(())
    }

    /// A file that could not be opened: what lies there now may be another version, or a folder.
    fn why_not(&mut self, answer: &Answer) {
        let another = match answer {
            Answer::Attributes(seen) => !self.is_same(*seen),
            Answer::Status { code, .. } => status::is_missing(*code),
            _ => false,
        };
        let end = match self.why.take() {
            Some(failure) if !another => Piece::Failed(self.arrival(), failure),
            _ => Piece::Gone(self.arrival()),
        };
        self.over(end, Step::Over);
    }

    fn data(&mut self, offset: u64, length: u32, bytes: Bytes) -> Result<(), Malformed> {
        let got = u32::try_from(bytes.len()).map_err(|_| Malformed)?;
        if got == 0 || got > length {
            return Err(Malformed);
        }
        if offset >= self.size() {
            // It has grown.
            self.gone();
            return Ok(());
        }
        if got < length {
            self.again.push((offset + u64::from(got), length - got));
        }
        self.ahead.insert(offset, bytes);
        Ok(())
    }

    /// The next piece to be sent on.
    pub(super) fn piece(&mut self) -> Option<Piece> {
        if let Some(end) = self.end.take() {
            self.ended = true;
            return Some(end);
        }
        let bytes = self.ahead.remove(&self.sent)?;
        self.sent += bytes.len() as u64;
        self.wanted.begun = true;
        Some(Piece::Bytes(self.arrival(), bytes))
    }

    fn gone(&mut self) {
        self.over(Piece::Gone(self.arrival()), Step::ToClose);
    }

    fn over(&mut self, end: Piece, step: Step) {
        self.step = step;
        self.end = Some(end);
        self.ahead.clear();
        self.again.clear();
    }

    fn is_same(&self, seen: Attributes) -> bool {
        let item = Item {
            name: Vec::new(),
            kind: seen.kind(None),
            size: seen.size,
            modified: seen.nanoseconds(),
        };
        item.version() == Some(self.wanted.version)
    }

    fn failure(&self, code: u32, message: &Bytes) -> Failure {
        let during = format!("reading {}", shown(&self.wanted.path));
        status::failure(during, code, message)
    }
}
