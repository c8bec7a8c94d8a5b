//! The parent's side: children, their work, their ends.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{ChildStderr, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::frame::{self, Tag};
use super::watch::Watch;
use super::{Collected, Ended, Events, Job, ParsedOrder, Read, Supply, child};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;
use crate::measure;
use crate::order::{Order, Origin};
use crate::problem::Problem;
use crate::profiles::Summary;

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

/// One child.
struct Child {
    process: tokio::process::Child,
    stderr: Option<ChildStderr>,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    texts: Arc<Texts>,
    files: u32,
    used: Moment,
    payload: Vec<u8>,
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

/// What ended a conversation, before it is known how the child fared.
enum Trouble {
    /// The socket broke, or the child spoke rubbish.
    Broken(String),
    /// It was silent, or used too much CPU.
    Limit(Box<Problem>),
    /// Our side: bytes not supplied, findings not stored.
    Ours(Failure),
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<serde_json::Error> for Trouble {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(format!("an unreadable frame: {error}"))
    }
}

impl Child {
    async fn start(program: &PathBuf, texts: Arc<Texts>) -> Result<Self, Ended> {
        measure::CHILDREN.add(1);
        let started = Self::try_start(program, texts).await;
        started.map_err(|error| failed("starting a child process", &error))
    }

    async fn try_start(program: &PathBuf, texts: Arc<Texts>) -> std::io::Result<Self> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut process = Command::new(program)
            .arg(child::COMMAND)
            .env_clear()
            .stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let (reader, writer) = UnixStream::from_std(ours)?.into_split();
        let mut child = Self {
            stderr: process.stderr.take(),
            process,
            reader: BufReader::with_capacity(256 << 10, reader),
            writer,
            texts,
            files: 0,
            used: clock::moment(),
            payload: Vec::new(),
        };
        let json = serde_json::to_vec(&*child.texts)?;
        let mut frame = Vec::with_capacity(json.len() + 8);
        frame::push(&mut frame, Tag::Profiles, &[&json]);
        child.writer.write_all(&frame).await?;
        Ok(child)
    }

    /// One file, its bytes asked for piece by piece.
    async fn converse(
        &mut self,
        job: &Job,
        supply: &dyn Supply,
        events: &mut dyn Events,
    ) -> Result<Summary, Trouble> {
        let ready = self.files > 0;
        self.files += 1;
        let json = serde_json::to_vec(job)?;
        let mut out = Vec::with_capacity(json.len() + 8);
        frame::push(&mut out, Tag::Job, &[&json]);
        self.writer.write_all(&out).await?;
        let mut watch = Watch::new(self.process.id(), job.size, ready);
        loop {
            let (tag, payload) = self.next(&mut watch).await?;
            if tag == Tag::Want {
                let (offset, length) = wanted(&payload)?;
                let bytes = supply.bytes(offset, length).await.map_err(Trouble::Ours)?;
                out.clear();
                frame::push(&mut out, Tag::Bytes, &[&bytes]);
                self.writer.write_all(&out).await?;
            } else if let Some(summary) = tell(tag, &payload, events).await? {
                self.payload = payload;
                return Ok(summary);
            }
            // A wait for the ledger or for bytes was ours, not the child's.
            watch.heard();
        }
    }

    /// Many small files in one go: all jobs leave while the first answers already come.
    async fn converse_together(
        &mut self,
        jobs: &[(Job, Bytes)],
        answers: &mut Vec<(Collected, Read)>,
    ) -> Result<(), Trouble> {
        let mut out = Vec::new();
        for (job, bytes) in jobs {
            let json = serde_json::to_vec(job)?;
            let length = u32::try_from(json.len()).unwrap_or(u32::MAX).to_le_bytes();
            frame::push(&mut out, Tag::SmallJob, &[&length, &json, bytes]);
        }
        let ready = self.files > 0;
        self.files += u32::try_from(jobs.len()).unwrap_or(u32::MAX);
        let size = jobs.iter().map(|(job, _)| job.size).sum();
        let mut watch = Watch::new(self.process.id(), size, ready);
        let (reader, writer) = (&mut self.reader, &mut self.writer);
        let payload = &mut self.payload;
        let write = async { writer.write_all(&out).await.map_err(Trouble::from) };
        let read = async {
            for _ in jobs {
                let mut collected = Collected::default();
                let summary = loop {
                    let tag = next_frame(reader, &mut watch, payload).await?;
                    if let Some(summary) = tell(tag, payload, &mut collected).await? {
                        break summary;
                    }
                };
                answers.push((collected, Ok(summary)));
            }
            Ok(())
        };
        tokio::try_join!(write, read).map(drop)
    }

