//! Profiles and originals in a running daemon: read in children, saved into the folder.

mod read;
mod save;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::live::Daemon;
use super::parse;
use crate::arrival::FileId;
use crate::cli::ParseArgs;
use crate::control::{Draft, Explanation, ProfileRow, Sample, Saved, Shown, Unfit, With, Workshop};
use crate::failure::Failure;
use crate::formats::{FormatKind, ReadOptions};
use crate::jail::{Job, Mode, Supply, Texts};
use crate::ledger::{FileRow, Ledger};
use crate::limits;
use crate::problem::Place;
use crate::profiles::{Candidate, ExplainedOrder, MapOptions, ProfileSet, Suggestion, is_table};

/// The profiles of the configuration that runs now.
pub(super) struct Bench {
    pub(super) texts: Texts,
    pub(super) set: ProfileSet,
    /// Where the operator's own lie.
    pub(super) folder: PathBuf,
}

impl Bench {
    /// The file of one of the operator's own profiles: texts and profiles are in the same order.
    fn file(&self, profile: &str) -> Option<PathBuf> {
        let labels = self.texts.iter().map(|(label, _)| label);
        let mut own = self
            .set
            .known()
            .zip(labels.filter(|label| !is_table(label)));
        let found = own.find(|(known, _)| known.known_as.name == profile && !known.built_in);
        found.map(|(_, label)| PathBuf::from(label))
    }
}

/// The samples that lie beside a profile.
fn samples(profile: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(profile.with_extension("samples")) else {
        return Vec::new();
    };
    let mut samples: Vec<PathBuf> = entries
        .take(limits::SAMPLES)
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.is_file() && !path.to_string_lossy().ends_with(save::EXPECTED))
        .collect();
    samples.sort();
    samples
}

#[async_trait]
impl Workshop for Daemon {
    fn known(&self) -> Vec<ProfileRow> {
        let now = self.now.load();
        let bench = &now.bench;
        let known = bench.set.known().map(|known| {
            let file = bench.file(&known.known_as.name);
            let names = file.iter().flat_map(|file| samples(file));
            let names =
                names.filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
            ProfileRow {
                samples: names.collect(),
                name: known.known_as.name,
                title: known.title,
                version: known.known_as.version,
                hash: known.known_as.hash,
                reads: known.reads.to_owned(),
                built_in: known.built_in,
                recognised: known.recognised,
            }
        });
        known.collect()
    }

    fn text(&self, profile: &str) -> Option<String> {
        self.now.load().bench.set.text(profile).map(str::to_owned)
    }

    async fn parse(
        &self,
        sample: Sample,
        profile: Option<String>,
        records: bool,
    ) -> Result<Value, Unfit> {
        let _place = self.place().await?;
        let args = ParseArgs {
            files: Vec::new(),
            profile: None,
            format: sample.format,
            json: true,
            records,
        };
        let named = (sample.name.as_str(), sample.name.clone());
        let parsed = parse::value(&args, &self.jail, profile.as_deref(), named, sample.bytes).await;
        parsed.map(|(_, value)| value).map_err(Unfit::Failed)
    }

    async fn suggest(&self, sample: Sample) -> Result<Suggestion, Unfit> {
        let _place = self.place().await?;
        let job = job(&sample, Mode::Suggest, None);
        let (_, collected) = read::few(&self.jail, &job, sample.bytes).await?;
        if collected.output.is_empty() {
            let why = collected.problems.iter().map(ToString::to_string);
            return Err(Unfit::Text(why.collect()));
        }
        serde_json::from_slice(&collected.output).map_err(|error| Unfit::Failed(error.to_string()))
    }

    async fn explain(&self, sample: Sample, with: With) -> Result<Explanation, Unfit> {
        let _place = self.place().await?;
        let (jail, profile) = match with {
            With::Any => (self.jail.clone(), None),
            With::Known(name) => (self.jail.clone(), Some(name)),
            With::Draft(draft) => {
                let texts = save::texts_with(&self.now.load().bench, &draft)?;
                (super::jail(1, texts), Some(draft.name))
            }
        };
        let job = job(&sample, Mode::Explain, profile.as_deref());
        let (summary, collected) = read::few(&jail, &job, sample.bytes).await?;
        // A line that was cut off where there was no more room is not one.
        let lines = collected.output.split_inclusive(|byte| *byte == b'\n');
        let orders = lines
            .filter(|line| line.ends_with(b"\n") && line.len() > 1)
            .map(serde_json::from_slice)
            .collect::<Result<Vec<ExplainedOrder>, _>>()
            .map_err(|error| Unfit::Failed(error.to_string()))?;
        Ok(Explanation {
            summary,
            problems: collected.problems,
            orders,
        })
    }

    async fn save(
        &self,
        draft: Draft,
        sample: Option<Sample>,
        anyway: bool,
    ) -> Result<Saved, Unfit> {
        let _place = self.place().await?;
        let plan = save::plan(&self.now.load().bench, draft)?;
        save::save(self, plan, sample, anyway).await
    }

    async fn show(
        &self,
        ledger: Arc<dyn Ledger>,
        file: &FileRow,
        places: Vec<Place>,
    ) -> Result<Shown, Unfit> {
        let _place = self.place().await?;
        let declared = self.now.load().reads.get(&file.source).cloned();
        let job = Job {
            mode: Mode::Show(places),
            name: file.name.clone(),
            size: file.bytes,
            read: declared.unwrap_or_default(),
            forced: file.format.as_deref().and_then(FormatKind::parse),
            map: MapOptions::default(),
        };
        let supply = Stored {
            ledger,
            file: file.id,
        };
        let mut sink = read::Few::default();
        let read = self.jail.read(&job, &supply, &mut sink).await;
        if let Err(ended) = read {
            let problem = parse::ended_as_problem(ended).map_err(Unfit::Failed)?;
            return Err(Unfit::Text(vec![problem.to_string()]));
        }
        serde_json::from_slice(&sink.0.output).map_err(|error| Unfit::Failed(error.to_string()))
    }
}

impl Daemon {
    /// A place among the few files that are read for people at a time.
    async fn place(&self) -> Result<tokio::sync::SemaphorePermit<'_>, Unfit> {
        let place = self.tries.acquire().await;
        place.map_err(|error| Unfit::Failed(error.to_string()))
    }
}

fn job(sample: &Sample, mode: Mode, profile: Option<&str>) -> Job {
    let candidate = profile.map(|name| Candidate {
        profile: Some(name.to_owned()),
        ..Candidate::default()
    });
    Job {
        mode,
        name: sample.name.clone(),
        size: sample.bytes.len() as u64,
        read: ReadOptions::default(),
        forced: sample.format,
        map: MapOptions {
            file: sample.name.clone(),
            sha256: hex::encode(Sha256::digest(&sample.bytes)),
            candidates: candidate.into_iter().collect(),
        },
    }
}

/// A file's bytes in the ledger.
struct Stored {
    ledger: Arc<dyn Ledger>,
    file: FileId,
}

#[async_trait]
impl Supply for Stored {
    async fn bytes(&self, offset: u64, length: usize) -> Result<Bytes, Failure> {
        let bytes = self.ledger.bytes(self.file, offset, length).await?;
        bytes.ok_or_else(|| Failure::operator("reading stored bytes", "they are past retention"))
    }
}
