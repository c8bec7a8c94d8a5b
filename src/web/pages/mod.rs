//! What people see: pages made on the server, enhanced by one small script.
//!
//! Every page works without the script; with it, parts that change are fetched again by
//! themselves. A form that changes something sends the session's token back ([`Signed`]).

use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Router, middleware};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

pub(super) use bytes::stream;
pub(super) use evidence::archive;
pub(super) use files::attachment;
pub(super) use form::model;
pub(super) use track::Tries;

use super::access::Person;
use super::{Shared, guard, view};
use crate::control::{Answer, Request as Asked, Response as Told};
use crate::failure::Failure;
use crate::limits;

mod act;
mod bytes;
mod charts;
mod evidence;
mod files;
mod form;
mod held;
mod login;
mod mail;
mod now;
mod openid;
mod orders;
mod original;
mod pause;
mod profiles;
mod search;
mod story;
mod track;
mod upload;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/", get(now::page))
        .route("/now", get(now::body))
        .route("/files", get(files::list))
        .route("/files/{id}", get(files::story).post(files::act))
        .route("/files/{id}/original", get(files::original))
        .route("/files/{id}/view", get(original::view))
        .route("/files/{id}/mails/{report}", get(original::mail))
        .route("/files/{id}/mails/{report}/whole", get(mail::save))
        .route("/charts", get(charts::page))
        .route("/orders/{id}/evidence", get(evidence::save))
        .route("/orders", get(orders::list))
        .route("/orders/{id}", get(orders::order).post(orders::act))
        .route("/held", get(held::list).post(held::act))
        .route("/held/{id}", get(held::form).post(held::save))
        .route("/upload", get(upload::page))
        .route("/upload/results", get(upload::part))
        .merge(track::routes())
        .route("/pause", post(pause::act))
        .route("/login", get(login::page).post(login::enter))
        .route("/login/openid", get(openid::begin))
        .route(super::OPENID_BACK, get(openid::back))
        .route("/welcome/{token}", get(login::welcome))
        .route("/logout", post(login::leave))
        .route("/assets/{hash}/{name}", get(asset))
        .layer(axum::extract::DefaultBodyLimit::max(limits::WEB_FORM_BYTES))
        .layer(middleware::from_fn(guard::patience))
        .merge(profiles::routes())
        .merge(upload::routes())
}

async fn asset(Path((hash, name)): Path<(String, String)>) -> Response {
    view::asset(&hash, &name)
}

/// What the frame around every page knows of its reader.
#[derive(Debug, Serialize)]
struct Reader {
    name: String,
    role: &'static str,
    csrf: String,
    /// Which entry of the navigation is marked.
    at: &'static str,
}

impl Reader {
    fn new(person: &Person, at: &'static str) -> Self {
        Self {
            name: person.name().to_owned(),
            role: person.role().as_str(),
            csrf: person.csrf().to_owned(),
            at,
        }
    }
}

/// A form that a person has sent from a page of their own session.
struct Signed<T> {
    person: Person,
    form: T,
}

/// A form with its session's token. All its values are texts.
#[derive(Deserialize)]
struct Envelope<T> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned> FromRequest<Shared> for Signed<T> {
    type Rejection = Response;

    async fn from_request(request: Request, site: &Shared) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let person =
            <Person as FromRequestParts<Shared>>::from_request_parts(&mut parts, site).await?;
        let request = Request::from_parts(parts, body);
        let Form(Envelope { csrf, form }) = Form::<Envelope<T>>::from_request(request, site)
            .await
            .map_err(IntoResponse::into_response)?;
        if !bool::from(csrf.as_bytes().ct_eq(person.csrf().as_bytes())) {
            let text = "This form did not come from a page of your session. Go back, load the page \
                        again, and try once more.";
            return Err(message(site, StatusCode::FORBIDDEN, "Not done", text));
        }
        Ok(Self { person, form })
    }
}

/// A page that says one thing.
pub(super) fn message(site: &Shared, status: StatusCode, title: &str, text: &str) -> Response {
    let page = site.views.show(
        "message.html",
        serde_json::json!({ "title": title, "text": text }),
    );
    (status, page).into_response()
}

/// Asks the desk as this person.
async fn ask(site: &Shared, person: &Person, what: Asked) -> Result<Told, Response> {
    match site.desk.answer(what, &person.who()).await {
        Told::Failed(why) => Err(failed(&Failure::ours("answering a page", why))),
        told => Ok(told),
    }
}

/// An answer to another question than was asked.
fn strange(answer: Result<Told, Response>) -> Response {
    match answer {
        Err(response) => response,
        Ok(_) => failed(&Failure::ours(
            "answering a page",
            "the desk answered another question",
        )),
    }
}

/// Something of ours failed: said plainly, without its inside.
pub(super) fn failed(failure: &Failure) -> Response {
    tracing::error!(%failure, "A request could not be answered.");
    let text = "This could not be done just now: the ledger did not answer. Nothing was changed. \
                The daemon's log says why.\n";
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// There is no such page.
pub(super) async fn missing(State(site): State<Shared>) -> Response {
    let text = "There is nothing at this address.";
    message(&site, StatusCode::NOT_FOUND, "Not found", text)
}
