//! What is told when something cannot be: problem details (RFC 9457).

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::control::Unfit;
use crate::failure::Failure;
use crate::problem::Problem;
use crate::web::taking::Refusal;

/// Why a request was not done.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct Fault {
    /// What kind of problem; `about:blank` where the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The status.
    status: u16,
    /// What happened and what to do.
    detail: String,
    /// What is wrong in an order, each at its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<super::view::ProblemView>)]
    problems: Vec<Problem>,
    /// Seconds to wait.
    #[serde(skip)]
    after: Option<u64>,
}

impl Fault {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            problems: Vec::new(),
            after: None,
        }
    }

    /// Whether it says so.
    pub(super) fn is(&self, status: StatusCode) -> bool {
        self.status == status.as_u16()
    }

    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn missing() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is nothing of this number or name.",
        )
    }

    pub(super) fn forbidden(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    pub(super) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }

    /// An order that is wrong.
    pub(super) fn wrong(problems: Vec<Problem>) -> Self {
        Self {
            problems,
            ..Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "The order is not right yet: `problems` says where.",
            )
        }
    }

    pub(super) fn unknown() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "Send a key: `Authorization: Bearer …`. An operator makes one with `orderdock key add`.",
        )
    }

    pub(super) fn later(seconds: u64) -> Self {
        Self {
            after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                format!("Too many requests. Again in {seconds} seconds."),
            )
        }
    }
}

impl From<Failure> for Fault {
    /// Said plainly, without its inside: the daemon's log has that.
    fn from(failure: Failure) -> Self {
        tracing::error!(%failure, "A request of a program could not be answered.");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "This could not be done just now. Nothing was changed.",
        )
    }
}

impl From<Unfit> for Fault {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Text(lines) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, lines.join("\n")),
            Unfit::Samples(lines) => Self::conflict(format!(
                "Samples that are kept with this profile would give something else. `anyway` saves it \
                 all the same.\n{}",
                lines.join("\n")
            )),
            Unfit::Failed(why) => {
                tracing::error!(%why, "A sample, profile or original was not read.");
                Self::new(StatusCode::SERVICE_UNAVAILABLE, why)
            }
        }
    }
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.status, refusal.why)
    }
}

impl From<JsonRejection> for Fault {
    fn from(rejection: JsonRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Fault {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad(rejection.body_text())
    }
}

impl From<PathRejection> for Fault {
    fn from(_: PathRejection) -> Self {
        Self::missing()
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let after = self.after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Bearer realm=\"orderdock\""),
            );
        }
        if let Some(seconds) = after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// There is no such address.
pub(super) async fn nothing() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "There is nothing at this address; /api lists what there is.",
    )
}

/// The address is right and the method is not.
pub(super) async fn method() -> Fault {
    Fault::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address knows other methods; /api lists them.",
    )
}
