//! How a destination is heard about its orders: `track`, `poll` and `hook`.

use std::time::Duration;

use super::super::secrets::{needed, secret};
use super::super::section::Section;
use super::http::parts::is_token;
use crate::limits;
use crate::secret::SecretRef;

/// When accepted orders are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// The first wait (default: the same as `every`).
    pub first: Duration,
    /// The waits after it.
    pub every: Duration,
    /// An order that is under way for so long is asked for no more (default 90 days).
    pub lasts: Duration,
}

/// `hook = { path = …, kind = "hmac" }`: where the partner calls us.
#[derive(Debug, Clone)]
pub struct HookConfig {
    /// The step of the address that nobody can guess: `/hooks/PATH`.
    pub path: SecretRef,
    /// What each call must carry.
    pub proof: ProofConfig,
    /// The address by which the outside reaches us; `None` where `[http]` has no `public_url`.
    pub base: Option<String>,
}

/// What a partner's call must carry.
#[derive(Debug, Clone)]
pub enum ProofConfig {
    /// Nothing but the address.
    None,
    /// User and password.
    Basic(String, SecretRef),
    /// `Authorization: Bearer …`.
    Bearer(SecretRef),
    /// A header of the partner's own with a fixed value.
    Header(String, SecretRef),
    /// A signature over the body by the partner's own key.
    Hmac,
}

impl HookConfig {
    /// The secrets it names.
    pub(super) fn secrets(&self) -> Vec<&SecretRef> {
        let proof = match &self.proof {
            ProofConfig::None | ProofConfig::Hmac => None,
            ProofConfig::Basic(_, secret)
            | ProofConfig::Bearer(secret)
            | ProofConfig::Header(_, secret) => Some(secret),
        };
        std::iter::once(&self.path).chain(proof).collect()
    }
}

/// `first`, `every` and `lasts`; `every` is so long by default.
pub(super) fn waits(table: &Section<'_, '_>, usual: Duration) -> Waits {
    let every = span(table, "every", usual);
    Waits {
        first: span(table, "first", every),
        every,
        lasts: lasts(table),
    }
}

/// `lasts`.
pub(super) fn lasts(table: &Section<'_, '_>) -> Duration {
    table.within(
        "lasts",
        limits::TRACKING_LASTS,
        Duration::from_hours(1)..=Duration::from_hours(24 * 3660),
        "from \"1h\" to \"3660d\"",
    )
}

/// A time between two questions.
pub(super) fn span(table: &Section<'_, '_>, key: &'static str, usual: Duration) -> Duration {
    table.within(
        key,
        usual,
        limits::TRACKING_EVERY_LEAST..=Duration::from_hours(24 * 90),
        "from \"1s\" to \"90d\"",
    )
}

/// `hook`. `signs`: whether the partner can sign its calls.
pub(super) fn hook(section: &Section<'_, '_>, signs: bool) -> Option<HookConfig> {
    let table = section.table("hook")?;
    let path = needed(&table, "path");
    let words = [
        ("none", 0),
        ("basic", 1),
        ("bearer", 2),
        ("header", 3),
        ("hmac", 4),
    ];
    let words = if signs { &words[..] } else { &words[..4] };
    let need = |key| {
        let found = secret(&table, key);
        if !table.has(key) {
            table.missing(key);
        }
        found
    };
    let proof = match table.word("kind", words).unwrap_or(0) {
        1 => {
            let user: Option<String> = table.need("user");
            let both = user.zip(need("password"));
            both.map(|(user, password)| ProofConfig::Basic(user, password))
        }
        2 => need("token").map(ProofConfig::Bearer),
        3 => {
            let name: Option<String> = table.need("name");
            if name.as_ref().is_some_and(|name| !is_token(name)) {
                table.error("name", "`name` must be the name of a header");
            }
            let both = name.zip(need("value"));
            both.map(|(name, value)| ProofConfig::Header(name, value))
        }
        4 => Some(ProofConfig::Hmac),
        _ => None,
    };
    table.finish();
    Some(HookConfig {
        path,
        proof: proof.unwrap_or(ProofConfig::None),
        base: None,
    })
}
