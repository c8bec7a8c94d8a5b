//! The keys that a JSON text begins with: enough to tell whose it is, before anything is read.

use std::collections::BTreeSet;

use crate::limits;

/// The keys of orders and status updates of ours, of which any one tells that they are meant.
const OURS: [&str; 8] = [
    "reference",
    "kind",
    "lines",
    "shipments",
    "parties",
    "order",
    "shipment",
    "tracking",
];

/// Whether keys of these paths are those of canonical orders: at the top, or in an envelope.
pub(in crate::formats) fn is_canonical(paths: &[String]) -> bool {
    let ours = |path: &str| OURS.contains(&path);
    let order = |path: &&String| {
        let inner = path
            .strip_prefix("orders.")
            .or(path.strip_prefix("status_updates."));
        ours(path) || inner.is_some_and(ours)
    };
    let foreign = |path: &&String| !path.contains('.') && !ours(path);
    let envelope = ["orders", "status_updates"];
    if paths
        .iter()
        .any(|path| path == "reference" || path == "orders.reference")
    {
        return true;
    }
    // An empty envelope is ours; one with other things in it is not.
    paths.iter().filter(order).count() > 0
        || paths
            .iter()
            .filter(foreign)
            .all(|path| envelope.contains(&path.as_str()))
            && !paths.iter().any(|path| path.starts_with("orders."))
}

/// The paths of the keys in `text`, which may end anywhere: dots between keys, lists left out.
pub(super) fn paths(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut known = BTreeSet::new();
    // For each open bracket the path that it adds; lists add nothing.
    let mut open: Vec<(bool, usize)> = Vec::new();
    let mut path = String::new();
    let mut wants_key = false;
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' => {
                open.push((true, path.len()));
                wants_key = true;
            }
            b'[' => {
                open.push((false, path.len()));
                wants_key = false;
            }
            b'}' | b']' => {
                if let Some((_, length)) = open.pop() {
                    path.truncate(length);
                }
                wants_key = false;
            }
            b',' => {
                if let Some((object, length)) = open.last() {
                    path.truncate(*length);
                    wants_key = *object;
                }
            }
            b'"' => {
                let Some(end) = string_end(bytes, at) else {
                    break;
                };
                let string = text.get(at..end).unwrap_or_default();
                at = end + 1;
                if !std::mem::take(&mut wants_key) {
                    continue;
                }
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(string);
                if known.insert(path.clone()) {
                    found.push(path.clone());
                }
                if found.len() >= limits::JSON_PATHS {
                    break;
                }
            }
            _ => {}
        }
    }
    found
}

fn string_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'"') {
            return Some(found);
        }
        at = found + 2;
    }
}
