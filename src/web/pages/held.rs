//! What waits for a person's review: look through it, correct it, send it or take it back.

use std::collections::BTreeMap;

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::act::{self, Doing};
use super::form::{self, Node};
use super::search::Search;
use super::{Reader, Signed, ask, message};
use crate::arrival::{DeliveryState, OrderId};
use crate::control::{Edited, Request, Response as Told, Thing};
use crate::ledger::{OrderRow, OrderStory};
use crate::limits;
use crate::problem::Problem;
use crate::web::access::Person;
use crate::web::{Shared, pages};

#[derive(Serialize)]
struct ListPage {
    reader: Reader,
    search: Search,
    files: Vec<OfFile>,
    next: Option<String>,
    may_change: bool,
}

/// Held orders of one file, as they stand below each other.
#[derive(Serialize)]
struct OfFile {
    id: i64,
    name: String,
    sender: String,
    orders: Vec<OrderRow>,
}

/// The list.
pub(super) async fn list(
    State(site): State<Shared>,
    person: Person,
    Query(search): Query<Search>,
) -> Response {
    let filter = crate::ledger::Filter {
        text: search.words(),
        ..search.filter()
    };
    let orders = match site.desk.held(filter).await {
        Ok(orders) => orders,
        Err(failure) => return pages::failed(&failure),
    };
    let full = orders.len() == limits::WEB_ROWS as usize;
    let last = orders.last().filter(|_| full).map(|order| order.id.0);
    let mut files: Vec<OfFile> = Vec::new();
    for order in orders {
        match files.last_mut().filter(|file| file.id == order.file.0) {
            Some(file) => file.orders.push(order),
            None => files.push(OfFile {
                id: order.file.0,
                name: order.file_name.clone(),
                sender: order.sender.clone(),
                orders: vec![order],
            }),
        }
    }
    let page = ListPage {
        reader: Reader::new(&person, "held"),
        next: last.map(|last| search.next("/held", last)),
        may_change: act::may(&person),
        search,
        files,
    };
    site.views.show("held.html", page)
}

/// Buttons and ticked boxes.
#[derive(Deserialize)]
pub(super) struct Pressed {
    /// `release`, `cancel`, or one of these and a file's number: `release-12`.
    act: String,
    #[serde(default)]
    why: String,
    /// `order-12` for each that is ticked.
    #[serde(flatten)]
    ticked: BTreeMap<String, String>,
}

/// Sends or takes back one, many, or all of a file.
pub(super) async fn act(State(site): State<Shared>, signed: Signed<Pressed>) -> Response {
    let Signed { person, form } = signed;
    let (word, file) = form.act.split_once('-').unwrap_or((&form.act, ""));
    let doing = match word {
        "release" => Doing::Release,
        "cancel" => Doing::Cancel,
        _ => return StatusCode::BAD_REQUEST.into_response(),
    };
    let done = if let Ok(file) = file.parse() {
        act::change(&site, &person, doing, Thing::File, file, &form.why).await
    } else {
        let ticked = form.ticked.keys();
        let ids = ticked.filter_map(|name| name.strip_prefix("order-")?.parse().ok());
        let ids: Vec<i64> = ids.collect();
        if ids.is_empty() {
            let text = "No order is ticked. Go back and tick those that are meant.";
            return message(&site, StatusCode::BAD_REQUEST, "Nothing to do", text);
        }
        act::change_all(&site, &person, doing, Thing::Order, ids, &form.why).await
    };
    done.map_or_else(
        |response| response,
        |()| Redirect::to("/held").into_response(),
    )
}

#[derive(Serialize)]
struct FormPage {
    reader: Reader,
    order: OrderRow,
    hash: String,
    /// The form; empty where the order is edited as JSON.
    nodes: Vec<Node>,
    /// The order as JSON, where it is edited so.
    json: Option<String>,
    /// As it came, before anybody corrected it.
    original: Value,
    origin: Value,
    problems: Vec<Problem>,
    places: Vec<String>,
    saved: bool,
    may_change: bool,
}

#[derive(Deserialize)]
pub(super) struct As {
    /// `json`: not the form.
    #[serde(default)]
    r#as: String,
    #[serde(default)]
    saved: String,
}

