//! Who follows an order, and who leaves.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use super::{failed, problem, wants_json};
use crate::clock;
use crate::ledger::tracking::{Followed, Follower, NewFollower};
use crate::tracking::sign;
use crate::web::access::peer::Peer;
use crate::web::{Shared, pages};

/// The form on the page of an order: only who has seen the order has its signature.
#[derive(Deserialize)]
pub(super) struct Wish {
    order: i64,
    signature: String,
    target: String,
}

/// Lets somebody follow.
pub(super) async fn follow(
    State(site): State<Shared>,
    Peer(peer): Peer,
    headers: HeaderMap,
    Form(wish): Form<Wish>,
) -> Response {
    let json = wants_json(&headers);
    if !site.tries.take(peer, &format!("follow {}", wish.order)) {
        return super::too_often(&site, json);
    }
    let story = match site.linked(wish.order, &wish.signature).await {
        Ok(Some(story)) => story,
        Ok(None) => return pages::missing(State(site)).await,
        Err(failure) => return failed(&failure),
    };
    let target = wish.target.trim();
    let rules = site.desk.tracking();
    if let Some(why) = rules.objection(target) {
        let words = format!("This address cannot follow an order: {why}");
        return said(&site, json, StatusCode::UNPROCESSABLE_ENTITY, &words);
    }
    let Some(links) = &rules.links else {
        return pages::missing(State(site)).await;
    };
    let new = NewFollower {
        order: story.order.id,
        target: target.to_owned(),
        token: sign::follower(&links.secret, story.order.id, target),
        until: clock::now().after(rules.follow_for),
        again: true,
    };
    match site.ledger.follow(new).await {
        // Who follows already is nobody's business: the answer is the same.
        Ok(Followed::New | Followed::Known) => {
            let words = format!("{target} hears of this order from now on.");
            if json {
                said(&site, json, StatusCode::OK, &words)
            } else {
                super::show(&site, json, &story, Some(words))
            }
        }
        Ok(Followed::Full) => {
            let words =
                "This order has as many followers as it may have: five mail addresses and one URL.";
            said(&site, json, StatusCode::CONFLICT, words)
        }
        Ok(Followed::Missing) => pages::missing(State(site)).await,
        Err(failure) => failed(&failure),
    }
}

fn said(site: &Shared, json: bool, status: StatusCode, words: &str) -> Response {
    match (json, status.is_success()) {
        (true, true) => axum::Json(serde_json::json!({ "said": words })).into_response(),
        (true, false) => problem(status, words),
        (false, _) => pages::message(site, status, "Follow an order", words),
    }
}

#[derive(Serialize)]
struct Leaving {
    reference: String,
    target: String,
    token: String,
    /// It has ended, or it is asked whether it shall.
    ended: bool,
}

/// Asks whether it shall end. Opening the link ends nothing: scanners of mail open every link in it
/// (RFC 8058 1).
pub(super) async fn ask_to_leave(
    State(site): State<Shared>,
    Path(token): Path<String>,
) -> Response {
    match site.ledger.follower(&token).await {
        Ok(follower) => leaving(site, follower, token, false).await,
        Err(failure) => failed(&failure),
    }
}

/// Ends it: by the button of the page, or by the one POST of a mail program (RFC 8058 3.2). Twice is
/// once.
pub(super) async fn leave(State(site): State<Shared>, Path(token): Path<String>) -> Response {
    match site.ledger.unfollow(&token).await {
        Ok(follower) => leaving(site, follower, token, true).await,
        Err(failure) => failed(&failure),
    }
}

async fn leaving(site: Shared, follower: Option<Follower>, token: String, ended: bool) -> Response {
    let Some(follower) = follower else {
        return pages::missing(State(site)).await;
    };
    let page = Leaving {
        reference: follower.reference,
        target: follower.target,
        token,
        ended,
    };
    site.views.show("leave.html", page)
}

/// Takes a leave back.
pub(super) async fn again(State(site): State<Shared>, Path(token): Path<String>) -> Response {
    let known = match site.ledger.follower(&token).await {
        Ok(Some(follower)) => follower,
        Ok(None) => return pages::missing(State(site)).await,
        Err(failure) => return failed(&failure),
    };
    let new = NewFollower {
        order: known.order,
        target: known.target,
        token,
        until: clock::now().after(site.desk.tracking().follow_for),
        again: true,
    };
    match site.ledger.follow(new).await {
        Ok(_) => {
            let words = format!("You hear of order {} as before.", known.reference);
            said(&site, false, StatusCode::OK, &words)
        }
        Err(failure) => failed(&failure),
    }
}
