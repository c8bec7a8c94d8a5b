//! XML: which profile reads a document, by its root; envelopes, by what is in them.
//!
//! Access points of Peppol write documents out as they came, in the header of UN/CEFACT (SBDH 1.3), and
//! some systems in a SOAP body: the document inside is read as if it stood alone, its places with the
//! whole way to it.

use super::super::recognise;
use super::super::unknown;
use super::super::xml::XmlMap;
use super::{Mapper, Stage};
use crate::formats::{Interest, XmlName};
use crate::problem::Place;

impl Mapper<'_> {
    /// Whether JSON with these keys is read by a profile. What has none of the keys of an order of
    /// ours, and no profile, is refused with the keys that it has.
    pub(super) fn open_json(&mut self, paths: &[String]) -> bool {
        let choice = recognise::json(self.profiles, self.options, paths);
        let map = choice.and_then(|choice| {
            self.choose(choice);
            XmlMap::new(self.mapping(choice.profile))
        });
        if let Some(map) = map {
            self.stage = Stage::Xml(Box::new(map));
            return true;
        }
        if !crate::formats::is_canonical(paths) {
            self.findings
                .refuse(unknown::unknown_json(self.profiles, paths));
            self.findings.stop();
        }
        false
    }

    pub(super) fn open_root(&mut self, root: &XmlName) -> Interest {
        let choice = self
            .format
            .and_then(|format| recognise::root(self.profiles, self.options, root, format));
        if wraps(root) {
            let map = choice.and_then(|choice| {
                let map = XmlMap::new(self.mapping(choice.profile))?;
                Some((choice, Box::new(map)))
            });
            self.stage = Stage::Wrapped(map);
            return Interest::Descend;
        }
        let map = choice.and_then(|choice| {
            self.choose(choice);
            XmlMap::new(self.mapping(choice.profile))
        });
        if let Some(map) = map {
            self.stage = Stage::Xml(Box::new(map));
            return Interest::Descend;
        }
        if root.local == "cXML" {
            self.stage = Stage::Envelope;
            return Interest::Descend;
        }
        self.findings
            .refuse(unknown::unknown_root(self.profiles, root));
        self.findings.stop();
        Interest::Stop
    }

    /// Where the document in an envelope starts, this decides what reads it: a profile that is for it, else
    /// the one that is for the envelope.
    pub(super) fn unwrap(&mut self, path: &[XmlName]) {
        let Some(content) = path.last().filter(|_| !is_around(path)) else {
            return;
        };
        // A profile that somebody made for the envelope knows better than one of ours for its content.
        let made = matches!(&self.stage, Stage::Wrapped(Some((choice, _))) if !choice.profile.heading.built_in);
        let choice = self
            .format
            .filter(|_| !made)
            .and_then(|format| recognise::root(self.profiles, self.options, content, format));
        let own =
            choice.and_then(|choice| Some((choice, XmlMap::new(self.mapping(choice.profile))?)));
        let stage = std::mem::replace(&mut self.stage, Stage::Idle);
        if let Some((choice, map)) = own {
            self.around = path.len() - 1;
            self.choose(choice);
            self.stage = Stage::Xml(Box::new(map));
        } else if let Stage::Wrapped(Some((choice, map))) = stage {
            self.choose(choice);
            self.stage = Stage::Xml(map);
        } else if let ([root, ..], true) = (path, path.len() > 2) {
            self.findings
                .refuse(unknown::unknown_root(self.profiles, root));
            self.findings.stop();
        } else {
            self.refuse_content(path);
        }
    }

    /// A document in an envelope that the profile does not read.
    pub(super) fn refuse_content(&mut self, path: &[XmlName]) -> Interest {
        let names: Vec<&str> = path.iter().map(|name| &*name.local).collect();
        let place = Place::path(format!("/{}", names.join("/")));
        self.findings.refuse(unknown::unknown_content(path, place));
        self.findings.stop();
        Interest::Stop
    }

    /// What a cXML envelope holds stands two elements deep.
    pub(super) fn open_envelope(&mut self, path: &[XmlName]) -> Interest {
        let [root, kind, content] = path else {
            let wanted = path.last().is_some_and(|name| {
                matches!(name.local.as_str(), "Request" | "Message" | "Response")
            });
            return if wanted {
                Interest::Descend
            } else {
                Interest::Skip
            };
        };
        let place = Place::path(format!("/{}/{}/{}", root.local, kind.local, content.local));
        let problem = if content.local == "OrderRequest" {
            unknown::no_profile("a cXML order (OrderRequest)", place)
        } else {
            unknown::not_order(&format!("a cXML {}", content.local), place)
        };
        self.findings.refuse(problem);
        self.findings.stop();
        Interest::Stop
    }
}

/// Whether this element only carries a document: an SBDH envelope, or SOAP 1.1 or 1.2.
fn wraps(root: &XmlName) -> bool {
    match root.local.as_str() {
        "StandardBusinessDocument" => root.namespace.contains("StandardBusinessDocumentHeader"),
        "Envelope" => is_soap(root),
        _ => false,
    }
}

fn is_soap(name: &XmlName) -> bool {
    [
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
    ]
    .contains(&&*name.namespace)
}

/// Whether the innermost of these elements is still part of the envelope: its root, its header and all in
/// it, the body of SOAP.
pub(super) fn is_around(path: &[XmlName]) -> bool {
    match path {
        [_] => true,
        [root, below, rest @ ..] if is_soap(root) => {
            is_soap(below) && (below.local != "Body" || rest.is_empty())
        }
        [_, below, ..] => below.local == "StandardBusinessDocumentHeader",
        [] => false,
    }
}
