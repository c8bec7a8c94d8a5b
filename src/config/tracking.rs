//! `[tracking]`: what is told of orders after they were sent, and who may hear of it.

use std::time::Duration;

use super::section::Section;
use crate::limits;

/// How what is told of orders is kept.
#[derive(Debug, Clone)]
pub struct TrackingConfig {
    /// How long a status waits for an order that is not known yet (default 24 hours).
    pub status_grace: Duration,
}

impl Default for TrackingConfig {
    fn default() -> Self {
        Self {
            status_grace: limits::STATUS_GRACE,
        }
    }
}

pub(super) fn read(section: Section<'_, '_>) -> TrackingConfig {
    let tracking = TrackingConfig {
        status_grace: section.within(
            "status_grace",
            limits::STATUS_GRACE,
            Duration::ZERO..=Duration::from_hours(24 * 30),
            "from \"0s\" to \"30d\"",
        ),
    };
    section.finish();
    tracking
}
