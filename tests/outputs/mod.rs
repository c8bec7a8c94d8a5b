//! Orders and answers as files: what is written says what the order says, and lies where it should,
//! whole and once.

mod answers;
mod formats;
mod lost;
mod made;
mod places;
mod written;
