//! What the tests stand on: a scratch house, the built program, and the servers around it.

pub mod dock;
pub mod events;
pub mod partner;
pub mod postfix;
pub mod process;
pub mod smtp;
pub mod tls;
