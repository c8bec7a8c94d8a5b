//! Saving a draft: compiled with all the others, its samples read with it, then written, then in use.
//!
//! A file is replaced whole or not at all. What used to be there is kept by the ledger if a file was
//! ever read with it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use rustix::fs::CWD;
use serde_json::Value;

use super::{Bench, Daemon, job, read, samples};
use crate::control::{Draft, Live, Sample, Saved, Unfit};
use crate::daemon::{parse, profile};
use crate::jail::{Jail, Mode, Texts};
use crate::limits;
use crate::names;
use crate::profiles::{ProfileSet, is_table};

/// The ending of what a sample is expected to give.
pub(super) const EXPECTED: &str = ".expected.json";

/// A draft that compiles, and where it belongs.
pub(super) struct Plan {
    name: String,
    version: String,
    text: String,
    path: PathBuf,
    texts: Texts,
}

/// All texts with the draft in its place.
pub(super) fn texts_with(bench: &Bench, draft: &Draft) -> Result<Texts, Unfit> {
    let path = place(bench, &draft.name)?;
    let label = path.display().to_string();
    let mut texts = bench.texts.clone();
    if let Some((_, text)) = texts.iter_mut().find(|(other, _)| *other == label) {
        text.clone_from(&draft.text);
    } else {
        // Profiles come before the tables that they name.
        let at = texts.iter().position(|(label, _)| is_table(label));
        let own = (label.clone(), draft.text.clone());
        texts.insert(at.unwrap_or(texts.len()), own);
    }
    let set = ProfileSet::load(texts.clone()).map_err(|errors| {
        let lines = errors.iter().map(|error| {
            let text = error.to_string();
            text.replace(&label, &format!("{}.toml", draft.name))
        });
        Unfit::Text(lines.collect())
    })?;
    if set.text(&draft.name) != Some(draft.text.as_str()) {
        let line = format!(
            "{name}.toml: the text does not say `name = \"{name}\"`",
            name = draft.name
        );
        return Err(Unfit::Text(vec![line]));
    }
    Ok(texts)
}

/// Where a profile of this name lies, or would.
fn place(bench: &Bench, name: &str) -> Result<PathBuf, Unfit> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = !name.is_empty()
        && name.len() <= limits::PROFILE_NAME
        && !name.starts_with('-')
        && name.bytes().all(plain);
    if !fits {
        let line = "the name of a profile is made of a-z, 0-9 and -, such as acme-orders";
        return Err(Unfit::Text(vec![line.to_owned()]));
    }
    Ok(bench
        .file(name)
        .unwrap_or_else(|| bench.folder.join(format!("{name}.toml"))))
}

/// What is to be written: a changed text gets another version than the one it takes the place of.
pub(super) fn plan(bench: &Bench, mut draft: Draft) -> Result<Plan, Unfit> {
    // Browsers send CR LF.
    draft.text = draft.text.replace("\r\n", "\n");
    texts_with(bench, &draft)?;
    let before = bench.set.get(&draft.name);
    let changed = bench.set.text(&draft.name) != Some(draft.text.as_str());
    let same = |version: &str| {
        before
            .as_ref()
            .is_some_and(|known| known.version == version)
    };
    let mut texts = texts_with(bench, &draft)?;
    let mut version = version_of(&texts, &draft.name);
    if changed && same(&version) {
        draft.text = with_version(&draft.text, &draft.name, &following(&version));
        texts = texts_with(bench, &draft)?;
        version = version_of(&texts, &draft.name);
        if same(&version) {
            let line = format!("give it another `version` than {version}, which is in use");
            return Err(Unfit::Text(vec![line]));
        }
    }
    Ok(Plan {
        path: place(bench, &draft.name)?,
        name: draft.name,
        text: draft.text,
        version,
        texts,
    })
}

fn version_of(texts: &Texts, name: &str) -> String {
    let set = ProfileSet::load(texts.clone()).unwrap_or_default();
    set.get(name).map(|known| known.version).unwrap_or_default()
}

/// `1` as `2`, `2026-3` as `2026-4`, `draft` as `draft-2`.
fn following(version: &str) -> String {
    let digits = version.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (front, number) = version.split_at(version.len() - digits);
    match number.parse::<u32>() {
        Ok(number) => format!("{front}{}", number.saturating_add(1)),
        Err(_) => format!("{version}-2"),
    }
}

