//! What becomes of a mail or archive, its members known: whose it is, that nothing usable is in it,
//! that it only comes because a mail of ours went out.

use super::super::super::Shared;
use super::super::super::address::{Mailbox, Resolved, bounce_token, resolve};
use super::super::super::answer::is_machine;
use super::members::Members;
use crate::containers::{self, Kind};
use crate::failure::Failure;
use crate::ledger::{Bounced, DueParse, Unpacked};
use crate::letter::Letter;
use crate::problem::Problem;

/// What becomes of a container, its members known.
pub(super) async fn judge(
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
    crate::names::label(subject.as_bytes())
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
    let machine = is_machine(shared, letter);
    if machine {
        unpacked.problems.retain(|problem| !problem.is_error());
        unpacked.problems.push(noted(
            "mail.automatic",
            "An automatic answer to a mail of ours, without any order file.",
        ));
    }
    Ok(machine)
}

fn noted(code: &'static str, message: &'static str) -> Problem {
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
