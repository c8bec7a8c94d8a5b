//! The world around the product in tests: real servers where they can be had, scripted ones where a
//! server must misbehave.

pub(crate) mod postfix;
pub(crate) mod smtp;
