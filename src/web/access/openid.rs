//! Signing in at a provider: who is on the way there and back, and what they may do here.
//!
//! A sign-in is one browser's: it comes back with the state that only its cookie and the provider
//! know, once, and within [`limits::SIGN_IN`]. In memory: a restart costs those under way another try.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use url::Url;

use super::cookie;
use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::ledger::people::Role;
use crate::limits;
use crate::openid::{Asked, OpenId, Visitor};

/// A provider at which people sign in.
pub struct Provider {
    pub(crate) openid: OpenId,
    /// What the button to it says.
    pub(crate) label: String,
    /// What each word of the claim for roles is here.
    roles: Vec<(String, Role)>,
    under_way: Mutex<HashMap<[u8; 32], UnderWay>>,
}

/// A sign-in that began and has not come back.
pub(crate) struct UnderWay {
    pub(crate) asked: Asked,
    /// Where they wanted to go.
    pub(crate) to: String,
    until: Moment,
}

impl Provider {
    /// A provider whose words for roles mean these.
    #[must_use]
    pub fn new(openid: OpenId, label: String, roles: Vec<(String, Role)>) -> Self {
        Self {
            openid,
            label,
            roles,
            under_way: Mutex::default(),
        }
    }

    /// The address to send a browser to, and the state that its cookie keeps.
    pub(crate) async fn begin(&self, to: String) -> Result<(Url, String), Failure> {
        let asked = Asked {
            state: cookie::token()?,
            nonce: cookie::token()?,
            verifier: cookie::token()?,
        };
        let address = self.openid.begin(&asked).await?;
        let state = asked.state.clone();
        let mut all = self.under_way();
        all.retain(|_, one| !one.until.since(clock::moment()).is_zero());
        if all.len() >= limits::SIGN_INS {
            let oldest = all.iter().min_by_key(|(_, one)| one.until);
            let oldest = oldest.map(|(key, _)| *key);
            oldest.and_then(|key| all.remove(&key));
        }
        let until = clock::moment().after(limits::SIGN_IN);
        all.insert(cookie::hashed(&state), UnderWay { asked, to, until });
        Ok((address, state))
    }

    /// The sign-in of this state; it is used up.
    pub(crate) fn take(&self, state: &str) -> Option<UnderWay> {
        let found = self.under_way().remove(&cookie::hashed(state))?;
        (!found.until.since(clock::moment()).is_zero()).then_some(found)
    }

    /// What somebody may do: the most that any of their words means.
    pub(crate) fn role(&self, visitor: &Visitor) -> Option<Role> {
        let known = self.roles.iter();
        let theirs = known.filter(|(word, _)| visitor.roles.contains(word));
        theirs.map(|(_, role)| *role).max()
    }

    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], UnderWay>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
