//! What a child takes from itself before it reads the first hostile byte.
//!
//! Resource limits always: a fixed address space, no new descriptors (so no files and no sockets
//! even where the filter is not available), no core dumps, nothing written to disk. Then a system
//! call filter: what is not needed to read, compute and answer fails with EPERM.

use std::collections::BTreeMap;

use rustix::process::{Resource, Rlimit, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};

use crate::limits;

/// Confines this process for good.
///
/// # Errors
/// What could not be set, in words; the child must not go on then.
pub(super) fn confine() -> Result<(), String> {
    set(Resource::As, limits::CHILD_ADDRESS_SPACE)?;
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    // Descriptors 0 to 2 exist; a limit of 3 forbids every further one.
    set(Resource::Nofile, 3)?;
    filter()
}

fn set(resource: Resource, value: u64) -> Result<(), String> {
    let limit = Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(resource, limit).map_err(|error| format!("cannot limit {resource:?}: {error}"))
}

/// The calls a reader needs: its socket, memory, time, signals of its own, its end.
const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_write,
    libc::SYS_readv,
    libc::SYS_writev,
    libc::SYS_recvfrom,
    libc::SYS_sendto,
    libc::SYS_close,
    libc::SYS_lseek,
    libc::SYS_fstat,
    libc::SYS_mmap,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_mprotect,
    libc::SYS_madvise,
    libc::SYS_brk,
    libc::SYS_futex,
    libc::SYS_getrandom,
    libc::SYS_clock_gettime,
    libc::SYS_sched_yield,
    libc::SYS_sigaltstack,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_tgkill,
    libc::SYS_restart_syscall,
    libc::SYS_exit,
    libc::SYS_exit_group,
];

/// Filters the system calls of this thread.
pub(super) fn filter() -> Result<(), String> {
    // On a machine that the filter does not know, the resource limits stand alone.
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else {
        return Ok(());
    };
    let rules: BTreeMap<i64, Vec<_>> = ALLOWED.iter().map(|call| (*call, Vec::new())).collect();
    let deny = SeccompAction::Errno(libc::EPERM.unsigned_abs());
    let words = |error: &dyn std::fmt::Display| format!("cannot filter system calls: {error}");
    let filter = SeccompFilter::new(rules, deny, SeccompAction::Allow, arch)
        .map_err(|error| words(&error))?;
    let program = BpfProgram::try_from(filter).map_err(|error| words(&error))?;
    match seccompiler::apply_filter(&program) {
        // A kernel without seccomp, or a container that forbids it: the limits stand alone.
        Ok(()) | Err(seccompiler::Error::Prctl(_) | seccompiler::Error::Seccomp(_)) => Ok(()),
        Err(error) => Err(words(&error)),
    }
}
