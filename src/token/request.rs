//! One request to a token server and its answer (RFC 6749, 4.3.2, 4.4.2, 5 and 6).
//!
//! The answer is a few hundred bytes of JSON; more is not read. What it says in words is shown to
//! the operator, after everything secret that we sent was taken out of it.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Client, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::http::{self, address, client, encoded};
use super::{Ask, ClientProof, Grant, Granted, TokenSettings};
use crate::failure::{Failure, Turn};
use crate::limits;

/// What is said of an answer that is too long to be one.
const LONG: &str = "the answer is too long for a token: is `url` the token endpoint?";

/// What is asked, and where.
pub(super) struct Asking {
    settings: TokenSettings,
    url: Url,
    client: Client,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<SecretString>,
    token_type: Option<String>,
    /// A number; some servers write it as a text.
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<SecretString>,
    /// Keycloak tells it; the standard has no word for it.
    refresh_expires_in: Option<serde_json::Value>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Asking {
    pub(super) fn new(settings: TokenSettings) -> Result<Self, Failure> {
        let wrong = |why: String| Failure::operator("setting up access tokens", why);
        let url = address(&settings.url).map_err(wrong)?;
        let client = client(settings.ca.as_deref(), url.scheme() == "https").map_err(wrong)?;
        if settings.client_secret.is_none() && matches!(settings.grant, Grant::ClientCredentials) {
            return Err(wrong("client credentials need a client_secret".to_owned()));
        }
        Ok(Self {
            settings,
            url,
            client,
        })
    }

    fn during(&self) -> String {
        format!("getting an access token from {}", self.server())
    }

    async fn ask_with(&self, grant: &Grant) -> Result<Granted, Failure> {
        let asking = async {
            let during = self.during();
            let sent = self.request(grant).send().await;
            let response = sent.map_err(|error| http::unheard(&during, error))?;
            let status = response.status();
            let body = http::body(response, &during, LONG).await?;
            Ok::<_, Failure>((status, body))
        };
        let answered = tokio::time::timeout(limits::TOKEN_TOTAL, asking).await;
        let (status, body) = answered
            .unwrap_or_else(|_| Err(Failure::temporary(self.during(), "no answer in time")))?;
        self.granted(grant, status, &body)
    }

    fn request(&self, grant: &Grant) -> reqwest::RequestBuilder {
        let settings = &self.settings;
        let mut form: BTreeMap<&str, &str> = BTreeMap::new();
        match grant {
            Grant::RefreshToken(token) => {
                form.insert("grant_type", "refresh_token");
                form.insert("refresh_token", token.expose_secret());
            }
            Grant::ClientCredentials => {
                form.insert("grant_type", "client_credentials");
            }
            Grant::Password { user, password } => {
                form.insert("grant_type", "password");
                form.insert("username", user);
                form.insert("password", password.expose_secret());
            }
        }
        if let Some(scope) = &settings.scope {
            form.insert("scope", scope);
        }
        let request = self.client.post(self.url.clone());
        let secret = settings
            .client_secret
            .as_ref()
            .map(ExposeSecret::expose_secret);
        let request = match (settings.client_proof, secret) {
            (ClientProof::Header, Some(secret)) => {
                // Both are form-encoded before they are put together (RFC 6749, 2.3.1).
                request.basic_auth(encoded(&settings.client_id), Some(encoded(secret)))
            }
            (_, secret) => {
                form.insert("client_id", &settings.client_id);
                if let Some(secret) = secret {
                    form.insert("client_secret", secret);
                }
                request
            }
        };
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(http::form(form))
    }

    fn granted(
        &self,
        grant: &Grant,
        status: reqwest::StatusCode,
        body: &[u8],
    ) -> Result<Granted, Failure> {
        let answer: Option<Answer> = serde_json::from_slice(body).ok();
        if !status.is_success() {
            return Err(self.denied(grant, status, answer));
        }
        let strange = |why: &str| Failure {
            turn: Turn::Operator,
            ..Failure::temporary(self.during(), why)
        };
        let answer = answer.ok_or_else(|| {
            strange("the answer is not what RFC 6749 describes: is `url` the token endpoint?")
        })?;
        let token = answer
            .access_token
            .filter(|token| !token.expose_secret().is_empty());
        let token = token.ok_or_else(|| strange("the answer has no access token"))?;
        let bearer = |kind: &String| kind.eq_ignore_ascii_case("bearer");
        if !answer.token_type.as_ref().is_none_or(bearer) {
            return Err(strange("the token is of another kind than “Bearer”"));
        }
        // It goes into a header or a line: nothing that ends either (RFC 6750, 2.1).
        if !token
            .expose_secret()
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
        {
            return Err(strange("the token has characters that no token may have"));
        }
        if let (Grant::RefreshToken(sent), Some(new)) = (grant, &answer.refresh_token)
            && sent.expose_secret() != new.expose_secret()
        {
            tracing::debug!(
                server = self.server(),
                "The token server gave a new refresh token; the configured one must stay good."
            );
        }
        let lasts = answer.expires_in.as_ref().and_then(seconds);
        Ok(Granted {
            token,
            lasts,
            renewal: answer
                .refresh_token
                .filter(|new| !new.expose_secret().is_empty())
                .filter(|_| !matches!(self.settings.grant, Grant::ClientCredentials)),
            renewal_lasts: answer.refresh_expires_in.as_ref().and_then(seconds),
        })
    }

    /// Refused: by its own words (RFC 6749, 5.2) mostly for good; a server in trouble passes.
    fn denied(
        &self,
        grant: &Grant,
        status: reqwest::StatusCode,
        answer: Option<Answer>,
    ) -> Failure {
        let (error, words) = answer
            .map(|answer| (answer.error, answer.error_description))
            .unwrap_or_default();
        let error = error.unwrap_or_default();
        let words = self.clean(grant, &format!("{error} {}", words.unwrap_or_default()));
        let passing = status.is_server_error()
            || matches!(status.as_u16(), 408 | 429)
            || matches!(error.as_str(), "temporarily_unavailable" | "server_error");
        let message = format!("the server answered {}: {words}", status.as_u16());
        if passing {
            return Failure::temporary(self.during(), message);
        }
        let advice = match error.as_str() {
            "invalid_grant" => {
                "The refresh token or password was withdrawn or has run out: allow the access anew."
            }
            "invalid_client" => "Check client_id and client_secret; secrets run out.",
            "invalid_scope" => "Check scope.",
            _ => "Check url, client_id, client_secret, scope and grant.",
        };
        Failure::operator(self.during(), format!("{message} {advice}"))
    }

    /// The server's words on one line, without what we sent in confidence.
    fn clean(&self, grant: &Grant, words: &str) -> String {
        let mut words: String = words
            .chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .take(limits::ANSWER_CHARS)
            .collect();
        let own = match grant {
            Grant::RefreshToken(secret)
            | Grant::Password {
                password: secret, ..
            } => Some(secret),
            Grant::ClientCredentials => None,
        };
        for secret in own.into_iter().chain(&self.settings.client_secret) {
            let secret = secret.expose_secret();
            if secret.chars().count() >= limits::REDACTED_CHARS {
                words = words.replace(secret, "***");
            }
        }
        words.trim().to_owned()
    }
}

#[async_trait]
impl Ask for Asking {
    fn server(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    async fn ask(&self, renewal: Option<&SecretString>) -> Result<Granted, Failure> {
        let Some(renewal) = renewal else {
            return self.ask_with(&self.settings.grant).await;
        };
        let renewed = self.ask_with(&Grant::RefreshToken(renewal.clone())).await;
        match (&self.settings.grant, renewed) {
            // It was withdrawn or has run out; the password is still good.
            (grant @ Grant::Password { .. }, Err(failure)) if !failure.is_temporary() => {
                self.ask_with(grant).await
            }
            (_, renewed) => renewed,
        }
    }
}

fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let seconds = value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))?;
    Some(Duration::from_secs(seconds))
}
