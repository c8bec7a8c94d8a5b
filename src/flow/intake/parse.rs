//! fetched ▸ staged ▸ due: files become orders, in children.
//!
//! Small files go to a child many at a time, big ones alone; as many at once as there are children.
//! What a child could not finish is read again alone, and only a death over a file that was alone
//! counts against it.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::super::Shared;
use super::super::plan::Ways;
use super::read::{self, Staged, Stored};
use super::unpack;
use crate::arrival::FileId;
use crate::clock;
use crate::failure::Failure;
use crate::jail::{Ended, InMemory};
use crate::ledger::{DueParse, OwedAnswer, ParsedFile};
use crate::limits;
use crate::problem::Problem;
use crate::profiles::Outcome;

pub(in crate::flow) const LOOP: &str = "parse loop";

/// Parses what is fetched until the end.
pub(in crate::flow) async fn run(shared: Arc<Shared>) {
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let looked = clock::now();
        let next = match drain(&shared, &mut worked).await {
            Ok(()) => shared.next(looked, |next| next.intake).await,
            Err(failure) => {
                tracing::error!(%failure, "Files could not be read; trying again soon.");
                Some(clock::now().after(limits::PAUSE_AFTER_FAILURE))
            }
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait(&shared.wakes.parse, next).await {
            return;
        }
    }
}

