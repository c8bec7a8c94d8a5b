//! Signing in at a provider: OpenID Connect Core 1.0, the code flow with PKCE (RFC 7636).
//!
//! ```text
//!  begin ──▶ browser ──▶ provider ──▶ browser with a code ──▶ finish ──▶ token endpoint
//!    └ state, nonce, verifier: kept by the caller ─────────────┘            │
//!                     Visitor ◀── verify: signature, issuer, audience, times, nonce ◀┘
//! ```
//!
//! Promises: nobody comes in whose token is not signed by a key that the provider publishes, for us,
//! in answer to this very sign-in, and within its time; what the provider may answer is bounded in
//! size and time; a provider that fails is not asked again at once. No code, token or secret is ever
//! part of a message. Never: an algorithm that the token chooses beyond RS256 and ES256; a token that
//! came through the browser.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::{self, Moment};
use crate::failure::Failure;
use crate::limits;
use crate::token::ClientProof;
use crate::token::http::{self, Client};

mod claims;
mod keys;
mod provider;
mod verify;

#[cfg(test)]
mod tests;

pub use claims::Visitor;
pub use verify::Unproven;

use keys::Key;
use provider::Provider;

/// The provider, who we are to it, and what it tells of people.
#[derive(Clone)]
pub struct OpenIdSettings {
    /// The issuer: its description lies below it. `https`, or `http` to this machine.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that; public clients have none.
    pub client_secret: Option<SecretString>,
    /// How the proof is sent.
    pub proof: ClientProof,
    /// What we want to be told, beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that is somebody's name here.
    pub name: String,
    /// The claim that says what they may do: a text or a list of texts.
    pub role: String,
    /// Where the browser comes back to.
    pub back: String,
    /// Certificate authorities beside the system's, PEM.
    pub ca: Option<Vec<u8>>,
}

impl fmt::Debug for OpenIdSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenIdSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// What nobody else can guess of one sign-in.
#[derive(Clone)]
pub struct Asked {
    /// Comes back with the browser.
    pub state: String,
    /// Comes back in the token.
    pub nonce: String,
    /// Proves to the provider that whoever brings the code is who asked for it.
    pub verifier: String,
}

/// Why somebody is not let in.
#[derive(Debug)]
pub enum Denied {
    /// The provider does not say so, or not to us.
    Unproven(Unproven),
    /// The provider could not be asked.
    Failed(Failure),
}

impl From<Unproven> for Denied {
    fn from(why: Unproven) -> Self {
        Self::Unproven(why)
    }
}

impl From<Failure> for Denied {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Signing in at one provider.
pub struct OpenId {
    settings: OpenIdSettings,
    client: Client,
    /// Held over a request to the provider: whoever comes meanwhile waits for its outcome.
    known: Mutex<Known>,
}

/// What the provider has told of itself.
#[derive(Default)]
struct Known {
    provider: Option<(Arc<Provider>, Moment)>,
    keys: Option<(Arc<[Key]>, Moment)>,
    failed: Option<(Failure, Moment)>,
}

impl fmt::Debug for OpenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.settings.fmt(f)
    }
}

/// What the token endpoint answers (RFC 6749 5).
#[derive(Deserialize)]
struct Granted {
    id_token: Option<SecretString>,
    error: Option<String>,
}

