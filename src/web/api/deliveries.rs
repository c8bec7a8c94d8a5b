//! Deliveries: one order owed to one destination.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};

use super::asker::Asker;
use super::change::{self, Changes, Doing, change, delivery};
use super::fault::Fault;
use super::files::Id;
use super::query::{Asked, Which};
use super::view::{ChangedView, DeliveryView, How, Page};
use crate::control::{Request, Response as Told, Thing};
use crate::ledger::DELIVERY_STATES;
use crate::web::Shared;

/// Deliveries, newest first.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "deliveries", params(Which),
    responses((status = 200, body = Page<DeliveryView>), (status = "default", body = Fault)))]
pub(super) async fn list(
    State(site): State<Shared>,
    asker: Asker,
    which: Asked,
) -> Result<Json<Page<DeliveryView>>, Fault> {
    let Query(which) = which?;
    let filter = asker.narrow(which.filter(&DELIVERY_STATES)?)?;
    let told = change::ask(&site, &asker, Request::Deliveries(filter)).await?;
    let Told::Deliveries(rows) = told else {
        return Err(change::strange());
    };
    Ok(Json(which.page("/api/v1/deliveries", rows, |row| row.id.0)))
}

/// A delivery; its attempts are told with its order.
#[utoipa::path(get, path = "/api/v1/deliveries/{id}", tag = "deliveries", params(("id" = i64, Path)),
    responses((status = 200, body = DeliveryView), (status = "default", body = Fault)))]
pub(super) async fn show(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Json<DeliveryView>, Fault> {
    let Path(id) = id?;
    Ok(Json(delivery(&site, &asker, id).await?.into()))
}

/// Sends it again after it was refused or parked.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/retry", tag = "deliveries",
    params(("id" = i64, Path)), request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn retry(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(&site, &asker, Doing::Retry, (Thing::Delivery, id?.0), &body).await
}

/// Lets it go after it was held or parked.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/release", tag = "deliveries",
    params(("id" = i64, Path)), request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn release(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(
        &site,
        &asker,
        Doing::Release,
        (Thing::Delivery, id?.0),
        &body,
    )
    .await
}

/// Takes it back while it is open.
#[utoipa::path(post, path = "/api/v1/deliveries/{id}/cancel", tag = "deliveries",
    params(("id" = i64, Path)), request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>), (status = "default", body = Fault)))]
pub(super) async fn cancel(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Bytes,
) -> Changes {
    change(
        &site,
        &asker,
        Doing::Cancel,
        (Thing::Delivery, id?.0),
        &body,
    )
    .await
}
