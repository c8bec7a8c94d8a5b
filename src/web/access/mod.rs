//! Who is it, and what may they do.
//!
//! A person logs in with a name and a password, or signs in at a provider, and holds a session in a cookie that scripts cannot
//! read; every form sends the session's own token back, so that a page elsewhere cannot press our
//! buttons (CSRF). Wrong passwords cost the name and the address a growing wait.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use super::Shared;
use crate::clock;
use crate::ledger::Who;
use crate::ledger::people::{Role, Session};

pub(super) mod cookie;
mod doors;
pub(super) mod invite;
pub(super) mod openid;
pub(super) mod password;
pub(super) mod peer;

pub(super) use doors::{Doors, Entry};

/// Somebody who has logged in. Handlers that take one are closed to everybody else.
#[derive(Debug, Clone)]
pub(super) struct Person {
    session: Session,
}

impl Person {
    /// Their name.
    pub(super) fn name(&self) -> &str {
        &self.session.user
    }

    /// Their role.
    pub(super) fn role(&self) -> Role {
        self.session.role
    }

    /// What their forms send back.
    pub(super) fn csrf(&self) -> &str {
        &self.session.csrf
    }

    /// For the record of what they do.
    pub(super) fn who(&self) -> Who {
        Who {
            name: self.session.user.clone(),
            via: "console".to_owned(),
        }
    }
}

impl FromRequestParts<Shared> for Person {
    /// To the log-in page, and from there back to where they wanted to go.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Response> {
        match open(parts, site).await? {
            Some(session) => Ok(Self { session }),
            None => Err(to_log_in(parts)),
        }
    }
}

impl OptionalFromRequestParts<Shared> for Person {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        site: &Shared,
    ) -> Result<Option<Self>, Response> {
        Ok(open(parts, site).await?.map(|session| Self { session }))
    }
}

async fn open(parts: &Parts, site: &Shared) -> Result<Option<Session>, Response> {
    let Some(token) = cookie::session(&parts.headers, site.is_https()) else {
        return Ok(None);
    };
    site.people
        .session(cookie::hashed(&token), clock::now())
        .await
        .map_err(|failure| super::pages::failed(&failure))
}

fn to_log_in(parts: &Parts) -> Response {
    let wanted = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    // Only what was looked at is worth going back to; a form would be sent twice.
    let target = match parts.method {
        axum::http::Method::GET if wanted != "/" => {
            format!("/login?to={}", super::view::escape_query(wanted))
        }
        _ => "/login".to_owned(),
    };
    Redirect::to(&target).into_response()
}
