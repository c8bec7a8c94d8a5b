//! The one webhook of a shipper: its address, the states it wants, whether it is suspended.

use axum::http::Uri;
use bytes::Bytes;
use serde_json::{Value, json};

use super::words::Fault;
use crate::sandbox::call::{Call, Outgoing};

/// Where changes of state are told.
#[derive(Debug, Default)]
pub(super) struct Webhook {
    url: Option<String>,
    /// The chosen states; none means all.
    states: Vec<String>,
    suspended: bool,
}

impl Webhook {
    pub(super) fn register(&mut self, call: &Call) -> Result<Value, Fault> {
        let body = call.object().map_err(|why| Fault::invalid("body", &why))?;
        let body = Value::Object(body);
        if body["url"].is_null() && self.url.is_none() {
            return Err(Fault::missing("url"));
        }
        self.set(&body).map_err(|why| Fault::invalid("url", &why))?;
        Ok(self.shown())
    }

    /// Changes what is given.
    pub(super) fn set(&mut self, input: &Value) -> Result<(), String> {
        if let Some(url) = input.get("url") {
            let url = url.as_str().filter(|url| is_url(url));
            let url = url.ok_or("the url must be one with http or https")?;
            self.url = Some(url.to_owned());
        }
        if let Some(Value::Array(states)) = input.get("states") {
            let states = states.iter().filter_map(Value::as_str);
            self.states = states.map(str::to_owned).collect();
        }
        if let Some(suspended) = input.get("suspended").and_then(Value::as_bool) {
            self.suspended = suspended;
        }
        Ok(())
    }

    pub(super) fn remove(&mut self) -> Value {
        *self = Self::default();
        self.shown()
    }

    pub(super) fn shown(&self) -> Value {
        json!({ "url": self.url, "states": self.states, "suspended": self.suspended })
    }

    /// The notification of a change, if anybody wants it.
    pub(super) fn notice(&self, event: &Value) -> Option<Outgoing> {
        let url = self.url.clone().filter(|_| !self.suspended)?;
        let wanted =
            self.states.is_empty() || self.states.iter().any(|state| event["state"] == **state);
        wanted.then(|| Outgoing::Post {
            url,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from(event.to_string()),
        })
    }
}

/// An absolute address with http or https.
pub(super) fn is_url(text: &str) -> bool {
    let uri: Result<Uri, _> = text.parse();
    uri.is_ok_and(|uri| {
        uri.scheme_str()
            .is_some_and(|scheme| ["http", "https"].contains(&scheme))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}
