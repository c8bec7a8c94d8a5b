//! Track & trace: what everybody may see who knows an order's number and where it goes.
//!
//! The milestones and nothing else: no names, no goods, no addresses. Closed unless configured.
//! A number that is not known and a postcode that is wrong get the same answer in the same time, and
//! both cost the asker's address and the number a try, so that nothing is found out by asking often.
//! A link of ours shows its order without either. Who has seen an order may follow it, and leaves by
//! the link in every mail: by the button behind it, or by the one POST that mail programs send
//! (RFC 8058). What is open follows the configuration that runs now.
//!
//! With `Accept: application/json` the same addresses answer JSON.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use serde::{Deserialize, Serialize};
use tokio::time::sleep_until;

use super::failed;
use crate::arrival::OrderId;
use crate::clock;
use crate::ledger::OrderStory;
use crate::limits;
use crate::tracking::sign;
use crate::web::access::peer::Peer;
use crate::web::{Shared, pages};

mod find;
mod follow;
mod tries;

pub(in crate::web) use tries::Tries;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/track", get(page).post(look_up))
        .route("/track/follow", post(follow::follow))
        .route("/track/again/{token}", post(follow::again))
        .route(
            "/track/leave/{token}",
            get(follow::ask_to_leave).post(follow::leave),
        )
        .route("/track/{order}/{signature}", get(link))
}

/// What is typed.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    number: String,
    #[serde(default)]
    postcode: String,
}

/// The page with the two fields.
#[derive(Serialize)]
struct Empty {
    number: String,
    wrong: Option<&'static str>,
}

/// An order as everybody may see it. The keys are part of the outward contract.
#[derive(Serialize)]
struct Tracked {
    reference: String,
    milestones: Vec<Milestone>,
    finished: bool,
    /// Shows the same again; missing where links are not made.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

#[derive(Serialize)]
struct Milestone {
    /// As told, mostly local to where it happened.
    at: Option<String>,
    /// The instant as far as is known.
    happened: String,
    text: String,
    place: Option<String>,
    last: bool,
}

/// The same with what the page's form needs.
#[derive(Serialize)]
struct Page {
    #[serde(flatten)]
    tracked: Tracked,
    order: i64,
    signature: String,
    mails: bool,
    calls: bool,
    said: Option<String>,
}

impl Tracked {
    fn of(story: &OrderStory, link: Option<String>) -> Self {
        let shown = story.events.iter().filter(|event| !event.corrected);
        Self {
            reference: story.order.reference.clone(),
            finished: shown.clone().any(|event| event.last),
            milestones: shown
                .map(|event| Milestone {
                    at: event.at.clone(),
                    happened: event.happened.to_string(),
                    text: if event.text.is_empty() {
                        event.code.clone().unwrap_or_default()
                    } else {
                        event.text.clone()
                    },
                    place: event.place.clone(),
                    last: event.last,
                })
                .collect(),
            link,
        }
    }
}

/// Whether a program asks.
fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    accept
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("application/json"))
}

async fn page(State(site): State<Shared>) -> Response {
    if !site.tracking_is_open() {
        return pages::missing(State(site)).await;
    }
    let empty = Empty {
        number: String::new(),
        wrong: None,
    };
    site.views.show("track.html", empty)
}

/// By number and postcode. Every answer takes [`limits::TRACK_ANSWER`].
async fn look_up(
    State(site): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Response {
    if !site.tracking_is_open() {
        return pages::missing(State(site)).await;
    }
    let ready = clock::moment().after(limits::TRACK_ANSWER);
    let json = wants_json(&headers);
    let answer = if site.tries.take(peer, &asked.number) {
        match find::find(&site, &asked.number, &asked.postcode).await {
            Ok(Some(story)) => show(&site, json, &story, None),
            Ok(None) => unknown(&site, json, asked.number),
            Err(failure) => failed(&failure),
        }
    } else {
        too_often(&site, json)
    };
    sleep_until(ready.instant().into()).await;
    answer
}

/// By a link of ours.
async fn link(
    State(site): State<Shared>,
    Path((order, signature)): Path<(i64, String)>,
    headers: HeaderMap,
) -> Response {
    let json = wants_json(&headers);
    match site.linked(order, &signature).await {
        Ok(Some(story)) => show(&site, json, &story, None),
        Ok(None) => pages::missing(State(site)).await,
        Err(failure) => failed(&failure),
    }
}

fn show(site: &Shared, json: bool, story: &OrderStory, said: Option<String>) -> Response {
    let id = story.order.id;
    let rules = site.desk.tracking();
    let links = rules.links.as_ref();
    let tracked = Tracked::of(story, links.and_then(|links| links.order(id)));
    if json {
        return Json(tracked).into_response();
    }
    let page = Page {
        order: id.0,
        signature: links
            .map(|links| sign::link(&links.secret, id))
            .unwrap_or_default(),
        mails: rules.mails,
        calls: rules.callbacks.is_some(),
        tracked,
        said,
    };
    site.views.show("tracked.html", page)
}

/// The one answer to what is not known and to what does not fit together.
fn unknown(site: &Shared, json: bool, number: String) -> Response {
    const WORDS: &str = "No order goes by this number to this postcode.";
    if json {
        return problem(StatusCode::NOT_FOUND, WORDS);
    }
    let empty = Empty {
        number,
        wrong: Some(WORDS),
    };
    (StatusCode::NOT_FOUND, site.views.show("track.html", empty)).into_response()
}

fn too_often(site: &Shared, json: bool) -> Response {
    const WORDS: &str = "That was asked too often. Please try again in some minutes.";
    let after = [(header::RETRY_AFTER, "60")];
    let answer = if json {
        problem(StatusCode::TOO_MANY_REQUESTS, WORDS)
    } else {
        pages::message(site, StatusCode::TOO_MANY_REQUESTS, "Too often", WORDS)
    };
    (after, answer).into_response()
}

/// Problem details (RFC 9457).
fn problem(status: StatusCode, words: &str) -> Response {
    let body = serde_json::json!({
        "type": "about:blank", "status": status.as_u16(), "title": words,
    });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (status, kind, body.to_string()).into_response()
}

impl crate::web::Site {
    fn tracking_is_open(&self) -> bool {
        let rules = self.desk.tracking();
        rules.links.as_ref().is_some_and(|links| links.page)
    }

    /// The order of a link, if the link is one of ours and the page is open.
    async fn linked(
        &self,
        order: i64,
        signature: &str,
    ) -> Result<Option<OrderStory>, crate::failure::Failure> {
        let order = OrderId(order);
        let rules = self.desk.tracking();
        let links = rules.links.as_ref().filter(|links| links.page);
        let ours = links.is_some_and(|links| sign::is_link(&links.secret, order, signature));
        if !ours {
            return Ok(None);
        }
        self.reads.order(order).await
    }
}