    async fn next(&mut self, watch: &mut Watch) -> Result<(Tag, Vec<u8>), Trouble> {
        let mut payload = std::mem::take(&mut self.payload);
        let tag = next_frame(&mut self.reader, watch, &mut payload).await?;
        Ok((tag, payload))
    }

    /// Resident memory, bytes; 0 where the system does not tell.
    fn memory(&self) -> u64 {
        let Some(pid) = self.process.id() else {
            return 0;
        };
        let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
        let pages = statm
            .split(' ')
            .nth(1)
            .and_then(|pages| pages.parse::<u64>().ok());
        pages.unwrap_or(0) * rustix::param::page_size() as u64
    }

    /// Ends a child that is no longer wanted.
    async fn end(&mut self) {
        if let Err(error) = self.process.kill().await {
            tracing::debug!(%error, "A child had already ended.");
        }
    }

    /// Finds out how a child in trouble ended, and whose turn that is.
    async fn bury(mut self, trouble: Trouble, alone: bool) -> Ended {
        let broken = match trouble {
            Trouble::Limit(problem) => {
                self.end().await;
                return if alone {
                    Ended::Limit(problem)
                } else {
                    died(false, "too slow")
                };
            }
            Trouble::Ours(failure) => {
                self.end().await;
                return Ended::Failed(failure);
            }
            Trouble::Broken(words) => words,
        };
        let status = timeout(limits::CHILD_SILENCE / 10, self.process.wait()).await;
        let status = match status {
            Ok(Ok(status)) => status.to_string(),
            Ok(Err(error)) => error.to_string(),
            Err(_) => {
                self.end().await;
                String::from("ended by us")
            }
        };
        let words = self.last_words().await;
        // The allocator's own last words: the address space was too small for this file.
        if words.contains("memory allocation of") {
            return if alone {
                Ended::Limit(Box::new(too_large()))
            } else {
                died(false, &words)
            };
        }
        died(alone, &format!("{status}; {broken}; {words}"))
    }

    async fn last_words(&mut self) -> String {
        let Some(stderr) = self.stderr.take() else {
            return String::new();
        };
        let mut words = Vec::new();
        let mut stderr = stderr.take(4096);
        let read = stderr.read_to_end(&mut words);
        match timeout(limits::CHILD_SILENCE / 10, read).await {
            Ok(_) | Err(_) => String::from_utf8_lossy(&words).trim().to_owned(),
        }
    }
}

/// The next frame about a file, while watching the child.
async fn next_frame(
    reader: &mut BufReader<OwnedReadHalf>,
    watch: &mut Watch,
    payload: &mut Vec<u8>,
) -> Result<Tag, Trouble> {
    loop {
        match frame_of(reader, watch, payload).await? {
            Tag::Ready => watch.ready(),
            tag => return Ok(tag),
        }
    }
}

async fn frame_of(
    reader: &mut BufReader<OwnedReadHalf>,
    watch: &mut Watch,
    payload: &mut Vec<u8>,
) -> Result<Tag, Trouble> {
    let read = async {
        let mut head = [0; 5];
        reader.read_exact(&mut head).await?;
        let (length, tag) =
            frame::head(head).ok_or_else(|| Trouble::Broken("a frame out of bounds".to_owned()))?;
        payload.resize(length, 0);
        reader.read_exact(payload).await?;
        Ok(tag)
    };
    tokio::pin!(read);
    loop {
        if let Ok(result) = timeout(limits::CHILD_SILENCE / 10, &mut read).await {
            watch.heard();
            return result;
        }
        if watch.is_stillborn() {
            return Err(Trouble::Broken("it did not begin".to_owned()));
        }
        watch
            .look()
            .map_err(|problem| Trouble::Limit(Box::new(problem)))?;
    }
}

