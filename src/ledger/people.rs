//! People who log in, their sessions, and keys of programs: who may do what through the web.
//!
//! Passwords, session tokens and keys never reach the ledger: it holds their hashes alone.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Who;
use crate::clock::Millis;
use crate::failure::Failure;

type Result<T> = std::result::Result<T, Failure>;

/// What a person or key may do. Each role may do all that the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at everything.
    Viewer,
    /// Also retry, release, cancel, edit what is held, upload, pause, save profiles.
    Coordinator,
    /// Also people and keys.
    Admin,
}

impl Role {
    /// All of them, from the least on.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Coordinator, Self::Admin];

    /// The word used in SQL, JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Coordinator => "coordinator",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Whether people and keys may be called so: 1 to 64 letters, digits, `-`, `_`, `.` and `@`.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@');
    !name.is_empty() && name.len() <= 64 && name.chars().all(fits)
}

/// What is told where a name does not fit.
pub const NAMES: &str = "a name is 1 to 64 letters, digits, `-`, `_`, `.` and `@`";

/// A person who may log in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    /// The name they log in with: lower case, unique.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when they exist.
    pub created: Millis,
    /// When they logged in last.
    pub seen: Option<Millis>,
    /// The hash of their password (PHC string, argon2id). Never leaves the daemon. Empty for those who
    /// sign in at a provider.
    #[serde(skip)]
    pub password: String,
    /// Whether they sign in at a provider and have no password here.
    #[serde(default)]
    pub provider: bool,
}

/// An open session.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose.
    pub user: String,
    /// What they may do now, even if it has changed since they logged in.
    pub role: Role,
    /// Bound to this session: what every form sends back.
    pub csrf: String,
    /// When it ends by itself.
    pub until: Millis,
}

/// A key with which a program asks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Key {
    /// How people speak of it: lower case, unique.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only sender whose files and orders it is for; `None`: everybody's.
    pub sender: Option<String>,
    /// Since when it exists.
    pub created: Millis,
    /// When it was used last, within some minutes.
    pub seen: Option<Millis>,
}

/// A key as it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// How people speak of it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The only sender it is for.
    pub sender: Option<String>,
    /// SHA-256 of what the program holds: the key itself never leaves the command that makes it.
    pub hash: [u8; 32],
}

/// A request that is not to be done twice.
#[derive(Debug, Clone)]
pub struct Once {
    /// Who asks: a key's or a person's name.
    pub asker: String,
    /// The Idempotency-Key it came with.
    pub key: String,
    /// SHA-256 of what is asked.
    pub request: [u8; 32],
}

/// What is known of such a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It is new, and from now on under way.
    New,
    /// The same is under way.
    UnderWay,
    /// Something else was asked under this key.
    Other,
    /// It was done, and answered like this.
    Answered(u16, String),
}

/// The arrows and questions about people. What holds for [`super::Ledger`] holds here.
#[async_trait]
pub trait People: Send + Sync {
    /// Everybody, by name.
    async fn users(&self) -> Result<Vec<User>>;

    /// One of them.
    async fn user(&self, name: &str) -> Result<Option<User>>;

    /// Somebody comes in whom a provider calls `subject`: they are `name` with this role from now on.
    /// False if the name is another's, with a password here or at the provider.
    async fn sign_in(&self, name: &str, role: Role, subject: &str) -> Result<bool>;

    /// Adds a person with a password or gives one another role or password; all sessions of theirs end.
    /// Who signed in at a provider before has a password here then.
    async fn put_user(&self, name: &str, role: Role, password: &str, who: &Who) -> Result<()>;

    /// Removes a person and their sessions; false if there was none.
    async fn remove_user(&self, name: &str, who: &Who) -> Result<bool>;

    /// Opens a session whose token has this hash.
    async fn open_session(
        &self,
        token: [u8; 32],
        user: &str,
        csrf: &str,
        until: Millis,
    ) -> Result<()>;

    /// The session of a token's hash, if it is open at `now`.
    async fn session(&self, token: [u8; 32], now: Millis) -> Result<Option<Session>>;

    /// Ends a session.
    async fn close_session(&self, token: [u8; 32]) -> Result<()>;

    /// Drops the sessions that ended before `now`.
    async fn prune_sessions(&self, now: Millis) -> Result<()>;

    /// All keys, by name.
    async fn keys(&self) -> Result<Vec<Key>>;

    /// The key with this hash.
    async fn key(&self, hash: [u8; 32]) -> Result<Option<Key>>;

    /// Adds a key; false if there is one of its name.
    async fn put_key(&self, key: NewKey, who: &Who) -> Result<bool>;

    /// Removes a key; false if there was none.
    async fn remove_key(&self, name: &str, who: &Who) -> Result<bool>;

    /// Writes down that a key was used.
    async fn key_used(&self, name: &str) -> Result<()>;

    /// Begins a request that is not to be done twice, or tells what became of it.
    async fn begin_once(&self, once: Once) -> Result<Known>;

    /// Keeps the answer; without one the request counts as never begun.
    async fn end_once(&self, once: Once, answer: Option<(u16, String)>) -> Result<()>;
}
