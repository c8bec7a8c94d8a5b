//! Requests that carry an access token.
//!
//! A token that has run out is refused before anything is done with the request: it is got anew,
//! once for all requests under way, and the request is sent once more. A second refusal is the
//! operator's matter.

use std::sync::Arc;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderName};
use secrecy::ExposeSecret;

use super::answer::Answer;
use super::client::Opened;
use super::link::{Call, Link};
use crate::failure::Failure;
use crate::partners::Outcome;
use crate::token::{Token, Tokens};

/// The tokens of one destination.
#[derive(Debug)]
pub(in crate::partners) struct Bearer {
    tokens: Arc<Tokens>,
    /// Whether an answer says that the token is no longer taken.
    is_stale: fn(&Answer) -> bool,
}

impl Bearer {
    pub(in crate::partners) fn new(tokens: Arc<Tokens>, is_stale: fn(&Answer) -> bool) -> Self {
        Self { tokens, is_stale }
    }

    /// A token, or what becomes of the order without one.
    pub(in crate::partners) async fn token(&self) -> Result<Token, Outcome> {
        self.tokens.get().await.map_err(without_token)
    }

    /// Gives up a token that `answer` refused; whether that is worth a second try.
    pub(in crate::partners) async fn is_refused(&self, token: &Token, answer: &Answer) -> bool {
        let refused = (self.is_stale)(answer);
        if refused {
            self.tokens.refused(token).await;
        }
        refused
    }

    /// Sends what `make` makes; once more with a new token where the first had run out.
    pub(in crate::partners) async fn exchange(
        &self,
        link: &Link,
        make: impl Fn() -> Call,
    ) -> Result<Answer, Outcome> {
        let token = self.token().await?;
        let answer = link.exchange(Self::with(link, make(), &token)?).await?;
        if !self.is_refused(&token, &answer).await {
            return Ok(answer);
        }
        let token = self.token().await?;
        link.exchange(Self::with(link, make(), &token)?).await
    }

    /// The same for a stream: a token is got anew before it is opened, and looked at no more.
    pub(in crate::partners) async fn open(
        &self,
        link: &Link,
        make: impl Fn() -> Call,
    ) -> Result<Opened, Outcome> {
        let token = self.token().await?;
        let opened = link.open(Self::with(link, make(), &token)?).await?;
        match &opened {
            Opened::Answer(answer) if self.is_refused(&token, answer).await => {
                let token = self.token().await?;
                link.open(Self::with(link, make(), &token)?).await
            }
            _ => Ok(opened),
        }
    }

    fn with(link: &Link, call: Call, token: &Token) -> Result<Call, Outcome> {
        let secret = token.secret().clone();
        let text = format!("Bearer {}", secret.expose_secret());
        let call = call.secret_header(AUTHORIZATION, &text, secret);
        call.map_err(|why| Outcome::Parked(link.failure(why)))
    }
}

/// Nothing was sent: whether to wait or to pause is what the token server's words decide.
fn without_token(failure: Failure) -> Outcome {
    if failure.is_temporary() {
        Outcome::Later {
            after: None,
            failure,
            destination: true,
        }
    } else {
        Outcome::Denied(failure)
    }
}

/// What RFC 6750, 3.1 says of a token that is no longer taken.
pub(in crate::partners) fn is_invalid_token(answer: &Answer) -> bool {
    let challenge = answer.header(&HeaderName::from_static("www-authenticate"));
    let named = challenge.is_some_and(|challenge| challenge.contains("invalid_token"));
    answer.status == StatusCode::UNAUTHORIZED && named
}
