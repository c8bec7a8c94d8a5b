//! What programs do to files, orders and deliveries.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Query, State};
use serde::Deserialize;
use utoipa::ToSchema;

use super::asker::Asker;
use super::fault::Fault;
use super::members::Members;
use super::query::{Asked, Which};
use super::view::{ChangedView, How};
use crate::arrival::{FileId, OrderId};
use crate::control::{Answer, Request, Response as Told, Thing};
use crate::failure::Failure;
use crate::ledger::{
    Change, DELIVERY_STATES, DeliveryRow, FILE_STATES, FileStory, Filter, OrderStory,
};
use crate::limits;
use crate::web::Shared;

/// What is done.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doing {
    /// Files are read again; deliveries that were refused or parked are sent again.
    Retry,
    /// What is held or parked goes.
    Release,
    /// What is open is taken back.
    Cancel,
}

/// Asks the desk as this asker.
pub(super) async fn ask(site: &Shared, asker: &Asker, what: Request) -> Result<Told, Fault> {
    match site.desk.answer(what, &asker.who()).await {
        Told::Failed(why) => Err(Failure::ours("answering a program", why).into()),
        Told::Refused(why) => Err(Fault::conflict(why)),
        told => Ok(told),
    }
}

/// The desk answered another question than was asked.
pub(super) fn strange() -> Fault {
    Failure::ours("answering a program", "the desk answered another question").into()
}

/// A file that the asker may see.
pub(super) async fn file(site: &Shared, asker: &Asker, id: i64) -> Result<FileStory, Fault> {
    match ask(site, asker, Request::File(FileId(id))).await? {
        Told::File(Some(story)) if asker.sees(&story.file.sender) => Ok(*story),
        Told::File(_) => Err(Fault::missing()),
        _ => Err(strange()),
    }
}

/// An order that the asker may see.
pub(super) async fn order(site: &Shared, asker: &Asker, id: i64) -> Result<OrderStory, Fault> {
    match ask(site, asker, Request::Order(OrderId(id))).await? {
        Told::Order(Some(story)) if asker.sees(&story.order.sender) => Ok(*story),
        Told::Order(_) => Err(Fault::missing()),
        _ => Err(strange()),
    }
}

/// A delivery that the asker may see.
pub(super) async fn delivery(site: &Shared, asker: &Asker, id: i64) -> Result<DeliveryRow, Fault> {
    let filter = asker.narrow(Filter {
        ids: vec![id],
        ..Filter::default()
    })?;
    let mut rows = site.reads.deliveries(&filter).await?;
    rows.pop().ok_or_else(Fault::missing)
}

/// What a change answers.
pub(super) type Changes = Result<Json<Vec<ChangedView>>, Fault>;

/// Does it to one that exists; 409 where there is nothing to do any more.
pub(super) async fn change(
    site: &Shared,
    asker: &Asker,
    doing: Doing,
    (of, id): (Thing, i64),
    body: &Bytes,
) -> Changes {
    asker.may_change()?;
    let how = how(body)?;
    match of {
        Thing::File => drop(file(site, asker, id).await?),
        Thing::Order => drop(order(site, asker, id).await?),
        Thing::Delivery => drop(delivery(site, asker, id).await?),
    }
    let filter = Filter {
        ids: vec![id],
        ..Filter::default()
    };
    does(site, asker, (doing, of), filter, how).await
}

/// Does it to all that fit.
pub(super) async fn does(
    site: &Shared,
    asker: &Asker,
    (doing, of): (Doing, Thing),
    filter: Filter,
    how: How,
) -> Changes {
    let change = match (doing, of) {
        (Doing::Retry, Thing::File) => Change::RetryFiles(filter),
        (Doing::Retry, _) => Change::RetryDeliveries(filter),
        (Doing::Release, _) => Change::Release(filter),
        (Doing::Cancel, _) => Change::Cancel(filter, how.why),
    };
    let request = Request::Change {
        change,
        of,
        dry_run: how.dry_run,
    };
    match ask(site, asker, request).await? {
        Told::Changed(changed) if changed.is_empty() => Err(Fault::conflict(
            "Nothing was changed: nothing of it is in a state to which this can be done.",
        )),
        Told::Changed(changed) => Ok(Json(changed.into_iter().map(ChangedView::from).collect())),
        _ => Err(strange()),
    }
}

/// What many can be changed of.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Of {
    Files,
    Orders,
    Deliveries,
}

/// Does something to all files, orders or deliveries that fit; at least one condition must be given.
/// At most `limit` are changed, the oldest first: ask again for the rest.
#[utoipa::path(post, path = "/api/v1/changes/{of}/{act}", tag = "changes",
    params(("of" = Of, Path), ("act" = Doing, Path), Which), request_body = Option<How>,
    responses((status = 200, body = Vec<ChangedView>),
        (status = 409, description = "Nothing of it can be done", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn many(
    State(site): State<Shared>,
    asker: Asker,
    what: Result<Path<(Of, Doing)>, PathRejection>,
    which: Asked,
    body: Bytes,
) -> Changes {
    asker.may_change()?;
    let (Path((of, doing)), Query(which)) = (what?, which?);
    let how = how(&body)?;
    let (of, states) = match of {
        Of::Files => (Thing::File, &FILE_STATES[..]),
        Of::Orders => (Thing::Order, &DELIVERY_STATES[..]),
        Of::Deliveries => (Thing::Delivery, &DELIVERY_STATES[..]),
    };
    let filter = which.to_change(states)?;
    does(&site, &asker, (doing, of), asker.narrow(filter)?, how).await
}

/// A body is optional here.
pub(super) fn how(body: &Bytes) -> Result<How, Fault> {
    if body.is_empty() {
        return Ok(How::default());
    }
    let how: Option<Members<How>> = serde_json::from_slice(body).map_err(|error| {
        Fault::bad(format!(
            "The body is {{\"why\": \"…\", \"dry_run\": false}} or empty: {error}."
        ))
    })?;
    let how = how.map(|Members(how)| how).unwrap_or_default();
    if how.why.chars().count() > limits::WHY_LETTERS {
        return Err(Fault::bad("`why` is at most 1000 letters."));
    }
    Ok(how)
}
