//! Which rows, as the command line's conditions, and where the next page begins.

use serde::Deserialize;
use utoipa::IntoParams;

use super::fault::Fault;
use super::view::Page;
use crate::clock;
use crate::ledger::Filter;
use crate::limits;
use crate::web::view::escape_query;

/// Conditions; all that are given must hold.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only of this sender.
    sender: Option<String>,
    /// Only from this source.
    source: Option<String>,
    /// Only those owed to this destination.
    destination: Option<String>,
    /// Only where the file's name has this in it.
    name: Option<String>,
    /// Only where the order's number has this in it.
    reference: Option<String>,
    /// Only orders with these words: parties, postcodes, other numbers.
    text: Option<String>,
    /// Only in this state (orders, deliveries), or of this stage or verdict (files).
    state: Option<String>,
    /// Only of this file.
    file: Option<i64>,
    /// Only since then: `2h`, `3d`, `2026-11-22` or `2026-11-22T08:00:00Z`.
    since: Option<String>,
    /// At most so many rows.
    #[param(minimum = 1, maximum = 1000, default = 50)]
    limit: Option<u32>,
    /// Only rows before this number: what `next` of a page says.
    before: Option<i64>,
}

/// The most rows of one page.
const MOST: u32 = 1_000;

fn given(text: Option<&String>) -> Option<String> {
    text.filter(|text| !text.is_empty()).cloned()
}

impl Which {
    /// As the ledger is asked.
    pub(super) fn filter(&self, states: &[&str]) -> Result<Filter, Fault> {
        if let Some(state) = given(self.state.as_ref())
            && !states.contains(&state.as_str())
        {
            return Err(Fault::bad(format!(
                "`state` is one of {}.",
                states.join(", ")
            )));
        }
        let since = given(self.since.as_ref());
        let since = since
            .map(|text| {
                clock::since(&text).ok_or_else(|| {
                    Fault::bad("`since` is 2h, 3d, 2026-11-22 or 2026-11-22T08:00:00Z.")
                })
            })
            .transpose()?;
        Ok(Filter {
            ids: Vec::new(),
            file: self.file.map(crate::arrival::FileId),
            sender: given(self.sender.as_ref()),
            source: given(self.source.as_ref()),
            destination: given(self.destination.as_ref()),
            name: given(self.name.as_ref()),
            reference: given(self.reference.as_ref()),
            text: given(self.text.as_ref()),
            state: given(self.state.as_ref()),
            since,
            limit: self.limit(),
            before: self.before,
        })
    }

    /// Rows of a page.
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(limits::WEB_ROWS).clamp(1, MOST)
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
        let last = last.filter(|_| rows >= self.limit() as usize)?;
        let mut address = format!("{path}?before={last}&limit={}", self.limit());
        let file = self.file.map(|file| file.to_string());
        for (key, value) in [
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
            if let Some(value) = given(value.as_ref()) {
                address.push_str(&["&", key, "=", &escape_query(&value)].concat());
            }
        }
        Some(address)
    }
}
