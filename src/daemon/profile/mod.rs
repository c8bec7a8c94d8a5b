//! `orderdock profile`: suggestions, lists, explanations, tests and imports. Files are read in a
//! child, as the daemon would; nothing needs a configuration, but one that is there lends its
//! profiles.

mod explain;
mod test;

pub(in crate::daemon) use test::differences;

use std::io::Write;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::cli::{Exit, ImportArgs, ListArgs, Look, ProfileCommand, SuggestArgs, profiles_table};
use crate::formats::{FormatKind, ReadOptions};
use crate::jail::{Collected, InMemory, Jail, Job, Mode, Texts};
use crate::limits;
use crate::profiles::{self, Candidate, MapOptions, Outcome, ProfileSet, Suggestion, Summary};

/// Runs a command on profiles; `config` is where the configuration would be.
#[must_use]
pub fn profile(command: &ProfileCommand, config: &Path) -> Exit {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error, Exit::Ours),
    };
    let done = match command {
        ProfileCommand::Suggest(args) => runtime.block_on(suggest(args)),
        ProfileCommand::List(args) => list(args, config),
        ProfileCommand::Explain(args) => runtime.block_on(explain::run(args, config)),
        ProfileCommand::Test(args) => runtime.block_on(test::run(args, config)),
        ProfileCommand::Import(args) => import(args),
    };
    done.unwrap_or_else(|(words, exit)| complain(&words, exit))
}

/// How a command ended, or why it could not be done.
type Done = Result<Exit, (String, Exit)>;

fn failed(words: impl Into<String>) -> (String, Exit) {
    (words.into(), Exit::Failed)
}

fn usage(words: impl Into<String>) -> (String, Exit) {
    (words.into(), Exit::Usage)
}

async fn suggest(args: &SuggestArgs) -> Done {
    let jail = super::jail(1, Texts::new());
    let bytes = super::parse::read(&args.file).map_err(|why| failed(at(&args.file, &why)))?;
    let suggestion = suggestion(&jail, &args.file, bytes, args.format)
        .await
        .map_err(|why| failed(at(&args.file, &why)))?;
    if args.json {
        show(&format!("{}\n", json!(suggestion)));
    } else {
        show(&suggestion.profile);
    }
    Ok(Exit::Done)
}

/// A starting profile for a sample, or why there is none.
async fn suggestion(
    jail: &Jail,
    path: &Path,
    bytes: Bytes,
    forced: Option<FormatKind>,
) -> Result<Suggestion, String> {
    let (collected, summary) = read(jail, Mode::Suggest, path, bytes, forced, None).await?;
    if summary.outcome != Outcome::Accepted {
        let why = collected.problems.first().map(ToString::to_string);
        return Err(why.unwrap_or_default());
    }
    serde_json::from_slice(&collected.output).map_err(|error| error.to_string())
}

fn list(args: &ListArgs, config: &Path) -> Done {
    let own = Own::load(config)?;
    if let Some(name) = &args.show {
        let text = own.set.text(name).ok_or_else(|| own.unknown(name))?;
        show(text);
        return Ok(Exit::Done);
    }
    let known: Vec<_> = own.set.known().collect();
    if args.json {
        for known in known {
            let line = json!({
                "name": known.known_as.name,
                "title": known.title,
                "version": known.known_as.version,
                "hash": known.known_as.hash,
                "reads": known.reads,
                "built_in": known.built_in,
                "recognised": known.recognised,
            });
            show(&format!("{line}\n"));
        }
    } else {
        show(&profiles_table(&known, &Look::of_stdout()));
    }
    Ok(Exit::Done)
}

fn import(args: &ImportArgs) -> Done {
    let bytes = super::parse::read(&args.file).map_err(|why| failed(at(&args.file, &why)))?;
    if bytes.len() as u64 > limits::CONFIG_BYTES {
        return Err(failed(at(&args.file, &"too large to be a mapping")));
    }
    let text = String::from_utf8_lossy(&bytes);
    let stem = args
        .file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let name = args
        .name
        .clone()
        .or(stem)
        .unwrap_or_else(|| "imported".to_owned());
    let (profile, lost) =
        profiles::import(&name, &text).map_err(|why| failed(at(&args.file, &why)))?;
    if args.json {
        show(&format!(
            "{}\n",
            json!({ "profile": profile, "lost": lost })
        ));
    } else {
        show(&profile);
    }
    match lost {
        0 => Ok(Exit::Done),
        1 => Ok(complain(
            &"1 line was not understood; it is a comment now",
            Exit::Failed,
        )),
        lost => Ok(complain(
            &format!("{lost} lines were not understood; they are comments now"),
            Exit::Failed,
        )),
    }
}

