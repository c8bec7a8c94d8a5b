//! `orderdock parse`: the dry run. Reads files in a child, as the daemon would, and touches nothing.

use std::io::{Read, Write};
use std::path::Path;

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::cli::{Exit, Look, ParseArgs, parsed};
use crate::formats::ReadOptions;
use crate::jail::{Collected, Ended, InMemory, Jail, Job, Mode, Texts};
use crate::limits;
use crate::problem::Problem;
use crate::profiles::{Candidate, MapOptions, Outcome, ProfileSet, Summary};

/// Runs `orderdock parse`.
#[must_use]
pub fn parse(args: &ParseArgs) -> Exit {
    match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime.block_on(all(args)),
        Err(error) => complain(&error, Exit::Ours),
    }
}

async fn all(args: &ParseArgs) -> Exit {
    let (jail, profile) = match prepare(args) {
        Ok(prepared) => prepared,
        Err(words) => return complain(&words, Exit::Usage),
    };
    let mut exit = Exit::Done;
    for path in &args.files {
        let (accepted, text) = match one(args, &jail, profile.as_deref(), path).await {
            Ok(result) => result,
            Err(words) => {
                exit = complain(&format!("{}: {words}", path.display()), Exit::Failed);
                continue;
            }
        };
        if !accepted {
            exit = Exit::Failed;
        }
        let mut out = std::io::stdout().lock();
        if out
            .write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            return exit;
        }
    }
    exit
}

/// A child with the profiles, and the name of the one asked for. A file of one's own counts under the
/// name it gives itself.
fn prepare(args: &ParseArgs) -> Result<(Jail, Option<String>), String> {
    let mut texts = Texts::new();
    if let Some(path) = args
        .profile
        .as_ref()
        .filter(|name| Path::new(name).extension().is_some_and(|ext| ext == "toml"))
    {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        let tables = super::profile::tables_beside(Path::new(path), &text)?;
        texts.push((path.clone(), text));
        texts.extend(tables);
    }
    let set = ProfileSet::load(texts.clone()).map_err(|errors| {
        errors
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")
    })?;
    let known: Vec<_> = set.known().map(|known| known.known_as.name).collect();
    let wanted = match &args.profile {
        // The operator's own are the first.
        Some(_) if !texts.is_empty() => known.first().cloned(),
        wanted => wanted.clone(),
    };
    if let Some(name) = wanted.as_ref().filter(|name| !known.contains(name)) {
        let hint = crate::config::hint(name, known.iter().map(String::as_str));
        return Err(format!("there is no profile “{name}”{hint}"));
    }
    Ok((super::jail(1, texts), wanted))
}

/// Whether the file was accepted, and what to print.
async fn one(
    args: &ParseArgs,
    jail: &Jail,
    profile: Option<&str>,
    path: &Path,
) -> Result<(bool, String), String> {
    let bytes = read(path)?;
    let name = path
        .file_name()
        .map_or_else(|| "-".into(), |name| name.to_string_lossy());
    let named = (&*name, path.display().to_string());
    let (accepted, value) = value(args, jail, profile, named, bytes).await?;
    Ok((accepted, shown(args, &value)))
}

/// Whether a file was accepted, and the object that `parse --json` prints for it. It has a name, by
/// which it is recognised, and another by which it is told.
pub(super) async fn value(
    args: &ParseArgs,
    jail: &Jail,
    profile: Option<&str>,
    (name, told): (&str, String),
    bytes: Bytes,
) -> Result<(bool, Value), String> {
    let job = Job {
        mode: if args.records {
            Mode::Records
        } else {
            Mode::Orders
        },
        name: name.to_owned(),
        size: bytes.len() as u64,
        read: ReadOptions::default(),
        forced: args.format,
        map: MapOptions {
            file: told.clone(),
            sha256: hex::encode(Sha256::digest(&bytes)),
            candidates: profile.map(candidate).into_iter().collect(),
        },
    };
    if let Some(contents) = super::members::open(args, jail, &job, &bytes).await? {
        return super::members::read(jail, &job, contents).await;
    }
    let mut collected = Collected::default();
    let read = jail.read(&job, &InMemory(bytes), &mut collected).await;
    let summary = match read {
        Ok(summary) => summary,
        Err(ended) => {
            collected.problems.push(ended_as_problem(ended)?);
            rejected()
        }
    };
    let accepted = summary.outcome == Outcome::Accepted;
    let value = if args.records {
        records(&told, &collected)?
    } else {
        orders(&told, &summary, collected)?
    };
    Ok((accepted, value))
}

