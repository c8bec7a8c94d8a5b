//! The members of a container on their way into the ledger. They wait in memory as long as they are
//! small; the bytes of large ones are stored piece by piece while they come.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use globset::GlobBuilder;
use sha2::{Digest, Sha256};

use super::super::super::{Inlet, Shared};
use super::super::parse::LOOP;
use crate::containers;
use crate::failure::Failure;
use crate::jail::{Events, Member, Opened, ParsedOrder};
use crate::ledger::{DueParse, MemberPiece, NewFile, NewMember};
use crate::limits;
use crate::order::StatusUpdate;
use crate::problem::Problem;
use crate::profiles::Chosen;

/// The members as they come out of the child.
pub(super) struct Members<'a> {
    shared: &'a Shared,
    file: &'a DueParse,
    inlet: Option<&'a Inlet>,
    pub(super) opened: Option<Opened>,
    pub(super) problems: Vec<Problem>,
    pub(super) done: Vec<NewMember>,
    /// Bytes held by those done.
    held: usize,
    current: Option<Current>,
}

/// The member whose bytes are coming.
struct Current {
    name: String,
    place: u32,
    bytes: u64,
    hash: Sha256,
    held: BytesMut,
    stored: u32,
}

impl<'a> Members<'a> {
    pub(super) fn new(shared: &'a Shared, file: &'a DueParse) -> Self {
        Self {
            shared,
            file,
            inlet: shared.ports.inlets.get(&file.source),
            opened: None,
            problems: Vec::new(),
            done: Vec::new(),
            held: 0,
            current: None,
        }
    }

    /// Whether the operator wants files of this name out of mails. Elsewhere the names that
    /// `include` and `exclude` are about are those of the arrivals.
    fn wanted(&self, name: &str) -> bool {
        let Some(inlet) = self.inlet else {
            return true;
        };
        if inlet.mailbox.as_ref().is_none_or(|mailbox| !mailbox.surely) {
            return true;
        }
        let matches = |patterns: &[String]| {
            patterns.iter().any(|pattern| {
                let glob = GlobBuilder::new(pattern).case_insensitive(true).build();
                glob.is_ok_and(|glob| glob.compile_matcher().is_match(name))
            })
        };
        let pickup = &inlet.pickup;
        (pickup.include.is_empty() || matches(&pickup.include)) && !matches(&pickup.exclude)
    }

    async fn piece(&mut self, all: bool) -> Result<(), Failure> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        while current.held.len() > limits::CHUNK_BYTES || (all && !current.held.is_empty()) {
            let length = current.held.len().min(limits::CHUNK_BYTES);
            let piece = MemberPiece {
                container: self.file.file,
                place: current.place,
                seq: current.stored,
                bytes: current.held.split_to(length).freeze(),
            };
            self.shared.ledger().piece(piece).await?;
            current.stored += 1;
        }
        Ok(())
    }

    /// The member that was coming is whole.
    pub(super) async fn end(&mut self) -> Result<(), Failure> {
        let full = self.held > limits::BATCH_BYTES;
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.stored > 0 || full)
        {
            self.piece(true).await?;
        }
        let Some(current) = self.current.take() else {
            return Ok(());
        };
        let stored = current.stored > 0;
        self.held += current.held.len();
        self.done.push(NewMember {
            place: current.place,
            file: NewFile {
                name: current.name,
                sha256: current.hash.finalize().into(),
                bytes: current.bytes,
                body: (!stored).then(|| current.held.freeze()),
            },
            forced: None,
        });
        Ok(())
    }
}

#[async_trait]
impl Events for Members<'_> {
    async fn opened(&mut self, opened: Opened) -> Result<(), Failure> {
        self.opened = Some(opened);
        Ok(())
    }

    async fn member(&mut self, member: Member) -> Result<(), Failure> {
        self.end().await?;
        self.shared.quiet.alive(LOOP);
        if member.aside || !self.wanted(&member.name) {
            self.problems.push(containers::left_aside(&member.name));
            return Ok(());
        }
        self.current = Some(Current {
            name: member.name,
            place: u32::try_from(self.done.len() + 1).unwrap_or(u32::MAX),
            bytes: 0,
            hash: Sha256::new(),
            held: BytesMut::new(),
            stored: 0,
        });
        Ok(())
    }

    async fn output(&mut self, bytes: Bytes) -> Result<(), Failure> {
        let Some(current) = &mut self.current else {
            return Ok(());
        };
        current.bytes += bytes.len() as u64;
        current.hash.update(&bytes);
        current.held.extend_from_slice(&bytes);
        self.piece(false).await
    }

    async fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        self.problems.push(problem);
        Ok(())
    }

    async fn chosen(&mut self, _: Chosen) -> Result<(), Failure> {
        Ok(())
    }

    async fn order(&mut self, _: ParsedOrder) -> Result<(), Failure> {
        Ok(())
    }

    async fn status(&mut self, _: StatusUpdate) -> Result<(), Failure> {
        Ok(())
    }
}