/// The profiles beside a configuration, and the built-in ones.
struct Own {
    texts: Texts,
    set: ProfileSet,
}

impl Own {
    /// Those in the folder `profiles` beside `config`; a configuration need not be there.
    fn load(config: &Path) -> Result<Self, (String, Exit)> {
        let folder = config.parent().unwrap_or(Path::new(".")).join("profiles");
        Self::of(labelled(crate::config::profile_texts(&folder)).map_err(usage)?)
    }

    /// A profile file of one's own with the look-up tables beside it; its name comes second.
    fn of_file(path: &Path) -> Result<(Self, String), (String, Exit)> {
        let text = super::parse::read(path).map_err(|why| usage(at(path, &why)))?;
        let text = String::from_utf8(text.to_vec()).map_err(|error| usage(at(path, &error)))?;
        let tables = tables_beside(path, &text).map_err(usage)?;
        let mut texts = vec![(path.display().to_string(), text)];
        texts.extend(tables);
        let own = Self::of(texts)?;
        // The operator's own are the first.
        let name = own.set.known().next().map(|known| known.known_as.name);
        Ok((own, name.unwrap_or_default()))
    }

    fn of(texts: Texts) -> Result<Self, (String, Exit)> {
        let set = ProfileSet::load(texts.clone()).map_err(|errors| {
            let lines: Vec<_> = errors.iter().map(ToString::to_string).collect();
            usage(lines.join("\n"))
        })?;
        Ok(Self { texts, set })
    }

    fn unknown(&self, name: &str) -> (String, Exit) {
        let known: Vec<_> = self.set.known().map(|known| known.known_as.name).collect();
        let hint = crate::config::hint(name, known.iter().map(String::as_str));
        usage(format!("there is no profile “{name}”{hint}"))
    }
}

/// The look-up tables beside a profile that its text names.
pub(super) fn tables_beside(path: &Path, text: &str) -> Result<Texts, String> {
    labelled(crate::config::tables_of(path, text))
}

/// Texts by the names of their files, unless one cannot be read.
fn labelled((texts, wrong): (Files, Files)) -> Result<Texts, String> {
    if let Some((path, why)) = wrong.first() {
        return Err(at(path, why));
    }
    let label = |(path, text): (PathBuf, String)| (path.display().to_string(), text);
    Ok(texts.into_iter().map(label).collect())
}

/// Files with their texts.
type Files = Vec<(PathBuf, String)>;

/// Reads a file in a child.
async fn read(
    jail: &Jail,
    mode: Mode,
    path: &Path,
    bytes: Bytes,
    forced: Option<FormatKind>,
    profile: Option<&str>,
) -> Result<(Collected, Summary), String> {
    let name = path
        .file_name()
        .map_or_else(|| "-".into(), |name| name.to_string_lossy());
    let job = Job {
        mode,
        name: name.clone().into_owned(),
        size: bytes.len() as u64,
        read: ReadOptions::default(),
        forced,
        map: MapOptions {
            file: name.into_owned(),
            sha256: hex::encode(Sha256::digest(&bytes)),
            candidates: profile
                .map(|name| Candidate {
                    profile: Some(name.to_owned()),
                    ..Candidate::default()
                })
                .into_iter()
                .collect(),
        },
    };
    let mut collected = Collected::default();
    let summary = match jail.read(&job, &InMemory(bytes), &mut collected).await {
        Ok(summary) => summary,
        Err(ended) => {
            collected
                .problems
                .push(super::parse::ended_as_problem(ended)?);
            super::parse::rejected()
        }
    };
    Ok((collected, summary))
}

fn at(path: &Path, why: &dyn std::fmt::Display) -> String {
    format!("{}: {why}", path.display())
}

fn show(text: &str) {
    // A reader that went away (`| head`) is no failure.
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .unwrap_or_default();
}

fn complain(what: &dyn std::fmt::Display, exit: Exit) -> Exit {
    // Nowhere to say that saying it failed.
    writeln!(std::io::stderr(), "orderdock: {what}").unwrap_or_default();
    exit
}
