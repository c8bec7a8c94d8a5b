//! One child as its parent holds it: started, given files, and its end found out.

use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{ChildStderr, Command};
use tokio::time::timeout;

use super::super::frame::{self, Tag};
use super::super::watch::Watch;
use super::super::{Collected, Ended, Events, Job, Read, Supply, child};
use super::Texts;
use super::ends::{Trouble, died, failed, too_large};
use super::told::{next_frame, tell, wanted};
use crate::clock::{self, Moment};
use crate::limits;
use crate::measure;
use crate::profiles::Summary;

/// What the allocator of the GNU C library is told (its manual, "Memory Allocation Tunables"); others do
/// not read it. A child frees the hundreds of pieces of an order at once and asks for as many for the
/// next: of each size it keeps a thousand at hand and not seven. And what it gave back it needs for the next
/// file, so that up to 4 MB at the top stay with it. An eighth less CPU in a child that reads csv.
const ALLOCATOR: (&str, &str) = (
    "GLIBC_TUNABLES",
    "glibc.malloc.tcache_count=1000:glibc.malloc.tcache_max=2048:glibc.malloc.trim_threshold=4194304",
);

/// One child.
pub(super) struct Child {
    process: tokio::process::Child,
    stderr: Option<ChildStderr>,
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    /// The profiles it has compiled.
    pub(super) texts: Arc<Texts>,
    /// How many files it was given.
    pub(super) files: u32,
    /// When it was last given back.
    pub(super) used: Moment,
    payload: Vec<u8>,
}

impl Child {
    pub(super) async fn start(program: &PathBuf, texts: Arc<Texts>) -> Result<Self, Ended> {
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
            .env(ALLOCATOR.0, ALLOCATOR.1)
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
    pub(super) async fn converse(
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
    pub(super) async fn converse_together(
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
    pub(super) fn memory(&self) -> u64 {
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
    pub(super) async fn end(&mut self) {
        if let Err(error) = self.process.kill().await {
            tracing::debug!(%error, "A child had already ended.");
        }
    }

    /// Finds out how a child in trouble ended, and whose turn that is.
    pub(super) async fn bury(mut self, trouble: Trouble, alone: bool) -> Ended {
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
