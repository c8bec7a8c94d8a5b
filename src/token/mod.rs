//! Access tokens: OAuth 2.0 (RFC 6749), for mailboxes and partner interfaces that take no password.
//!
//! ```text
//!  caller ── get ──▶ Tokens ── nobody has one that is still good ──▶ token server
//!         ◀─ Token ─┘   ▲
//!         ── refused ───┘  the service did not take it: the next `get` asks for a new one
//! ```
//!
//! Promises: however many callers ask at once, one request is made, and all share its outcome; a
//! token is handed out again until shortly before its end; a server that fails is not asked again
//! at once; what the server may answer is bounded in size and time. No token, password or secret is
//! ever part of a message or of what `Debug` shows.
//!
//! Never durable: a new process asks for a new token. So a token server that gives a new refresh
//! token with each answer and withdraws the old one at once does not fit (the log says so when one
//! is seen): such a service is used with `client_credentials`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use tokio::sync::Mutex;

use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;

pub(crate) mod http;
mod request;

#[cfg(test)]
mod tests;

/// Where tokens come from, and what for.
#[derive(Clone)]
pub struct TokenSettings {
    /// The token endpoint. `https`, or `http` to this machine.
    pub url: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that; public clients have none.
    pub client_secret: Option<SecretString>,
    /// How the client's proof is sent.
    pub client_proof: ClientProof,
    /// What we want to be allowed.
    pub scope: Option<String>,
    /// By what right.
    pub grant: Grant,
    /// Certificate authorities beside the system's, PEM.
    pub ca: Option<Vec<u8>>,
}

/// How a client proves who it is (RFC 6749, 2.3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientProof {
    /// In the body, which Microsoft and Google take.
    #[default]
    Body,
    /// In a header (HTTP Basic), which the standard prefers.
    Header,
}

/// By what right a token is asked for.
#[derive(Clone)]
pub enum Grant {
    /// A person allowed it once (RFC 6749, 6).
    RefreshToken(SecretString),
    /// The client itself is allowed (RFC 6749, 4.4).
    ClientCredentials,
    /// A user's password (RFC 6749, 4.3). Old, and still asked for by some services. A refresh token
    /// that comes with the answer is used as long as it is taken, and after that the password again.
    Password {
        /// The user.
        user: String,
        /// Its password.
        password: SecretString,
    },
}

impl fmt::Debug for TokenSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSettings")
            .field("client_id", &self.client_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// One access token.
#[derive(Clone)]
pub struct Token {
    secret: SecretString,
    number: u64,
    got: Moment,
    ends: Moment,
}

impl Token {
    /// The token, for the one place that sends it.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Whether it was asked for just now, so that a refusal is not a matter of its age.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.got.elapsed() < limits::TOKEN_FRESH
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

/// Who gives tokens out: an OAuth server, or a log-in of a service's own making.
#[async_trait]
pub trait Ask: Send + Sync {
    /// Who that is, for messages.
    fn server(&self) -> &str;

    /// Asks once for a token; by `renewal`, where an answer before brought one that is still good.
    ///
    /// # Errors
    /// The operator's turn where the server refuses us; temporary otherwise.
    async fn ask(&self, renewal: Option<&SecretString>) -> Result<Granted, Failure>;
}

/// What was granted.
pub struct Granted {
    /// The access token.
    pub token: SecretString,
    /// How long it is good for, where the server says so.
    pub lasts: Option<Duration>,
    /// What the next one may be asked for with.
    pub renewal: Option<SecretString>,
    /// How long that is good for.
    pub renewal_lasts: Option<Duration>,
}

/// The tokens of one account at one service. Cheap to share: give each user of it an `Arc`.
pub struct Tokens {
    asking: Arc<dyn Ask>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What the next one may be asked for with, and until when.
    renewal: Option<(SecretString, Option<Moment>)>,
    token: Option<Token>,
    /// Tokens handed out so far.
    count: u64,
    /// What went wrong last, and when.
    failed: Option<(Moment, Failure)>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({})", self.asking.server())
    }
}

impl Tokens {
    /// Tokens as `settings` describe them. Asks for nothing yet.
    ///
    /// # Errors
    /// What is wrong with the settings, for the operator.
    pub fn new(settings: TokenSettings) -> Result<Arc<Self>, Failure> {
        Ok(Self::by(Arc::new(request::Asking::new(settings)?)))
    }

    /// Tokens that `asking` gets. Asks for nothing yet.
    #[must_use]
    pub fn by(asking: Arc<dyn Ask>) -> Arc<Self> {
        Arc::new(Self {
            asking,
            state: Mutex::default(),
        })
    }

    /// A token that is good for a while yet.
    ///
    /// # Errors
    /// The operator's turn where the server refuses us; temporary otherwise.
    pub async fn get(&self) -> Result<Token, Failure> {
        // Held over the request: whoever comes meanwhile waits for its outcome instead of asking.
        let mut state = self.state.lock().await;
        if let Some(token) = &state.token
            && !token.ends.since(clock::moment()).is_zero()
        {
            return Ok(token.clone());
        }
        if let Some((when, failure)) = &state.failed
            && when.elapsed() < limits::TOKEN_REST
        {
            return Err(failure.clone());
        }
        match self.asking.ask(state.renewal()).await {
            Ok(granted) => Ok(state.keep(granted)),
            Err(failure) => {
                state.failed = Some((clock::moment(), failure.clone()));
                Err(failure)
            }
        }
    }

    /// The service refused this token: it is not handed out again. Says nothing about one that
    /// another caller has got since.
    pub async fn refused(&self, token: &Token) {
        let mut state = self.state.lock().await;
        if state
            .token
            .as_ref()
            .is_some_and(|kept| kept.number == token.number)
        {
            state.token = None;
        }
    }
}

impl State {
    /// What to renew with, unless it has ended.
    fn renewal(&self) -> Option<&SecretString> {
        let (renewal, ends) = self.renewal.as_ref()?;
        let good = ends.is_none_or(|ends| !ends.since(clock::moment()).is_zero());
        good.then_some(renewal)
    }

    fn keep(&mut self, granted: Granted) -> Token {
        let now = clock::moment();
        // Shortly before its end a token may end on its way to the service.
        let lasts = granted.lasts.unwrap_or(limits::TOKEN_UNSTATED);
        let lasts = lasts.min(limits::TOKEN_LONGEST);
        let margin = limits::TOKEN_MARGIN.min(lasts / 4);
        if let Some(renewal) = granted.renewal {
            let ends = granted.renewal_lasts.map(|lasts| {
                let lasts = lasts.min(limits::TOKEN_LONGEST);
                now.after(lasts.saturating_sub(limits::TOKEN_MARGIN.min(lasts / 4)))
            });
            self.renewal = Some((renewal, ends));
        }
        self.count += 1;
        self.failed = None;
        let token = Token {
            secret: granted.token,
            number: self.count,
            got: now,
            ends: now.after(lasts.saturating_sub(margin).max(Duration::from_secs(1))),
        };
        self.token = Some(token.clone());
        token
    }
}
