//! What the tests stand on: a scratch house, the built program, and the servers around it.

pub mod dock;
pub mod events;
//! Stand-ins for the world outside.

pub(crate) mod partner;
pub(crate) mod tls;
