//! Stopping and starting a source or a destination, and trying it at once.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::act::may;
use super::{Signed, ask, message, strange};
use crate::control::{Request, Response as Told};
use crate::web::Shared;

#[derive(Deserialize)]
pub(super) struct Pressed {
    name: String,
    /// `pause`, `resume` or `probe`.
    act: Doing,
    #[serde(default)]
    why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Doing {
    Pause,
    Resume,
    /// Look or try again now, whatever wait there is.
    Probe,
}

pub(super) async fn act(State(site): State<Shared>, signed: Signed<Pressed>) -> Response {
    let Signed { person, form } = signed;
    if !may(&person) {
        let text = "Your role does not let you stop or start anything.";
        return message(&site, StatusCode::FORBIDDEN, "Not done", text);
    }
    let Pressed { name, act, why } = form;
    let request = match act {
        Doing::Pause => Request::Pause { name, why },
        Doing::Resume => Request::Resume { name },
        Doing::Probe => {
            if site.sources().contains(&name) || site.destinations().contains(&name) {
                site.desk.probe(&name);
            }
            return Redirect::to("/").into_response();
        }
    };
    match ask(&site, &person, request).await {
        Ok(Told::Done(_)) => Redirect::to("/").into_response(),
        Ok(Told::Refused(why)) => message(&site, StatusCode::CONFLICT, "Not done", &why),
        other => strange(other),
    }
}