/// The text with another version: in its line, or in one below the name.
fn with_version(text: &str, name: &str, version: &str) -> String {
    let is = |line: &str, key: &str| {
        line.trim_start()
            .strip_prefix(key)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let new = format!("version = \"{version}\"");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let top = lines
        .iter()
        .position(|line| line.starts_with('['))
        .unwrap_or(lines.len());
    let found = |key: &str| lines.iter().take(top).position(|line| is(line, key));
    match (found("version"), found("name")) {
        (Some(at), _) => {
            if let Some(line) = lines.get_mut(at) {
                *line = new;
            }
        }
        (None, Some(at)) => lines.insert(at + 1, new),
        (None, None) => lines.insert(0, format!("name = \"{name}\"\n{new}")),
    }
    lines.join("\n") + "\n"
}

/// Reads all samples with the plan, writes it, and has the configuration read again.
pub(super) async fn save(
    daemon: &Daemon,
    plan: Plan,
    sample: Option<Sample>,
    anyway: bool,
) -> Result<Saved, Unfit> {
    let jail = crate::daemon::jail(1, plan.texts.clone());
    let mut expected = Vec::new();
    let mut differences = Vec::new();
    for path in samples(&plan.path) {
        let (now, differs) = tested(&jail, &plan.name, &path).await?;
        let shown = path.file_name().unwrap_or_default().to_string_lossy();
        differences.extend(differs.into_iter().map(|what| format!("{shown}: {what}")));
        expected.push((path, now));
    }
    if !(differences.is_empty() || anyway) {
        return Err(Unfit::Samples(differences));
    }
    let folder = plan.path.with_extension("samples");
    let mut files = Vec::new();
    if let Some(sample) = sample {
        let path = beside(&folder, &sample.name)?;
        let now = given(&jail, &plan.name, &sample).await?;
        files.push((path.clone(), sample.bytes.to_vec()));
        expected.retain(|(other, _)| *other != path);
        expected.push((path, now));
    }
    for (path, now) in expected {
        let text = serde_json::to_string_pretty(&now).map_err(|error| broken(&error))?;
        let path = PathBuf::from(format!("{}{EXPECTED}", path.display()));
        files.push((path, (text + "\n").into_bytes()));
    }
    files.push((plan.path.clone(), plan.text.into_bytes()));
    let written = tokio::task::spawn_blocking(move || write_all(&folder, files)).await;
    written.map_err(|error| broken(&error))??;
    let reloaded = daemon.reload().await;
    Ok(Saved {
        name: plan.name,
        version: plan.version,
        file: plan.path.display().to_string(),
        notes: reloaded
            .err()
            .map(|why| {
                format!("It is not in use yet, as the configuration cannot be read again: {why}")
            })
            .into_iter()
            .collect(),
    })
}

fn broken(error: &dyn std::fmt::Display) -> Unfit {
    Unfit::Failed(error.to_string())
}

/// A sample's own place; its name came from outside.
fn beside(folder: &Path, name: &str) -> Result<PathBuf, Unfit> {
    let label = names::label(name.as_bytes());
    let wrong = names::is_temporary(label.as_bytes()) || label.ends_with(EXPECTED);
    let component = names::safe_component(label.as_bytes()).filter(|_| !wrong);
    let component = component.ok_or_else(|| {
        Unfit::Text(vec![format!(
            "a sample cannot be called “{label}”: give the file another name"
        )])
    })?;
    Ok(folder.join(component))
}

/// What a sample gives now, and how that differs from what it gave before.
async fn tested(jail: &Jail, name: &str, path: &Path) -> Result<(Value, Vec<String>), Unfit> {
    let bytes = parse::read(path).map_err(|why| broken(&why))?;
    let label = path.file_name().unwrap_or_default().to_string_lossy();
    let sample = Sample {
        name: label.into_owned(),
        bytes,
        format: None,
    };
    let now = given(jail, name, &sample).await?;
    let beside = PathBuf::from(format!("{}{EXPECTED}", path.display()));
    let before = parse::read(&beside)
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let differs = before.map_or_else(Vec::new, |before| profile::differences(&before, &now));
    Ok((now, differs))
}

/// What a sample gives, in the form that `parse --json` prints.
async fn given(jail: &Jail, name: &str, sample: &Sample) -> Result<Value, Unfit> {
    let job = job(sample, Mode::Orders, Some(name));
    let mut collected = crate::jail::Collected::default();
    let summary = read::whole(jail, &job, sample.bytes.clone(), &mut collected).await?;
    let mut now = parse::orders("", &summary, collected).map_err(Unfit::Failed)?;
    if let Some(now) = now.as_object_mut() {
        now.remove("file");
    }
    Ok(now)
}

/// Each file under another name first, so that nobody ever reads half of one; the profile last.
fn write_all(samples: &Path, files: Vec<(PathBuf, Vec<u8>)>) -> Result<(), Unfit> {
    let refused = |path: &Path, error: &std::io::Error| {
        Unfit::Failed(format!(
            "{} cannot be written: {error}. Let orderdock write there (under systemd: \
             ReadWritePaths), or save the text yourself",
            path.display()
        ))
    };
    if files.len() > 1 {
        fs::create_dir_all(samples).map_err(|error| refused(samples, &error))?;
    } else if let Some(folder) = samples.parent() {
        fs::create_dir_all(folder).map_err(|error| refused(folder, &error))?;
    }
    for (path, bytes) in files {
        let mut hidden = path.clone().into_os_string();
        hidden.push(".part");
        let part = PathBuf::from(hidden);
        let write = || -> std::io::Result<()> {
            let mut file = File::create(&part)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            rustix::fs::renameat(CWD, &part, CWD, &path)?;
            path.parent()
                .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(|error| refused(&path, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_text_gets_the_version_that_follows() {
        assert_eq!(following("1"), "2");
        assert_eq!(following("2026-09"), "2026-10");
        assert_eq!(following("draft"), "draft-2");
        let text = "# x\nname = \"acme\"\nversion = \"1\"\n[order]\nversion = \"@V\"\n";
        let next = with_version(text, "acme", "2");
        assert_eq!(next, text.replace("\"1\"", "\"2\""));
        let next = with_version("name = \"acme\"\n[order]\n", "acme", "2");
        assert_eq!(next, "name = \"acme\"\nversion = \"2\"\n[order]\n");
    }

    #[test]
    fn a_sample_cannot_leave_its_folder() {
        let folder = Path::new("/p/acme.samples");
        let placed = beside(folder, "in/../../orders.csv").unwrap();
        assert_eq!(placed, folder.join("in_.._.._orders.csv"));
        assert!(beside(folder, "../../etc/passwd").is_err());
        assert!(beside(folder, "..").is_err());
        assert!(beside(folder, "x.csv.expected.json").is_err());
        assert!(beside(folder, "").is_err());
    }
}
