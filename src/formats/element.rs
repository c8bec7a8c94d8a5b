//! Elements as records: of XML, and of what is told as if it were (JSON, Track & Trace Mail).

use std::hash::{Hash, Hasher};
use std::ops::Deref;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// An XML name, resolved.
///
/// A document has few names and uses each often: a copy costs a count, and two copies of one name
/// are told to be equal without looking at their letters.
#[derive(Debug, Clone, Default)]
pub struct XmlName(Option<Rc<NameParts>>);

/// What a name is made of.
#[derive(Debug, PartialEq, Eq)]
pub struct NameParts {
    /// The namespace URI; empty without one.
    pub namespace: Arc<str>,
    /// The local name.
    pub local: String,
}

/// The name of nothing.
static NAMELESS: LazyLock<NameParts> = LazyLock::new(|| NameParts {
    namespace: Arc::from(""),
    local: String::new(),
});

impl XmlName {
    /// The name `local` in `namespace`, which is empty for none.
    #[must_use]
    pub fn new(namespace: Arc<str>, local: &str) -> Self {
        let local = local.to_owned();
        Self(Some(Rc::new(NameParts { namespace, local })))
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
        std::ptr::eq(&raw const **self, &raw const **other) || **self == **other
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