/// Passes a finding on; the summary, at the end.
async fn tell(tag: Tag, payload: &[u8], to: &mut dyn Events) -> Result<Option<Summary>, Trouble> {
    let told = match tag {
        Tag::Order => to.order(order(payload)?).await,
        Tag::Problem => to.problem(serde_json::from_slice(payload)?).await,
        Tag::Status => to.status(serde_json::from_slice(payload)?).await,
        Tag::Chosen => to.chosen(serde_json::from_slice(payload)?).await,
        Tag::Output => to.output(Bytes::copy_from_slice(payload)).await,
        Tag::Opened => to.opened(serde_json::from_slice(payload)?).await,
        Tag::Member => to.member(serde_json::from_slice(payload)?).await,
        Tag::Done => return Ok(Some(serde_json::from_slice(payload)?)),
        Tag::Profiles | Tag::Job | Tag::SmallJob | Tag::Bytes | Tag::Ready | Tag::Want => {
            return Err(Trouble::Broken(format!("an unexpected frame {tag:?}")));
        }
    };
    told.map(|()| None).map_err(Trouble::Ours)
}

/// Checks an order frame: it must be a canonical order and an origin.
fn order(payload: &[u8]) -> Result<ParsedOrder, Trouble> {
    let short = || Trouble::Broken("a short order frame".to_owned());
    let (source_hash, rest) = payload.split_first_chunk::<32>().ok_or_else(short)?;
    let (content, origin) = frame::split(rest).ok_or_else(short)?;
    let order: Order = serde_json::from_slice(content)?;
    let _: Origin = serde_json::from_slice(origin)?;
    Ok(ParsedOrder {
        order,
        content: Bytes::copy_from_slice(content),
        origin: String::from_utf8_lossy(origin).into_owned(),
        source_hash: *source_hash,
    })
}

fn wanted(payload: &[u8]) -> Result<(u64, usize), Trouble> {
    let parts = payload.split_first_chunk::<8>().and_then(|(offset, rest)| {
        let length = u32::from_le_bytes(*rest.first_chunk::<4>()?);
        Some((u64::from_le_bytes(*offset), length as usize))
    });
    let (offset, length) = parts.ok_or_else(|| Trouble::Broken("a short question".to_owned()))?;
    Ok((offset, length.min(limits::CHUNK_BYTES)))
}

fn too_large() -> Problem {
    Problem::error(
        "file.too-large",
        "Reading this file needs more memory than a file may use.",
    )
    .with_hint("Remove formatting far away from the data, or split it into smaller files.")
}

fn failed(during: &str, error: &dyn std::fmt::Display) -> Ended {
    Ended::Failed(Failure::ours(during, error))
}

fn died(alone: bool, how: &str) -> Ended {
    Ended::Died {
        alone,
        how: how.to_owned(),
    }
}

fn lost() -> Ended {
    died(false, "the answer is missing")
}

impl Ended {
    /// The same end for another file of the same child.
    fn copy(&self) -> Self {
        match self {
            Self::Limit(problem) => Self::Limit(problem.clone()),
            Self::Died { alone, how } => Self::Died {
                alone: *alone,
                how: how.clone(),
            },
            Self::Failed(failure) => Self::Failed(failure.clone()),
        }
    }

    /// Names the file in the log; the answer stays the same.
    fn for_file(self, name: &str) -> Self {
        if let Self::Died { how, .. } = &self {
            tracing::warn!(
                file = name,
                how,
                "A child process died while it read a file."
            );
        }
        self
    }
}
