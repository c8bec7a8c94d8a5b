//! Cargamos' log-in: user, password and key for a token that lasts an hour.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::AUTHORIZATION;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::CargamosSettings;
use crate::failure::Failure;
use crate::partners::wire::address;
use crate::partners::wire::answer::plain;
use crate::partners::wire::link::{Call, Link};
use crate::partners::wire::words;
use crate::token::{Ask, Granted};

/// How we log in.
pub(super) struct Login {
    link: Arc<Link>,
    path: String,
    key: SecretString,
    user: String,
    password: SecretString,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Login {
    pub(super) fn new(link: Arc<Link>, settings: &CargamosSettings) -> Self {
        Self {
            link,
            path: settings.login_path.clone(),
            key: settings.key.clone(),
            user: settings.user.clone(),
            password: settings.password.clone(),
        }
    }

    fn call(&self) -> Result<Call, String> {
        let query = address::pairs([("key", self.key.expose_secret())]);
        let both = format!("{}:{}", self.user, self.password.expose_secret());
        let basic = STANDARD.encode(both);
        Call::new(Method::GET, format!("{}?{query}", self.path))
            .json(&Value::Null)
            .secret_header(AUTHORIZATION, &format!("Basic {basic}"), basic.into())
    }
}

#[async_trait]
impl Ask for Login {
    fn server(&self) -> &'static str {
        "Cargamos"
    }

    async fn ask(&self, _renewal: Option<&SecretString>) -> Result<Granted, Failure> {
        let call = self.call().map_err(|why| self.link.failure(why))?;
        let answer = self.link.exchange(call).await;
        // A log-in has no effect: whatever became of it, it can be asked for again.
        let answer = answer.map_err(crate::partners::Outcome::into_failure)?;
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let token = body.pointer("/data/token").and_then(Value::as_str);
        let sound = |token: &&str| !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        if let Some(token) = token.filter(sound)
            && answer.status.is_success()
        {
            // Documented as a text.
            let lasts = body.pointer("/data/expiresIn").and_then(plain);
            let lasts = lasts.and_then(|lasts| lasts.trim().parse().ok());
            return Ok(Granted {
                token: token.into(),
                lasts: lasts.map(Duration::from_secs),
                renewal: None,
                renewal_lasts: None,
            });
        }
        let said = words::reason(answer.content_type(), &answer.body);
        let status = answer.status;
        let message = format!("the log-in was answered with {status} (“{said}”).");
        let passing = status.is_server_error() || matches!(status.as_u16(), 408 | 425 | 429);
        Err(if passing {
            self.link.passing(message)
        } else {
            self.link.failure(format!(
                "{message} Check user, password, key and login_path."
            ))
        })
    }
}
