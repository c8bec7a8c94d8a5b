//! What goes in and out of a stand: a request that was read whole, a reply, and what is sent after
//! it. No sockets here, so that every partner is a plain function of its state.

use axum::http::HeaderMap;
use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::broadcast;

use super::urlencoded;

/// A request as it came.
#[derive(Debug)]
pub(super) struct Call {
    /// In upper case.
    pub(super) method: String,
    /// The path below the partner's own root, cut at the slashes and percent-decoded.
    pub(super) segments: Vec<String>,
    /// Scheme, host and whole path as the caller wrote them: what some partners sign.
    pub(super) url: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Call {
    /// Method and path, for a `match`.
    pub(super) fn route(&self) -> (&str, Vec<&str>) {
        let segments = self.segments.iter().map(String::as_str).collect();
        (&self.method, segments)
    }

    /// A header's text; the first of several.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A parameter of the query; an empty one counts as absent.
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        first(&self.query, name).filter(|value| !value.is_empty())
    }

    /// The media type without its parameters, in lower case.
    pub(super) fn media_type(&self) -> String {
        let value = self.header("content-type").unwrap_or_default();
        let end = value.find(';').unwrap_or(value.len());
        value[..end].trim().to_ascii_lowercase()
    }

    /// The body as a form.
    pub(super) fn form(&self) -> Vec<(String, String)> {
        urlencoded::pairs(&String::from_utf8_lossy(&self.body))
    }

    /// The body as a JSON object.
    pub(super) fn object(&self) -> Result<Map<String, Value>, String> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Ok(object),
            Ok(_) => Err("the body is JSON but no object".to_owned()),
            Err(error) => Err(format!("the body is no JSON: {error}")),
        }
    }
}

/// The first value under a name.
pub(super) fn first<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = pairs.iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value.as_str())
}

/// An answer before it is on the wire.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) content: Content,
    /// What is sent once the answer is on its way.
    pub(super) after: Vec<Outgoing>,
    /// Why, for the person who reads the request log.
    pub(super) note: String,
}

/// The body of an answer.
#[derive(Debug)]
pub(super) enum Content {
    Empty,
    Json(Value),
    /// A text and its media type.
    Text(&'static str, String),
    Events(Stream),
}

/// Server-sent events: what was missed, then what comes.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) missed: Vec<Frame>,
    pub(super) live: broadcast::Receiver<Live>,
    /// The connection is closed after so many events.
    pub(super) close_after: Option<usize>,
    /// Milliseconds that the client is told to wait before it comes back.
    pub(super) retry: u64,
}

/// What a stream is told.
#[derive(Debug, Clone)]
pub(super) enum Live {
    Event(Frame),
    /// Close the connection.
    HangUp,
}

/// One server-sent event.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) data: Value,
}

/// Something that the partner sends by itself.
#[derive(Debug, Clone)]
pub(super) enum Outgoing {
    /// A callback: address, headers, and the exact bytes.
    Post {
        url: String,
        headers: Vec<(String, String)>,
        body: Bytes,
    },
    /// A mail.
    Mail {
        to: String,
        subject: String,
        text: String,
    },
}

impl Reply {
    fn new(status: u16, content: Content) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content,
            after: Vec::new(),
            note: String::new(),
        }
    }

    pub(super) fn json(status: u16, body: Value) -> Self {
        Self::new(status, Content::Json(body))
    }

    pub(super) fn empty(status: u16) -> Self {
        Self::new(status, Content::Empty)
    }

    pub(super) fn text(status: u16, media_type: &'static str, body: String) -> Self {
        Self::new(status, Content::Text(media_type, body))
    }

    pub(super) fn events(stream: Stream) -> Self {
        Self::new(200, Content::Events(stream))
    }

    /// With a header more.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// With a word to the reader of the request log.
    pub(super) fn because(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Sends this after the answer.
    pub(super) fn then(mut self, after: Vec<Outgoing>) -> Self {
        self.after = after;
        self
    }
}

impl Outgoing {
    /// For the log and the answers of the control path.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Post { url, body, .. } => {
                json!({ "post": url, "body": String::from_utf8_lossy(body) })
            }
            Self::Mail { to, subject, text } => {
                json!({ "mail": to, "subject": subject, "text": text })
            }
        }
    }
}
