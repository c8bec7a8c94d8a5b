//! Names to addresses, but only such as may be called.
//!
//! One private address among several refuses the name: who answers so tries which of them we take.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::nets::{Nets, REFUSED};

/// Resolves and checks.
#[derive(Debug, Clone)]
pub(super) struct Checked {
    allowed: Arc<Nets>,
}

impl Checked {
    pub(super) fn new(allowed: Arc<Nets>) -> Self {
        Self { allowed }
    }
}

/// The name leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("{REFUSED}")]
pub(super) struct Private;

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            // The port is the URL's.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            if found.iter().any(|at| !allowed.may_call(at.ip())) {
                return Err(Private.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}
