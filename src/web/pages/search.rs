//! What the lists are asked for, from the address of a page, and the address of the next page.

use serde::{Deserialize, Serialize};

use crate::ledger::Filter;
use crate::limits;
use crate::web::view::escape_query;

/// The fields above a list. Empty ones ask for nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Search {
    /// Any word: a file's name, an order's number, party or postcode.
    pub(super) q: String,
    /// A state, stage or verdict word.
    pub(super) state: String,
    /// A source's name.
    pub(super) source: String,
    /// A sender's name.
    pub(super) sender: String,
    /// A destination's name.
    pub(super) destination: String,
    /// Not older than this day (`YYYY-MM-DD`, UTC).
    pub(super) since: String,
    /// The cursor.
    pub(super) before: Option<i64>,
}

fn given(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

impl Search {
    /// As the ledger is asked; what `q` means is the list's to say.
    pub(super) fn filter(&self) -> Filter {
        Filter {
            state: given(&self.state),
            source: given(&self.source),
            sender: given(&self.sender),
            destination: given(&self.destination),
            since: crate::clock::since(self.since.trim()),
            before: self.before,
            limit: limits::WEB_ROWS,
            ..Filter::default()
        }
    }

    /// `q` for the files' list.
    pub(super) fn words(&self) -> Option<String> {
        given(&self.q)
    }

    /// The address of the page that begins behind the row `last`.
    pub(super) fn next(&self, page: &str, last: i64) -> String {
        let fields = [
            ("q", &self.q),
            ("state", &self.state),
            ("source", &self.source),
            ("sender", &self.sender),
            ("destination", &self.destination),
            ("since", &self.since),
        ];
        let mut address = format!("{page}?before={last}");
        for (key, value) in fields {
            if let Some(value) = given(value) {
                address.push_str(&["&", key, "=", &escape_query(&value)].concat());
            }
        }
        address
    }
}
