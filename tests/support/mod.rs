//! What the tests stand on: a scratch house, the built program, and the servers around it.

pub mod dock;
pub mod events;
//! Stand-ins for the world outside.

pub(crate) mod partner;
pub(crate) mod tls;
//! The world around the product in tests: real servers where they can be had, scripted ones where a
//! server must misbehave.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

pub(crate) mod postfix;
pub(crate) mod smtp;
