//! `run --once`: one look, everything tried once, and a list of what was rejected or remains.

use std::io::Write;
use std::sync::Arc;

use crate::arrival::{Stage, Verdict};
use crate::cli::Exit;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::flow::{Flow, Ports};
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{FileRow, Filter, Ledger};

/// Runs the flow until nothing is left that is not waiting for a time or a person.
pub(super) async fn run(ports: Ports, ledger: &Arc<SqliteLedger>) -> Exit {
    let started = clock::now();
    let sources: Vec<String> = ports.inlets.keys().cloned().collect();
    let flow = Flow::start(ports);
    tokio::select! {
        () = flow.settled() => {}
        stop = ledger.stopped() => {
            tracing::error!("The ledger has stopped: {stop}.");
            return Exit::Io;
        }
    }
    let mut health = flow.health();
    let troubles = sources.into_iter().filter_map(|source| {
        let trouble = health.remove(&source)?.trouble?;
        Some(format!("not read  source {source}: {trouble}"))
    });
    let troubles: Vec<String> = troubles.collect();
    flow.drain().await;
    let exit = match report(&**ledger, started, troubles).await {
        Ok(exit) => exit,
        Err(failure) => {
            tracing::error!(%failure, "What remains could not be listed.");
            Exit::Ours
        }
    };
    match ledger.close().await {
        Ok(()) => exit,
        Err(failure) => {
            tracing::error!(%failure, "The ledger did not close.");
            Exit::Io
        }
    }
}

/// Prints a line for each source that could not be read (`lines`), and for each file that was
/// rejected in this run or is not settled.
async fn report(
    ledger: &dyn Ledger,
    started: Millis,
    mut lines: Vec<String>,
) -> Result<Exit, Failure> {
    let (mut done, mut before) = (0, None);
    loop {
        let filter = Filter {
            limit: 1_000,
            before,
            ..Filter::default()
        };
        let page = ledger.files(&filter).await?;
        let Some(last) = page.last() else { break };
        before = Some(last.id.0);
        for file in &page {
            match line(file, started) {
                Some(line) => lines.push(line),
                None => done += usize::from(file.settled.is_some_and(|at| at >= started)),
            }
        }
        // Everything older was settled before this run began, or would be listed as pending.
        if page
            .iter()
            .all(|file| file.settled.is_some_and(|at| at < started))
        {
            break;
        }
    }
    let next = ledger.next_due(clock::now()).await?;
    if next.answer.is_some() {
        lines.push("remains   answers to files: they could not be laid yet".to_owned());
    }
    let next = [
        next.intake,
        next.deliver,
        next.settle,
        next.report,
        next.answer,
    ]
    .into_iter()
    .flatten()
    .min();
    let mut out = std::io::stdout().lock();
    let written = write(&mut out, done, &lines, next.filter(|_| !lines.is_empty()));
    written.map_err(|error| Failure::operator("writing to standard output", error))?;
    Ok(if lines.is_empty() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn write(
    out: &mut impl Write,
    done: usize,
    lines: &[String],
    next: Option<Millis>,
) -> std::io::Result<()> {
    writeln!(
        out,
        "{done} {} done.",
        if done == 1 { "file" } else { "files" }
    )?;
    for line in lines {
        writeln!(out, "{line}")?;
    }
    if let Some(next) = next {
        writeln!(out, "The next thing is due at {next}.")?;
    }
    Ok(())
}

/// What is to be said of a file; nothing, if it is done.
fn line(file: &FileRow, started: Millis) -> Option<String> {
    let name = crate::problem::excerpt(&file.name);
    if file.stage != Stage::Settled {
        let why = file.waiting.clone().unwrap_or_else(|| match file.open {
            0 => format!("it is {}", file.stage.as_str()),
            1 => "1 delivery is open".to_owned(),
            open => format!("{open} deliveries are open"),
        });
        return Some(format!("remains   {name}: {why}"));
    }
    let now = file.settled.is_some_and(|at| at >= started);
    (now && file.verdict == Some(Verdict::Error)).then(|| {
        let to = file.settled_to.as_deref().unwrap_or("error");
        // Its name once, unless it got another one there.
        let to = to.strip_suffix(&file.name).unwrap_or(to);
        let findings = match file.problems {
            1 => "1 finding".to_owned(),
            count => format!("{count} findings"),
        };
        format!(
            "rejected  {name}: {} good, {} withheld, {findings}; now in {to} (orderdock files show {})",
            file.orders, file.withheld, file.id
        )
    })
}
