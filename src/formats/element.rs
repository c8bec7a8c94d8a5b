//! Elements as records: of XML, and of what is told as if it were (JSON, Track & Trace Mail).

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};

/// An XML name, resolved.
///
/// A document has few names and uses each often: a copy costs a count, and two copies of one name
/// are told to be equal without looking at their letters.
#[derive(Debug, Clone, Default)]
pub struct XmlName(Option<Rc<NameParts>>);

/// What a name is made of.
#[derive(Debug)]
pub struct NameParts {
    /// The namespace URI; empty without one.
    pub namespace: Arc<str>,
    /// The local name.
    pub local: String,
    /// Which [`XmlName::is_within`] was asked last and answered yes; 0 for none.
    within: AtomicU32,
}

/// The name of nothing.
static NAMELESS: LazyLock<NameParts> = LazyLock::new(|| NameParts {
    namespace: Arc::from(""),
    local: String::new(),
    within: AtomicU32::new(0),
});

impl XmlName {
    /// The name `local` in `namespace`, which is empty for none.
    #[must_use]
    pub fn new(namespace: Arc<str>, local: &str) -> Self {
        Self(Some(Rc::new(NameParts {
            namespace,
            local: local.to_owned(),
            within: AtomicU32::new(0),
        })))
    }

    /// Whether `fits` takes its namespace. `which` is the number of that question, not 0 and never
    /// another's: a name that comes again is not looked at again.
    #[inline]
    pub(crate) fn is_within(&self, which: u32, fits: impl FnOnce(&str) -> bool) -> bool {
        if self.within.load(Ordering::Relaxed) == which {
            return true;
        }
        let found = fits(&self.namespace);
        if found {
            self.within.store(which, Ordering::Relaxed);
        }
        found
    }

    /// The name `local` in no namespace.
    #[must_use]
    pub fn bare(local: &str) -> Self {
        Self::new(Arc::clone(&NAMELESS.namespace), local)
    }
}

impl Deref for XmlName {
    type Target = NameParts;

    fn deref(&self) -> &NameParts {
        match &self.0 {
            Some(parts) => parts,
            None => &NAMELESS,
        }
    }
}

impl PartialEq for XmlName {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(&raw const **self, &raw const **other)
            || (self.local == other.local && self.namespace == other.namespace)
    }
}

impl Eq for XmlName {}

impl Hash for XmlName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.namespace.hash(state);
        self.local.hash(state);
    }
}

/// One element with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Element {
    /// Its name.
    pub name: XmlName,
    /// Attributes in file order, namespace declarations left out.
    pub attributes: Vec<(XmlName, String)>,
    /// Its own text, entities resolved, CDATA included, outer white space trimmed.
    pub text: String,
    /// Child elements in file order.
    pub children: Vec<Element>,
    /// The line it starts on, from 1.
    pub line: u64,
}
