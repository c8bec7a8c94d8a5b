//! Passwords as hashes: argon2id with the crate's parameters (19 MiB, 2 passes), which are OWASP's
//! first recommendation. Slow on purpose: never on a thread of the runtime, few at a time.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use crate::failure::Failure;
use crate::limits;

/// The hash of a password, with a salt of its own.
///
/// # Errors
/// A failure of ours; a password that is too short is the caller's to refuse.
pub fn hash(password: &str) -> Result<String, Failure> {
    Argon2::default()
        .hash_password(password.as_bytes())
        .map(|hash| hash.to_string())
        .map_err(|error| Failure::ours("hashing a password", error))
}

/// Each check takes 19 MiB: a crowd of them must not take the memory of the daemon.
static PLACES: Semaphore = Semaphore::const_new(limits::PASSWORD_CHECKS);

/// Compared with what is typed for a name that does not exist, so that both take as long.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| hash("nobody has this password").ok());

/// Whether `password` is the one behind `known`; without `known` it never is, and takes as long.
pub(super) async fn fits(password: String, known: Option<String>) -> Result<bool, Failure> {
    let during = "checking a password";
    let place = PLACES
        .acquire()
        .await
        .map_err(|error| Failure::ours(during, error))?;
    let checked = tokio::task::spawn_blocking(move || {
        let exists = known.is_some();
        let Some(text) = known.or_else(|| NOBODY.clone()) else {
            return false;
        };
        let fits = PasswordHash::new(&text).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        });
        fits && exists
    });
    let fits = checked
        .await
        .map_err(|error| Failure::ours(during, error))?;
    drop(place);
    Ok(fits)
}
