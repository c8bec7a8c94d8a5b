//! Bounds of tracking: what partners tell of orders that they have accepted.

use std::time::Duration;

/// Largest answer to the question what has happened to an order: Contargo tells a hundred events at
/// most, each with terminal, means of transport and container.
pub const TRACKING_BYTES: usize = 512 << 10;
/// Largest call of a partner to us. CargoCONNECT tells the whole history twice in each: a hundred
/// events of a kilobyte.
pub const HOOK_BYTES: usize = 256 << 10;
/// Calls of partners that are read and recorded at once; further ones wait their turn.
pub const HOOKS: usize = 64;
/// Shortest secret step of an address that partners call: 128 bits in the densest usual writing.
pub const HOOK_CHARS: usize = 22;
/// Longest one: it stands in an address.
pub const HOOK_CHARS_MOST: usize = 128;
/// Things that are taken out of one message of a partner: more than any shipment's way has.
pub const SIGHTINGS: usize = 1_000;
/// Longest code, place or id in it.
pub const SIGHTING_WORD: usize = 200;
/// Longest text in it.
pub const SIGHTING_TEXT: usize = 1_000;
/// Questions to one tracker at once, beside the orders that are on their way there.
pub const TRACKING_AT_ONCE: usize = 4;
/// Followed orders taken in hand at once.
pub const TRACKING_BATCH: usize = 64;
/// The shortest time between two questions about one order that may be configured.
pub const TRACKING_EVERY_LEAST: Duration = Duration::from_secs(1);
/// An order that is under way for so long is asked for no more, unless configured.
pub const TRACKING_LASTS: Duration = Duration::from_hours(24 * 90);
/// Largest event of a stream, and longest line of it: a tracking event is some kilobytes.
pub const STREAM_EVENT_BYTES: usize = 256 << 10;
/// A stream that is silent for so long is taken for dead: servers send comments meanwhile.
pub const STREAM_SILENCE: Duration = Duration::from_mins(2);
/// The shortest wait before a stream is opened again, whatever the partner asks for.
pub const STREAM_REST: Duration = Duration::from_millis(100);
/// The wait before a stream is opened again where the partner asks for none.
pub const STREAM_REST_USUAL: Duration = Duration::from_secs(3);
/// The longest that a partner can ask for: events would be late by so much.
pub const STREAM_REST_MOST: Duration = Duration::from_mins(5);
/// Half way between the shortest and the longest wait of a back-off: what is asked by one task comes
/// back as no wave.
pub const MIDDLE_JITTER: u8 = 128;
