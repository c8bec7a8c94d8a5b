//! A partner calls us: a webhook, a callback.
//!
//! It is told that its news were taken only when they are durable. Told again, they are known.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::record;
use crate::failure::Failure;
use crate::flow::{Flow, Shared};
use crate::partners::tracker::{Callback, NotTaken};
use crate::tracking::{About, Channel};

/// What becomes of a partner's call.
#[derive(Debug)]
pub enum Call {
    /// What it tells is durable.
    Taken,
    /// No partner calls this address.
    Nowhere,
    /// It does not prove who it is from.
    Stranger,
    /// It cannot be read; why.
    Unreadable(String),
    /// It could not be recorded: the partner may call again.
    Failed(Failure),
}

impl Flow {
    /// Takes a partner's call at the address that ends in `step`.
    pub async fn call(&self, step: &str, call: &Callback) -> Call {
        take(&self.shared, step, call).await
    }
}

async fn take(shared: &Shared, step: &str, call: &Callback) -> Call {
    let given = Sha256::digest(step);
    // All are compared, over hashes and each in whole, so that no time tells how close a guess was.
    let mut found = None;
    for lane in shared.ports.lanes.values() {
        let Some(hearing) = &lane.hearing else {
            continue;
        };
        let Some(known) = hearing.hook else { continue };
        if bool::from(given.as_slice().ct_eq(&known)) {
            found = Some((lane, hearing));
        }
    }
    let Some((lane, hearing)) = found else {
        return Call::Nowhere;
    };
    let heard = match hearing.tracker.receive(call) {
        Ok(heard) => heard,
        Err(NotTaken::Stranger) => {
            tracing::warn!(
                destination = lane.name,
                "A call did not prove who it is from."
            );
            return Call::Stranger;
        }
        Err(NotTaken::Unreadable(why)) => {
            tracing::warn!(destination = lane.name, why, "A call could not be read.");
            return Call::Unreadable(why);
        }
    };
    for one in heard {
        let about = About {
            remote_id: Some(one.mark),
            ..About::default()
        };
        let told = (Channel::Callback, &about);
        if let Err(failure) = record(shared, &lane.name, told, one.sightings).await {
            tracing::error!(destination = lane.name, %failure, "A call could not be recorded.");
            return Call::Failed(failure);
        }
    }
    Call::Taken
}
