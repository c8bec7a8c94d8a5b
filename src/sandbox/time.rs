//! The sandbox's own clock: it can be set, moved on and stopped, so that three weeks pass in a call.

use std::time::Duration;

use crate::clock::{self, Millis};

/// A clock that runs beside the real one, or stands still.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    /// What the sandbox's clock showed ...
    shown: Millis,
    /// ... when the real one showed this; `None` while it stands still.
    since: Option<Millis>,
}

impl Clock {
    /// One that starts at `at` (else now) and runs unless `frozen`.
    pub(super) fn new(at: Option<Millis>, frozen: bool) -> Self {
        Self {
            shown: at.unwrap_or_else(clock::now),
            since: (!frozen).then(clock::now),
        }
    }

    pub(super) fn now(self) -> Millis {
        match self.since {
            None => self.shown,
            Some(since) => self.shown.after(since.until(clock::now())),
        }
    }

    /// The same clock, later by `by`.
    pub(super) fn later(self, by: Duration) -> Self {
        Self {
            shown: self.shown.after(by),
            ..self
        }
    }

    pub(super) fn is_frozen(self) -> bool {
        self.since.is_none()
    }
}

/// A span as people write it: `250ms`, `30s`, `5m`, `2h`, `21d`.
pub(super) fn span(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let wrong = || format!("{text:?} is no span; write one like 250ms, 30s, 5m, 2h or 21d");
    let number: u32 = number.parse().map_err(|_| wrong())?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        "h" => Duration::from_hours(1),
        "d" => Duration::from_hours(24),
        _ => return Err(wrong()),
    };
    unit.checked_mul(number).ok_or_else(wrong)
}

/// An instant in RFC 3339.
pub(super) fn instant(text: &str) -> Result<Millis, String> {
    let at: Result<jiff::Timestamp, _> = text.parse();
    at.map(|at| Millis(at.as_millisecond()))
        .map_err(|_| format!("{text:?} is no instant; write one like 2026-03-02T10:00:00Z"))
}

/// An instant to the second, in UTC with a `Z`.
pub(super) fn utc(at: Millis) -> String {
    at.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
