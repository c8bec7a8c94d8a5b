//! The request log: what came, what was answered, what was sent, and why. A ring in memory.
//!
//! Passwords, keys and tokens are hidden: people paste such logs into mails.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

use super::kind::Kind;
use crate::limits;

/// Header, parameter and key names whose values are hidden.
const HIDDEN: [&str; 9] = [
    "authorization",
    "x-api-key",
    "password",
    "key",
    "token",
    "access_token",
    "refresh_token",
    "id_token",
    "secret",
];

/// One exchange.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Entry {
    /// Counts from 1, in the order in which requests were answered.
    pub number: u64,
    /// The sandbox's own time.
    pub at: String,
    /// Whose it was.
    pub kind: Option<Kind>,
    /// `in` for requests to the sandbox, `out` for callbacks and mails of the sandbox.
    pub direction: &'static str,
    /// The method; `MAIL` for a mail.
    pub method: String,
    /// The path and query; the address of what goes out.
    pub target: String,
    /// The headers of the request.
    pub headers: Vec<(String, String)>,
    /// The body of the request.
    pub body: String,
    /// The status; `None` where the connection was reset or nobody answered.
    pub status: Option<u16>,
    /// The body of the answer.
    pub answer: String,
    /// The rule by which something went wrong on purpose.
    pub fault: Option<String>,
    /// Why it was answered so, in a sentence.
    pub note: String,
}

/// The ring.
#[derive(Debug)]
pub(super) struct Log {
    entries: Mutex<(u64, VecDeque<Entry>)>,
    written: watch::Sender<u64>,
}

impl Log {
    pub(super) fn new() -> Self {
        Self {
            entries: Mutex::default(),
            written: watch::Sender::new(0),
        }
    }

    /// Adds an entry under the next number.
    pub(super) fn add(&self, mut entry: Entry) {
        let mut guard = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (number, entries) = &mut *guard;
        *number += 1;
        entry.number = *number;
        if entries.len() >= limits::SANDBOX_LOG {
            entries.pop_front();
        }
        entries.push_back(entry);
        self.written.send_replace(*number);
    }

    /// All entries, oldest first.
    pub(super) fn all(&self) -> Vec<Entry> {
        let guard = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        guard.1.iter().cloned().collect()
    }

    /// Forgets the entries; numbers go on.
    pub(super) fn clear(&self) {
        let mut guard = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        guard.1.clear();
    }

    /// Tells the number of the latest entry whenever there is one more.
    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }
}

fn is_hidden(name: &str) -> bool {
    HIDDEN
        .iter()
        .any(|hidden| name.eq_ignore_ascii_case(hidden))
}

/// A header's value for the log.
pub(super) fn header(name: &str, value: &str) -> String {
    if is_hidden(name) || name.eq_ignore_ascii_case("cargoai-api-key") {
        return "(hidden)".to_owned();
    }
    value.to_owned()
}

/// A path with a query for the log.
pub(super) fn target(path: &str, query: Option<&str>) -> String {
    match query {
        None => path.to_owned(),
        Some(query) => format!("{path}?{}", form(query)),
    }
}

fn form(text: &str) -> String {
    let parts = text.split('&').map(|part| match part.split_once('=') {
        Some((name, _)) if is_hidden(name) => format!("{name}=(hidden)"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// A body for the log.
pub(super) fn body(bytes: &[u8], media_type: &str) -> String {
    // Shown as it came unless there is something to hide: signatures are over these very bytes.
    if let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
        && hide(&mut value)
    {
        return excerpt(&value.to_string());
    }
    let text = String::from_utf8_lossy(bytes);
    if media_type == "application/x-www-form-urlencoded" {
        return excerpt(&form(&text));
    }
    excerpt(&text)
}

/// The start of a long text.
pub(super) fn excerpt(text: &str) -> String {
    let end = text.floor_char_boundary(limits::SANDBOX_EXCERPT);
    if end == text.len() {
        return text.to_owned();
    }
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}

/// Hides secrets; whether there were any.
fn hide(value: &mut Value) -> bool {
    match value {
        Value::Object(object) => {
            let mut any = false;
            for (key, value) in object {
                if is_hidden(key) && value.is_string() {
                    *value = Value::from("(hidden)");
                    any = true;
                } else {
                    any |= hide(value);
                }
            }
            any
        }
        Value::Array(list) => {
            let mut any = false;
            for value in list {
                any |= hide(value);
            }
            any
        }
        _ => false,
    }
}
