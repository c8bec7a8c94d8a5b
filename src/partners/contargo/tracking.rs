//! What happens to a container at Contargo: read order by order, and listened to.
//!
//! The stream tells of all our orders at once, and its events name a container but no order. So it
//! wakes and does not tell: the orders whose container it names are read, and the answer says whose
//! event it is, under the same id. What was missed while no stream was open is found in the same
//! way, whether the partner tells it again or not.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use hyper::header::{ACCEPT, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use serde_json::Value;

use super::Contargo;
use crate::failure::Failure;
use crate::limits;
use crate::partners::Outcome;
use crate::partners::tracker::{Feed, Followed, Manner, Others, Sighting, Stir, Tracker};
use crate::partners::wire::address;
use crate::partners::wire::answer::Answer;
use crate::partners::wire::client::{Open, Opened};
use crate::partners::wire::link::Call;
use crate::partners::wire::sighted::{bounded, word};
use crate::partners::wire::sse::Parser;
use crate::partners::wire::{trouble::Trouble, words};

/// How Contargo is listened to.
#[derive(Debug, Clone)]
pub struct TrackingSettings {
    /// The path of what has happened to an order.
    pub path: String,
    /// The path of the stream; empty: it is not listened to.
    pub stream_path: String,
    /// Where events are reported.
    pub events_path: String,
    /// What others tell is reported: their codes and words, and what Contargo calls them. `None`:
    /// nothing is.
    pub report: Option<BTreeMap<String, String>>,
    /// What Contargo calls the one position of an order.
    pub position: String,
    /// An order is asked for at least so often.
    pub every: Duration,
    /// An order whose container is not named is asked for at most so often.
    pub rest: Duration,
}

#[async_trait]
impl Tracker for Contargo {
    fn manner(&self) -> Manner {
        let TrackingSettings { every, rest, .. } = self.tracking;
        if self.tracking.stream_path.is_empty() {
            return Manner::Asked {
                first: every,
                every,
            };
        }
        Manner::Streamed { every, rest }
    }

    fn mark(&self, order: &Followed) -> Option<String> {
        order.remote_id.as_ref()?;
        let order = order.order();
        let mut units = order.shipments.iter().flat_map(|one| &one.equipment);
        let number = units.find_map(|unit| unit.number.as_deref());
        Some(number.and_then(container).unwrap_or_default())
    }

    async fn poll(&self, order: &Followed) -> Result<Vec<Sighting>, Outcome> {
        let Some(id) = &order.remote_id else {
            return Ok(Vec::new());
        };
        let pair = [
            ("orderId", id.as_str()),
            ("positionId", &self.tracking.position),
        ];
        let path = format!("{}?{}", self.tracking.path, address::pairs(pair));
        let make = || Call::new(Method::GET, &path).up_to(limits::TRACKING_BYTES);
        let answer = self.bearer.exchange(&self.link, make).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(self.link.later_order(&answer));
        }
        let body = self.link.tracked(&answer)?;
        let events = body.get("events").and_then(Value::as_array);
        let events = events.into_iter().flatten();
        Ok(events
            .filter_map(sighting)
            .take(limits::SIGHTINGS)
            .collect())
    }

    fn wants(&self, told: &Sighting) -> bool {
        self.reported(told).is_some()
    }

    async fn report(&self, order: &Followed, told: &Sighting) -> Result<(), Outcome> {
        self.tell(order, told).await
    }

    /// Asks for the history of no order, which is refused as such, and opens the stream.
    async fn try_out(&self) -> Result<(), Failure> {
        let path = &self.tracking.path;
        let make = || Call::new(Method::GET, path);
        let answer = self.bearer.exchange(&self.link, make).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        match answer.status {
            StatusCode::BAD_REQUEST => {}
            StatusCode::NOT_FOUND => {
                let why = "It knows no tracking: check url and path of track.";
                return Err(self.link.failure(why));
            }
            _ => answer.probed(self.link.during())?,
        }
        let opened = self.stream(None).await;
        opened.map(drop).map_err(Outcome::into_failure)
    }

    async fn stream(&self, after: Option<&str>) -> Result<Option<Box<dyn Feed>>, Outcome> {
        if self.tracking.stream_path.is_empty() {
            return Ok(None);
        }
        let seen = after.and_then(|id| HeaderValue::from_str(id).ok());
        let make = || {
            let events = HeaderValue::from_static("text/event-stream");
            let call = Call::new(Method::GET, &self.tracking.stream_path).header(ACCEPT, events);
            match &seen {
                Some(id) => call.header(HeaderName::from_static("last-event-id"), id.clone()),
                None => call,
            }
        };
        match self.bearer.open(&self.link, make).await? {
            Opened::Stream(open) => Ok(Some(Box::new(Listening {
                open,
                parser: Parser::default(),
                during: self.link.during().to_owned(),
            }))),
            Opened::Answer(answer) => Err(self.not_a_stream(&answer)),
        }
    }
}

