//! What programs do to files, orders and deliveries.

use axum::Json;
use axum::body::Bytes;
use axum::http::StatusCode;

use super::asker::Asker;
use super::fault::Fault;
use super::view::{ChangedView, Why};
use crate::arrival::{FileId, OrderId};
use crate::control::{Answer, Request, Response as Told, Thing};
use crate::failure::Failure;
use crate::ledger::{Change, DeliveryRow, FileStory, Filter, OrderStory};
use crate::web::Shared;

/// What is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    Retry,
    Release,
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

/// Does it to one that exists; 409 where there is nothing to do any more.
pub(super) async fn change(
    site: &Shared,
    asker: &Asker,
    doing: Doing,
    (of, id): (Thing, i64),
    body: &Bytes,
) -> Result<(StatusCode, Json<Vec<ChangedView>>), Fault> {
    asker.may_change()?;
    let why = why(body)?;
    match of {
        Thing::File => drop(file(site, asker, id).await?),
        Thing::Order => drop(order(site, asker, id).await?),
        Thing::Delivery => drop(delivery(site, asker, id).await?),
    }
    let filter = Filter {
        ids: vec![id],
        ..Filter::default()
    };
    let change = match (doing, of) {
        (Doing::Retry, Thing::File) => Change::RetryFiles(filter),
        (Doing::Retry, _) => Change::RetryDeliveries(filter),
        (Doing::Release, _) => Change::Release(filter),
        (Doing::Cancel, _) => Change::Cancel(filter, why),
    };
    let request = Request::Change {
        change,
        of,
        dry_run: false,
    };
    match ask(site, asker, request).await? {
        Told::Changed(changed) if changed.is_empty() => Err(Fault::conflict(
            "Nothing was changed: nothing of it is in a state to which this can be done.",
        )),
        Told::Changed(changed) => {
            let rows = changed.into_iter().map(ChangedView::from).collect();
            Ok((StatusCode::OK, Json(rows)))
        }
        _ => Err(strange()),
    }
}

/// A body is optional here: `{"why": "…"}`.
pub(super) fn why(body: &Bytes) -> Result<String, Fault> {
    if body.is_empty() {
        return Ok(String::new());
    }
    let why: Why = serde_json::from_slice(body).map_err(|error| {
        Fault::bad(format!("The body is {{\"why\": \"…\"}} or empty: {error}."))
    })?;
    Ok(why.why)
}
