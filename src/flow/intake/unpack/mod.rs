//! fetched ▸ its members fetched: a mail or archive becomes the files in it, in a child.
//!
//! One arrow for the container and all its members, so that a crash leaves either the container to be
//! unpacked again or the members to be read.

mod judge;
mod members;

use super::super::Shared;
use super::parse::{died, may_be_growing};
use super::read::{self, Stored};
use crate::clock;
use crate::containers::{Mails, Opening};
use crate::failure::Failure;
use crate::jail::{Ended, InMemory, Job, Mode, Supply};
use crate::ledger::DueParse;
pub(in crate::flow) use judge::UNKNOWN_SENDER;
use judge::judge;
use members::Members;

/// What may be opened of a file; `None` where it is read as it is.
pub(super) fn opening(shared: &Shared, file: &DueParse) -> Option<Opening> {
    let inlet = shared.ports.inlets.get(&file.source)?;
    if file.container.is_some() || !(inlet.mailbox.is_some() || inlet.unpack_zip) {
        return None;
    }
    Some(Opening {
        mail: match &inlet.mailbox {
            Some(mailbox) if mailbox.surely => Mails::Surely,
            Some(_) => Mails::Likely,
            None => Mails::Never,
        },
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
    if opening.mail != Mails::Surely && members.problems.iter().any(|p| may_be_growing(&p.code)) {
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
    shared.wakes.index.notify_one();
    shared.wakes.settle.notify_one();
    shared.wakes.report.notify_one();
    shared.wakes.answer.notify_one();
    Ok(true)
}
