//! Who an order is, and the key under which it is sent.
//!
//! Both derive from what the sender wrote, never from a file's name or from our own counters: after
//! the loss of the ledger the same file gives the same keys, so that a partner who honours them
//! still applies each order once.

use std::fmt;

use sha2::{Digest, Sha256};

use super::{Action, Kind, Order, Role};

/// sender + buyer the file names + kind + reference, hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity(pub [u8; 16]);

/// SHA-256 of the canonical content without origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContentHash(pub [u8; 32]);

impl Identity {
    /// The identity of `order` as sent by `sender`.
    ///
    /// The buyer counts because brokers send many customers' orders whose numbers collide: both
    /// UBL 2.0 sample orders in circulation carry the same number.
    #[must_use]
    pub fn of(sender: &str, order: &Order) -> Self {
        Self::new(sender, &buyer(order), order.kind, &order.reference)
    }

    /// The identity of what `sender` calls `reference`, with the buyer as the file names it.
    pub(super) fn new(sender: &str, buyer: &str, kind: Kind, reference: &str) -> Self {
        let mut hash = Sha256::new();
        for part in [sender, buyer, kind.as_str(), reference] {
            field(&mut hash, part.as_bytes());
        }
        let mut id = [0; 16];
        id.copy_from_slice(&hash.finalize()[..16]);
        Self(id)
    }
}

/// The buyer as the file names it: an id if there is one, else the name.
fn buyer(order: &Order) -> String {
    let Some(party) = order.parties.get(&Role::Buyer) else {
        return String::new();
    };
    party
        .ids
        .iter()
        .next()
        .map(|(scheme, id)| format!("{scheme}:{id}"))
        .or_else(|| party.name.clone())
        .unwrap_or_default()
}

/// Length-prefixed, so that no two lists of fields hash alike.
fn field(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

/// Hashes the canonical content: the JSON bytes of an order whose origin was taken off.
#[must_use]
pub fn content_hash(content_json: &[u8]) -> ContentHash {
    ContentHash(Sha256::digest(content_json).into())
}

/// The idempotency key of one revision of an order at one destination.
///
/// The first revision's key depends on content alone. From the second on it also covers the key of
/// the revision before, so that going back to older content is a new request and not a repeat that
/// the partner would swallow.
#[must_use]
pub fn delivery_key(
    destination: &str,
    identity: Identity,
    action: Action,
    content: ContentHash,
    previous: Option<&str>,
) -> String {
    let mut hash = Sha256::new();
    field(&mut hash, destination.as_bytes());
    field(&mut hash, &identity.0);
    field(&mut hash, action.as_str().as_bytes());
    field(&mut hash, &content.0);
    if let Some(previous) = previous {
        field(&mut hash, previous.as_bytes());
    }
    format!("od1-{}", hex::encode(&hash.finalize()[..20]))
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}
