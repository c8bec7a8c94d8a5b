//! Answers to files in the partner's own format: made once from what became of a file, frozen, and
//! laid until they lie there.
//!
//! Due when the arrival is concluded, by the same transaction that owes the report. An answer that
//! was laid and not recorded is laid again under the same name with the same bytes, which its place
//! recognises: it never comes twice.

use std::sync::Arc;

use super::Shared;
use super::intake::Stored;
use crate::arrival::DeliveryState;
use crate::backoff;
use crate::clock;
use crate::failure::Failure;
use crate::formats::Interchange;
use crate::jail::{Collected, Job, Mode};
use crate::ledger::{AnswerEnd, DueAnswer, FileStory};
use crate::limits;
use crate::partners::Outcome;
use crate::partners::file::{Laid, plain};
use crate::profiles::{self, MapOptions};
use crate::writers::Marks;
use crate::writers::answers::{self, Answer, Fate, OrderFate};

pub(super) const LOOP: &str = "answer loop";

/// Lays what is due until the end.
pub(super) async fn run(shared: Arc<Shared>) {
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match round(&shared).await {
                Ok(0) => {
                    break shared.next(looked, |next| next.answer).await;
                }
                Ok(_) => worked = true,
                Err(failure) => {
                    tracing::error!(%failure, "Answers could not be handled; trying again soon.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                return;
            }
            shared.quiet.alive(LOOP);
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait_together(&shared.wakes.answer, next).await {
            return;
        }
    }
}

async fn round(shared: &Shared) -> Result<usize, Failure> {
    let limit = limits::ANSWERS_TOGETHER;
    let due = shared.ledger().due_answers(clock::now(), limit).await?;
    let count = due.len();
    for answer in due {
        let end = match one(shared, &answer).await {
            Ok(end) => end,
            Err(failure) => later(shared, &answer, &failure).await,
        };
        match &end {
            AnswerEnd::Laid(words) => tracing::info!(file = %answer.file, words, "Answered."),
            AnswerEnd::Later(until, why) => {
                tracing::warn!(file = %answer.file, %until, why, "Not answered yet; trying again.");
            }
            AnswerEnd::Dropped(why) => tracing::warn!(file = %answer.file, why, "Not answered."),
        }
        shared.ledger().answered(answer.answer, end).await?;
        shared.quiet.alive(LOOP);
    }
    Ok(count)
}

/// Makes the answer, if that was not done yet, and lays it down.
async fn one(shared: &Shared, due: &DueAnswer) -> Result<AnswerEnd, Failure> {
    let Some(place) = shared.ports.answers.get(&due.owed.place) else {
        let why = format!(
            "the configuration has no place “{}” for answers",
            due.owed.place
        );
        return Err(Failure::operator("answering a file", why));
    };
    let (name, bytes) = match &due.made {
        Some((name, bytes)) => (name.clone(), bytes.clone()),
        None => match make(shared, due).await? {
            Ok((name, bytes)) => {
                let frozen = bytes.clone().into();
                shared
                    .ledger()
                    .made_answer(due.answer, &name, frozen)
                    .await?;
                (name, bytes.into())
            }
            Err(why) => return Ok(AnswerEnd::Dropped(why)),
        },
    };
    let file = Laid {
        subject: format!("Answer {name}"),
        key: format!("answer/{}/{name}", due.answer),
        name,
        bytes,
    };
    match place.lay(&file).await {
        Outcome::Accepted(receipt) => Ok(AnswerEnd::Laid(receipt.answer)),
        other => Err(other.into_failure()),
    }
}

/// A failure: again later; from the second on the operators hear of it, and after days it is dropped.
async fn later(shared: &Shared, due: &DueAnswer, failure: &Failure) -> AnswerEnd {
    let now = clock::now();
    if due.created.until(now) > limits::ANSWER_GIVE_UP {
        return AnswerEnd::Dropped(format!("Given up after days: {failure}"));
    }
    if due.tries > 0 || !failure.is_temporary() {
        let subject = format!("Answers cannot be laid at {}", due.owed.place);
        let text = format!(
            "{failure}\n\nThe orders themselves are not touched by this. The answer is tried again by \
             itself for three days. What became of the file:\n\n    orderdock files show {}\n",
            due.file
        );
        let fold = format!("answer/{}", due.owed.place);
        shared.alert(&fold, &subject, &text).await;
    }
    let wait = backoff::default_wait(due.tries + 1, 200);
    AnswerEnd::Later(now.after(wait), failure.to_string())
}

/// Name and bytes; or why there is no such answer to this file.
async fn make(
    shared: &Shared,
    due: &DueAnswer,
) -> Result<Result<(String, Vec<u8>), String>, Failure> {
    let Some(answer) = Answer::of(&due.owed.format) else {
        return Ok(Err(format!(
            "There are no answers of format “{}”.",
            due.owed.format
        )));
    };
    let Some(story) = shared.ledger().file(due.file).await? else {
        return Ok(Err("The file is not in the ledger any more.".to_owned()));
    };
    let number = match due.number {
        Some(number) => number,
        None => shared.ledger().number_answer(due.answer).await?,
    };
    let fate = fate(shared, &story).await?;
    let marks = Marks {
        ours: due
            .owed
            .ours
            .clone()
            .unwrap_or_else(|| fate.interchange.to.clone()),
        theirs: due
            .owed
            .theirs
            .clone()
            .unwrap_or_else(|| fate.interchange.from.clone()),
        control: number.to_string(),
        at: clock::now(),
    };
    let name = format!(
        "{}-{}-{number}.{}",
        plain(&story.file.name),
        answer.word(),
        answer.extension()
    );
    let bytes = answers::write(answer, &fate, &marks)?;
    Ok(bytes.map(|bytes| (name, bytes)).ok_or_else(|| {
        format!(
            "A file like this has no answer of format “{}”.",
            answer.word()
        )
    }))
}

async fn fate(shared: &Shared, story: &FileStory) -> Result<Fate, Failure> {
    let rows = shared
        .ledger()
        .fates(story.file.id, limits::ANSWER_ORDERS)
        .await?;
    let mut orders: Vec<OrderFate> = Vec::new();
    for row in rows {
        let same = orders
            .last()
            .is_some_and(|last| last.reference == row.reference);
        if !same {
            orders.push(OrderFate {
                reference: row.reference.clone(),
                accepted: true,
                ..OrderFate::default()
            });
        }
        let Some(order) = orders.last_mut() else {
            continue;
        };
        if matches!(row.state, DeliveryState::Delivered | DeliveryState::Repeat) {
            let id = row.remote_id.map(|id| ("id".to_owned(), id));
            for (name, value) in id.into_iter().chain(row.facts) {
                order
                    .told
                    .push((format!("{}.{name}", row.destination), value));
            }
        } else {
            order.accepted = false;
            order.words.extend(row.detail);
        }
    }
    let rejected = |summary: &profiles::Summary| summary.outcome == profiles::Outcome::Rejected;
    let clean = story.problems.iter().all(|problem| !problem.is_error())
        && orders.iter().all(|order| order.accepted);
    Ok(Fate {
        file: story.file.name.clone(),
        sha256: story.file.sha256.clone(),
        came: story.file.claimed,
        clean,
        nothing: story.summary.as_ref().is_none_or(rejected),
        orders,
        problems: story.problems.clone(),
        interchange: interchange(shared, story).await,
    })
}

/// The file's envelope, read by a child. A file that none can read has none.
async fn interchange(shared: &Shared, story: &FileStory) -> Interchange {
    let file = &story.file;
    let inlet = shared.ports.inlets.get(&file.source);
    let job = Job {
        mode: Mode::Interchange,
        name: file.name.clone(),
        size: file.bytes,
        read: inlet.map(|inlet| inlet.read.clone()).unwrap_or_default(),
        forced: None,
        map: MapOptions::default(),
    };
    let stored = Stored {
        shared,
        file: file.id,
    };
    let mut collected = Collected::default();
    if let Err(ended) = shared.ports.jail.read(&job, &stored, &mut collected).await {
        tracing::warn!(file = file.name, ?ended, "Its envelope could not be read.");
    }
    serde_json::from_slice(&collected.output).unwrap_or_default()
}
