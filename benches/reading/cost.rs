//! What programs cost, side by side: each in turn, again and again, the least of all rounds.
//!
//! Counted is the time that the thread was on a core, so that a machine shared with others gives
//! about the same ratios as an idle one.

use std::io::Write;
use std::time::Duration;

/// Rounds of each comparison.
const ROUNDS: usize = 25;

/// One program in a comparison.
pub(crate) struct Case<'a> {
    /// What it is called.
    pub(crate) name: &'a str,
    /// Does it once.
    pub(crate) run: Box<dyn FnMut() + 'a>,
}

impl<'a> Case<'a> {
    /// `run` under `name`.
    pub(crate) fn new(name: &'a str, run: impl FnMut() + 'a) -> Self {
        let run = Box::new(run);
        Self { name, run }
    }
}

/// Nanoseconds that this thread was on a core. The kernel counts them when the thread leaves it.
#[expect(
    clippy::disallowed_methods,
    reason = "leaving the core is what makes the kernel count"
)]
fn on_core() -> u64 {
    std::thread::sleep(Duration::from_micros(50));
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let first = text.split_whitespace().next().map(str::parse);
    first.and_then(Result::ok).unwrap_or_default()
}

/// Runs all `cases` over the same `bytes` and tells rates and how much of the first's each reaches.
#[expect(
    clippy::cast_precision_loss,
    reason = "rates and shares for people to read"
)]
pub(crate) fn compare(title: &str, bytes: usize, mut cases: Vec<Case<'_>>) {
    if !is_wanted(title) {
        return;
    }
    if let Some(only) = words().nth(1) {
        cases.retain(|case| case.name.contains(&only));
    }
    let mut least = vec![u64::MAX; cases.len()];
    for _ in 0..ROUNDS {
        for (case, least) in cases.iter_mut().zip(&mut least) {
            let before = on_core();
            (case.run)();
            *least = (*least).min((on_core() - before).max(1));
        }
    }
    let first = least.first().copied().unwrap_or(1);
    for (case, took) in cases.iter().zip(&least) {
        let rate = bytes as f64 * 1e3 / *took as f64;
        let share = first as f64 * 100.0 / *took as f64;
        say(&format!(
            "{title:<16} {:<34} {rate:>9.1} MB/s {share:>6.0} %",
            case.name
        ));
    }
}

/// Whether the command line names this comparison, or none.
pub(crate) fn is_wanted(title: &str) -> bool {
    words().next().is_none_or(|word| title.contains(&word))
}

/// What the command line names: a comparison, and of it one program.
fn words() -> impl Iterator<Item = String> {
    std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
}

/// A line for whoever runs the bench.
pub(crate) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").unwrap_or_default();
}
