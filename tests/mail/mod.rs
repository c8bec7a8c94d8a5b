//! Mail as its readers and servers see it: the words and parts of what is composed, the way through
//! a real Postfix and scripted bad ones, and silence towards machines.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

mod composed;
mod machines;
mod sent;
