//! The envelope of every answer, and the two spaces of numbers: HTTP's and the envelope's own.

use serde_json::{Value, json};

use crate::sandbox::call::Reply;

/// An error with its code in the envelope.
#[derive(Debug)]
pub(super) struct Refusal {
    code: u16,
    status: u16,
    messages: Vec<String>,
    /// For the reader of the request log.
    pub(super) note: String,
}

impl Refusal {
    /// With the status that belongs to the code.
    pub(super) fn new(code: u16, messages: Vec<String>) -> Self {
        let status = match code {
            401..=405 => 401,
            406 | 407 => 403,
            500.. => 500,
            _ => 400,
        };
        Self {
            code,
            status,
            note: messages.join(" "),
            messages,
        }
    }

    pub(super) fn one(code: u16, message: impl Into<String>) -> Self {
        Self::new(code, vec![message.into()])
    }

    /// Nothing is there: the general code under HTTP's 404.
    pub(super) fn not_found(what: &str) -> Self {
        Self {
            status: 404,
            ..Self::one(1, format!("{what} was not found."))
        }
    }

    pub(super) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn reply(self) -> Reply {
        let error = json!({ "error_code": self.code, "error_messages": self.messages });
        let body = json!({ "error": error, "data": [] });
        Reply::json(self.status, body).because(format!("{} {}", self.code, self.note))
    }
}

/// Success.
pub(super) fn fine(data: &Value) -> Reply {
    let error = json!({ "error_code": 0, "error_messages": [] });
    Reply::json(200, json!({ "error": error, "data": data }))
}
