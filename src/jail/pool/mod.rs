//! The parent's side: how many children there are, who has one, when one is replaced.

mod child;
mod ends;
mod told;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::{Collected, Ended, Events, Job, Read, Supply};
use crate::clock;
use crate::limits;
use crate::measure;
use child::Child;
use ends::{Trouble, failed, lost};

/// The profile texts that children compile: name and TOML.
pub type Texts = Vec<(String, String)>;

/// The pool. Cheap to clone; ends its children when the last clone is dropped.
#[derive(Clone)]
pub struct Jail {
    shared: Arc<Shared>,
}

struct Shared {
    program: PathBuf,
    texts: ArcSwap<Texts>,
    places: Semaphore,
    size: usize,
    idle: Mutex<VecDeque<Child>>,
}

impl Jail {
    /// A pool of at most `size` children of `program` (this binary) with these profiles. Starts none
    /// until there is work.
    #[must_use]
    pub fn new(program: PathBuf, size: usize, texts: Texts) -> Self {
        let size = size.max(1);
        Self {
            shared: Arc::new(Shared {
                program,
                texts: ArcSwap::from_pointee(texts),
                places: Semaphore::new(size),
                size,
                idle: Mutex::new(VecDeque::new()),
            }),
        }
    }

    /// How many files may be read at the same time.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shared.size
    }

    /// Other profiles from now on; children with the old ones finish and end.
    pub fn set_profiles(&self, texts: Texts) {
        self.shared.texts.store(Arc::new(texts));
    }

    /// Reads one file, alone in its child.
    ///
    /// # Errors
    /// See [`Ended`].
    pub async fn read(&self, job: &Job, supply: &dyn Supply, events: &mut dyn Events) -> Read {
        let place = self.shared.places.acquire().await;
        let _place = place.map_err(|error| failed("waiting for a child", &error))?;
        let mut child = self.child().await?;
        let began = clock::moment();
        let result = child.converse(job, supply, events).await;
        measure::READS.waited(began);
        let result = self.conclude(child, result, true).await;
        tally(&result);
        result.map_err(|ended| ended.for_file(&job.name))
    }

    /// Reads small files together in one child. If it dies, the answers of those it had not
    /// finished are `Died { alone: false }`: read each again alone.
    pub async fn read_together(&self, jobs: Vec<(Job, Bytes)>) -> Vec<(Collected, Read)> {
        let count = jobs.len();
        if count == 0 {
            return Vec::new();
        }
        let mut answers = Vec::with_capacity(count);
        let place = self.shared.places.acquire().await;
        let result = match (place, self.child().await) {
            (Ok(_place), Ok(mut child)) => {
                let began = clock::moment();
                let result = child.converse_together(&jobs, &mut answers).await;
                measure::READS.waited(began);
                measure::FILES_READ.add(answers.len() as u64);
                self.conclude(child, result, count == 1).await.map(drop)
            }
            (_, Err(ended)) => Err(ended),
            (Err(error), _) => Err(failed("waiting for a child", &error)),
        };
        let ended = result.err();
        if let Some(ended) = &ended {
            // What the child did not come to is read again alone, and counted then.
            tally(&Err::<(), _>(ended));
        }
        answers.resize_with(count, || {
            let ended = ended.as_ref().map_or_else(lost, Ended::copy);
            (Collected::default(), Err(ended))
        });
        answers
    }

    /// An idle child with today's profiles, or a new one.
    async fn child(&self) -> Result<Child, Ended> {
        let texts = self.shared.texts.load_full();
        loop {
            let idle = self.idle().pop_back();
            match idle {
                Some(child) if Arc::ptr_eq(&child.texts, &texts) => return Ok(child),
                Some(mut outdated) => outdated.end().await,
                None => return Child::start(&self.shared.program, texts).await,
            }
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, VecDeque<Child>> {
        self.shared
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a healthy child back; buries any other and says how it ended.
    async fn conclude<T>(
        &self,
        mut child: Child,
        result: Result<T, Trouble>,
        alone: bool,
    ) -> Result<T, Ended> {
        match result {
            Ok(value) => {
                if child.files < limits::CHILD_FILES && child.memory() < limits::CHILD_KEEP_BYTES {
                    child.used = clock::moment();
                    self.keep(child);
                } else {
                    child.end().await;
                }
                Ok(value)
            }
            Err(trouble) => Err(child.bury(trouble, alone).await),
        }
    }

    /// Keeps an idle child, and lets go of it when it stays idle.
    fn keep(&self, child: Child) {
        let used = child.used;
        self.idle().push_back(child);
        let shared = Arc::downgrade(&self.shared);
        tokio::spawn(async move {
            tokio::time::sleep(limits::CHILD_IDLE).await;
            let Some(shared) = shared.upgrade() else {
                return;
            };
            let mut idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner);
            // Only the child that has not worked since: dropping it ends it.
            idle.retain(|child| child.used != used);
        });
    }
}

/// Counts how a file ended.
fn tally<T, E: std::borrow::Borrow<Ended>>(result: &Result<T, E>) {
    let counter = match result.as_ref().map_err(std::borrow::Borrow::borrow) {
        Ok(_) => &measure::FILES_READ,
        Err(Ended::Limit(_)) => &measure::FILES_LIMITED,
        Err(Ended::Died { .. }) => &measure::FILES_DIED,
        Err(Ended::Failed(_)) => &measure::FILES_FAILED,
    };
    counter.add(1);
}
