//! Bounds on files that are written for partners, and on answers to their files.

use std::time::Duration;

/// Largest SOAP message that is sent as it is: it is held in memory, and endpoints take less.
pub const SOAP_MESSAGE_BYTES: u64 = 4 << 20;
/// Messages of an interchange that an answer speaks of; more do not come in one file, and the answer
/// must fit into memory.
pub const ANSWER_MESSAGES: usize = 20_000;
/// Orders of a file that an answer speaks of.
pub const ANSWER_ORDERS: u32 = 20_000;
/// Answers taken in one go.
pub const ANSWERS_TOGETHER: usize = 16;
/// After so long an answer that cannot be laid down waits for a person.
pub const ANSWER_GIVE_UP: Duration = Duration::from_hours(72);
/// Characters of an order's number in a file's name: with key and ending it fits where names have
/// 255 bytes and where they have 100.
pub const NAME_REFERENCE: usize = 60;
/// Bytes of a file on a server that are read back to see whether it is ours.
pub const READ_BACK_BYTES: u64 = 64 * 1024 * 1024;
