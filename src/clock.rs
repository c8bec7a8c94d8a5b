//! The only place that asks what time it is.
//!
//! Two clocks: [`Moment`] is monotonic and measures waits, so that a jump of the wall clock makes
//! no file look stable and starts no storm of retries; [`now`] is wall time for people and for due
//! times in the ledger, in milliseconds since 1970 UTC.

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, civil};

/// Wall time in milliseconds since 1970-01-01T00:00Z: what the ledger stores.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    serde::Serialize,
    serde::Deserialize,
)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// Later by `wait`.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// Earlier by `span`.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// How long until `later`; zero if it has passed.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }

    /// As a timestamp, for display. Out of range values show as the epoch.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or_default()
    }
}

impl std::fmt::Display for Millis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

/// A point on the monotonic clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Instant);

impl Moment {
    /// Time passed since.
    #[must_use]
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    /// This much later.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(self.0 + wait)
    }

    /// This much earlier; the same moment where the clock does not reach back so far.
    #[must_use]
    pub fn before(self, span: Duration) -> Self {
        Self(self.0.checked_sub(span).unwrap_or(self.0))
    }

    /// Time from `earlier` to this moment; zero if it is the other way round.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0.saturating_duration_since(earlier.0)
    }

    /// For timers of the runtime.
    #[must_use]
    pub fn instant(self) -> Instant {
        self.0
    }
}

/// A time in the past as people write it: how long ago (`2h`, `3d`, `2w`), a day (in UTC), or an
/// instant. The same words on the command line, in the console and in the API.
#[must_use]
pub fn since(text: &str) -> Option<Millis> {
    if let Some(span) = days(text) {
        return Some(now().before(span));
    }
    if let Ok(ago) = text.parse::<SignedDuration>() {
        return Some(now().before(ago.unsigned_abs()));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(Millis(at.as_millisecond()));
    }
    let day: civil::Date = text.parse().ok()?;
    let start = day.to_zoned(TimeZone::UTC).ok()?;
    Some(Millis(start.timestamp().as_millisecond()))
}

/// `3d`, `2w`: what a duration without a calendar does not know.
fn days(text: &str) -> Option<Duration> {
    let (number, hours) = match (text.strip_suffix('d'), text.strip_suffix('w')) {
        (Some(number), _) => (number, 24),
        (_, Some(number)) => (number, 24 * 7),
        _ => return None,
    };
    let number: u64 = number.parse().ok()?;
    Some(Duration::from_hours(number.min(100_000) * hours))
}

/// Wall time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn now() -> Millis {
    Millis(Timestamp::now().as_millisecond())
}

/// Monotonic time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place")]
pub fn moment() -> Moment {
    Moment(Instant::now())
}
