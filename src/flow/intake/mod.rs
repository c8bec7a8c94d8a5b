//! fetch ▸ parse ▸ stage ▸ due: from an arrival to orders that lanes can see.

pub(super) mod fetch;
pub(super) mod parse;
mod read;
mod stage;

pub(super) use read::Stored;
pub(super) use stage::search_words;
