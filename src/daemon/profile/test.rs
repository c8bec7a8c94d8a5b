//! `orderdock profile test`: the samples kept beside a profile, and what they gave before.
//!
//! `profiles/acme.toml` has its samples in `profiles/acme.samples/`, each beside what is expected of
//! it: `orders.csv` and `orders.csv.expected.json`, in the form that `parse --json` prints, without
//! the file's own name.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Done, Own, at, failed, read, show};
use crate::cli::{Exit, TestArgs};
use crate::jail::{Jail, Mode};
use crate::limits;

const EXPECTED: &str = ".expected.json";

pub(super) async fn run(args: &TestArgs, config: &Path) -> Done {
    let mut exit = Exit::Done;
    let mut tested = 0;
    let files: Vec<&String> = args.profiles.iter().filter(|name| is_file(name)).collect();
    for path in &files {
        let (own, name) = Own::of_file(Path::new(path))?;
        let jail = super::super::jail(1, own.texts);
        let folder = Path::new(path).with_extension("samples");
        tested += all(args, &jail, &name, &folder, &mut exit).await?;
    }
    if files.len() < args.profiles.len() || args.profiles.is_empty() {
        let own = Own::load(config)?;
        for name in args.profiles.iter().filter(|name| !is_file(name)) {
            if own.set.get(name).is_none() {
                return Err(own.unknown(name));
            }
        }
        let places = places(&own);
        let jail = super::super::jail(1, own.texts);
        for (name, folder) in places {
            if args.profiles.is_empty() || args.profiles.contains(&name) {
                tested += all(args, &jail, &name, &folder, &mut exit).await?;
            }
        }
    }
    if tested == 0 {
        let what = "there are no samples to test; they lie in NAME.samples/ beside NAME.toml";
        return Err(failed(what));
    }
    Ok(exit)
}

fn is_file(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|end| end == "toml")
}

/// The profiles' names with the folders of their samples.
fn places(own: &Own) -> Vec<(String, PathBuf)> {
    let labels = own.texts.iter().map(|(label, _)| label);
    let own_files = labels.filter(|label| !crate::profiles::is_table(label));
    let names = own.set.known().filter(|known| !known.built_in);
    names
        .zip(own_files)
        .map(|(known, label)| {
            (
                known.known_as.name,
                Path::new(label).with_extension("samples"),
            )
        })
        .collect()
}

/// Tests the samples of one profile; answers how many there were.
async fn all(
    args: &TestArgs,
    jail: &Jail,
    profile: &str,
    folder: &Path,
    exit: &mut Exit,
) -> Result<usize, (String, Exit)> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Ok(0);
    };
    let mut samples: Vec<PathBuf> = entries
        .take(limits::SAMPLES)
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with(EXPECTED))
        .collect();
    samples.sort();
    for sample in &samples {
        let (verdict, differences) = one(args, jail, profile, sample).await.map_err(failed)?;
        if verdict != "ok" && verdict != "written" {
            *exit = Exit::Failed;
        }
        let shown = sample.display();
        if args.json {
            let line = json!({
                "profile": profile,
                "sample": shown.to_string(),
                "verdict": verdict,
                "differences": differences,
            });
            show(&format!("{line}\n"));
            continue;
        }
        show(&format!("{verdict:<8} {shown}\n"));
        for difference in differences {
            show(&format!("         {difference}\n"));
        }
    }
    Ok(samples.len())
}

async fn one(
    args: &TestArgs,
    jail: &Jail,
    profile: &str,
    sample: &Path,
) -> Result<(&'static str, Vec<String>), String> {
    let bytes = super::super::parse::read(sample).map_err(|why| at(sample, &why))?;
    let (collected, summary) = read(jail, Mode::Orders, sample, bytes, None, Some(profile)).await?;
    let mut now = super::super::parse::orders("", &summary, collected)?;
    if let Some(now) = now.as_object_mut() {
        now.remove("file");
    }
    let beside = PathBuf::from(format!("{}{EXPECTED}", sample.display()));
    if args.update {
        let text = serde_json::to_string_pretty(&now).map_err(|error| error.to_string())?;
        std::fs::write(&beside, text + "\n").map_err(|error| at(&beside, &error))?;
        return Ok(("written", Vec::new()));
    }
    if !beside.exists() {
        let what = format!("{} is missing; write it with --update", beside.display());
        return Ok(("unknown", vec![what]));
    }
    let text = super::super::parse::read(&beside).map_err(|why| at(&beside, &why))?;
    let before: Value = serde_json::from_slice(&text).map_err(|error| at(&beside, &error))?;
    let differences = differences(&before, &now);
    let verdict = if differences.is_empty() {
        "ok"
    } else {
        "differs"
    };
    Ok((verdict, differences))
}

/// What differs between two outcomes of a sample.
pub(in crate::daemon) fn differences(before: &Value, now: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    compare("", before, now, &mut differences);
    differences
}

/// What differs, each with its path; at most as many as a message names.
fn compare(path: &str, before: &Value, now: &Value, into: &mut Vec<String>) {
    if before == now || into.len() >= limits::NAMES_IN_MESSAGE {
        return;
    }
    match (before, now) {
        (Value::Object(old), Value::Object(new)) => {
            let keys = old
                .keys()
                .chain(new.keys().filter(|key| !old.contains_key(*key)));
            for key in keys {
                let inner = format!("{path}.{key}");
                let (old, new) = (old.get(key), new.get(key));
                compare(
                    &inner,
                    old.unwrap_or(&Value::Null),
                    new.unwrap_or(&Value::Null),
                    into,
                );
            }
        }
        (Value::Array(old), Value::Array(new)) => {
            for at in 0..old.len().max(new.len()) {
                let inner = format!("{path}[{at}]");
                let (old, new) = (old.get(at), new.get(at));
                compare(
                    &inner,
                    old.unwrap_or(&Value::Null),
                    new.unwrap_or(&Value::Null),
                    into,
                );
            }
        }
        _ => into.push(format!(
            "{}: expected {}, now {}",
            path.trim_start_matches('.'),
            short(before),
            short(now)
        )),
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        value => crate::problem::excerpt(&value.to_string()),
    }
}
