//! The names of a document, each held once.

use std::sync::Arc;

use crate::formats::XmlName;
use crate::limits;

/// Names seen lately, so that a name costs a count and not a copy.
///
/// A name has one slot, by its letters, and takes it from the name that had it: there is no search
/// and nothing grows, whatever a hostile file is full of.
#[derive(Debug)]
pub(super) struct Names {
    slots: Vec<XmlName>,
    /// Namespaces beyond what any document uses are copied: the search must stay short.
    spaces: Vec<Arc<str>>,
}

impl Names {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![XmlName::default(); limits::XML_NAMES],
            spaces: Vec::new(),
        }
    }

    /// The shared form of a name.
    pub(super) fn shared(&mut self, uri: &str, local: &str) -> XmlName {
        let at = slot(uri, local);
        if let Some(known) = self.slots.get(at)
            && known.local == local
            && &*known.namespace == uri
        {
            return known.clone();
        }
        let fresh = XmlName::new(self.space(uri), local);
        if let Some(slot) = self.slots.get_mut(at)
            && local.len() <= limits::XML_NAME_BYTES
        {
            *slot = fresh.clone();
        }
        fresh
    }

    fn space(&mut self, uri: &str) -> Arc<str> {
        if let Some(known) = self.spaces.iter().find(|known| &***known == uri) {
            return Arc::clone(known);
        }
        let fresh: Arc<str> = Arc::from(uri);
        if self.spaces.len() < limits::XML_NAMESPACES {
            self.spaces.push(Arc::clone(&fresh));
        }
        fresh
    }
}

/// Which slot a name has.
fn slot(uri: &str, local: &str) -> usize {
    // The multiplier of Fibonacci hashing: 2 to the 64th by the golden ratio.
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut sum = uri.len() as u64;
    for eight in local.as_bytes().chunks(8) {
        let mut word = [0; 8];
        for (to, from) in word.iter_mut().zip(eight) {
            *to = *from;
        }
        sum = (sum.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(GOLDEN);
    }
    let most = limits::XML_NAMES as u64;
    usize::try_from((sum >> 32) % most).unwrap_or(0)
}