impl OpenId {
    /// A provider that is asked when somebody first signs in.
    ///
    /// # Errors
    /// The operator's: the issuer is no address, the certificates cannot be used.
    pub fn new(settings: OpenIdSettings) -> Result<Self, Failure> {
        let wrong = |why| Failure::operator("setting up the sign-in ([http.oidc])", why);
        let issuer = http::address(&settings.issuer).map_err(wrong)?;
        let secure = issuer.scheme() == "https";
        let client = http::client(settings.ca.as_deref(), secure).map_err(wrong)?;
        Ok(Self {
            settings,
            client,
            known: Mutex::default(),
        })
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Where the browser goes to sign in (OpenID Connect Core 3.1.2.1, RFC 7636 4.3).
    ///
    /// # Errors
    /// Temporary: the provider cannot be asked. The operator's: what it tells of itself is wrong.
    pub async fn begin(&self, asked: &Asked) -> Result<Url, Failure> {
        let provider = self.provider().await?;
        let mut address = provider.authorize.clone();
        let scopes: Vec<&str> = std::iter::once("openid")
            .chain(self.settings.scopes.iter().map(String::as_str))
            .collect();
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &self.settings.back)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &asked.state)
            .append_pair("nonce", &asked.nonce)
            .append_pair("code_challenge", &verify::challenge(&asked.verifier))
            .append_pair("code_challenge_method", "S256");
        Ok(address)
    }

    /// Who it is that came back with this code.
    ///
    /// # Errors
    /// They are not who the provider says, or it could not be asked.
    pub async fn finish(&self, code: &str, asked: &Asked) -> Result<Visitor, Denied> {
        let provider = self.provider().await?;
        let token = self.redeem(&provider, code, &asked.verifier).await?;
        let token = token.expose_secret();
        let now = clock::now().0 / 1000;
        let expected = verify::Expected {
            issuer: &self.settings.issuer,
            client: &self.settings.client_id,
            nonce: &asked.nonce,
            now,
        };
        let keys = self.keys(&provider, limits::OPENID_KEPT).await?;
        let claims = match verify::verified(token, &keys, &expected) {
            // A provider may have changed its keys a moment ago.
            Err(Unproven::Signature) => {
                let keys = self.keys(&provider, limits::OPENID_KEYS_REST).await?;
                verify::verified(token, &keys, &expected)
            }
            checked => checked,
        }?;
        Ok(claims::visitor(&claims, &self.settings)?)
    }

    /// Gives the code for a token (OpenID Connect Core 3.1.3).
    async fn redeem(
        &self,
        provider: &Provider,
        code: &str,
        verifier: &str,
    ) -> Result<SecretString, Denied> {
        let settings = &self.settings;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", settings.back.as_str()),
            ("code_verifier", verifier),
        ];
        let request = self.client.post(provider.token.clone());
        let secret = settings.client_secret.as_ref();
        let request = match (settings.proof, secret.map(ExposeSecret::expose_secret)) {
            (ClientProof::Header, Some(secret)) => {
                let client = http::encoded(&settings.client_id);
                request.basic_auth(client, Some(http::encoded(secret)))
            }
            (_, secret) => {
                form.push(("client_id", &settings.client_id));
                form.extend(secret.map(|secret| ("client_secret", secret)));
                request
            }
        };
        let request = request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(http::form(form));
        let (status, body) = self
            .answer(request, "asking the provider who it is")
            .await?;
        let granted: Option<Granted> = serde_json::from_slice(&body).ok();
        let refused = granted
            .as_ref()
            .and_then(|granted| granted.error.as_deref());
        if status >= 500 || (status >= 400 && matches!(refused, Some("invalid_client"))) {
            let why = format!(
                "it answered {status} {}",
                excerpt(refused.unwrap_or_default())
            );
            return Err(Failure::operator("asking the provider who it is", why).into());
        }
        let token = granted.and_then(|granted| granted.id_token);
        match token {
            Some(token) if status < 300 => Ok(token),
            _ => Err(Unproven::Code.into()),
        }
    }

    /// What the provider tells of itself; asked again after [`limits::OPENID_KEPT`].
    async fn provider(&self) -> Result<Arc<Provider>, Failure> {
        let mut known = self.known.lock().await;
        if let Some((provider, since)) = &known.provider
            && since.elapsed() < limits::OPENID_KEPT
        {
            return Ok(Arc::clone(provider));
        }
        known.rested()?;
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.settings.issuer.trim_end_matches('/')
        );
        let during = "reading the provider's description";
        let read = async {
            let body = self.get(&address, during).await?;
            Provider::read(&body, &self.settings.issuer)
                .map_err(|why| Failure::operator(during, why))
        };
        let provider = known.noted(read.await)?;
        let provider = Arc::new(provider);
        known.provider = Some((Arc::clone(&provider), clock::moment()));
        Ok(provider)
    }

    /// The provider's keys, unless they are older than `age`.
    async fn keys(
        &self,
        provider: &Provider,
        age: std::time::Duration,
    ) -> Result<Arc<[Key]>, Failure> {
        let mut known = self.known.lock().await;
        if let Some((keys, since)) = &known.keys
            && since.elapsed() < age
        {
            return Ok(Arc::clone(keys));
        }
        known.rested()?;
        let during = "reading the provider's keys";
        let read = async {
            let body = self.get(provider.keys.as_str(), during).await?;
            keys::read(&body).map_err(|why| Failure::operator(during, why))
        };
        let keys: Arc<[Key]> = known.noted(read.await)?.into();
        known.keys = Some((Arc::clone(&keys), clock::moment()));
        Ok(keys)
    }

    async fn get(&self, address: &str, during: &str) -> Result<Vec<u8>, Failure> {
        let request = self
            .client
            .get(address)
            .header("Accept", "application/json");
        let (status, body) = self.answer(request, during).await?;
        if status == 200 {
            return Ok(body);
        }
        Err(Failure::temporary(during, format!("it answered {status}")))
    }

    async fn answer(
        &self,
        request: http::Request,
        during: &str,
    ) -> Result<(u16, Vec<u8>), Failure> {
        let asking = async {
            let answer = request.send().await;
            let answer = answer.map_err(|error| http::unheard(during, error))?;
            let status = answer.status().as_u16();
            let long = "its answer is too long";
            Ok((status, http::body(answer, during, long).await?))
        };
        let answered = tokio::time::timeout(limits::TOKEN_TOTAL, asking).await;
        answered.unwrap_or_else(|_| Err(Failure::temporary(during, "no answer in time")))
    }
}

impl Known {
    /// A provider that has just failed is left alone for a moment.
    fn rested(&self) -> Result<(), Failure> {
        match &self.failed {
            Some((failure, when)) if when.elapsed() < limits::TOKEN_REST => Err(failure.clone()),
            _ => Ok(()),
        }
    }

    fn noted<T>(&mut self, read: Result<T, Failure>) -> Result<T, Failure> {
        self.failed = read
            .as_ref()
            .err()
            .map(|failure| (failure.clone(), clock::moment()));
        read
    }
}

fn excerpt(text: &str) -> String {
    crate::problem::excerpt(text)
}
