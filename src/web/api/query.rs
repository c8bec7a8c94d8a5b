//! Which rows, as the command line's conditions, and where the next page begins.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use serde::Deserialize;
use utoipa::IntoParams;

use super::fault::Fault;
use super::view::Page;
use crate::clock;
use crate::ledger::{DELIVERY_STATES, FILE_STATES, Filter};
use crate::limits;
use crate::web::view::escape_query;

/// Conditions; all that are given must hold.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only these numbers: `12` or `12,13`.
    #[param(pattern = "^[0-9]{1,18}(,[0-9]{1,18}){0,999}$")]
    ids: Option<String>,
    /// Only of this sender.
    #[param(max_length = 100)]
    sender: Option<String>,
    /// Only from this source.
    #[param(max_length = 100)]
    source: Option<String>,
    /// Only those owed to this destination.
    #[param(max_length = 100)]
    destination: Option<String>,
    /// Only where the file's name has this in it.
    #[param(max_length = 100)]
    name: Option<String>,
    /// Only where the order's number has this in it.
    #[param(max_length = 100)]
    reference: Option<String>,
    /// Only orders with these words: parties, postcodes, other numbers.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Only in this state. Files: claimed, fetched, due, concluded, settled, done, error, pending,
    /// waiting, accepted, partial, rejected. Orders and deliveries: held, due, attempting, delivered,
    /// repeat, refused, cancelled, parked.
    state: Option<String>,
    /// Only of this file.
    file: Option<i64>,
    /// Only since then: `2h`, `3d`, `2026-11-22` or `2026-11-22T08:00:00Z`.
    #[param(
        pattern = "^([0-9]{1,4}[hdw]|20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)?)$"
    )]
    since: Option<String>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// Only rows before this number: what `next` of a page says.
    before: Option<i64>,
}

/// A query that was understood, or why not.
pub(super) type Asked = Result<Query<Which>, QueryRejection>;

/// The most rows of one page.
const MOST: u32 = 1_000;

impl Which {
    /// As the ledger is asked.
    pub(super) fn filter(&self, states: &[&str]) -> Result<Filter, Fault> {
        self.is_short()?;
        if let Some(state) = &self.state
            && !states.contains(&state.as_str())
        {
            return Err(Fault::bad(format!(
                "`state` is one of {}.",
                states.join(", ")
            )));
        }
        let since = self.since.clone();
        let since = since
            .map(|text| {
                clock::since(&text).ok_or_else(|| {
                    Fault::bad("`since` is 2h, 3d, 2026-11-22 or 2026-11-22T08:00:00Z.")
                })
            })
            .transpose()?;
        Ok(Filter {
            ids: self.ids()?,
            file: self.file.map(crate::arrival::FileId),
            sender: self.sender.clone(),
            source: self.source.clone(),
            destination: self.destination.clone(),
            name: self.name.clone(),
            reference: self.reference.clone(),
            text: self.text.clone(),
            state: self.state.clone(),
            since,
            limit: self.limit(limits::WEB_ROWS)?,
            before: self.before,
        })
    }

    /// The same for a change: at least one condition, and many at once where nothing else is said.
    pub(super) fn to_change(&self, states: &[&str]) -> Result<Filter, Fault> {
        let known = |state: &String| {
            let mut all = FILE_STATES.iter().chain(&DELIVERY_STATES);
            all.any(|known| known == state)
        };
        if let Some(state) = self.state.as_ref().filter(|state| known(state))
            && !states.contains(&state.as_str())
        {
            return Err(Fault::conflict(
                "Nothing was changed: nothing of this kind is ever in this state.",
            ));
        }
        let filter = Filter {
            limit: self.limit(MOST)?,
            ..self.filter(states)?
        };
        let bare = Filter {
            limit: filter.limit,
            ..Filter::default()
        };
        if filter == bare {
            return Err(Fault::conflict(
                "Name what to change: `ids`, or at least one condition.",
            ));
        }
        Ok(filter)
    }

    /// No text is longer than an address can carry beside the others.
    fn is_short(&self) -> Result<(), Fault> {
        let texts = [
            &self.sender,
            &self.source,
            &self.destination,
            &self.name,
            &self.reference,
            &self.text,
        ];
        let mut texts = texts.into_iter().flatten();
        if texts.all(|text| text.chars().count() <= limits::ASKED_LETTERS) {
            return Ok(());
        }
        Err(Fault::bad(format!(
            "A text to search for has at most {} letters.",
            limits::ASKED_LETTERS
        )))
    }

    /// Rows at most.
    fn limit(&self, default: u32) -> Result<u32, Fault> {
        match self.limit {
            Some(limit) if !(1..=MOST).contains(&limit) => {
                Err(Fault::bad(format!("`limit` is from 1 to {MOST}.")))
            }
            limit => Ok(limit.unwrap_or(default)),
        }
    }

    fn ids(&self) -> Result<Vec<i64>, Fault> {
        let Some(text) = self.ids.clone() else {
            return Ok(Vec::new());
        };
        let ids: Result<Vec<i64>, _> = text.split(',').map(str::parse).collect();
        ids.ok()
            .filter(|ids| ids.len() <= MOST as usize && ids.iter().all(|id| *id >= 0))
            .ok_or_else(|| Fault::bad(format!("`ids` are at most {MOST} numbers: 12,13.")))
    }

    /// One page of the list at `path`; `id` is a row's number, the cursor.
    pub(super) fn page<R, V: From<R>>(
        &self,
        path: &str,
        rows: Vec<R>,
        id: impl Fn(&R) -> i64,
    ) -> Page<V> {
        Page {
            next: self.next(path, rows.len(), rows.last().map(id)),
            items: rows.into_iter().map(V::from).collect(),
        }
    }

    /// The address of the next page, if this one is full.
    fn next(&self, path: &str, rows: usize, last: Option<i64>) -> Option<String> {
        let limit = self.limit(limits::WEB_ROWS).ok()?;
        let last = last.filter(|_| rows >= limit as usize)?;
        let mut address = format!("{path}?before={last}&limit={limit}");
        let file = self.file.map(|file| file.to_string());
        for (key, value) in [
            ("ids", &self.ids),
            ("sender", &self.sender),
            ("source", &self.source),
            ("destination", &self.destination),
            ("name", &self.name),
            ("reference", &self.reference),
            ("text", &self.text),
            ("state", &self.state),
            ("file", &file),
            ("since", &self.since),
        ] {
            if let Some(value) = value.clone() {
                address.push_str(&["&", key, "=", &escape_query(&value)].concat());
            }
        }
        Some(address)
    }
}
