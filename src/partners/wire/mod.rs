//! What connectors that speak HTTP have in common: connections, what no answer means, what an
//! answer means.
//!
//! Promises: one request for each `exchange`, never a redirect followed; TLS is verified always;
//! an answer is read up to a bound; whether a request may have left us is told apart from one that
//! cannot have; no secret appears in what is returned, not even where the partner echoes it.

pub(super) mod address;
pub(super) mod answer;
pub(super) mod bearer;
pub(super) mod caller;
pub(super) mod client;
mod connect;
pub(super) mod link;
pub(super) mod redact;
pub(super) mod settings;
pub(super) mod sighted;
pub(super) mod sse;
mod stream;
pub(super) mod trouble;
pub(super) mod words;
pub(super) mod xml;

pub use answer::Meaning;
pub use caller::Proof;
pub use link::LinkSettings;
pub use settings::{Authorities, Identity};
