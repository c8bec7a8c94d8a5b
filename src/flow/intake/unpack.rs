//! fetched ▸ its members fetched: a mail or archive becomes the files in it, in a child.
//!
//! Members wait in memory only as long as they are small; the bytes of large ones are stored piece
//! by piece while they come. What is ours to say about a mail as a whole is said here: whose it is,
//! that nothing usable is in it, that it is a delivery report about a mail of ours.

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use globset::GlobBuilder;
use sha2::{Digest, Sha256};

use super::super::address::{Mailbox, Resolved, bounce_token, resolve};
use super::super::{Inlet, Shared};
use super::parse::{died, may_be_growing};
use super::read::{self, Stored};
use crate::clock;
use crate::containers::{self, Kind, Opening};
use crate::failure::Failure;
use crate::formats::FormatKind;
use crate::jail::{Ended, Events, InMemory, Job, Member, Mode, Opened, ParsedOrder, Supply};
use crate::ledger::{Bounced, DueParse, MemberPiece, NewFile, NewMember, Unpacked};
use crate::letter::Letter;
use crate::limits;
use crate::order::StatusUpdate;
use crate::problem::Problem;
use crate::profiles::Chosen;

/// What may be opened of a file; `None` where it is read as it is.
pub(super) fn opening(shared: &Shared, file: &DueParse) -> Option<Opening> {
    let inlet = shared.ports.inlets.get(&file.source)?;
    if file.container.is_some() || !(inlet.mailbox.is_some() || inlet.unpack_zip) {
        return None;
    }
    Some(Opening {
        mail: inlet.mailbox.is_some(),
        surely_mail: inlet.mailbox.as_ref().is_some_and(|mailbox| mailbox.surely),
        zip: inlet.unpack_zip,
        tnef: inlet.mailbox.is_some(),
    })
}

/// Opens `file`, if it is a container; whether it was one, or needs no reading for another reason.
pub(super) async fn unpack(
    shared: &Shared,
    file: &DueParse,
    opening: Opening,
) -> Result<bool, Failure> {
    let job = Job {
        mode: Mode::Unpack(opening),
        ..read::job(shared, file, &super::super::plan::Ways::default())
    };
    let mut members = Members::new(shared, file);
    let supply: Box<dyn Supply> = match &file.body {
        Some(body) => Box::new(InMemory(body.clone())),
        None => Box::new(Stored {
            shared,
            file: file.file,
        }),
    };
    match shared.ports.jail.read(&job, &*supply, &mut members).await {
        Ok(_) => {}
        Err(Ended::Limit(problem)) => members.problems.push(*problem),
        Err(Ended::Died { how, .. }) => return died(shared, file, &how).await.map(|()| true),
        Err(Ended::Failed(failure)) => return Err(failure),
    }
    members.end().await?;
    if members.opened.is_none() && members.problems.is_empty() {
        return Ok(false);
    }
    if !opening.surely_mail && members.problems.iter().any(|p| may_be_growing(&p.code)) {
        let grace = shared
            .ports
            .inlets
            .get(&file.source)
            .map(|inlet| inlet.pickup.grace);
        let until = file.claimed.after(grace.unwrap_or_default());
        if !file.grace_over && clock::now() < until {
            shared.ledger().refetch(file.arrival, until).await?;
            return Ok(true);
        }
    }
    let unpacked = judge(shared, file, members).await?;
    let count = unpacked.members.len();
    tracing::debug!(
        file = unpacked.name,
        kind = unpacked.kind,
        count,
        "Unpacked."
    );
    shared.ledger().unpacked(unpacked).await?;
    shared.wakes.parse.notify_one();
    shared.wakes.settle.notify_one();
    shared.wakes.report.notify_one();
    Ok(true)
}

/// What becomes of a container, its members known.
async fn judge(
    shared: &Shared,
    file: &DueParse,
    members: Members<'_>,
) -> Result<Unpacked, Failure> {
    let inlet = shared.ports.inlets.get(&file.source);
    let opened = members.opened;
    let kind = opened.as_ref().map_or(Kind::Zip, |opened| opened.kind);
    let letter = opened.and_then(|opened| opened.letter);
    let mut unpacked = Unpacked {
        file: file.file,
        kind: kind.as_str(),
        name: file.name.clone(),
        sender: file.sender.clone(),
        letter: None,
        problems: members.problems,
        members: members.done,
    };
    let mailbox = inlet.and_then(|inlet| inlet.mailbox.as_ref());
    if let (Some(letter), Some(mailbox)) = (letter, mailbox) {
        unpacked.name = title(file, mailbox, &letter);
        address(shared, file, mailbox, &letter, &mut unpacked);
        if unpacked.members.is_empty() && answers_us(shared, &letter, &mut unpacked).await? {
            unpacked.letter = Some(letter);
            return Ok(unpacked);
        }
        unpacked.letter = Some(letter);
    }
    if unpacked.members.is_empty() && !unpacked.problems.iter().any(Problem::is_error) {
        unpacked.problems.push(containers::nothing_inside(kind));
    }
    Ok(unpacked)
}

