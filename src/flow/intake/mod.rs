//! fetch ▸ parse ▸ stage ▸ due: from an arrival to orders that lanes can see.

pub(super) mod fetch;
pub(super) mod parse;
mod read;
mod stage;
mod unpack;

pub(super) use read::Stored;
pub(super) use unpack::UNKNOWN_SENDER;
