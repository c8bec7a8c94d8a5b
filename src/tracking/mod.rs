//! What is told about an order after it was sent: one shape, whoever tells it.
//!
//! Codes are open: every partner and every sender has their own, and they are kept as told. So is
//! the time, with its offset where it has one. Late, repeated and corrected events are normal; what
//! makes two of them the same is [`TrackingEvent::key`] and [`TrackingEvent::content`].
//!
//! Pure data. Never here: whose order it is (the ledger finds that), and who hears of it.

use jiff::civil;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::arrival::DeliveryId;
use crate::clock::Millis;
use crate::limits;
use crate::order::StatusUpdate;

pub mod sign;
mod words;

#[cfg(test)]
mod tests;

/// Something that happened to an order, in the words of whoever told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingEvent {
    /// Which order it is about.
    pub about: About,
    /// Who told it, and on which way.
    pub teller: Teller,
    /// The teller's code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The teller's words for it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// When it happened, as told: RFC 3339, or `YYYY-MM-DD[THH:MM[:SS]]` without an offset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// The teller's own id of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Nothing more is to be told: delivered, or given up for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last: bool,
}

/// What an event says of the order it is about; one of them at least. Where several are known, each
/// narrows the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// A delivery of ours: exact, needs nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery: Option<DeliveryId>,
    /// What the destination that tells it calls the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_id: Option<String>,
    /// The order's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// A shipment's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipment: Option<String>,
    /// A tracking number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

impl About {
    /// The numbers it names, the most exact first.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        [&self.remote_id, &self.tracking, &self.shipment, &self.order]
            .into_iter()
            .filter_map(|number| number.as_deref())
    }

    /// The numbers, for people.
    #[must_use]
    pub fn words(&self) -> String {
        let named = [
            ("order", &self.order),
            ("shipment", &self.shipment),
            ("tracking number", &self.tracking),
            ("id", &self.remote_id),
        ];
        let words: Vec<String> = named
            .into_iter()
            .filter_map(|(word, number)| Some(format!("{word} {}", number.as_deref()?)))
            .collect();
        match (words.is_empty(), self.delivery) {
            (true, Some(delivery)) => format!("delivery {delivery}"),
            _ => words.join(", "),
        }
    }
}

/// Who told an event. It decides which orders the event may touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Teller {
    /// Who.
    pub by: By,
    /// On which way it came. The same event on two ways is one event.
    pub channel: Channel,
}

/// A trading partner who sends files, or a destination that orders are pushed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Touches the sender's own orders, and those that the destinations it carries for were given.
    Sender {
        /// The sender's name.
        name: String,
        /// Destinations that this sender carries for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        carries: Vec<String>,
    },
    /// Touches the orders that were sent there.
    Destination {
        /// The destination's name.
        name: String,
    },
}

impl By {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Sender { name, .. } | Self::Destination { name } => name,
        }
    }
}

/// On which way an event came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// In a file of status updates.
    File,
    /// We asked for it.
    Poll,
    /// On a connection that we keep open.
    Stream,
    /// The partner called us.
    Callback,
    /// In a mail.
    Mail,
}

impl Channel {
    /// The word used in SQL and for people.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Poll => "poll",
            Self::Stream => "stream",
            Self::Callback => "callback",
            Self::Mail => "mail",
        }
    }
}

impl TrackingEvent {
    /// An event of `destination` about one of our deliveries, with nothing said yet.
    #[must_use]
    pub fn of_destination(destination: &str, channel: Channel, about: About) -> Self {
        Self {
            about,
            teller: Teller {
                by: By::Destination {
                    name: destination.to_owned(),
                },
                channel,
            },
            code: None,
            text: String::new(),
            place: None,
            at: None,
            id: None,
            last: false,
        }
    }

    /// A status update out of a file of `by`.
    #[must_use]
    pub fn of_update(update: StatusUpdate, by: By) -> Self {
        let last = words::is_last(update.code.as_deref(), &update.text);
        Self {
            about: About {
                order: update.order,
                shipment: update.shipment,
                tracking: update.tracking,
                ..About::default()
            },
            teller: Teller {
                by,
                channel: Channel::File,
            },
            code: update.code,
            text: update.text,
            place: update.place,
            at: update.at,
            id: None,
            last,
        }
    }

    /// Cuts every text to its limit and drops what is empty, so that what a partner sends cannot
    /// fill the ledger.
    #[must_use]
    pub fn bounded(mut self) -> Self {
        let texts = [&mut self.code, &mut self.place, &mut self.at, &mut self.id];
        let numbers = [
            &mut self.about.remote_id,
            &mut self.about.order,
            &mut self.about.shipment,
            &mut self.about.tracking,
        ];
        for slot in texts.into_iter().chain(numbers) {
            *slot = slot
                .take()
                .map(|text| cut(&text, limits::EVENT_WORD_CHARS))
                .filter(|text| !text.is_empty());
        }
        self.text = cut(&self.text, limits::EVENT_TEXT_CHARS);
        self
    }

    /// What makes it this event and no other: its teller's id of it, else all that it says. An event
    /// with the same key and another [`TrackingEvent::content`] corrects the earlier one.
    ///
    /// The channel does not count: what a stream has lost, a poll finds again.
    #[must_use]
    pub fn key(&self) -> [u8; 16] {
        let by = self.teller.by.name();
        if let Some(id) = &self.id {
            return digest(&["id", by, id]);
        }
        digest(&["content", by, &hex::encode(self.content())])
    }

    /// All that it says.
    #[must_use]
    pub fn content(&self) -> [u8; 16] {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        digest(&[
            &text(&self.code),
            &self.text,
            &text(&self.place),
            &text(&self.at),
        ])
    }

    /// When it happened, for sorting; a time without an offset is one of `zone`.
    #[must_use]
    pub fn happened(&self, zone: &TimeZone) -> Option<Millis> {
        instant(self.at.as_deref()?, zone)
    }
}

/// The instant of a time as told.
#[must_use]
pub fn instant(at: &str, zone: &TimeZone) -> Option<Millis> {
    if let Ok(instant) = at.parse::<jiff::Timestamp>() {
        return Some(Millis(instant.as_millisecond()));
    }
    let local = at.parse::<civil::DateTime>().or_else(|_| {
        at.parse::<civil::Date>()
            .map(|date| date.to_datetime(civil::Time::midnight()))
    });
    let zoned = local.ok()?.to_zoned(zone.clone()).ok()?;
    Some(Millis(zoned.timestamp().as_millisecond()))
}

fn cut(text: &str, chars: usize) -> String {
    let plain: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .skip_while(|c| c.is_whitespace())
        .take(chars)
        .collect();
    plain.trim_end().to_owned()
}

/// Half a SHA-256 over parts with their lengths, so that no two lists hash alike.
fn digest(parts: &[&str]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut half = [0; 16];
    half.copy_from_slice(&hash.finalize()[..16]);
    half
}
