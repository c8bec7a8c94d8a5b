//! The interface that clients of Cargooffice know: `GET` and `POST /api/order`, signed over the time,
//! answered in XML. Off unless `[http.cargooffice]` is there.
//!
//! Who asks for a shipment names its delivery postcode as well; what does not fit is answered as what
//! does not exist. A new order is read on trial first, so that what is wrong with it is told at once,
//! and is then a file like any other: what was answered 201 is durable. New clients use `/api/v1`,
//! whose keys are stronger than a signature.

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, Query, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;

use self::sign::{Asked, Refused};
use super::access::peer::Peer;
use super::taking::{self, Label, Refusal};
use super::{Shared, guard};
use crate::config::LegacyConfig;
use crate::control::{Sample, Unfit};
use crate::failure::Failure;
use crate::ledger::{Filter, OrderStory, Who};
use crate::limits;

mod answer;
mod sign;

/// The open interface.
pub(super) struct Cargooffice {
    settings: LegacyConfig,
    signatures: sign::Signatures,
}

impl Cargooffice {
    pub(super) fn new(settings: LegacyConfig, key: SecretString) -> Self {
        let signatures = sign::Signatures::new(key, settings.window, settings.md5);
        Self {
            settings,
            signatures,
        }
    }
}

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/api/order", get(show).post(create))
        .layer(DefaultBodyLimit::max(limits::API_BYTES))
        .layer(middleware::from_fn(guard::patience))
}

/// What stands in the address.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Params {
    #[serde(rename = "ShipmentID")]
    shipment: String,
    #[serde(rename = "Postcode")]
    postcode: String,
    sig: String,
    ts: String,
}

/// What cannot be done, in XML.
struct Fault(StatusCode, String);

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        xml(self.0, &answer::error(&self.1))
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        tracing::error!(%failure, "A request of a Cargooffice client could not be answered.");
        let text = "This could not be done just now. Nothing was changed.";
        Self(StatusCode::SERVICE_UNAVAILABLE, text.to_owned())
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self(refusal.status, refusal.why)
    }
}

fn xml(status: StatusCode, text: &str) -> Response {
    let kind = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    (status, kind, text.to_owned()).into_response()
}

/// A signed request may go on; every other is told 401 and nothing more.
fn signed<'a>(
    site: &'a Shared,
    peer: Peer,
    params: &Params,
    asked: &Asked<'_>,
) -> Result<&'a Cargooffice, Fault> {
    let missing = Fault(StatusCode::NOT_FOUND, "There is nothing here.".to_owned());
    let open = site.cargooffice.as_ref().ok_or(missing)?;
    match open.signatures.check(&params.ts, &params.sig, asked) {
        Ok(()) => Ok(open),
        Err(refused) => {
            tracing::warn!(address = %peer.0, why = refused.why(), "A signature was refused.");
            let slow = !site.rates.allow(&format!("at {}", peer.0));
            let status = match refused {
                _ if slow => StatusCode::TOO_MANY_REQUESTS,
                Refused::Full => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNAUTHORIZED,
            };
            Err(Fault(status, "Unauthorized".to_owned()))
        }
    }
}

/// A shipment.
async fn show(
    State(site): State<Shared>,
    peer: Peer,
    uri: Uri,
    params: Result<Query<Params>, QueryRejection>,
) -> Result<Response, Fault> {
    let Query(params) = params.map_err(|no| Fault(no.status(), no.body_text()))?;
    let asked = Asked {
        method: "GET",
        uri: &uri,
        body: b"",
    };
    let open = signed(&site, peer, &params, &asked)?;
    match find(&site, &open.settings, &params).await? {
        Some((story, shipment)) => Ok(xml(StatusCode::OK, &answer::order(&story, shipment))),
        None => Err(Fault(
            StatusCode::NOT_FOUND,
            "There is no shipment with this id and postcode.".to_owned(),
        )),
    }
}

/// The newest order with this shipment, delivered at this postcode, and which of its shipments it is.
async fn find(
    site: &Shared,
    settings: &LegacyConfig,
    params: &Params,
) -> Result<Option<(OrderStory, usize)>, Failure> {
    let postcode = answer::postcode(&params.postcode);
    if params.shipment.is_empty()
        || params.shipment.len() > limits::NAME_BYTES
        || postcode.is_empty()
    {
        return Ok(None);
    }
    let by = |filter: Filter| Filter {
        sender: settings.sender.clone(),
        limit: limits::LEGACY_CANDIDATES,
        ..filter
    };
    let id = || Some(params.shipment.clone());
    let filters = [
        by(Filter {
            reference: id(),
            ..Filter::default()
        }),
        by(Filter {
            text: id(),
            ..Filter::default()
        }),
    ];
    for filter in filters {
        for row in site.reads.orders(&filter).await? {
            let Some(story) = site.reads.order(row.id).await? else {
                continue;
            };
            if let Some(shipment) = answer::fits(&story, &params.shipment, &postcode) {
                return Ok(Some((story, shipment)));
            }
        }
    }
    Ok(None)
}

/// A new order, in the standard XML.
async fn create(
    State(site): State<Shared>,
    peer: Peer,
    uri: Uri,
    params: Result<Query<Params>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Fault> {
    let Query(params) = params.map_err(|no| Fault(no.status(), no.body_text()))?;
    let bytes = body.map_err(|no| Fault(no.status(), no.body_text()))?;
    let asked = Asked {
        method: "POST",
        uri: &uri,
        body: &bytes,
    };
    let open = signed(&site, peer, &params, &asked)?;
    let id = tried(&site, bytes.clone()).await?;
    let who = Who {
        name: "cargooffice".to_owned(),
        via: "Cargooffice interface".to_owned(),
    };
    let label = Label {
        source: open.settings.source.as_deref(),
        name: "order.xml",
        sender: open.settings.sender.as_deref(),
        who: &who,
    };
    let body = stream::iter([Ok::<_, std::io::Error>(bytes)]);
    let file = taking::take(&site, &label, body).await?;
    Ok(xml(StatusCode::CREATED, &answer::result(&id, file.0)))
}

/// Reads an order on trial: the id it will be asked for by, or what is wrong with it.
async fn tried(site: &Shared, bytes: Bytes) -> Result<String, Fault> {
    let sample = Sample {
        name: "order.xml".to_owned(),
        bytes,
        format: None,
    };
    let bad = |why: String| Fault(StatusCode::BAD_REQUEST, why);
    let read = site.desk.workshop().parse(sample, None, false).await;
    let read = read.map_err(|unfit| match unfit {
        Unfit::Failed(why) => Failure::temporary("reading an order", why).into(),
        Unfit::Text(lines) | Unfit::Samples(lines) => bad(lines.join("\n")),
    })?;
    if read["outcome"] == "accepted" {
        let order = &read["orders"][0];
        let shipment = order["shipments"][0]["id"].as_str();
        let id = shipment.or_else(|| order["reference"].as_str());
        return id
            .map(str::to_owned)
            .ok_or_else(|| bad("There is no order in it.".to_owned()));
    }
    let problems = read["problems"].as_array().into_iter().flatten();
    let words = problems
        .filter(|problem| problem["severity"] == "error")
        .filter_map(|problem| problem["message"].as_str().map(str::to_owned));
    let words: Vec<String> = words.take(limits::NAMES_IN_MESSAGE).collect();
    Err(bad(words.join(" ")))
}

/// A text at a path of a JSON value.
fn text<'a>(value: &'a Value, path: &str) -> Option<&'a str> {
    value.pointer(path).and_then(Value::as_str)
}
