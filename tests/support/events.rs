//! Waiting for what happens instead of for the clock.

use std::path::Path;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecursiveMode, Watcher};

/// After so long a thing that has not happened never will: the test fails.
const NEVER: Duration = Duration::from_secs(60);

/// Some things happen without a file to tell of it (a process ends, a commit becomes visible in shared
/// memory just after its bytes were written): looked at again when nothing was told for so long.
const AGAIN: Duration = Duration::from_millis(100);

/// Returns as soon as `happened` answers something, looking again after every change below `folder`;
/// `None` when it never does.
pub(crate) fn until<T>(folder: &Path, mut happened: impl FnMut() -> Option<T>) -> Option<T> {
    let (tell, told) = channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if event.is_ok_and(|event| !is_a_look(event.kind)) {
            tell.send(()).unwrap_or_default();
        }
    })
    .unwrap();
    watcher.watch(folder, RecursiveMode::Recursive).unwrap();
    let started = Instant::now();
    loop {
        if let Some(result) = happened() {
            return Some(result);
        }
        if started.elapsed() > NEVER {
            return None;
        }
        if told.recv_timeout(AGAIN).is_ok() {
            while told.try_recv().is_ok() {}
        }
    }
}

/// Whether somebody only looked: our own looks must not wake us.
fn is_a_look(kind: EventKind) -> bool {
    let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
    matches!(kind, EventKind::Access(_)) && kind != written
}

/// Returns when a tracer has every thread of the process in hand.
///
/// # Panics
/// When it does not come to that: tracing may be forbidden here.
pub(crate) fn traced(pid: u32) {
    let tasks = Path::new("/proc").join(pid.to_string()).join("task");
    let is_traced = |status: &str| {
        let tracer = status
            .lines()
            .find_map(|line| line.strip_prefix("TracerPid:"));
        tracer.is_some_and(|tracer| tracer.trim() != "0")
    };
    let started = Instant::now();
    while !std::fs::read_dir(&tasks).unwrap().flatten().all(|task| {
        let status = std::fs::read_to_string(task.path().join("status")).unwrap_or_default();
        is_traced(&status)
    }) {
        assert!(
            started.elapsed() < NEVER,
            "strace could not attach to process {pid}"
        );
        std::thread::yield_now();
    }
}
