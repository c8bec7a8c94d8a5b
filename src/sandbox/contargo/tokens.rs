//! Tokens as Keycloak gives them: the password and refresh grants of OAuth 2 (RFC 6749, 4.3 and 6)
//! and Bearer errors (RFC 6750, 3).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::clock::Millis;
use crate::limits;
use crate::sandbox::call::{Call, Reply, first};
use crate::sandbox::stand::{Acted, House};
use crate::sandbox::{ids, time};

const CLIENT: &str = "cola-api";

/// Tokens by their text, with their end.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    access: BTreeMap<String, Millis>,
    refresh: BTreeMap<String, Millis>,
    by_password: u64,
    by_refresh: u64,
}

fn error(status: u16, code: &str, words: &str) -> Reply {
    let body = json!({ "error": code, "error_description": words });
    Reply::json(status, body).because(words)
}

impl Tokens {
    /// `POST …/token`.
    pub(super) fn issue(&mut self, call: &Call, house: &House) -> Reply {
        let form = call.form();
        let field = |name| first(&form, name).filter(|value| !value.is_empty());
        if call.media_type() != "application/x-www-form-urlencoded" {
            return error(415, "invalid_request", "The body must be a form");
        }
        let Some(grant) = field("grant_type") else {
            return error(400, "invalid_request", "Missing form parameter: grant_type");
        };
        if field("client_id") != Some(CLIENT) {
            let words = "Invalid client or Invalid client credentials";
            return error(401, "invalid_client", words);
        }
        match grant {
            "password" => {
                let settings = &house.settings.contargo;
                let known = field("username") == Some(&settings.user)
                    && field("password") == Some(&settings.password);
                if !known {
                    return error(401, "invalid_grant", "Invalid user credentials");
                }
                self.by_password += 1;
            }
            "refresh_token" => {
                let end = field("refresh_token").and_then(|token| self.refresh.get(token));
                if end.is_none_or(|end| *end <= house.now) {
                    return error(400, "invalid_grant", "Token is not active");
                }
                self.by_refresh += 1;
            }
            _ => return error(400, "unsupported_grant_type", "Unsupported grant_type"),
        }
        self.give(house, field("scope"))
    }

    fn give(&mut self, house: &House, scope: Option<&str>) -> Reply {
        let settings = &house.settings.contargo;
        let number = self.by_password + self.by_refresh;
        let access_end = house.in_seconds(settings.token_seconds);
        let refresh_end = house.in_seconds(settings.refresh_seconds);
        let access = token(house, "access", number, access_end);
        let refresh = token(house, "refresh", number, refresh_end);
        keep(&mut self.access, &access, access_end, house.now);
        keep(&mut self.refresh, &refresh, refresh_end, house.now);
        let mut body = json!({
            "access_token": access,
            "expires_in": settings.token_seconds,
            "refresh_expires_in": settings.refresh_seconds,
            "refresh_token": refresh,
            "token_type": "bearer",
            "not-before-policy": 0,
            "session_state": house.uuid("session", self.by_password),
            "scope": "openid email profile cola:profile",
        });
        // An id_token comes only to those who ask for openid (OpenID Connect Core, 3.1.2.1).
        if scope.is_some_and(|scope| scope.split(' ').any(|word| word == "openid")) {
            body["id_token"] = token(house, "id", number, access_end).into();
        }
        Reply::json(200, body)
    }

    /// Whether a request may pass.
    pub(super) fn check(&self, call: &Call, house: &House) -> Result<(), Reply> {
        let given = call.header("authorization").and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(token.trim())
        });
        let Some(given) = given else {
            let reply = Reply::empty(401).with("www-authenticate", "Bearer");
            return Err(reply.because("There is no bearer token."));
        };
        let why = match self.access.get(given) {
            Some(end) if *end > house.now => return Ok(()),
            Some(end) => format!("Jwt expired at {}", time::utc(*end)),
            None => "Malformed token".to_owned(),
        };
        let header = format!(
            "Bearer error=\"invalid_token\", error_description=\"An error occurred while \
             attempting to decode the Jwt: {why}\", \
             error_uri=\"https://tools.ietf.org/html/rfc6750#section-3.1\""
        );
        Err(Reply::empty(401)
            .with("www-authenticate", header)
            .because(format!("The token is not accepted: {why}.")))
    }

    /// Ends all refresh tokens, as a logout at the partner does.
    pub(super) fn revoke(&mut self) -> Acted {
        let ended = self.refresh.len();
        self.refresh.clear();
        json!({ "refresh_tokens_ended": ended }).into()
    }

    pub(super) fn issued(&self) -> Value {
        json!({ "password": self.by_password, "refresh_token": self.by_refresh })
    }
}

/// Remembers a token; when there are too many, those that ended long ago go first, then any.
fn keep(tokens: &mut BTreeMap<String, Millis>, token: &str, end: Millis, now: Millis) {
    if tokens.len() >= limits::SANDBOX_THINGS {
        tokens.retain(|_, end| *end > now);
    }
    if tokens.len() >= limits::SANDBOX_THINGS {
        tokens.pop_first();
    }
    tokens.insert(token.to_owned(), end);
}

/// In the shape of a JWT: header, claims, and digits where the signature would be.
fn token(house: &House, name: &str, number: u64, end: Millis) -> String {
    let encode = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let id = house.uuid(name, number);
    let claims = json!({
        "exp": end.0.div_euclid(1_000),
        "iat": house.seconds(),
        "jti": id,
        "azp": CLIENT,
        "typ": name,
    });
    let sign = ids::digest(&house.settings.seed, &format!("{name} token"), number);
    format!(
        "{}.{}.{}",
        encode(json!({ "alg": "RS256", "typ": "JWT" })),
        encode(claims),
        BASE64_URL_SAFE_NO_PAD.encode(sign)
    )
}
