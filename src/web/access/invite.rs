//! Links that let somebody in once, without a password: for a tour that has just been started.
//!
//! Only the process itself makes one; each is good once, for a bounded time, and forgotten with the
//! process. As with sessions, what is kept is a hash.

use std::sync::{Arc, Mutex, PoisonError};

use super::cookie;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::limits;

/// The links that were given out and not used.
#[derive(Debug, Clone, Default)]
pub struct Invitations(Arc<Mutex<Vec<Invitation>>>);

#[derive(Debug)]
struct Invitation {
    token: [u8; 32],
    person: String,
    until: Millis,
}

impl Invitations {
    /// The path of a link for a person who exists. An earlier link for them is good no more.
    ///
    /// # Errors
    /// Ours: the system gives no random bytes.
    pub fn invite(&self, person: &str) -> Result<String, Failure> {
        let token = cookie::token()?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|invitation| invitation.person != person);
        all.push(Invitation {
            token: cookie::hashed(&token),
            person: person.to_owned(),
            until: clock::now().after(limits::INVITATION),
        });
        Ok(format!("/welcome/{token}"))
    }

    /// Who was invited by this token; it is used up.
    pub(crate) fn take(&self, token: &str) -> Option<String> {
        let hash = cookie::hashed(token);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|invitation| invitation.until > clock::now());
        let found = all.iter().position(|invitation| invitation.token == hash)?;
        Some(all.swap_remove(found).person)
    }
}

#[cfg(test)]
mod tests {
    use super::Invitations;

    #[test]
    fn a_link_is_good_once_and_an_earlier_one_no_more() {
        let all = Invitations::default();
        let first = all.invite("you").unwrap();
        let second = all.invite("you").unwrap();
        let token = |path: &str| path.rsplit('/').next().unwrap().to_owned();
        assert_eq!(all.take(&token(&first)), None);
        assert_eq!(all.take(&token(&second)), Some("you".to_owned()));
        assert_eq!(all.take(&token(&second)), None);
    }
}
