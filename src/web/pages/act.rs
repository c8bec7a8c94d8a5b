//! What a person does to files, orders and deliveries: the same desk as the command line's.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::{ask, message, strange};
use crate::control::{Request, Response as Told, Thing};
use crate::ledger::people::Role;
use crate::ledger::{Change, Filter};
use crate::web::Shared;
use crate::web::access::Person;

/// The buttons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Doing {
    /// Read a file again; send refused and parked deliveries again.
    Retry,
    /// Send all refused and parked deliveries of a file again.
    Resend,
    /// Let go what is held or parked.
    Release,
    /// Take back what is open.
    Cancel,
}

/// Whether a person's role allows changes.
pub(super) fn may(person: &Person) -> bool {
    person.role() >= Role::Coordinator
}

/// Does it.
pub(super) async fn change(
    site: &Shared,
    person: &Person,
    doing: Doing,
    of: Thing,
    id: i64,
    why: &str,
) -> Result<(), Response> {
    change_all(site, person, doing, of, vec![id], why).await
}

/// Does it to several.
pub(super) async fn change_all(
    site: &Shared,
    person: &Person,
    doing: Doing,
    of: Thing,
    ids: Vec<i64>,
    why: &str,
) -> Result<(), Response> {
    if !may(person) {
        let text = "Your role lets you look at everything and change nothing. Ask an admin for the role \
                    “coordinator”.";
        return Err(message(site, StatusCode::FORBIDDEN, "Not done", text));
    }
    let filter = Filter {
        ids,
        ..Filter::default()
    };
    let change = match (doing, of) {
        (Doing::Retry, Thing::File) => Change::RetryFiles(filter),
        (Doing::Retry | Doing::Resend, _) => Change::RetryDeliveries(filter),
        (Doing::Release, _) => Change::Release(filter),
        (Doing::Cancel, _) => Change::Cancel(filter, why.trim().to_owned()),
    };
    let request = Request::Change {
        change,
        of,
        dry_run: false,
    };
    match ask(site, person, request).await {
        Ok(Told::Changed(changed)) if changed.is_empty() => {
            let text = "Nothing was changed: what this button is for is no longer so. Somebody else, or \
                        orderdock itself, was faster.";
            Err(message(site, StatusCode::CONFLICT, "Nothing to do", text))
        }
        Ok(Told::Changed(_)) => Ok(()),
        other => Err(strange(other)),
    }
}
