//! Files: the list, and the story of one from its arrival to its end.

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::{Deserialize, Serialize};

use super::act::{self, Doing};
use super::search::Search;
use super::story::{Step, steps};
use super::{Reader, Signed, ask};
use crate::arrival::{DeliveryState, FileId};
use crate::control::{Request, Response as Told, Thing};
use crate::ledger::{FileRow, FileStory, Filter, OrderRow};
use crate::limits;
use crate::web::access::Person;
use crate::web::{Shared, pages};

#[derive(Serialize)]
struct ListPage {
    reader: Reader,
    search: Search,
    files: Vec<FileRow>,
    sources: Vec<String>,
    next: Option<String>,
}

/// The list.
pub(super) async fn list(
    State(site): State<Shared>,
    person: Person,
    Query(search): Query<Search>,
) -> Response {
    let filter = Filter {
        name: search.words(),
        ..search.filter()
    };
    let files = match ask(&site, &person, Request::Files(filter)).await {
        Ok(Told::Files(files)) => files,
        other => return pages::strange(other),
    };
    let full = files.len() == limits::WEB_ROWS as usize;
    let last = files.last().filter(|_| full).map(|file| file.id.0);
    let page = ListPage {
        reader: Reader::new(&person, "files"),
        next: last.map(|last| search.next("/files", last)),
        sources: site.sources(),
        search,
        files,
    };
    site.views.show("files.html", page)
}

#[derive(Serialize)]
struct StoryPage {
    reader: Reader,
    file: FileRow,
    steps: Vec<Step>,
    problems: Vec<crate::problem::Problem>,
    /// Where each problem is, in words.
    places: Vec<String>,
    left_out: u64,
    refusals: Vec<(String, String, String)>,
    orders: Vec<OrderRow>,
    members: Vec<FileRow>,
    does: Does,
    may_change: bool,
}

/// Which buttons would do something.
#[derive(Serialize)]
struct Does {
    resend: bool,
    release: bool,
}

impl Does {
    fn of(orders: &[OrderRow]) -> Self {
        use DeliveryState::{Held, Parked, Refused};
        let any = |states: &[DeliveryState]| {
            let mut all = orders.iter().flat_map(|order| &order.deliveries);
            all.any(|(_, state)| states.contains(state))
        };
        Self {
            resend: any(&[Refused, Parked]),
            release: any(&[Held, Parked]),
        }
    }
}

/// One file.
pub(super) async fn story(
    State(site): State<Shared>,
    person: Person,
    Path(id): Path<i64>,
) -> Response {
    let story = match ask(&site, &person, Request::File(FileId(id))).await {
        Ok(Told::File(Some(story))) => *story,
        Ok(Told::File(None)) => return pages::missing(State(site)).await,
        other => return pages::strange(other),
    };
    let of_file = Filter {
        file: Some(FileId(id)),
        limit: limits::WEB_ROWS,
        ..Filter::default()
    };
    let orders = match site.reads.orders(&of_file).await {
        Ok(orders) => orders,
        Err(failure) => return pages::failed(&failure),
    };
    let sent = match site.reads.deliveries(&of_file).await {
        Ok(sent) => sent,
        Err(failure) => return pages::failed(&failure),
    };
    let steps = steps(&story, &sent);
    let FileStory {
        file,
        summary,
        problems,
        refusals,
        members,
        ..
    } = story;
    let page = StoryPage {
        reader: Reader::new(&person, "files"),
        steps,
        places: problems
            .iter()
            .map(|problem| problem.place.to_string())
            .collect(),
        left_out: summary.map_or(0, |summary| summary.problems_left_out),
        may_change: act::may(&person),
        file,
        problems,
        refusals,
        does: Does::of(&orders),
        orders,
        members,
    };
    site.views.show("file.html", page)
}

#[derive(Deserialize)]
pub(super) struct Pressed {
    act: Doing,
    #[serde(default)]
    why: String,
}

/// Retry, release or cancel all of a file.
pub(super) async fn act(
    State(site): State<Shared>,
    Path(id): Path<i64>,
    signed: Signed<Pressed>,
) -> Response {
    let Signed { person, form } = signed;
    let done = act::change(&site, &person, form.act, Thing::File, id, &form.why).await;
    done.map_or_else(
        |response| response,
        |()| Redirect::to(&format!("/files/{id}")).into_response(),
    )
}

/// The bytes as they came, for saving: never shown by the browser itself.
pub(super) async fn original(
    State(site): State<Shared>,
    person: Person,
    Path(id): Path<i64>,
) -> Response {
    let story = match ask(&site, &person, Request::File(FileId(id))).await {
        Ok(Told::File(Some(story))) => *story,
        Ok(Told::File(None)) => return pages::missing(State(site)).await,
        other => return pages::strange(other),
    };
    let gone = "The bytes of this file are no longer kept: its retention is over.";
    match site.reads.bytes(FileId(id), 0, 1).await {
        Ok(Some(_)) => {}
        Ok(None) => return pages::message(&site, StatusCode::GONE, "No longer kept", gone),
        Err(failure) => return pages::failed(&failure),
    }
    let name = attachment(&story.file.name);
    let body = axum::body::Body::from_stream(super::bytes::stream(site, FileId(id)));
    (
        [
            (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
            (header::CONTENT_DISPOSITION, name),
            (header::CONTENT_LENGTH, story.file.bytes.to_string()),
        ],
        body,
    )
        .into_response()
}

/// RFC 6266 with the name of RFC 8187: a plain one for old programs, the true one beside it.
pub(in crate::web) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' | '/' => '_',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '_',
        })
        .collect();
    let full = crate::web::view::escape_query(name).replace('/', "%2F");
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{full}")
}
