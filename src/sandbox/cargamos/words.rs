//! The envelope of answers, and errors in it.

use serde_json::{Value, json};

use crate::sandbox::call::Reply;
use crate::sandbox::stand::House;

const VERSION: &str = "1.0.0";

/// One or more errors under one status.
#[derive(Debug)]
pub(super) struct Fault {
    http: u16,
    status: &'static str,
    errors: Vec<Value>,
}

/// Success.
pub(super) fn fine(data: &Value, process: &str, house: &House) -> Reply {
    Reply::json(
        200,
        json!({
            "version": VERSION,
            "status": "OK",
            "processId": process,
            "timestamp": house.now.0,
            "data": data,
        }),
    )
}

impl Fault {
    fn new(http: u16, status: &'static str, (code, message): (&str, &str), details: &str) -> Self {
        let error = json!({
            "code": code,
            "message": message,
            "details": details,
            "location": "request.body",
            "parameter": null,
        });
        Self {
            http,
            status,
            errors: vec![error],
        }
    }

    /// About this parameter.
    pub(super) fn about(mut self, parameter: &str) -> Self {
        for error in &mut self.errors {
            error["parameter"] = json!(parameter);
        }
        self
    }

    /// Somewhere else than in the body.
    pub(super) fn at(mut self, location: &str) -> Self {
        for error in &mut self.errors {
            error["location"] = json!(location);
        }
        self
    }

    /// All errors of several faults under the status of the first.
    pub(super) fn all(faults: Vec<Self>) -> Result<(), Self> {
        let mut faults = faults.into_iter();
        let Some(mut first) = faults.next() else {
            return Ok(());
        };
        first.errors.extend(faults.flat_map(|fault| fault.errors));
        Err(first)
    }

    pub(super) fn missing(parameter: &str) -> Self {
        let words = ("MISSING_PARAMETER", "A required parameter is missing.");
        let details = format!("The parameter {parameter} is required.");
        Self::new(400, "BAD_REQUEST", words, &details).about(parameter)
    }

    pub(super) fn invalid(parameter: &str, details: &str) -> Self {
        let words = (
            "INVALID_PARAMETER",
            "A value provided as parameter is not valid for the request.",
        );
        Self::new(400, "BAD_REQUEST", words, details).about(parameter)
    }

    pub(super) fn exists(parameter: &str, details: &str) -> Self {
        let words = (
            "ALREADY_EXISTS",
            "The resource you tried to create already exists.",
        );
        Self::new(409, "CONFLICT", words, details).about(parameter)
    }

    pub(super) fn uncovered(postcode: &str) -> Self {
        let details = format!("There is no coverage for {postcode}.");
        Self::new(
            409,
            "CONFLICT",
            ("COVERAGE_FAILURE", "Out of coverage."),
            &details,
        )
        .about("recipientLocation.postalCode")
    }

    pub(super) fn unauthorized(details: &str) -> Self {
        let words = ("UNAUTHORIZED", "The request is not authorized.");
        Self::new(401, "UNAUTHORIZED", words, details).at("request.authorization")
    }

    pub(super) fn not_found(location: &str, what: &str) -> Self {
        let words = ("NOT_FOUND", "The resource does not exist.");
        let details = format!("There is no {what}.");
        Self::new(404, "NOT_FOUND", words, &details).at(location)
    }

    pub(super) fn unexpected(http: u16) -> Self {
        let words = ("UNEXPECTED_ERROR", "An unexpected error occurred.");
        Self::new(http, "INTERNAL_SERVER_ERROR", words, "Try again later.").at("server")
    }

    pub(super) fn reply(self, process: &str, house: &House) -> Reply {
        let note = self.errors.iter().map(|error| {
            let text = |key: &str| error[key].as_str().unwrap_or_default();
            format!("{}: {}", text("code"), text("details"))
        });
        let note = note.collect::<Vec<_>>().join(" ");
        Reply::json(
            self.http,
            json!({
                "version": VERSION,
                "status": self.status,
                "processId": process,
                "timestamp": house.now.0,
                "errors": self.errors,
            }),
        )
        .because(note)
    }
}
