//! What the system says of this process, under the names that Prometheus' own clients use. Left out
//! where the system does not tell.

use super::text::{Exposition, Kind, seconds};
use crate::clock;

pub(super) fn tell(text: &mut Exposition) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the command in brackets, and may have spaces in it (proc(5)).
    let after = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u64> = after
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let ticks = rustix::param::clock_ticks_per_second();
    if let (Some(user), Some(system)) = (fields.get(11), fields.get(12)) {
        let millis = (user + system).saturating_mul(1_000) / ticks.max(1);
        let (name, help) = (
            "process_cpu_seconds_total",
            "CPU time of the daemon, its children apart.",
        );
        let spent = seconds(i64::try_from(millis).unwrap_or(i64::MAX));
        text.one(Kind::Counter, name, help, spent);
    }
    if let Some(pages) = fields.get(21) {
        let (name, help) = ("process_resident_memory_bytes", "Memory of the daemon.");
        let bytes = pages.saturating_mul(rustix::param::page_size() as u64);
        text.one(Kind::Gauge, name, help, bytes);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        let (name, help) = ("process_open_fds", "Files and sockets that are open.");
        text.one(Kind::Gauge, name, help, open.count());
    }
    if let Some(began) = began(fields.get(19).copied(), ticks) {
        let (name, help) = ("process_start_time_seconds", "When the daemon started.");
        text.one(Kind::Gauge, name, help, seconds(began));
    }
}

/// When the process began, milliseconds: the system tells it in ticks since it began itself.
fn began(ticks: Option<u64>, each_second: u64) -> Option<i64> {
    let uptime = std::fs::read_to_string("/proc/uptime").ok()?;
    let (whole, rest) = uptime.split(' ').next()?.split_once('.')?;
    let up: i64 = whole.parse::<i64>().ok()? * 1_000 + rest.parse::<i64>().ok()? * 10;
    let after = ticks?.saturating_mul(1_000) / each_second.max(1);
    Some(clock::now().0 - up + i64::try_from(after).ok()?)
}
