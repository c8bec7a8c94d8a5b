//! `[[destination]]`: a partner that orders are pushed to.

use std::time::Duration;

use super::http::{self, HttpConfig};
use super::section::Section;
use super::source::kind;
use super::values::Rate;
use crate::limits;

/// One destination.
#[derive(Debug, Clone)]
pub struct DestinationConfig {
    /// Its name.
    pub name: String,
    /// Requests in flight at most (default 16).
    pub concurrency: usize,
    /// Requests at most in a time (default: no limit of ours).
    pub rate: Option<Rate>,
    /// What to do when an answer was lost (default: send the same bytes under the same key again).
    pub on_unknown: OnUnknown,
    /// From when on a delivery that cannot be made waits for a person (default 72 h).
    pub give_up_after: Duration,
    /// What is spoken there.
    pub kind: DestinationKind,
}

/// What a destination speaks.
#[derive(Debug, Clone)]
pub enum DestinationKind {
    /// HTTP.
    Http(Box<HttpConfig>),
}

/// What to do when an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// The same bytes under the same key: for partners that recognise a repeat.
    Resend,
    /// Wait for a person.
    Hold,
}

const NOT_YET: [&str; 10] = [
    "contargo",
    "trademax",
    "cargamos",
    "cargoconnect",
    "cargooffice",
    "soap",
    "folder",
    "sftp",
    "ftp",
    "mail",
];

pub(super) fn read(section: Section<'_, '_>) -> Option<DestinationConfig> {
    let name = section.name("destination");
    if name
        .as_ref()
        .is_some_and(|name| section.is_defined("source", name))
    {
        section.error(
            "name",
            "a source has this name: `pause NAME` must mean one thing",
        );
    }
    kind(&section, "destination", &["http"], &NOT_YET)?;
    let on_unknown = [("resend", OnUnknown::Resend), ("hold", OnUnknown::Hold)];
    let destination = DestinationConfig {
        name: name.unwrap_or_default(),
        concurrency: section.within("concurrency", 16, 1..=limits::CONCURRENCY, "from 1 to 256"),
        rate: section.get("rate"),
        on_unknown: section
            .word("on_unknown", &on_unknown)
            .unwrap_or(OnUnknown::Resend),
        give_up_after: section.within(
            "give_up_after",
            Duration::from_hours(72),
            Duration::from_mins(1)..=Duration::from_hours(24 * 365),
            "from \"1m\" to \"365d\"",
        ),
        kind: DestinationKind::Http(Box::new(http::read(&section))),
    };
    section.finish();
    Some(destination)
}
