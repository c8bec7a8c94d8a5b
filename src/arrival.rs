//! The life of an arrival: what a source showed, how far it got, how it ended.
//!
//! ```text
//! seen ▸ stable (memory only) ─▶ claimed ─▶ fetched ─▶ staged ─▶ due ─▶ concluded ─▶ settled
//! ```
//!
//! Every arrow behind `stable` is one ledger transaction. Stages never go backwards except by a
//! person's `retry`, which starts again from the stored bytes at `fetched`.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An arrival's row in the ledger.
    ArrivalId
);
id!(
    /// A file's row in the ledger.
    FileId
);
id!(
    /// An order's row in the ledger.
    OrderId
);
id!(
    /// A delivery's row in the ledger.
    DeliveryId
);
id!(
    /// A report's (or alert's) row in the ledger: the outbox.
    ReportId
);
id!(
    /// An answer's row in the ledger.
    AnswerId
);

/// Where an arrival lies within its source: a relative path, or mailbox and UID. Bytes as the
/// source gave them, never shown raw and never joined to a path outside `names.rs`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locator(pub Vec<u8>);

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in String::from_utf8_lossy(&self.0).chars() {
            if c.is_control() {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locator({self})")
    }
}

/// Size and modification time: together with the place they tell one version of a file from the
/// next. Never used as a watermark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    /// Bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970, as the source tells it.
    pub modified: i64,
}

/// One thing as a listing showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Where it lies.
    pub locator: Locator,
    /// Which version of it.
    pub version: Version,
}

/// How far an arrival has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Ours to fetch.
    Claimed,
    /// Its bytes are in the ledger.
    Fetched,
    /// Every file of it is read; deliveries may be open.
    Due,
    /// All its deliveries are final; it has a verdict.
    Concluded,
    /// The source was told: moved to done or error, or found gone.
    Settled,
}

impl Stage {
    /// The word used in SQL and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Fetched => "fetched",
            Self::Due => "due",
            Self::Concluded => "concluded",
            Self::Settled => "settled",
        }
    }

    /// The stage of a word from SQL.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Claimed,
            Self::Fetched,
            Self::Due,
            Self::Concluded,
            Self::Settled,
        ]
        .into_iter()
        .find(|stage| stage.as_str() == word)
    }

    /// Whether the flow may go from here to `next`. A person's `retry` may also go from
    /// [`Stage::Settled`] or [`Stage::Concluded`] back to [`Stage::Fetched`].
    #[must_use]
    pub fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (
                Self::Claimed,
                Self::Fetched | Self::Concluded | Self::Settled
            ) | (Self::Fetched, Self::Due | Self::Concluded)
                | (Self::Due, Self::Concluded)
                | (Self::Concluded, Self::Settled)
        )
    }
}

/// How an arrival ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every order in it was accepted, or recognised as a repeat of an accepted one.
    Done,
    /// Something in it was withheld, refused or cancelled.
    Error,
}

impl Verdict {
    /// The word used in SQL, JSON and folder names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Error => "error",
        }
    }
}

/// What happened when an arrival was settled at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// Moved now; where to: relative to the source, or the full path where that is elsewhere.
    Moved(Locator),
    /// An earlier try had moved it; where to, as far as can be told.
    Already(Locator),
    /// Another version lies under its name: left alone, it is an arrival of its own.
    Superseded,
    /// It is gone and not in done or error: somebody took it. The ledger has the bytes.
    Vanished,
    /// The source is configured to delete its files, and that was done.
    Finished,
    /// It lies where it was, as configured or because the source cannot do better: the ledger alone
    /// remembers that this version was taken.
    Left,
}

/// The state of one delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Made with its order but not yet visible to a lane.
    Staged,
    /// Waits for a person's review.
    Held,
    /// To be sent when its time comes.
    Due,
    /// An attempt was recorded and its outcome is not.
    Attempting,
    /// Accepted by the partner.
    Delivered,
    /// Equal to the latest accepted or open revision: success without sending.
    Repeat,
    /// Refused: the sender's turn.
    Refused,
    /// Taken back by a person, or left out by `on_change = "ignore"`.
    Cancelled,
    /// Waits for a person: unknown outcome, gave up, out of order.
    Parked,
}

impl DeliveryState {
    const ALL: [Self; 9] = [
        Self::Staged,
        Self::Held,
        Self::Due,
        Self::Attempting,
        Self::Delivered,
        Self::Repeat,
        Self::Refused,
        Self::Cancelled,
        Self::Parked,
    ];

    /// The word used in SQL and JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Staged => "staged",
            Self::Held => "held",
            Self::Due => "due",
            Self::Attempting => "attempting",
            Self::Delivered => "delivered",
            Self::Repeat => "repeat",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
            Self::Parked => "parked",
        }
    }

    /// The state of a word from SQL or the command line.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing more happens to it without a new order or a person's retry.
    #[must_use]
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::Repeat | Self::Refused | Self::Cancelled
        )
    }

    /// Whether it counts as success in the verdict.
    #[must_use]
    pub fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::Repeat)
    }
}
