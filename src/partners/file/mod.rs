//! Orders as files: what all destinations that take files have in common.
//!
//! How an order is written and what its file is called are settled here; a [`Place`] only lays a
//! file down. The name is made from the delivery's key, so that a repeat after a lost answer finds
//! its own file and nothing comes twice.

mod name;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use self::name::Pattern;
pub use self::name::{keyed, plain};
use super::form::derived;
use super::{Body, Found, Outcome, Partner, Receipt, Request};
use crate::clock;
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::{Place as At, Problem};
use crate::writers::{self, Format, Marks};

/// A file to be laid down.
#[derive(Debug, Clone)]
pub struct Laid {
    /// Its name: one part of a path, of plain characters.
    pub name: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// What it is about, for mails: `Order 4711`.
    pub subject: String,
    /// What tells it apart from all others: the same on every try.
    pub key: String,
}

/// Where files are laid: a folder, an account on a server, a mailbox.
#[async_trait]
pub trait Place: Send + Sync {
    /// Lays one file down: under its name whole or not at all, never over another one. One that lies
    /// there already with the same bytes is left as it is, and the answer is the same.
    async fn lay(&self, file: &Laid) -> Outcome;

    /// Whether the file lies there with these bytes; `None` where that cannot be seen.
    async fn find(&self, file: &Laid) -> Option<Found>;

    /// Whether files can be laid there, without any that stays.
    ///
    /// # Errors
    /// A failure that says what is wrong.
    async fn probe(&self) -> Result<(), Failure>;

    /// Whether laying the same file again does no harm.
    fn knows_its_own(&self) -> bool;
}

/// The settings of a destination that takes files.
#[derive(Debug, Clone)]
pub struct FileSettings {
    /// The destination's name, for messages.
    pub name: String,
    /// How orders are written.
    pub format: Format,
    /// What files are called; see [`name`].
    pub pattern: String,
    /// Whether an order is refused that says more than the format can carry.
    pub strict: bool,
    /// Who we are in interchanges.
    pub ours: String,
    /// Who the partner is.
    pub theirs: String,
    /// Files are laid again after a lost answer, although the place cannot see whether they came.
    pub resend_unknown: bool,
}

/// A destination that takes files.
pub struct FilePartner {
    settings: FileSettings,
    pattern: Pattern,
    place: Arc<dyn Place>,
}

impl FilePartner {
    /// Lays files at `place`.
    ///
    /// # Errors
    /// What is wrong with the pattern of names, for the operator.
    pub fn new(settings: FileSettings, place: Arc<dyn Place>) -> Result<Self, Failure> {
        let during = || format!("setting up the destination “{}”", settings.name);
        let pattern = Pattern::parse(&settings.pattern);
        let pattern = pattern.map_err(|why| Failure::operator(during(), why))?;
        Ok(Self {
            settings,
            pattern,
            place,
        })
    }

    fn made(&self, order: &Order, key: &str) -> Result<writers::Made, Failure> {
        let marks = Marks {
            ours: self.settings.ours.clone(),
            theirs: self.settings.theirs.clone(),
            control: derived(key, 14),
            at: clock::now(),
        };
        writers::write(self.settings.format, order, &marks)
    }

    fn file(&self, request: &Request) -> Laid {
        let word = match request.action {
            Action::Create => "Order",
            Action::Update => "Change of order",
            Action::Cancel => "Cancellation of order",
        };
        Laid {
            name: self.pattern.of(request, self.settings.format.extension()),
            bytes: request.body.clone(),
            subject: format!("{word} {}", request.reference),
            key: request.key.clone(),
        }
    }
}

#[async_trait]
impl Partner for FilePartner {
    fn check(&self, order: &Order) -> Vec<Problem> {
        if !self.settings.strict {
            return Vec::new();
        }
        let Ok(made) = self.made(order, "") else {
            return Vec::new();
        };
        let lost = made.lost.into_iter().take(crate::limits::FORM_PROBLEMS);
        lost.map(|path| {
            Problem::error(
                "destination.not-carried",
                "The files that this order is to be sent as have no place for this, or only a shorter one.",
            )
            .with_hint("Leave it out or shorten it, and send the order again.")
            .at(At::path(path))
        })
        .collect()
    }

    fn checks(&self) -> bool {
        self.settings.strict
    }

    /// The one time in it, that of an interchange, is the time of rendering: it is frozen with the
    /// body.
    fn render(&self, canonical: &[u8], key: &str) -> Result<Body, Failure> {
        if self.settings.format == Format::Json {
            return Ok(Body::Canonical);
        }
        let order: Result<Order, _> = serde_json::from_slice(canonical);
        let order = order.map_err(|error| Failure::ours("writing an order as a file", error))?;
        let made = self.made(&order, key)?;
        if !made.lost.is_empty() {
            tracing::warn!(
                destination = self.settings.name,
                order = order.reference,
                fields = made.lost.join(", "),
                "The file has no place for some of the order, or only a shorter one."
            );
        }
        Ok(Body::Rendered(made.bytes.into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        self.place.lay(&self.file(request)).await
    }

    async fn look_up(&self, request: &Request) -> Option<Found> {
        self.place.find(&self.file(request)).await
    }

    fn looks_up(&self) -> bool {
        self.place.knows_its_own()
    }

    async fn probe(&self) -> Result<(), Failure> {
        self.place.probe().await
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        self.place.knows_its_own() || self.settings.resend_unknown
    }
}

/// The receipt of a file that lies there.
pub(super) fn lies(name: &str) -> Receipt {
    Receipt {
        answer: format!("written as {name}"),
        remote_id: Some(name.to_owned()),
        ..Receipt::default()
    }
}

/// The name under which a file is being written: nobody takes it for a whole one, and what a crash
/// left of it is written over.
pub(super) fn temporary(name: &str) -> String {
    format!(".{name}.part")
}
