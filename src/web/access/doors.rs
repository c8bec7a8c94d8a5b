//! Logging in, and how often one may try.
//!
//! After a few wrong passwords a name, and an address, wait; each further one doubles the wait.
//! In memory and bounded: a restart forgives, which costs an attacker more than it gives.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::{cookie, password};
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;
use crate::web::Site;

/// Wrong tries by name and by address.
#[derive(Default)]
pub(crate) struct Doors {
    tries: Mutex<HashMap<String, Tries>>,
}

struct Tries {
    wrong: u32,
    last: Moment,
}

/// How a log-in ended.
pub(crate) enum Entry {
    /// The token for the browser.
    Open(String),
    /// Name and password do not belong together. Not which of them is wrong.
    Wrong,
    /// Too many wrong ones: again after so long.
    Wait(Duration),
}

impl Doors {
    /// How long `key` has to wait.
    fn wait(&self, key: &str) -> Option<Duration> {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = tries.get(key)?;
        let over = tries.wrong.checked_sub(limits::LOGIN_TRIES)?;
        let doubled = limits::LOGIN_WAIT.saturating_mul(1 << over.min(10));
        let wait = doubled.min(limits::LOGIN_WAIT_MOST);
        wait.checked_sub(tries.last.elapsed())
            .filter(|left| !left.is_zero())
    }

    fn wrong(&self, key: String) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if tries.len() >= limits::LOGIN_NAMES {
            tries.retain(|_, tries| tries.last.elapsed() < limits::LOGIN_WAIT_MOST);
        }
        if tries.len() >= limits::LOGIN_NAMES && !tries.contains_key(&key) {
            // All places taken by tries of the last minutes: the oldest makes room.
            let oldest = tries.iter().min_by_key(|(_, tries)| tries.last);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.and_then(|key| tries.remove(&key));
        }
        let tries = tries.entry(key).or_insert_with(|| Tries {
            wrong: 0,
            last: clock::moment(),
        });
        tries.wrong = tries.wrong.saturating_add(1);
        tries.last = clock::moment();
    }

    fn right(&self, key: &str) {
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        tries.remove(key);
    }
}

impl Site {
    /// Lets a person in who knows their password.
    pub(crate) async fn log_in(
        &self,
        name: &str,
        typed: String,
        address: IpAddr,
    ) -> Result<Entry, Failure> {
        let (by_name, by_address) = (
            format!("name {}", name.to_lowercase()),
            format!("at {address}"),
        );
        let waits = [self.doors.wait(&by_name), self.doors.wait(&by_address)];
        if let Some(wait) = waits.into_iter().flatten().max() {
            return Ok(Entry::Wait(wait));
        }
        let user = self.people.user(name).await?;
        // Who signs in at a provider has no password here: as if there were nobody.
        let known = user.as_ref().filter(|user| !user.provider);
        let known = known.map(|user| user.password.clone());
        if !password::fits(typed, known).await? {
            self.doors.wrong(by_name);
            self.doors.wrong(by_address);
            let shown = crate::problem::excerpt(name);
            tracing::warn!(name = %shown, %address, "A log-in was refused: wrong name or password.");
            return Ok(Entry::Wrong);
        }
        self.doors.right(&by_name);
        self.doors.right(&by_address);
        let token = self.open_for(name).await?;
        tracing::info!(name, %address, "Logged in.");
        Ok(Entry::Open(token))
    }

    /// A session for a person; its token.
    pub(crate) async fn open_for(&self, name: &str) -> Result<String, Failure> {
        let (token, csrf) = (cookie::token()?, cookie::token()?);
        let now = clock::now();
        self.people.prune_sessions(now).await?;
        self.people
            .open_session(
                cookie::hashed(&token),
                name,
                &csrf,
                now.after(limits::SESSION),
            )
            .await?;
        Ok(token)
    }
}
