//! What the kernel says about a process (proc(5)).

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

/// One process by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Process(pub(crate) u32);

impl Process {
    /// Every process there is.
    fn all() -> impl Iterator<Item = Self> {
        let names = std::fs::read_dir("/proc").unwrap();
        names.filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok().map(Self))
    }

    /// Those whose parent it is.
    pub(crate) fn children(self) -> Vec<Self> {
        Self::all()
            .filter(|other| other.status("PPid") == self.0.to_string())
            .collect()
    }

    /// Those that were started under this path.
    pub(crate) fn started_as(program: &Path) -> Vec<Self> {
        let name = program.to_str().unwrap();
        Self::all()
            .filter(|other| other.text("cmdline").split('\0').next() == Some(name))
            .collect()
    }

    /// A file below `/proc/PID`; empty once it has ended.
    pub(crate) fn text(self, file: &str) -> String {
        let bytes = std::fs::read(format!("/proc/{}/{file}", self.0)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A line of `status`.
    pub(crate) fn status(self, key: &str) -> String {
        let text = self.text("status");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
        line.unwrap_or_default().trim().to_owned()
    }

    fn kilobytes(self, key: &str) -> u64 {
        let text = self.status(key);
        text.trim_end_matches(" kB")
            .parse()
            .map_or(0, |kilobytes: u64| kilobytes << 10)
    }

    /// Whether a system call filter is in force.
    pub(crate) fn is_confined(self) -> bool {
        self.status("Seccomp") == "2"
    }

    /// Whether it is there and no zombie.
    pub(crate) fn is_running(self) -> bool {
        let state = self.status("State");
        !state.is_empty() && !state.starts_with('Z')
    }

    /// Memory it holds now.
    pub(crate) fn memory(self) -> u64 {
        self.kilobytes("VmRSS")
    }

    /// Most memory it ever held.
    pub(crate) fn peak_memory(self) -> u64 {
        self.kilobytes("VmHWM")
    }

    /// Most address space it ever had.
    pub(crate) fn peak_address_space(self) -> u64 {
        self.kilobytes("VmPeak")
    }

    /// The hard limit of this name.
    pub(crate) fn limit(self, name: &str) -> Option<String> {
        let text = self.text("limits");
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().nth(1).map(str::to_owned)
    }

    /// Its open descriptors and what they lead to.
    pub(crate) fn descriptors(self) -> BTreeMap<u32, PathBuf> {
        let entries = std::fs::read_dir(format!("/proc/{}/fd", self.0)).unwrap();
        let one = |entry: std::fs::DirEntry| {
            let number = entry.file_name().to_str()?.parse().ok()?;
            Some((number, std::fs::read_link(entry.path()).ok()?))
        };
        entries.filter_map(|entry| one(entry.unwrap())).collect()
    }

    /// Returns when this child of ours has ended; whoever started it still has to bury it.
    pub(crate) async fn ended(self) {
        use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, pidfd_open, waitid};
        let pid = Pid::from_raw(i32::try_from(self.0).unwrap()).unwrap();
        // Neither there nor ours: it has ended and is buried.
        let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else {
            return;
        };
        let wait = tokio::task::spawn_blocking(move || {
            let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
            // An error means that it was buried meanwhile.
            waitid(WaitId::PidFd(handle.as_fd()), options).is_ok()
        });
        let end = tokio::time::timeout(std::time::Duration::from_secs(90), wait);
        end.await.expect("the process never ended").unwrap();
    }
}
