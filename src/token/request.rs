//! One request to a token server and its answer (RFC 6749, 4.3.2, 4.4.2, 5 and 6).
//!
//! The answer is a few hundred bytes of JSON; more is not read. What it says in words is shown to
//! the operator, after everything secret that we sent was taken out of it.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Certificate, Client, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{ClientProof, Grant, TokenSettings};
use crate::failure::{Failure, Turn};
use crate::limits;

/// What is asked, and where.
pub(super) struct Asking {
    settings: TokenSettings,
    url: Url,
    client: Client,
}

/// What was granted.
pub(super) struct Granted {
    pub(super) token: SecretString,
    pub(super) lasts: Option<Duration>,
    /// A new refresh token that takes the place of the one sent.
    pub(super) refresh: Option<SecretString>,
}

#[derive(Deserialize)]
struct Answer {
    access_token: Option<SecretString>,
    token_type: Option<String>,
    /// A number; some servers write it as a text.
    expires_in: Option<serde_json::Value>,
    refresh_token: Option<SecretString>,
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

    /// The server, for messages.
    pub(super) fn server(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    fn during(&self) -> String {
        format!("getting an access token from {}", self.server())
    }

    pub(super) async fn ask(&self, grant: &Grant) -> Result<Granted, Failure> {
        let asking = async {
            let response = self
                .request(grant)
                .send()
                .await
                .map_err(|e| self.unheard(e))?;
            let status = response.status();
            let body = self.body(response).await?;
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
        let pairs = form.iter();
        let pairs = pairs.map(|(key, value)| format!("{key}={}", encoded(value)));
        request
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Accept", "application/json")
            .body(pairs.collect::<Vec<_>>().join("&"))
    }

    async fn body(&self, mut response: reqwest::Response) -> Result<Vec<u8>, Failure> {
        let mut body = Vec::new();
        while let Some(chunk) = response
            .chunk()
            .await
            .map_err(|error| self.unheard(error))?
        {
            if body.len() + chunk.len() > limits::ANSWER_BYTES {
                return Err(Failure::temporary(
                    self.during(),
                    "the answer is too long for a token: is `url` the token endpoint?",
                ));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
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
            refresh: answer
                .refresh_token
                .filter(|new| !new.expose_secret().is_empty()),
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

    /// Nothing was heard. The library's words hold neither body nor headers; the address is left out.
    fn unheard(&self, error: reqwest::Error) -> Failure {
        let error = error.without_url();
        let mut words = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(inner) = cause {
            words = format!("{words}: {inner}");
            cause = inner.source();
        }
        Failure::temporary(self.during(), words)
    }
}

fn address(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|error| format!("the url is wrong: {error}"))?;
    let loopback = url.host_str().is_some_and(|host| {
        let bare = host.trim_matches(['[', ']']);
        bare == "localhost"
            || bare
                .parse()
                .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
    });
    match url.scheme() {
        "https" => {}
        "http" if loopback => {}
        _ => return Err("the token endpoint must be https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the url must not hold a user or password".to_owned());
    }
    Ok(url)
}

fn client(ca: Option<&[u8]>, secure: bool) -> Result<Client, String> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        return Err("no TLS provider is installed in this process".to_owned());
    }
    let builder = Client::builder()
        .user_agent(concat!("orderdock/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        // A token server that sends us elsewhere would have our secrets sent elsewhere.
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        // Asked once an hour: no connection is kept.
        .pool_max_idle_per_host(0)
        .connect_timeout(limits::HTTP_CONNECT)
        .timeout(limits::TOKEN_TOTAL);
    let builder = match ca {
        _ if !secure => builder.tls_certs_only([]),
        None => builder,
        Some(pem) => {
            let found = Certificate::from_pem_bundle(pem).ok();
            let found = found.filter(|found| !found.is_empty());
            builder.tls_certs_merge(found.ok_or("the CA file holds no certificate in PEM form")?)
        }
    };
    builder
        .build()
        .map_err(|error| error.without_url().to_string())
}

fn seconds(value: &serde_json::Value) -> Option<Duration> {
    let seconds = value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()))?;
    Some(Duration::from_secs(seconds))
}

/// `application/x-www-form-urlencoded`, down to the unreserved characters.
fn encoded(value: &str) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else if write!(text, "%{byte:02X}").is_err() {
            break;
        }
    }
    text
}
