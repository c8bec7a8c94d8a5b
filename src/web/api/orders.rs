//! Orders.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use futures_util::stream;
use serde_json::Value;

use super::asker::Asker;
use super::change::{self, Changes, Doing, change, order};
use super::fault::Fault;
use super::files::{Id, taken};
use super::followers::FollowerView;
use super::query::{Asked, Which};
use super::view::{
    ChangedView, DeliveryDetail, EditView, EventView, How, OrderDetail, OrderView, Page,
    ProblemView, Taken,
};
use crate::arrival::OrderId;
use crate::control::{self, Edited, Request, Response as Told, Thing};
use crate::ledger::DELIVERY_STATES;
use crate::problem::Problem;
use crate::web::Shared;
use crate::web::pages::archive;
use crate::web::taking::{self, Label};

/// Orders, newest first.
#[utoipa::path(get, path = "/api/v1/orders", tag = "orders", params(Which),
    responses((status = 200, body = Page<OrderView>), (status = "default", body = Fault)))]
pub(super) async fn list(
    State(site): State<Shared>,
    asker: Asker,
    which: Asked,
) -> Result<Json<Page<OrderView>>, Fault> {
    let Query(which) = which?;
    let filter = asker.narrow(which.filter(&DELIVERY_STATES)?)?;
    let told = change::ask(&site, &asker, Request::Orders(filter)).await?;
    let Told::Orders(rows) = told else {
        return Err(change::strange());
    };
    Ok(Json(which.page("/api/v1/orders", rows, |row| row.id.0)))
}

/// A new order as canonical JSON. It enters as a file of its own and is read like any other: what it
/// becomes is told there.
#[utoipa::path(post, path = "/api/v1/orders", tag = "orders",
    params(("Idempotency-Key" = Option<String>, Header, pattern = "^[!-~]{1,128}$",
            description = "The same key again is not done again.")),
    request_body(content = super::describe::OrderSchema, content_type = "application/json"),
    responses((status = 202, body = Taken),
        (status = 422, description = "What is wrong, and where", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn create(
    State(site): State<Shared>,
    asker: Asker,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Response, Fault> {
    asker.may_change()?;
    let Json(content) = body?;
    let order = control::canonical(content).map_err(Fault::wrong)?;
    let bytes = serde_json::to_vec(&order)
        .map_err(|error| crate::failure::Failure::ours("writing an order as JSON", error))?;
    let name = format!("{}.json", order.reference);
    let label = Label {
        source: None,
        name: &name,
        sender: asker.sender(),
        who: &asker.who(),
    };
    let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
    Ok(taken(taking::take(&site, &label, body).await?))
}

/// An order with its content and its deliveries.
#[utoipa::path(get, path = "/api/v1/orders/{id}", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = OrderDetail), (status = "default", body = Fault)))]
pub(super) async fn show(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Json<OrderDetail>, Fault> {
    let Path(id) = id?;
    let story = order(&site, &asker, id).await?;
    let tries = story.deliveries.into_iter();
    Ok(Json(OrderDetail {
        order: story.order.into(),
        content: story.content,
        content_hash: story.content_hash,
        origin: story.origin,
        tries: tries
            .map(|(delivery, log)| DeliveryDetail {
                delivery: delivery.into(),
                log: log.into_iter().map(Into::into).collect(),
            })
            .collect(),
        edits: story.edits.into_iter().map(EditView::from).collect(),
        events: story.events.into_iter().map(EventView::from).collect(),
        followers: story
            .followers
            .into_iter()
            .map(FollowerView::from)
            .collect(),
    }))
}

/// Replaces the content of an order that is held. With `If-Match` only if its content hash is that one.
#[utoipa::path(put, path = "/api/v1/orders/{id}", tag = "orders",
    params(("id" = i64, Path), ("If-Match" = Option<String>, Header, description = "The `content_hash` that was seen.")),
    request_body(content = super::describe::OrderSchema, content_type = "application/json"),
    responses((status = 200, description = "Saved; warnings, if there are any", body = Vec<ProblemView>),
        (status = 409, description = "It was sent, or somebody else has changed it", body = Fault),
        (status = 422, description = "What is wrong, and where", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn edit(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    headers: HeaderMap,
    body: Result<Json<Value>, JsonRejection>,
) -> Result<Json<Vec<Problem>>, Fault> {
    asker.may_change()?;
    let Path(id) = id?;
    let Json(content) = body?;
    drop(order(&site, &asker, id).await?);
    let seen = headers
        .get(header::IF_MATCH)
        .and_then(|seen| seen.to_str().ok());
    let seen = seen
        .map(|seen| seen.trim().trim_matches('"'))
        .filter(|seen| *seen != "*");
    match site
        .desk
        .edit(OrderId(id), content, seen, &asker.who())
        .await
    {
        Edited::Done(warnings) => Ok(Json(warnings)),
        Edited::Wrong(problems) => Err(Fault::wrong(problems)),
        Edited::Missing => Err(Fault::missing()),
        Edited::TooLate(why) => Err(Fault::conflict(why)),
        Edited::Failed(failure) => Err(failure.into()),
    }
}

/// Everything about one order in a zip archive: the original, the canonical order, requests, answers,
/// mails and history. `orderdock evidence` writes the same.
#[utoipa::path(get, path = "/api/v1/orders/{id}/evidence", tag = "orders", params(("id" = i64, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/zip"),
        (status = "default", body = Fault)))]
pub(super) async fn evidence(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Response, Fault> {
    let Path(id) = id?;
    let story = order(&site, &asker, id).await?;
    Ok(archive(site, story, asker.who()))
}

/// Sends what was refused or parked again.
#[utoipa::path(post, path = "/api/v1/orders/{id}/retry", tag = "orders", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn retry(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Retry, (Thing::Order, id?.0), &body).await
}

/// Sends an order that is held, or parked.
#[utoipa::path(post, path = "/api/v1/orders/{id}/send", tag = "orders", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn send(State(site): State<Shared>, asker: Asker, id: Id, body: Bytes) -> Changes {
    change(&site, &asker, Doing::Release, (Thing::Order, id?.0), &body).await
}

/// Takes back what is open of an order.
#[utoipa::path(post, path = "/api/v1/orders/{id}/cancel", tag = "orders", params(("id" = i64, Path)),
    request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn cancel(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Cancel, (Thing::Order, id?.0), &body).await
}