/// The form of one order.
pub(super) async fn form(
    State(site): State<Shared>,
    person: Person,
    Path(id): Path<i64>,
    Query(how): Query<As>,
) -> Response {
    let story = match held(&site, &person, id).await {
        Ok(story) => story,
        Err(response) => return response,
    };
    let content = story.content.clone().unwrap_or_default();
    let view = Shown {
        problems: Vec::new(),
        as_json: how.r#as == "json",
        saved: !how.saved.is_empty(),
        hash: story.content_hash.clone(),
    };
    show(&site, &person, story, &content, view)
}

struct Shown {
    problems: Vec<Problem>,
    as_json: bool,
    saved: bool,
    hash: String,
}

/// Larger orders would be forms of thousands of fields.
const FORM_CHARS: usize = 24_000;

fn show(
    site: &Shared,
    person: &Person,
    story: OrderStory,
    content: &Value,
    view: Shown,
) -> Response {
    let original = story.edits.first().map(|edit| edit.old.clone());
    let original = original.or(story.content).unwrap_or_default();
    let text = serde_json::to_string_pretty(content).unwrap_or_default();
    let as_json = view.as_json || text.len() > FORM_CHARS;
    let page = FormPage {
        reader: Reader::new(person, "held"),
        may_change: act::may(person),
        hash: view.hash,
        nodes: if as_json {
            Vec::new()
        } else {
            form::form(content, &original, &view.problems)
        },
        json: as_json.then_some(text),
        places: view
            .problems
            .iter()
            .map(|problem| problem.place.to_string())
            .collect(),
        problems: view.problems,
        order: story.order,
        origin: story.origin,
        saved: view.saved,
        original,
    };
    site.views.show("edit.html", page)
}

/// The story of an order that is held; a page that says otherwise.
async fn held(site: &Shared, person: &Person, id: i64) -> Result<OrderStory, Response> {
    let story = match ask(site, person, Request::Order(OrderId(id))).await {
        Ok(Told::Order(Some(story))) => *story,
        Ok(Told::Order(None)) => return Err(pages::missing(State(site.clone())).await),
        other => return Err(pages::strange(other)),
    };
    let states = &story.order.deliveries;
    if states
        .iter()
        .any(|(_, state)| *state == DeliveryState::Held)
    {
        return Ok(story);
    }
    Err(Redirect::to(&format!("/orders/{id}")).into_response())
}

#[derive(Deserialize)]
pub(super) struct Filled {
    act: String,
    hash: String,
    /// The order as JSON, instead of fields.
    json: Option<String>,
    #[serde(flatten)]
    fields: BTreeMap<String, String>,
}

/// Keeps a correction; sends the order if that was pressed.
pub(super) async fn save(
    State(site): State<Shared>,
    Path(id): Path<i64>,
    signed: Signed<Filled>,
) -> Response {
    let Signed { person, form } = signed;
    if !act::may(&person) {
        let text = "Your role lets you look at everything and change nothing.";
        return message(&site, StatusCode::FORBIDDEN, "Not done", text);
    }
    let as_json = form.json.is_some();
    let content = match &form.json {
        None => form::order(&form.fields),
        Some(text) => serde_json::from_str(text).unwrap_or(Value::String(text.clone())),
    };
    let edited = site
        .desk
        .edit(
            OrderId(id),
            content.clone(),
            Some(&form.hash),
            &person.who(),
        )
        .await;
    match edited {
        Edited::Done(_) if form.act == "send" => {
            let of = Thing::Order;
            let done = act::change(&site, &person, Doing::Release, of, id, "").await;
            done.map_or_else(
                |response| response,
                |()| Redirect::to(&format!("/orders/{id}")).into_response(),
            )
        }
        Edited::Done(_) => Redirect::to(&format!("/held/{id}?saved=1")).into_response(),
        Edited::Wrong(problems) => {
            let story = match held(&site, &person, id).await {
                Ok(story) => story,
                Err(response) => return response,
            };
            let view = Shown {
                problems,
                as_json,
                saved: false,
                hash: form.hash,
            };
            let page = show(&site, &person, story, &content, view);
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
        Edited::Missing => pages::missing(State(site)).await,
        Edited::TooLate(why) => message(&site, StatusCode::CONFLICT, "Not saved", &why),
        Edited::Failed(failure) => pages::failed(&failure),
    }
}