/// Works until nothing is due. Keeps every child busy: while some read, the next batch is asked for.
async fn drain(shared: &Shared, worked: &mut bool) -> Result<(), Failure> {
    let mut running = FuturesUnordered::new();
    let mut held: HashSet<FileId> = HashSet::new();
    let mut after = FileId(0);
    let mut failed = None;
    loop {
        let stopping = shared.stop.is_cancelled() || failed.is_some();
        if running.len() <= shared.ports.jail.size() && !stopping {
            let limit = limits::BATCH_ARRIVALS;
            let mut due = shared
                .ledger()
                .due_parse(clock::now(), after, limit)
                .await?;
            due.retain(|file| !held.contains(&file.file));
            if let Some(last) = due.last() {
                *worked = true;
                after = last.file;
                held.extend(due.iter().map(|file| file.file));
                for group in groups(due) {
                    running.push(work(shared, group));
                }
                continue;
            }
        }
        let Some((files, result)) = running.next().await else {
            break;
        };
        shared.quiet.alive(LOOP);
        for file in files {
            held.remove(&file);
        }
        if let Err(failure) = result {
            failed.get_or_insert(failure);
        }
        if running.is_empty() {
            // Files that became due again lie before the cursor.
            after = FileId(0);
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Files to be read by one child in one go.
fn groups(due: Vec<DueParse>) -> Vec<Vec<DueParse>> {
    let mut groups: Vec<Vec<DueParse>> = Vec::new();
    let mut bytes = 0;
    for file in due {
        let small = file
            .body
            .as_ref()
            .map(bytes::Bytes::len)
            .filter(|_| !file.alone);
        let open = groups.last_mut().filter(|group| {
            group.len() < limits::TOGETHER_FILES
                && group.iter().all(|file| file.body.is_some() && !file.alone)
        });
        match (small, open) {
            (Some(size), Some(group)) if bytes + size <= limits::TOGETHER_BYTES => {
                bytes += size;
                group.push(file);
            }
            (size, _) => {
                bytes = size.unwrap_or(usize::MAX / 2);
                groups.push(vec![file]);
            }
        }
    }
    groups
}

async fn work(shared: &Shared, group: Vec<DueParse>) -> (Vec<FileId>, Result<(), Failure>) {
    let ids = group.iter().map(|file| file.file).collect();
    (ids, parse(shared, group).await)
}

async fn parse(shared: &Shared, group: Vec<DueParse>) -> Result<(), Failure> {
    let mut done = Vec::with_capacity(group.len());
    let mut alone = Vec::new();
    let mut together = Vec::new();
    for file in group {
        if let Some(opening) = unpack::opening(shared, &file)
            && file.bytes <= limits::FILE_BYTES
            && unpack::unpack(shared, &file, opening).await?
        {
            continue;
        }
        let ways = shared.ports.plan.ways(&file);
        if file.bytes > limits::FILE_BYTES {
            owe(shared, &file, None).await?;
            done.push(read::rejected(&file, too_large(&file)));
        } else if ways.candidates.is_empty() {
            wait_for_operator(shared, &file, &read::no_route(&file)).await?;
        } else if file.alone || file.body.is_none() {
            alone.push((file, ways));
        } else {
            together.push((file, ways));
        }
    }
    let jobs = together.iter().map(|(file, ways)| {
        (
            read::job(shared, file, ways),
            file.body.clone().unwrap_or_default(),
        )
    });
    let answers = shared.ports.jail.read_together(jobs.collect()).await;
    for ((file, ways), (collected, result)) in together.into_iter().zip(answers) {
        match result {
            Ok(summary) => match read::small(shared, &file, &ways, collected, summary) {
                Ok(parsed) => keep(shared, &file, parsed, &mut done).await?,
                Err(why) => wait_for_operator(shared, &file, &why).await?,
            },
            Err(Ended::Limit(problem)) => {
                owe(shared, &file, None).await?;
                done.push(read::rejected(&file, *problem));
            }
            Err(Ended::Died { .. }) => alone.push((file, ways)),
            Err(Ended::Failed(failure)) => return Err(failure),
        }
    }
    store(shared, done).await?;
    for (file, ways) in alone {
        one(shared, &file, &ways).await?;
    }
    Ok(())
}

/// One file, alone in its child, its orders staged as they come.
async fn one(shared: &Shared, file: &DueParse, ways: &Ways) -> Result<(), Failure> {
    let job = read::job(shared, file, ways);
    let mut staged = Staged::new(shared, file, ways);
    let stored = Stored {
        shared,
        file: file.file,
    };
    let result = if let Some(body) = &file.body {
        shared
            .ports
            .jail
            .read(&job, &InMemory(body.clone()), &mut staged)
            .await
    } else {
        shared.ports.jail.read(&job, &stored, &mut staged).await
    };
    staged.stored().await?;
    match result {
        Ok(summary) => {
            if let Some(why) = staged.waiting.take() {
                return wait_for_operator(shared, file, &why).await;
            }
            let begun = staged.begun();
            let mut done = Vec::new();
            keep(shared, file, staged.finish(summary), &mut done).await?;
            store(shared, done).await?;
            if begun {
                shared.promoting.store(true, Ordering::Release);
                shared.wake_lanes();
            }
            Ok(())
        }
        Err(Ended::Limit(problem)) => {
            owe(shared, file, None).await?;
            store(shared, vec![read::rejected(file, *problem)]).await
        }
        Err(Ended::Died { how, .. }) => died(shared, file, &how).await,
        Err(Ended::Failed(failure)) => Err(failure),
    }
}

/// Keeps a result, unless the file may still be growing and is young enough to be given time.
async fn keep(
    shared: &Shared,
    file: &DueParse,
    parsed: ParsedFile,
    done: &mut Vec<ParsedFile>,
) -> Result<(), Failure> {
    let grace = shared
        .ports
        .inlets
        .get(&file.source)
        .map(|inlet| inlet.pickup.grace);
    let until = file.claimed.after(grace.unwrap_or_default());
    // What came in a mail or archive is as long as it will ever be.
    let growing = parsed.summary.outcome == Outcome::Rejected
        && file.container.is_none()
        && parsed
            .problems
            .iter()
            .any(|problem| problem.is_error() && may_be_growing(&problem.code));
    if growing && !file.grace_over && clock::now() < until {
        tracing::info!(file = file.name, %until, "The file looks cut off; it is given time to grow.");
        return shared.ledger().refetch(file.arrival, until).await;
    }
    if parsed.summary.outcome != Outcome::Rejected
        && parsed.summary.candidate.is_none()
        && parsed.summary.orders > 0
    {
        return wait_for_operator(shared, file, &read::no_route(file)).await;
    }
    if let Some(unknown) = parsed.problems.iter().find(|problem| is_unknown(problem)) {
        unknown_layout(shared, file, unknown).await;
    }
    owe(shared, file, parsed.summary.candidate).await?;
    done.push(parsed);
    Ok(())
}

/// Owes the answer that the file's route asks for: that of the route by which it was read, else of
/// the first that would have taken it. Before the file is on record as read, so that no conclusion
/// can come first.
async fn owe(shared: &Shared, file: &DueParse, candidate: Option<usize>) -> Result<(), Failure> {
    let Some(answer) = shared.ports.plan.answer(file, candidate) else {
        return Ok(());
    };
    shared
        .ledger()
        .owe_answer(OwedAnswer {
            file: file.file,
            arrival: file.arrival,
            format: answer.format.word().to_owned(),
            place: answer.place(&file.source),
            ours: answer.our_id.clone(),
            theirs: answer.partner_id.clone(),
        })
        .await
}

/// Whether a problem says that no profile reads the file.
fn is_unknown(problem: &Problem) -> bool {
    problem.is_error() && problem.code == "profile.unknown"
}

/// A layout that no profile reads: its sender hears it, and the operators what to run.
async fn unknown_layout(shared: &Shared, file: &DueParse, problem: &Problem) {
    let subject = format!("{} has a layout that no profile reads", file.name);
    let text = format!(
        "The file “{}” of source “{}” is refused, and its sender is told why:\n\n    {problem}\n\n\
         If this is a layout of a partner's, make a profile for it. In the folder where the file lies \
         now, run\n\n    orderdock profile suggest {} > NAME.toml\n\nlook at what is suggested, put it \
         into the folder profiles beside the configuration, reload, and read the file again:\n\n    \
         systemctl reload orderdock\n    orderdock files retry {}\n",
        file.name,
        file.source,
        quoted(&file.name),
        file.file
    );
    shared
        .alert(&format!("unknown-layout/{}", file.source), &subject, &text)
        .await;
}

/// A name as a shell takes it, in one line.
fn quoted(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", name.replace('\'', "'\\''"))
}

/// Whether a problem's code says that the rest of the file may be missing.
pub(super) fn may_be_growing(code: &str) -> bool {
    matches!(code.rsplit_once('.'), Some((_, "truncated" | "empty")))
}

async fn store(shared: &Shared, done: Vec<ParsedFile>) -> Result<(), Failure> {
    if done.is_empty() {
        return Ok(());
    }
    for parsed in &done {
        if let Some(profile) = &parsed.summary.profile {
            tracing::debug!(file = %parsed.file, profile = profile.name, orders = parsed.summary.orders, "Read.");
        }
    }
    shared.ledger().parsed(done).await?;
    shared.wake_lanes();
    shared.wakes.settle.notify_one();
    shared.wakes.report.notify_one();
    shared.wakes.index.notify_one();
    shared.wakes.tracking.notify_one();
    shared.wakes.answer.notify_one();
    Ok(())
}

async fn wait_for_operator(shared: &Shared, file: &DueParse, why: &str) -> Result<(), Failure> {
    let subject = format!("{} waits: {why}", file.name);
    let text = format!(
        "{why}\n\nThe file stays where it is and is looked at again after the configuration was \
         changed (systemctl reload orderdock). To see what is in it:\n\n    orderdock files show {}\n",
        file.file
    );
    shared
        .alert(&format!("waiting/{}", file.source), &subject, &text)
        .await;
    let until = clock::now().after(limits::WAIT_FOR_OPERATOR);
    shared.ledger().postponed(file.arrival, until, why).await
}

/// A child died over this file alone: tried again, and given up the third time.
pub(super) async fn died(shared: &Shared, file: &DueParse, how: &str) -> Result<(), Failure> {
    let deaths = shared.ledger().died(file.file).await?;
    if deaths < limits::CHILD_DEATHS {
        return Ok(());
    }
    let subject = format!(
        "{} could not be read: the reader died three times",
        file.name
    );
    let text = format!(
        "Reading the file “{}” of source “{}” ended the reading process three times ({how}). The file \
         goes to error/ and its sender is told that it is not their fault. Its bytes are kept: please \
         send them to the makers of orderdock.\n\n    orderdock files show {}\n",
        file.name, file.source, file.file
    );
    shared
        .alert(&format!("died/{}", file.file), &subject, &text)
        .await;
    store(shared, vec![read::rejected(file, unreadable())]).await
}

fn unreadable() -> Problem {
    Problem::error(
        "file.unreadable",
        "Our system could not read this file. That is not your fault.",
    )
    .with_hint("Our operators have been told. Please send it in another format if it is urgent.")
}

fn too_large(file: &DueParse) -> Problem {
    Problem::error(
        "file.too-large",
        "The file is too large to be an order file.",
    )
    .with_value(&format!("{} MB", file.bytes >> 20))
    .expecting(format!("at most {} MB", limits::FILE_BYTES >> 20))
    .with_hint("Split it into smaller files.")
}
