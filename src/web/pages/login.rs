//! Logging in and out.

use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::{Signed, message};
use crate::failure::Failure;
use crate::web::access::peer::Peer;
use crate::web::access::{Entry, Person, cookie};
use crate::web::{Shared, pages};

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// Where to go afterwards.
    #[serde(default)]
    pub(super) to: String,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    name: String,
    password: String,
    #[serde(default)]
    to: String,
}

#[derive(Serialize)]
struct Page {
    to: String,
    name: String,
    wrong: Option<String>,
    /// Nobody can log in yet: how to begin.
    empty: bool,
    /// What the button to the provider says, where there is one.
    provider: Option<String>,
}

/// The page with the two fields.
pub(super) async fn page(State(site): State<Shared>, Query(wanted): Query<Wanted>) -> Response {
    show(&site, wanted.to, String::new(), None).await
}

async fn show(site: &Shared, to: String, name: String, wrong: Option<String>) -> Response {
    let empty = match site.people.users().await {
        Ok(users) => users.is_empty(),
        Err(failure) => return pages::failed(&failure),
    };
    let provider = site.provider.as_ref().map(|one| one.label.clone());
    let page = Page {
        to,
        name,
        wrong,
        empty: empty && provider.is_none(),
        provider,
    };
    site.views.show("login.html", page)
}

/// What was typed.
pub(super) async fn enter(
    State(site): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Response {
    if is_from_elsewhere(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Typed { name, password, to } = typed;
    match site.log_in(&name, password, peer).await {
        Ok(Entry::Open(token)) => with_cookie(&site, &token, &within(&to)),
        Ok(Entry::Wrong) => {
            let wrong = "That name and password do not belong together.".to_owned();
            let page = show(&site, to, name, Some(wrong)).await;
            (StatusCode::UNAUTHORIZED, page).into_response()
        }
        Ok(Entry::Wait(wait)) => {
            let seconds = wait.as_secs() + 1;
            let wrong = format!("Too many wrong passwords. Try again in {seconds} seconds.");
            let page = show(&site, to, name, Some(wrong)).await;
            let after = [(header::RETRY_AFTER, seconds.to_string())];
            (StatusCode::TOO_MANY_REQUESTS, after, page).into_response()
        }
        Err(failure) => pages::failed(&failure),
    }
}

/// Somebody comes by a link that lets in once; who is in already is not asked again.
pub(super) async fn welcome(
    State(site): State<Shared>,
    person: Option<Person>,
    Path(token): Path<String>,
) -> Response {
    if person.is_some() {
        return Redirect::to("/").into_response();
    }
    let Some(invited) = site.invitations.take(&token) else {
        let text = "This link was used already, or is too old. Each lets in once.";
        return message(&site, StatusCode::GONE, "No longer good", text);
    };
    match site.open_for(&invited).await {
        Ok(token) => with_cookie(&site, &token, "/"),
        Err(failure) => pages::failed(&failure),
    }
}

#[derive(Deserialize)]
pub(super) struct Nothing {}

/// Ends the session.
pub(super) async fn leave(
    State(site): State<Shared>,
    headers: HeaderMap,
    signed: Signed<Nothing>,
) -> Response {
    let Signed {
        form: Nothing {}, ..
    } = signed;
    let token = cookie::session(&headers, site.is_https()).unwrap_or_default();
    let closed: Result<(), Failure> = site.people.close_session(cookie::hashed(&token)).await;
    match closed {
        Ok(()) => with_cookie(&site, "", "/login"),
        Err(failure) => pages::failed(&failure),
    }
}

fn with_cookie(site: &Shared, token: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Some(cookie) = cookie::set(token, site.is_https()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Only addresses of ours: a link in a mail must not send people elsewhere after they logged in.
pub(super) fn within(to: &str) -> String {
    let ours = to.starts_with('/') && !to.starts_with("//") && !to.contains(['\\', '\n', '\r']);
    if ours { to.to_owned() } else { "/".to_owned() }
}

/// Browsers say where a form came from (Fetch Metadata); logging somebody in as somebody else is an
/// attack too.
fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"))
}
