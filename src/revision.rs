//! What a newly staged order is to one destination: new, a repeat, an update, or a conflict.
//!
//! Pure: the ledger looks up the latest revision of the same identity at the same destination and
//! asks here. The table of cases is the one of design.md 3, "identity of an order".

use serde::{Deserialize, Serialize};

use crate::arrival::{DeliveryId, DeliveryState};
use crate::order::{Action, ContentHash};

/// What to do with an order whose number is known but whose content differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnChange {
    /// A problem: the sender hears that the number is taken.
    #[default]
    Refuse,
    /// Sent as an update.
    Update,
    /// Counted as success and not sent.
    Ignore,
}

/// The latest revision of an identity at a destination that was accepted or is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Its delivery.
    pub delivery: DeliveryId,
    /// Its state.
    pub state: DeliveryState,
    /// What it asked for.
    pub action: Action,
    /// Its content.
    pub content: ContentHash,
    /// The hash of its source records.
    pub source: [u8; 32],
    /// Its key.
    pub key: String,
}

/// A newly staged order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What it asks for.
    pub action: Action,
    /// Its content.
    pub content: ContentHash,
    /// The hash of its source records.
    pub source: [u8; 32],
    /// The policy for known numbers.
    pub on_change: OnChange,
    /// Whether its content equals a revision older than the latest.
    pub superseded: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Send it, with this action; after the delivery named, if that is still open.
    Send {
        /// Create, update or cancel.
        action: Action,
        /// The key of the revision before, which the new key covers.
        previous: Option<String>,
        /// An open delivery of the same identity that must become final first.
        after: Option<DeliveryId>,
    },
    /// Success without sending.
    Repeat,
    /// The number is taken by other content: the sender's turn.
    Conflict,
    /// Left out by policy: success without sending.
    Ignored,
    /// A create equal to a superseded revision: a person must say what was meant.
    Parked,
}

/// Decides. `latest` counts only revisions that were accepted or are open (refused and cancelled
/// ones do not exist for the partner).
#[must_use]
pub fn decide(latest: Option<&Latest>, new: &Candidate) -> Decision {
    let Some(latest) = latest else {
        return Decision::Send {
            action: new.action,
            previous: None,
            after: None,
        };
    };
    let open = !latest.state.is_final();
    let after = open.then_some(latest.delivery);
    if latest.action == Action::Cancel {
        return after_cancel(latest, new, after);
    }
    let same = latest.content == new.content || latest.source == new.source;
    let send = |action| Decision::Send {
        action,
        previous: Some(latest.key.clone()),
        after,
    };
    match new.action {
        Action::Cancel => send(Action::Cancel),
        Action::Create | Action::Update if same => Decision::Repeat,
        Action::Update => send(Action::Update),
        Action::Create if new.superseded => Decision::Parked,
        Action::Create => match new.on_change {
            OnChange::Refuse => Decision::Conflict,
            OnChange::Update => send(Action::Update),
            OnChange::Ignore => Decision::Ignored,
        },
    }
}

/// After an accepted cancel the identity starts anew; a second cancel is a repeat.
fn after_cancel(latest: &Latest, new: &Candidate, after: Option<DeliveryId>) -> Decision {
    if new.action == Action::Cancel {
        return Decision::Repeat;
    }
    Decision::Send {
        action: new.action,
        previous: Some(latest.key.clone()),
        after,
    }
}
