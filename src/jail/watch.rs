//! Whether a child is still at work on its file, and within what the file's size allows.
//!
//! The parent looks: a child that loops cannot be trusted to count.

use std::time::Duration;

use crate::clock::{self, Moment};
use crate::limits;
use crate::problem::Problem;

/// Watches one conversation: silence and CPU.
pub(super) struct Watch {
    pid: Option<u32>,
    cpu_at_start: Option<Duration>,
    cpu_allowed: Duration,
    heard: Moment,
    /// It has compiled the profiles. Until then neither time nor CPU is the file's.
    ready: bool,
}

impl Watch {
    /// For files of `bytes` in all, given to a child that is `ready` or has just been started.
    pub(super) fn new(pid: Option<u32>, bytes: u64, ready: bool) -> Self {
        let megabytes = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        Self {
            pid,
            cpu_at_start: pid.and_then(cpu),
            cpu_allowed: limits::CHILD_CPU_BASE
                + limits::CHILD_CPU_PER_MB.saturating_mul(megabytes),
            heard: clock::moment(),
            ready,
        }
    }

    /// The child has compiled the profiles: from here on it is at work on the file.
    pub(super) fn ready(&mut self) {
        self.cpu_at_start = self.pid.and_then(cpu);
        self.ready = true;
    }

    /// Whether a child that was just started says nothing for too long: no fault of the file.
    pub(super) fn is_stillborn(&self) -> bool {
        !self.ready && self.heard.elapsed() >= limits::CHILD_START
    }

    pub(super) fn heard(&mut self) {
        self.heard = clock::moment();
    }

    /// Looks at a child that has said nothing for a while.
    pub(super) fn look(&self) -> Result<(), Problem> {
        if !self.ready {
            return Ok(());
        }
        if self.heard.elapsed() >= limits::CHILD_SILENCE {
            return Err(too_slow("gave no record for 10 seconds"));
        }
        let used = self
            .pid
            .and_then(cpu)
            .zip(self.cpu_at_start)
            .map(|(now, then)| now.saturating_sub(then));
        if used.is_some_and(|used| used > self.cpu_allowed) {
            return Err(too_slow("needed more computing time than its size allows"));
        }
        Ok(())
    }
}

/// CPU time a process has used (proc(5), stat fields 14 and 15).
fn cpu(pid: u32) -> Option<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_millis(ticks * 1000 / per_second))
}

fn too_slow(what: &str) -> Problem {
    Problem::error(
        "file.too-complex",
        format!("Reading this file {what}; it was given up."),
    )
    .with_hint("Send it in a simpler form, or split it into smaller files.")
}
