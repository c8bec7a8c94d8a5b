//! When to try again.
//!
//! Exponential with jitter, as pure arithmetic: the result is stored with the row that waits, so
//! that a restart neither forgets the wait nor shortens it.

use std::time::Duration;

use crate::limits;

/// How long to wait after the `attempt`-th failure in a row (1 is the first).
///
/// Doubles from `base` up to `cap`, then takes half to all of it by `jitter` (0 to 255), so that
/// many waiting rows do not come back as one wave.
#[must_use]
pub fn wait(base: Duration, cap: Duration, attempt: u32, jitter: u8) -> Duration {
    let doubled = base.saturating_mul(
        1u32.checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    let full = doubled.min(cap);
    full / 2 + (full / 2).mul_f64(f64::from(jitter) / 255.0)
}

/// The wait of a delivery or mail: [`limits::BACKOFF_BASE`] to [`limits::BACKOFF_MAX`].
#[must_use]
pub fn default_wait(attempt: u32, jitter: u8) -> Duration {
    wait(limits::BACKOFF_BASE, limits::BACKOFF_MAX, attempt, jitter)
}

/// What the partner asked for, kept within [`limits::RETRY_AFTER_MAX`].
#[must_use]
pub fn asked(retry_after: Duration) -> Duration {
    retry_after.min(limits::RETRY_AFTER_MAX)
}