impl Contargo {
    fn not_a_stream(&self, answer: &Answer) -> Outcome {
        let said = words::reason(answer.content_type(), &answer.body);
        match answer.status.as_u16() {
            408 | 425 | 429 | 500..=599 => self.link.later(answer, &said),
            200..=299 => Outcome::Denied(self.link.failure(
                "It answered with something else than a stream of events: check stream_path.",
            )),
            _ => self.link.denied(answer, &said),
        }
    }
}

/// The number of a container without the blanks and dashes in which it is written.
fn container(number: &str) -> Option<String> {
    let letters = number.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.collect::<String>().to_ascii_uppercase();
    (!plain.is_empty()).then_some(plain)
}

fn sighting(event: &Value) -> Option<Sighting> {
    let seen = event.get("observation");
    let of = |pointer: &str| word(seen?.pointer(pointer)?);
    let said = [
        ("", of("/observedMeansOfTransport/modeOfTransport")),
        ("", of("/observedMeansOfTransport/truck/licensePlate")),
        ("", of("/observedMeansOfTransport/barge/name")),
        ("", of("/observedMeansOfTransport/train/identifier")),
        ("container ", of("/observedLoadingUnit/loadingUnit/number")),
        ("", of("/observedLoadingUnit/loadingState")),
        ("condition ", of("/observedLoadingUnit/condition")),
    ];
    let said = said.into_iter().filter_map(|(what, value)| {
        let value = value.filter(|value| value != "UNKNOWN")?;
        Some(format!("{what}{value}"))
    });
    bounded(Sighting {
        id: event.get("id").and_then(word),
        code: event
            .get("type")
            .and_then(word)
            .unwrap_or_else(|| "UNKNOWN".to_owned()),
        text: said.collect::<Vec<_>>().join(", "),
        place: of("/location/designation").or_else(|| of("/location/locationCode")),
        at: event.get("timestamp").and_then(word),
        // Which event is the last depends on what the container is for: none is known to be.
        end: None,
    })
}

/// An open stream.
struct Listening {
    open: Open,
    parser: Parser,
    during: String,
}

#[async_trait]
impl Feed for Listening {
    async fn next(&mut self) -> Result<Stir, Outcome> {
        let passing = |why: String| Outcome::Later {
            after: None,
            failure: Failure::temporary(&self.during, why),
            destination: true,
        };
        let ended = "the stream of events ended; it is opened again";
        loop {
            let piece = match self.open.piece(limits::STREAM_SILENCE).await {
                Ok(Some(piece)) => piece,
                Ok(None) | Err(Trouble::Lost(_)) => return Err(passing(ended.to_owned())),
                Err(_) => {
                    let silent = "the stream of events was silent for too long; it is opened again";
                    return Err(passing(silent.to_owned()));
                }
            };
            let events = self.parser.read(&piece).map_err(&passing)?;
            let Some(last) = events.last() else { continue };
            let mut stir = Stir {
                cursor: last.id.clone(),
                marks: Vec::new(),
                // A container may have been found for an order that named none.
                others: Others::Unmarked,
            };
            for event in &events {
                match marked(&event.data) {
                    Some(mark) => stir.marks.push(mark),
                    None => stir.others = Others::All,
                }
            }
            return Ok(stir);
        }
    }

    fn rest(&self) -> Option<Duration> {
        self.parser.retry()
    }
}

/// The container that an event of the stream is about. Its own name in the frame says nothing: the
/// partner's example names it wrongly.
fn marked(data: &str) -> Option<String> {
    let event: Value = serde_json::from_str(data).ok()?;
    let number = event.pointer("/observation/observedLoadingUnit/loadingUnit/number")?;
    container(number.as_str()?)
}
