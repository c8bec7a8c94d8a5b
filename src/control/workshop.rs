//! What a person does with profiles and originals: look at them, try them, save a new version.
//!
//! Every sample and every original is read in a child, as the daemon reads files. A draft is compiled
//! before anything is written, and what is saved is what `orderdock profile` finds in the folder.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Desk;
use crate::arrival::FileId;
use crate::failure::Failure;
use crate::ledger::{FileRow, Ledger, Who};
use crate::problem::{Place, Problem};
use crate::profiles::{ExplainedOrder, Suggestion, Summary};

pub use crate::formats::FormatKind;
pub use crate::formats::show::{Shown, ShownLine, ShownRow, ShownTable};

/// A profile that the daemon knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileRow {
    /// Its name.
    pub name: String,
    /// One line for lists.
    pub title: String,
    /// Its version, as its text says.
    pub version: String,
    /// Hex of the SHA-256 of its text.
    pub hash: String,
    /// What it reads.
    pub reads: String,
    /// Whether it came with the product.
    pub built_in: bool,
    /// Whether it is tried on files for which no route names a profile.
    pub recognised: bool,
    /// The names of its samples.
    pub samples: Vec<String>,
}

/// A file to read without keeping anything.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Its name: a label, whose ending helps to recognise it.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// Read as this; `None`: the bytes tell.
    pub format: Option<FormatKind>,
}

/// A profile that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is called.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// With what a sample is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// With whatever profile recognises it.
    Any,
    /// With a profile that is known.
    Known(String),
    /// With a draft.
    Draft(Draft),
}

/// What became of a sample, and where every field came from.
#[derive(Debug, Serialize)]
pub struct Explanation {
    /// How it was read and what became of it.
    pub summary: Summary,
    /// The findings.
    pub problems: Vec<Problem>,
    /// Field by field: as many of the first orders as are worth looking at.
    pub orders: Vec<ExplainedOrder>,
}

/// A draft that was saved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Saved {
    /// Its name.
    pub name: String,
    /// Its version: another one than before.
    pub version: String,
    /// The file that it is in now.
    pub file: String,
    /// What does not follow from saving it.
    pub notes: Vec<String>,
}

/// Why a draft is not saved, or a sample not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The mistakes in the text, one a line.
    Text(Vec<String>),
    /// Samples that would give something else, and what.
    Samples(Vec<String>),
    /// The folder cannot be written, no child can be started: ours or the operator's; in a sentence.
    Failed(String),
}

/// What only a running daemon has the means for.
#[async_trait]
pub trait Workshop: Send + Sync {
    /// The known profiles, the operator's own first.
    fn known(&self) -> Vec<ProfileRow>;

    /// The text of one of them.
    fn text(&self, profile: &str) -> Option<String>;

    /// What would be sent of a sample and every problem in it, or with `records` what its format reads
    /// before any profile: the object that `orderdock parse` prints.
    async fn parse(
        &self,
        sample: Sample,
        profile: Option<String>,
        records: bool,
    ) -> Result<Value, Unfit>;

    /// A starting profile for a sample, or why there is none.
    async fn suggest(&self, sample: Sample) -> Result<Suggestion, Unfit>;

    /// Reads a sample and tells where every field came from.
    async fn explain(&self, sample: Sample, with: With) -> Result<Explanation, Unfit>;

    /// Writes a draft into the folder of profiles, with a sample as a test, and reads the
    /// configuration again. Samples that then give something else stop it, unless `anyway`.
    async fn save(
        &self,
        draft: Draft,
        sample: Option<Sample>,
        anyway: bool,
    ) -> Result<Saved, Unfit>;

    /// An original as a page shows it, with these places marked.
    async fn show(
        &self,
        ledger: Arc<dyn Ledger>,
        file: &FileRow,
        places: Vec<Place>,
    ) -> Result<Shown, Unfit>;
}

impl Desk {
    /// What is done with profiles and originals.
    #[must_use]
    pub fn workshop(&self) -> &dyn Workshop {
        &*self.live
    }

    /// Saves a draft and records who did.
    ///
    /// # Errors
    /// Why it was not saved.
    pub async fn save_profile(
        &self,
        draft: Draft,
        sample: Option<Sample>,
        anyway: bool,
        who: &Who,
    ) -> Result<Saved, Unfit> {
        let saved = self.live.save(draft, sample, anyway).await?;
        let what = format!(
            "saved the profile {}, version {}",
            saved.name, saved.version
        );
        self.ledger
            .note(&what, who)
            .await
            .map_err(|failure| Unfit::Failed(failure.to_string()))?;
        Ok(saved)
    }

    /// The original of a file as a page shows it, with what was found in it marked. The findings come
    /// with it, in the order of the marks.
    ///
    /// # Errors
    /// Why it cannot be shown.
    pub async fn original(&self, id: FileId) -> Result<Option<(Shown, Vec<Problem>)>, Unfit> {
        let failed = |failure: Failure| Unfit::Failed(failure.to_string());
        let Some(story) = self.ledger.file(id).await.map_err(failed)? else {
            return Ok(None);
        };
        let mut problems = story.problems;
        problems.retain(|problem| !problem.place.is_empty());
        problems.truncate(crate::limits::SHOWN_MARKS);
        let places = problems.iter().map(|problem| problem.place.clone());
        let ledger = Arc::clone(&self.ledger);
        let shown = self
            .live
            .show(ledger, &story.file, places.collect())
            .await?;
        Ok(Some((shown, problems)))
    }
}
