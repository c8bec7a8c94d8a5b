//! What partners say has happened, within bounds: no text of theirs is longer than a person reads,
//! and none holds what could disguise itself.

use serde_json::Value;

use super::answer::plain;
use super::words;
use crate::limits;
use crate::partners::tracker::Sighting;

/// A short text or number; `None` for anything else and for nothing.
pub(in crate::partners) fn word(value: &Value) -> Option<String> {
    let text = words::start(plain(value)?.as_bytes(), limits::SIGHTING_WORD);
    (!text.is_empty()).then_some(text)
}

/// `sighting` within bounds; `None` where it says nothing.
pub(in crate::partners) fn bounded(sighting: Sighting) -> Option<Sighting> {
    let short = |text: String, chars| words::start(text.as_bytes(), chars);
    let code = short(sighting.code, limits::SIGHTING_WORD);
    let text = short(sighting.text, limits::SIGHTING_TEXT);
    let told = |text: Option<String>| {
        let text = text.map(|text| short(text, limits::SIGHTING_WORD));
        text.filter(|text| !text.is_empty())
    };
    (!code.is_empty() || !text.is_empty()).then(|| Sighting {
        // A longer one is no id: cut off it could be that of another event.
        id: sighting.id.filter(|id| super::answer::is_id(id)),
        end: sighting.end,
        place: told(sighting.place),
        at: told(sighting.at),
        code,
        text,
    })
}
