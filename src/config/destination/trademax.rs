//! `[[destination]]` of `kind = "trademax"`.

use std::collections::BTreeMap;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use crate::partners::trademax::Instead;
use crate::secret::SecretRef;

/// `kind = "trademax"`.
#[derive(Debug, Clone)]
pub struct TrademaxConfig {
    /// Where it is.
    pub link: LinkConfig,
    /// The public key.
    pub api_key: String,
    /// What requests are signed with.
    pub secret: SecretRef,
    /// Whether parameters travel as a form (default: as JSON).
    pub form: bool,
    /// The base that is signed, where it is another than `url`.
    pub signed_url: Option<String>,
    /// Whether dispatches go to the vendors' interface.
    pub vendor: bool,
    /// Length of the transaction ids that we make (default 32).
    pub transaction_chars: usize,
    /// What orders become in place of dispatches and receipts.
    pub instead: Option<Instead>,
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
}

pub(super) fn read(section: &Section<'_, '_>) -> TrademaxConfig {
    let encodings = [("json", false), ("form", true)];
    let dispatches = [("warehouse", false), ("vendor", true)];
    let instead = [
        ("stock-level", Instead::StockLevel),
        ("stock-change", Instead::StockChange),
        ("packages", Instead::Packages),
        ("lock", Instead::Lock),
        ("release", Instead::Release),
    ];
    TrademaxConfig {
        link: link::read(section),
        api_key: section.need("api_key").unwrap_or_default(),
        secret: needed(section, "secret"),
        form: section.word("encoding", &encodings).unwrap_or(false),
        signed_url: section.get("signed_url"),
        vendor: section.word("dispatches", &dispatches).unwrap_or(false),
        transaction_chars: section.within("transaction_chars", 32, 12..=51, "from 12 to 51"),
        instead: section.word("instead", &instead),
        fields: link::texts(section, "fields"),
    }
}