fn shown(args: &ParseArgs, value: &Value) -> String {
    if args.json || args.records {
        format!("{value}\n")
    } else {
        parsed(value, &Look::of_stdout())
    }
}

fn candidate(name: &str) -> Candidate {
    Candidate {
        profile: Some(name.to_owned()),
        ..Candidate::default()
    }
}

pub(super) fn read(path: &Path) -> Result<Bytes, String> {
    let open = || -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let most = limits::FILE_BYTES + 1;
        if path.as_os_str() == "-" {
            std::io::stdin().lock().take(most).read_to_end(&mut bytes)?;
        } else {
            std::fs::File::open(path)?
                .take(most)
                .read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    };
    let bytes = open().map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limits::FILE_BYTES {
        return Err(format!(
            "larger than {} MB, too large to be an order file",
            limits::FILE_BYTES >> 20
        ));
    }
    Ok(Bytes::from(bytes))
}

pub(super) fn ended_as_problem(ended: Ended) -> Result<Problem, String> {
    match ended {
        Ended::Limit(problem) => Ok(*problem),
        Ended::Died { how, .. } => Ok(Problem::error(
            "file.unreadable",
            format!("Our reader could not read this file: it ended ({how})."),
        )),
        Ended::Failed(failure) => Err(failure.to_string()),
    }
}

pub(super) fn rejected() -> Summary {
    Summary {
        outcome: Outcome::Rejected,
        format: None,
        profile: None,
        candidate: None,
        orders: 0,
        withheld: 0,
        withheld_rows: Vec::new(),
        problems_left_out: 0,
        correctable: false,
    }
}

/// The object that `parse --json` prints for a file.
pub(super) fn orders(file: &str, summary: &Summary, collected: Collected) -> Result<Value, String> {
    let mut orders = Vec::new();
    if summary.outcome != Outcome::Rejected {
        for parsed in collected.orders {
            let mut order: Value =
                serde_json::from_slice(&parsed.content).map_err(|error| error.to_string())?;
            let origin: Value =
                serde_json::from_str(&parsed.origin).map_err(|error| error.to_string())?;
            if let Some(order) = order.as_object_mut() {
                order.insert("origin".to_owned(), origin);
            }
            orders.push(order);
        }
    }
    Ok(json!({
        "file": file,
        "format": summary.format,
        "profile": summary.profile.as_ref().map(|profile| &profile.name),
        "outcome": summary.outcome,
        "orders": orders,
        "status_updates": collected.updates,
        "problems": collected.problems,
        "problems_left_out": summary.problems_left_out,
    }))
}

/// The same with what the format read instead of orders.
pub(super) fn records(file: &str, collected: &Collected) -> Result<Value, String> {
    let mut value: Value = if collected.output.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&collected.output).map_err(|error| error.to_string())?
    };
    if let Some(object) = value.as_object_mut() {
        object.insert("file".to_owned(), json!(file));
        if !collected.problems.is_empty() {
            object.insert("problems".to_owned(), json!(collected.problems));
        }
    }
    Ok(value)
}

fn complain(what: &dyn std::fmt::Display, exit: Exit) -> Exit {
    // Nowhere to say that saying it failed.
    writeln!(std::io::stderr(), "orderdock: {what}").unwrap_or_default();
    exit
}