/// A mail is known by its subject, unless it lay somewhere under a name of its own.
fn title(file: &DueParse, mailbox: &Mailbox, letter: &Letter) -> String {
    let subject = letter
        .facts
        .subject
        .as_deref()
        .map(str::trim)
        .unwrap_or_default();
    if !mailbox.surely || subject.is_empty() {
        return file.name.clone();
    }
    crate::sources::names::label(subject.as_bytes())
}

/// Whose it is. An address that is none, or a sender that must be known and is not, holds the whole
/// mail back.
fn address(
    shared: &Shared,
    file: &DueParse,
    mailbox: &Mailbox,
    letter: &Letter,
    unpacked: &mut Unpacked,
) {
    let Resolved {
        sender,
        known,
        forced,
        problems,
    } = resolve(&shared.ports.plan, &file.source, mailbox, letter);
    unpacked.sender = sender;
    let refused = problems.iter().any(Problem::is_error);
    unpacked.problems.extend(problems);
    if mailbox.known_only && !known {
        unpacked.problems.push(unknown_sender(letter));
    }
    if refused || (mailbox.known_only && !known) {
        unpacked.members.clear();
    }
    for member in &mut unpacked.members {
        member.forced = forced;
    }
}

/// The code of mails that are refused because nobody knows their sender.
pub(in crate::flow) const UNKNOWN_SENDER: &str = "mail.sender.unknown";

fn unknown_sender(letter: &Letter) -> Problem {
    Problem::error(
        UNKNOWN_SENDER,
        "This mailbox takes orders of known senders only, and this mail is from none of them.",
    )
    .with_value(letter.author().unwrap_or_default())
    .with_hint("Name the sender in the configuration, then read the mail again: files retry.")
}

/// A mail without files that only comes because one of ours went out: a delivery report about it, or
/// a machine's answer. It is noted, never answered.
async fn answers_us(
    shared: &Shared,
    letter: &Letter,
    unpacked: &mut Unpacked,
) -> Result<bool, Failure> {
    let desk = &shared.ports.desk;
    let token = desk
        .bounces
        .as_deref()
        .and_then(|bounces| bounce_token(letter, bounces));
    let thread = letter.references.iter().any(|id| desk.is_own_id(id));
    if token.is_none() && !thread {
        return Ok(false);
    }
    if let (Some(token), Some(bounce)) = (token, letter.bounce.as_ref()) {
        if bounce.failed {
            let bounced = Bounced {
                token: token.to_owned(),
                recipient: bounce.recipient.clone(),
                words: bounce.words.clone(),
            };
            if !returned(shared, bounced).await? {
                return Ok(false);
            }
        }
        unpacked.problems.retain(|problem| !problem.is_error());
        unpacked.problems.push(noted(
            "mail.delivery-report",
            "A delivery report about a mail of ours; it was noted with that mail.",
        ));
        return Ok(true);
    }
    let machine = super::super::answer::is_machine(shared, letter);
    if machine {
        unpacked.problems.retain(|problem| !problem.is_error());
        unpacked.problems.push(noted(
            "mail.automatic",
            "An automatic answer to a mail of ours, without any order file.",
        ));
    }
    Ok(machine)
}

fn noted(code: &'static str, message: &str) -> Problem {
    Problem::warning(code, message)
}

/// Records what came back and tells the operators; false if it is about no mail of ours.
async fn returned(shared: &Shared, bounced: Bounced) -> Result<bool, Failure> {
    let words = bounced.words.clone();
    let Some(returned) = shared.ledger().bounced(bounced).await? else {
        return Ok(false);
    };
    if !returned.news {
        return Ok(true);
    }
    let to = &returned.recipient;
    let about = match returned.arrival {
        Some(arrival) => match shared.ledger().file_of(arrival).await? {
            Some(file) => format!("It reported on file {file}: orderdock files show {file}"),
            None => "What it reported on is past retention.".to_owned(),
        },
        None => "It was an alert to the operators.".to_owned(),
    };
    let text = format!(
        "A mail to {to} came back undelivered.\n\n{words}\n\n{about}\n\nPlease correct the contact in the \
         configuration, or call them."
    );
    shared
        .alert(
            &format!("bounced/{to}"),
            &format!("Mail to {to} comes back"),
            &text,
        )
        .await;
    Ok(true)
}

/// The members as they come out of the child.
struct Members<'a> {
    shared: &'a Shared,
    file: &'a DueParse,
    inlet: Option<&'a Inlet>,
    opened: Option<Opened>,
    problems: Vec<Problem>,
    done: Vec<NewMember>,
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
    fn new(shared: &'a Shared, file: &'a DueParse) -> Self {
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
    async fn end(&mut self) -> Result<(), Failure> {
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
            forced: None::<FormatKind>,
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
        self.shared.quiet.alive(super::parse::LOOP);
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
