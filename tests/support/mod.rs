//! The world around the product in tests: real servers where they can be had, scripted ones where a
//! server must misbehave.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

pub(crate) mod postfix;
pub(crate) mod smtp;
