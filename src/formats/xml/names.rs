//! The names of a document, each held once.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use crate::formats::XmlName;
use crate::limits;

/// Names seen so far, so that a name costs a count and not a copy. What goes beyond any document's
/// use is copied: neither a search nor the table may grow with a hostile file.
#[derive(Debug, Default)]
pub(super) struct Names {
    spaces: Vec<Space>,
    /// The namespace used last, which most often is the next one.
    last: usize,
    count: usize,
}

/// The names of one namespace.
#[derive(Debug)]
struct Space {
    uri: Arc<str>,
    locals: HashSet<Local, BuildHasherDefault<Letters>>,
}

/// A name that is found by its local part.
#[derive(Debug, PartialEq, Eq)]
struct Local(XmlName);

impl Borrow<str> for Local {
    fn borrow(&self) -> &str {
        &self.0.local
    }
}

impl Hash for Local {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.local.hash(state);
    }
}

/// A hash for names: every tag asks for one. Whoever makes up names that collide makes reading their own
/// file slow, [`limits::XML_NAMES`] comparisons a tag at most.
#[derive(Default)]
struct Letters(u64);

impl Hasher for Letters {
    fn write(&mut self, bytes: &[u8]) {
        for eight in bytes.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(eight) {
                *to = *from;
            }
            // The multiplier of Fibonacci hashing: 2 to the 64th by the golden ratio.
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word))
                .wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    fn write_u8(&mut self, _: u8) {
        // What ends a text tells pairs of texts apart; there is only one.
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

impl Names {
    /// The shared form of a name.
    pub(super) fn shared(&mut self, uri: &str, local: &str) -> XmlName {
        let room = self.count < limits::XML_NAMES && local.len() <= limits::XML_NAME_BYTES;
        let Some(space) = self.space(uri) else {
            return XmlName::new(Arc::from(uri), local);
        };
        if let Some(Local(known)) = space.locals.get(local) {
            return known.clone();
        }
        let fresh = XmlName::new(Arc::clone(&space.uri), local);
        if room {
            space.locals.insert(Local(fresh.clone()));
            self.count += 1;
        }
        fresh
    }

    fn space(&mut self, uri: &str) -> Option<&mut Space> {
        let same = |space: &Space| &*space.uri == uri;
        if !self.spaces.get(self.last).is_some_and(same) {
            self.last = match self.spaces.iter().position(same) {
                Some(at) => at,
                None if self.spaces.len() >= limits::XML_NAMESPACES => return None,
                None => {
                    self.spaces.push(Space {
                        uri: Arc::from(uri),
                        locals: HashSet::default(),
                    });
                    self.spaces.len() - 1
                }
            };
        }
        self.spaces.get_mut(self.last)
    }
}
