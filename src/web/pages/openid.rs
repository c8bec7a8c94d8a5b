//! Signing in at a provider, beside the accounts of our own: to it, and back.
//!
//! Whoever is refused hears why in a sentence and gets no session; the daemon's log has their name.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::login::{Wanted, within};
use super::{message, missing};
use crate::failure::Failure;
use crate::ledger::people::is_name;
use crate::limits;
use crate::openid::{Denied, Visitor};
use crate::problem::excerpt;
use crate::web::access::cookie;
use crate::web::access::openid::Provider;
use crate::web::access::peer::Peer;
use crate::web::{Shared, pages};

/// To the provider.
pub(super) async fn begin(State(site): State<Shared>, Query(wanted): Query<Wanted>) -> Response {
    let Some(provider) = &site.provider else {
        return missing(State(site)).await;
    };
    match provider.begin(within(&wanted.to)).await {
        Ok((address, state)) => {
            let mut response = Redirect::to(address.as_str()).into_response();
            let headers = response.headers_mut();
            headers.extend(cookie::sign_in(&state, site.is_https()));
            response
        }
        Err(failure) => unheard(&site, &failure),
    }
}

/// What the browser brings back (OpenID Connect Core 3.1.2.5 and 3.1.2.6, RFC 9207).
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Back {
    code: String,
    state: String,
    error: String,
    iss: Option<String>,
}

/// Back from the provider.
pub(super) async fn back(
    State(site): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Response {
    let Some(provider) = &site.provider else {
        return missing(State(site)).await;
    };
    let mine = cookie::signing_in(&headers, site.is_https()).unwrap_or_default();
    let same = bool::from(mine.as_bytes().ct_eq(back.state.as_bytes()));
    let under_way = if same { provider.take(&mine) } else { None };
    let Some(under_way) = under_way else {
        let text = "This sign-in did not begin in this browser, took too long, or was used already. \
                    Begin again.";
        return refused(&site, StatusCode::BAD_REQUEST, text);
    };
    let elsewhere = back
        .iss
        .as_ref()
        .is_some_and(|issuer| issuer != provider.openid.issuer());
    if elsewhere {
        let text = "The answer is from another provider than the one that was asked.";
        return refused(&site, StatusCode::FORBIDDEN, text);
    }
    if !back.error.is_empty() || back.code.is_empty() || back.code.len() > limits::SIGN_IN_CHARS {
        let word = excerpt(&back.error);
        let text = format!("The provider did not let you sign in: “{word}”.");
        return refused(&site, StatusCode::FORBIDDEN, &text);
    }
    let visitor = match provider.openid.finish(&back.code, &under_way.asked).await {
        Ok(visitor) => visitor,
        Err(Denied::Unproven(why)) => {
            tracing::warn!(%why, address = %peer, "A sign-in was refused.");
            return refused(&site, StatusCode::FORBIDDEN, &why.to_string());
        }
        Err(Denied::Failed(failure)) => return unheard(&site, &failure),
    };
    match enter(&site, provider, &visitor).await {
        Ok(token) => {
            tracing::info!(name = %excerpt(&visitor.name), address = %peer, "Signed in at the provider.");
            entered(&site, &token, &under_way.to)
        }
        Err(response) => response,
    }
}

/// A session for somebody whom the provider knows.
async fn enter(site: &Shared, provider: &Provider, visitor: &Visitor) -> Result<String, Response> {
    let name = visitor.name.to_lowercase();
    let no = |status, text: &str| {
        tracing::warn!(name = %excerpt(&name), why = text, "A sign-in was refused.");
        Err(refused(site, status, text))
    };
    if !is_name(&name) {
        let text = "Your name at the provider cannot be one here: 1 to 64 letters, digits, “-”, “_”, \
                    “.” and “@”. Ask whoever runs orderdock to take another claim (`name` of \
                    [http.oidc]).";
        return no(StatusCode::FORBIDDEN, text);
    }
    let Some(role) = provider.role(visitor) else {
        let text = "The provider knows you, and you have no role here. Ask whoever runs orderdock for \
                    one (`roles` of [http.oidc]).";
        return no(StatusCode::FORBIDDEN, text);
    };
    let subject = format!("{} {}", provider.openid.issuer(), visitor.subject);
    let failed = |failure: Failure| pages::failed(&failure);
    let known = site.people.sign_in(&name, role, &subject).await;
    if !known.map_err(failed)? {
        let text = "Somebody else is called like you here. Log in with your password if it is you, or \
                    ask an admin to remove the account that has your name.";
        return no(StatusCode::CONFLICT, text);
    }
    site.open_for(&name).await.map_err(failed)
}

/// A page that goes on by itself. A redirect would not do: browsers do not send a `SameSite=Strict`
/// cookie along a way that began on another site (RFC 6265bis 5.2.1).
fn entered(site: &Shared, token: &str, to: &str) -> Response {
    let page = serde_json::json!({ "to": to });
    let mut response = site.views.show("entered.html", page);
    let headers = response.headers_mut();
    for cookie in [
        cookie::sign_in("", site.is_https()).map(|(_, cookie)| cookie),
        cookie::set(token, site.is_https()),
    ] {
        headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    response
}

fn refused(site: &Shared, status: StatusCode, text: &str) -> Response {
    message(site, status, "Not signed in", text)
}

fn unheard(site: &Shared, failure: &Failure) -> Response {
    tracing::error!(%failure, "The provider at which people sign in could not be asked.");
    let text = "The provider could not be asked just now; the daemon's log says why. Accounts with a \
                password of our own work as ever.";
    message(site, StatusCode::SERVICE_UNAVAILABLE, "Not signed in", text)
}
