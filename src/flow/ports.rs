//! What the loops are given: sources, destinations, the desk that answers, and everything else by its
//! port.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use encoding_rs::Encoding;

use super::address::Mailbox;
use super::hear::Hearing;
use super::plan::Plan;
use super::tracking::TrackingRules;
use crate::clock::Millis;
use crate::failure::Failure;
use crate::formats::ReadOptions;
use crate::jail::Jail;
use crate::ledger::Ledger;
use crate::mail::Mailer;
use crate::order::Action;
use crate::partners::Partner;
use crate::partners::file::Place;
use crate::sources::{Pickup, Source};

/// A source with its settings.
pub struct Inlet {
    /// The adapter.
    pub source: Arc<dyn Source>,
    /// How it is picked up.
    pub pickup: Pickup,
    /// What the operator declared about its files.
    pub read: ReadOptions,
    /// Who hears about errors where a drop has no sender with a contact.
    pub contact: Option<String>,
    /// Whether senders get reports for this source.
    pub reports: bool,
    /// Whether its orders wait for a person's review.
    pub hold: bool,
    /// How mails among its arrivals are taken; `None`: they are files like others.
    pub mailbox: Option<Mailbox>,
    /// Whether zip archives are opened.
    pub unpack_zip: bool,
    /// How people see names that are not UTF-8; for every other purpose names are bytes.
    pub name_encoding: &'static Encoding,
}

/// A destination with its settings.
pub struct Lane {
    /// Its name.
    pub name: String,
    /// The adapter.
    pub partner: Arc<dyn Partner>,
    /// Requests in flight at most.
    pub concurrency: usize,
    /// Requests in a span of time at most.
    pub rate: Option<Rate>,
    /// After so long without success a delivery waits for a person.
    pub give_up_after: Duration,
    /// How it is heard about the orders it has accepted; `None`: it is not.
    pub hearing: Option<Hearing>,
}

impl Lane {
    /// When an order that was accepted at `now` is first asked for.
    pub(super) fn track(&self, action: Action, now: Millis) -> Option<Millis> {
        let hearing = self.hearing.as_ref()?;
        (action != Action::Cancel).then(|| hearing.first(now))?
    }
}

/// So many in such a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub count: u32,
    /// In which span.
    pub per: Duration,
}

/// How mails are written.
#[derive(Debug, Clone)]
pub struct Desk {
    /// Our address.
    pub from: String,
    /// Who hears of failures.
    pub operators: Vec<String>,
    /// When the operators get their daily summary, in `time_zone`.
    pub daily_summary: Option<jiff::civil::Time>,
    /// The zone of that time and of times in mails.
    pub time_zone: jiff::tz::TimeZone,
    /// Addresses that are ours: mail to them would come back to us.
    pub own: Vec<String>,
    /// Where delivery reports are read; `None`: our mails ask for none.
    pub bounces: Option<String>,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            from: String::new(),
            operators: Vec::new(),
            daily_summary: None,
            time_zone: jiff::tz::TimeZone::UTC,
            own: Vec::new(),
            bounces: None,
        }
    }
}

impl Desk {
    /// The host part of the Message-IDs of mail `from` us. Not the domain itself: the mail programs
    /// of colleagues use that, and their mails would be taken for ours.
    #[must_use]
    pub fn message_host(from: &str) -> String {
        match from.trim_end_matches('>').rsplit_once('@') {
            Some((_, host)) => format!("orderdock.{host}"),
            None => "orderdock.invalid".to_owned(),
        }
    }

    pub(super) fn host(&self) -> String {
        Self::message_host(&self.from)
    }

    /// Whether a Message-ID is of a mail of ours.
    pub(super) fn is_own_id(&self, id: &str) -> bool {
        let inner = id.trim_matches(['<', '>']);
        let host = inner.rsplit_once('@').map_or("", |(_, host)| host);
        host.eq_ignore_ascii_case(&self.host())
    }
}

/// Whether there is room to take more in; a failure says what is full.
pub type Room = Arc<dyn Fn() -> Result<(), Failure> + Send + Sync>;

/// All that the loops work with. Built by the shell from a configuration.
pub struct Ports {
    /// The one durable place.
    pub ledger: Arc<dyn Ledger>,
    /// Sources by name.
    pub inlets: BTreeMap<String, Inlet>,
    /// Destinations by name.
    pub lanes: BTreeMap<String, Lane>,
    /// Where files are read.
    pub jail: Jail,
    /// How mail leaves; `None` where no mail is configured.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// How mails are written.
    pub desk: Desk,
    /// Who is who and what goes where.
    pub plan: Plan,
    /// How what is told of orders is kept and forwarded.
    pub tracking: TrackingRules,
    /// Where answers are laid, by [`plan::AnswerTo::place`].
    pub answers: BTreeMap<String, Arc<dyn Place>>,
    /// Whether there is room.
    pub room: Room,
    /// How long bodies are kept after an arrival is settled; keys stay for ever.
    pub retention: Duration,
    /// Try each thing once and end: `run --once`.
    pub once: bool,
}
