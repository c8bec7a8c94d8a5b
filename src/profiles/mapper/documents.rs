//! XML: which profile reads a document, by its root; envelopes, by what is in them.

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
