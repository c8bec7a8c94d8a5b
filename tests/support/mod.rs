//! Stand-ins for the world outside.

pub(crate) mod partner;
pub(crate) mod tls;
