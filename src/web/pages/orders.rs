//! Orders: the list, and one as a person reads it, with every request and answer.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::act::{self, Doing};
use super::form::differences;
use super::search::Search;
use super::{Reader, Signed, ask};
use crate::arrival::OrderId;
use crate::control::{Request, Response as Told, Thing};
use crate::failure::Failure;
use crate::ledger::tracking::{EventRow, Follower, NoticeRow};
use crate::ledger::{AttemptRow, DeliveryRow, EditRow, Filter, OrderRow, OrderStory};
use crate::limits;
use crate::web::access::Person;
use crate::web::{Shared, pages};

#[derive(Serialize)]
struct ListPage {
    reader: Reader,
    search: Search,
    orders: Vec<OrderRow>,
    destinations: Vec<String>,
    next: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(site): State<Shared>,
    person: Person,
    Query(search): Query<Search>,
) -> Response {
    let filter = Filter {
        text: search.words(),
        ..search.filter()
    };
    let orders = match ask(&site, &person, Request::Orders(filter)).await {
        Ok(Told::Orders(orders)) => orders,
        other => return pages::strange(other),
    };
    let full = orders.len() == limits::WEB_ROWS as usize;
    let last = orders.last().filter(|_| full).map(|order| order.id.0);
    let page = ListPage {
        reader: Reader::new(&person, "orders"),
        next: last.map(|last| search.next("/orders", last)),
        destinations: site.destinations(),
        search,
        orders,
    };
    site.views.show("orders.html", page)
}

#[derive(Serialize)]
struct OrderPage {
    reader: Reader,
    order: OrderRow,
    content: Option<serde_json::Value>,
    edits: Vec<Edit>,
    origin: serde_json::Value,
    deliveries: Vec<(DeliveryRow, Vec<AttemptRow>)>,
    /// What each delivery's requests carry.
    requests: Vec<Option<String>>,
    events: Vec<EventRow>,
    followers: Vec<Follower>,
    notices: Vec<NoticeRow>,
    may_change: bool,
}

/// A correction: who, when, and each field that is another now.
#[derive(Serialize)]
struct Edit {
    at: i64,
    who: String,
    fields: Vec<(String, String, String)>,
}

impl From<&EditRow> for Edit {
    fn from(row: &EditRow) -> Self {
        Self {
            at: row.at.0,
            who: row.who.clone(),
            fields: differences(&row.old, &row.new),
        }
    }
}

/// One order.
pub(super) async fn order(
    State(site): State<Shared>,
    person: Person,
    Path(id): Path<i64>,
) -> Response {
    let story = match ask(&site, &person, Request::Order(OrderId(id))).await {
        Ok(Told::Order(Some(story))) => *story,
        Ok(Told::Order(None)) => return pages::missing(State(site)).await,
        other => return pages::strange(other),
    };
    let OrderStory {
        order,
        content,
        edits,
        origin,
        deliveries,
        events,
        followers,
        notices,
        ..
    } = story;
    let requests = match requests(&site, &deliveries).await {
        Ok(requests) => requests,
        Err(failure) => return pages::failed(&failure),
    };
    let page = OrderPage {
        reader: Reader::new(&person, "orders"),
        may_change: act::may(&person),
        order,
        content,
        edits: edits.iter().map(Edit::from).collect(),
        origin,
        deliveries,
        requests,
        events,
        followers,
        notices,
    };
    site.views.show("order.html", page)
}

/// The bodies as they are sent, JSON set in. What authenticates a request is no part of its body.
async fn requests(
    site: &Shared,
    deliveries: &[(DeliveryRow, Vec<AttemptRow>)],
) -> Result<Vec<Option<String>>, Failure> {
    let mut requests = Vec::new();
    for (delivery, _) in deliveries {
        let body = site.reads.body(delivery.id).await?;
        let text = body.map(|body| {
            let json = serde_json::from_slice::<serde_json::Value>(&body).ok();
            let pretty = json.and_then(|json| serde_json::to_string_pretty(&json).ok());
            let text = pretty.unwrap_or_else(|| String::from_utf8_lossy(&body).into_owned());
            text.chars().take(limits::SHOWN_TEXT).collect()
        });
        requests.push(text);
    }
    Ok(requests)
}

#[derive(Deserialize)]
pub(super) struct Pressed {
    act: Doing,
    /// One delivery of it, or all.
    #[serde(default)]
    delivery: String,
    #[serde(default)]
    why: String,
}

/// Retry, release or cancel an order or one of its deliveries.
pub(super) async fn act(
    State(site): State<Shared>,
    Path(id): Path<i64>,
    signed: Signed<Pressed>,
) -> Response {
    let Signed { person, form } = signed;
    let (of, row) = match form.delivery.parse() {
        Ok(delivery) => (Thing::Delivery, delivery),
        Err(_) => (Thing::Order, id),
    };
    let done = act::change(&site, &person, form.act, of, row, &form.why).await;
    done.map_or_else(
        |response| response,
        |()| Redirect::to(&format!("/orders/{id}")).into_response(),
    )
}
