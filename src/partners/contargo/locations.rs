//! Contargo's terminals, and which of them an order means.

use std::sync::Arc;

use hyper::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::PAGE;
use crate::clock::{self, Moment};
use crate::limits;
use crate::partners::wire::address;
use crate::partners::wire::bearer::Bearer;
use crate::partners::wire::link::{Call, Link, question};
use crate::partners::{Outcome, Refusal};

/// How an order names its terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Named {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// One terminal, as far as it is looked at. Ids are opaque.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Location {
    pub(super) id: String,
    pub(super) designation: String,
    #[serde(rename = "locationCode")]
    pub(super) unlocode: Option<String>,
    pub(super) international_port_code: Option<String>,
    pub(super) edifact_location_code: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Page {
    pagination: Pagination,
    data: Vec<Location>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Pagination {
    total: usize,
}

/// The terminals as they were told last.
#[derive(Debug)]
pub(super) struct Locations {
    path: String,
    kept: Mutex<Option<(Moment, Arc<Vec<Location>>)>>,
}

impl Locations {
    pub(super) fn new(path: String) -> Self {
        Self {
            path,
            kept: Mutex::new(None),
        }
    }

    /// Where they are asked for.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The address of a page; they count from 1.
    pub(super) fn page(&self, number: usize, size: usize) -> String {
        let (number, size) = (number.to_string(), size.to_string());
        let query = address::pairs([
            ("type", "ADMINISTRATIVE_TERMINAL"),
            ("page", &number),
            ("pageSize", &size),
        ]);
        format!("{}?{query}", self.path)
    }

    /// The id of the terminal that is meant. What is not known is asked for anew, as it may have
    /// come since; what is not known then, or not unique, is the sender's matter.
    pub(super) async fn find(
        &self,
        link: &Link,
        bearer: &Bearer,
        named: &Named,
    ) -> Result<String, Outcome> {
        // Held over the requests: whoever comes meanwhile waits for the same list.
        let mut kept = self.kept.lock().await;
        let mut found = Found::None;
        if let Some((since, list)) = &*kept
            && since.elapsed() < limits::LOCATIONS_KEPT
        {
            found = pick(list, named);
            if since.elapsed() < limits::LOCATIONS_FRESH {
                return found.id(named);
            }
        }
        if let Found::One(id) = found {
            return Ok(id);
        }
        let list = Arc::new(self.all(link, bearer).await?);
        *kept = Some((clock::moment(), Arc::clone(&list)));
        pick(&list, named).id(named)
    }

    async fn all(&self, link: &Link, bearer: &Bearer) -> Result<Vec<Location>, Outcome> {
        let mut all: Vec<Location> = Vec::new();
        for number in 1..=limits::LOCATIONS_PAGES {
            let path = self.page(number, PAGE);
            let make = || Call::new(Method::GET, &path);
            let answer = bearer.exchange(link, make).await.map_err(before)?;
            let page: Option<Page> = serde_json::from_slice(&answer.body).ok();
            let Some(page) = page.filter(|_| answer.status.is_success() && answer.whole) else {
                return Err(match link.plain(&answer, &question()) {
                    outcome @ (Outcome::Later { .. } | Outcome::Denied(_)) => outcome,
                    _ => Outcome::Denied(link.failure(format!(
                        "the terminals could not be read: {}. Check url and locations_path.",
                        link.line(&answer)
                    ))),
                });
            };
            let last = page.data.is_empty();
            all.extend(page.data);
            if last || all.len() >= page.pagination.total {
                break;
            }
        }
        Ok(all)
    }
}

/// No order was sent yet: whatever became of a question, it can be asked again.
fn before(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Unknown(failure) => Outcome::Later {
            after: None,
            failure,
            destination: true,
        },
        outcome => outcome,
    }
}

/// Which terminals fit.
pub(super) enum Found {
    None,
    One(String),
    Several(Vec<String>),
}

impl Found {
    fn id(self, named: &Named) -> Result<String, Outcome> {
        let parts = [&named.name, &named.code, &named.id].into_iter().flatten();
        let shown = parts.cloned().collect::<Vec<_>>().join(", ");
        let words = match self {
            Self::One(id) => return Ok(id),
            Self::None => format!("The terminal “{shown}” is not known at Contargo."),
            Self::Several(all) => format!(
                "The terminal “{shown}” could be any of these: {}. Name one by its id or its full name.",
                all.join("; ")
            ),
        };
        Err(Outcome::Refused(Refusal {
            code: "unknown terminal".to_owned(),
            words,
        }))
    }
}

/// The terminal by its id, else by a code, else by its name or a part of it.
pub(super) fn pick(list: &[Location], named: &Named) -> Found {
    let same = |one: &str, other: &str| one.trim().eq_ignore_ascii_case(other.trim());
    for id in named.id.iter().chain(&named.code) {
        if let Some(found) = list.iter().find(|location| location.id == *id) {
            return Found::One(found.id.clone());
        }
        let found = list.iter().filter(|location| {
            let codes = [
                &location.edifact_location_code,
                &location.unlocode,
                &location.international_port_code,
            ];
            codes.into_iter().flatten().any(|code| same(code, id))
        });
        match several(&found.collect::<Vec<_>>(), named.name.as_deref()) {
            Found::None => {}
            found => return found,
        }
    }
    let Some(name) = named.name.as_deref() else {
        return Found::None;
    };
    let exact = list
        .iter()
        .filter(|location| same(&location.designation, name));
    match several(&exact.collect::<Vec<_>>(), None) {
        Found::None => {}
        found => return found,
    }
    let part = name.trim().to_lowercase();
    let containing = list.iter();
    let containing = containing.filter(|l| l.designation.to_lowercase().contains(&part));
    several(&containing.collect::<Vec<_>>(), None)
}

/// One of those found; of several with the same code the one with the name.
fn several(found: &[&Location], name: Option<&str>) -> Found {
    let part = name.map(|name| name.trim().to_lowercase());
    let of_name: Vec<&Location> = found
        .iter()
        .copied()
        .filter(|location| {
            let designation = location.designation.to_lowercase();
            part.as_ref().is_some_and(|part| designation.contains(part))
        })
        .collect();
    match (found, of_name.as_slice()) {
        ([], _) => Found::None,
        ([one], _) | (_, [one]) => Found::One(one.id.clone()),
        (all, _) => {
            let names = all.iter().take(5);
            Found::Several(names.map(|location| location.designation.clone()).collect())
        }
    }
}
