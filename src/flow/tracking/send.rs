//! News on their way to URLs, folders and partners: each until it has arrived or is given up.
//!
//! Targets do not wait for each other: those of one host or folder are sent one after the other, and
//! after one that failed the others of the same place wait as well.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use super::super::Shared;
use super::news::Reported;
use crate::backoff;
use crate::callbacks::{Call, Called};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::tracking::{DueNotice, NoticeEnd, NoticeTo};
use crate::limits;
use crate::partners::file::{Laid, keyed};
use crate::partners::tracker::{Followed, Sighting};
use crate::partners::{Facts, Outcome};

/// Sends some; whether there were any.
pub(super) async fn send(shared: &Shared, now: Millis) -> Result<bool, Failure> {
    let due = shared
        .ledger()
        .due_notices(now, limits::NOTICES_TOGETHER)
        .await?;
    if due.is_empty() {
        return Ok(false);
    }
    let mut places: BTreeMap<String, Vec<DueNotice>> = BTreeMap::new();
    for notice in due {
        places.entry(place(&notice.to)).or_default().push(notice);
    }
    let ended = stream::iter(places.into_values())
        .map(|notices| to_place(shared, notices))
        .buffer_unordered(limits::CALLBACK_HOSTS)
        .collect::<Vec<_>>()
        .await;
    ended.into_iter().collect::<Result<(), Failure>>()?;
    Ok(true)
}

/// What stands or falls together.
fn place(to: &NoticeTo) -> String {
    match to {
        NoticeTo::Url(url) => url.split('/').nth(2).unwrap_or_default().to_owned(),
        // No host has a slash.
        NoticeTo::File { source, .. } => format!("/{source}"),
        NoticeTo::Partner(destination) => format!("//{destination}"),
    }
}

async fn to_place(shared: &Shared, notices: Vec<DueNotice>) -> Result<(), Failure> {
    let mut closed: Option<String> = None;
    for notice in notices {
        if shared.stop.is_cancelled() {
            return Ok(());
        }
        let end = match &closed {
            Some(why) => later(&notice, why.clone()),
            None => one(shared, &notice).await,
        };
        if let NoticeEnd::Later(_, why) = &end {
            closed = Some(why.clone());
        }
        tell(&notice, &end);
        shared.ledger().noticed(notice.id, end).await?;
    }
    Ok(())
}

async fn one(shared: &Shared, notice: &DueNotice) -> NoticeEnd {
    match &notice.to {
        NoticeTo::Url(url) => call(shared, notice, url).await,
        NoticeTo::File { source, name } => write(shared, notice, source, name).await,
        NoticeTo::Partner(destination) => report(shared, notice, destination).await,
    }
}

/// A partner is told what others tell; one that knows is not told again.
async fn report(shared: &Shared, notice: &DueNotice, destination: &str) -> NoticeEnd {
    let lane = shared.ports.lanes.get(destination);
    let Some(hearing) = lane.and_then(|lane| lane.hearing.as_ref()) else {
        return NoticeEnd::GivenUp("The destination is not told of events any more.".to_owned());
    };
    let Ok(told) = serde_json::from_slice::<Reported>(&notice.body) else {
        return NoticeEnd::GivenUp("What was to be told cannot be read any more.".to_owned());
    };
    let order = Followed {
        key: notice.once.clone(),
        reference: told.reference,
        remote_id: Some(told.remote_id),
        facts: Facts::default(),
        content: Bytes::new(),
    };
    let sighting = Sighting {
        code: told.code,
        text: told.text,
        place: told.place,
        at: Some(told.at),
        ..Sighting::default()
    };
    match hearing.tracker.report(&order, &sighting).await {
        Ok(()) => NoticeEnd::Sent,
        Err(Outcome::Refused(refusal)) => NoticeEnd::GivenUp(refusal.words),
        Err(outcome) => later(notice, outcome.into_failure().to_string()),
    }
}

async fn call(shared: &Shared, notice: &DueNotice, url: &str) -> NoticeEnd {
    let Some(callbacks) = &shared.ports.tracking.callbacks else {
        return NoticeEnd::GivenUp("Callbacks are switched off ([tracking] callbacks).".to_owned());
    };
    let call = Call {
        id: notice.once.clone(),
        url: url.to_owned(),
        body: notice.body.clone(),
    };
    match callbacks.call(&call).await {
        Called::Taken => NoticeEnd::Sent,
        Called::Gone => NoticeEnd::GivenUp("It does not want news any more (410).".to_owned()),
        Called::Never(why) => NoticeEnd::GivenUp(format!("Not called: {why}.")),
        Called::Later(why) => later(notice, why),
    }
}

/// The folder knows its own file again by the key in its name: twice is once.
async fn write(shared: &Shared, notice: &DueNotice, source: &str, name: &str) -> NoticeEnd {
    let Some(to) = shared.ports.tracking.folders.get(source) else {
        return NoticeEnd::GivenUp("The source has no status folder any more.".to_owned());
    };
    let file = Laid {
        name: keyed(name, &notice.once, if to.csv { "csv" } else { "json" }),
        bytes: notice.body.clone(),
        subject: name.to_owned(),
        key: notice.once.clone(),
    };
    match to.folder.lay(&file).await {
        Outcome::Accepted(_) => NoticeEnd::Sent,
        Outcome::Refused(refusal) => NoticeEnd::GivenUp(refusal.words),
        Outcome::Later { failure, .. }
        | Outcome::Unknown(failure)
        | Outcome::Denied(failure)
        | Outcome::Unreachable(failure)
        | Outcome::Parked(failure) => later(notice, failure.to_string()),
    }
}

fn later(notice: &DueNotice, why: String) -> NoticeEnd {
    if notice.created.until(clock::now()) > limits::NOTICE_GIVE_UP {
        return NoticeEnd::GivenUp(format!("Given up after days: {why}"));
    }
    let wait = backoff::default_wait(notice.tries + 1, 100);
    NoticeEnd::Later(clock::now().after(wait), why)
}

fn tell(notice: &DueNotice, end: &NoticeEnd) {
    let to = match &notice.to {
        NoticeTo::Url(url) => url.as_str(),
        NoticeTo::File { source, .. } => source.as_str(),
        NoticeTo::Partner(destination) => destination.as_str(),
    };
    match end {
        NoticeEnd::Sent => tracing::info!(to, once = notice.once, "News of an order were sent."),
        NoticeEnd::Later(until, why) => {
            tracing::warn!(to, %until, why, "News of an order could not be sent yet; trying again.");
        }
        NoticeEnd::GivenUp(why) => tracing::warn!(to, why, "News of an order are not sent."),
    }
}
