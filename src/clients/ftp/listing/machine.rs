//! RFC 3659, 7: `Type=file;Size=431;Modify=20130303210732; HEADER.html`, in MLSD and MLST.

use crate::clients::{Item, ItemKind};

use super::{Line, dates};

/// Reads a line of an answer to MLSD, or the middle one of an answer to MLST.
#[must_use]
pub fn machine(line: &[u8]) -> Line {
    if line.is_empty() {
        return Line::Nothing;
    }
    // The first blank ends the facts, and everything after it is the name (7.2).
    let Some(blank) = line.iter().position(|byte| *byte == b' ') else {
        return Line::Unknown;
    };
    let (facts, name) = (&line[..blank], &line[blank + 1..]);
    if name.is_empty() {
        return Line::Unknown;
    }
    match read(facts, name) {
        Some(Some(item)) => Line::Item(item),
        Some(None) => Line::Nothing,
        None => Line::Unknown,
    }
}

/// The item; inside it `None` for the folder itself and the one above.
#[expect(clippy::option_option, reason = "not understood, nothing, or an item")]
fn read(facts: &[u8], name: &[u8]) -> Option<Option<Item>> {
    let mut item = Item {
        name: name.to_vec(),
        kind: ItemKind::Other,
        size: None,
        modified: None,
    };
    if facts.is_empty() {
        return Some(Some(item));
    }
    // Every fact ends with a semicolon.
    let facts = facts.strip_suffix(b";")?;
    for fact in facts.split(|byte| *byte == b';') {
        let equals = fact.iter().position(|byte| *byte == b'=')?;
        let (key, value) = (&fact[..equals], &fact[equals + 1..]);
        match key.to_ascii_lowercase().as_slice() {
            b"type" => match value.to_ascii_lowercase().as_slice() {
                b"file" => item.kind = ItemKind::File,
                b"dir" => item.kind = ItemKind::Folder,
                b"cdir" | b"pdir" => return Some(None),
                // `OS.unix=slink:…` and whatever else there is.
                _ => item.kind = ItemKind::Other,
            },
            b"size" if !value.is_empty() => {
                item.size = Some(std::str::from_utf8(value).ok()?.parse().ok()?);
            }
            b"modify" if !value.is_empty() => item.modified = Some(dates::stamp(value)?),
            _ => {}
        }
    }
    Some(Some(item))
}
