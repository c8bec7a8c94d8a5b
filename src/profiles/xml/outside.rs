//! What stands outside the records and is referred to: kept as it passes.

use super::super::model::{Profile, Reference};
use super::super::path::Path;
use super::super::target::Level;
use crate::formats::XmlName;

/// Values from outside the records, by reference.
pub(super) struct Outside {
    /// For each reference its names from the root, where it points outside.
    pub(super) paths: Vec<Option<(Vec<String>, Option<String>)>>,
    pub(super) values: Vec<Option<String>>,
}

impl Outside {
    pub(super) fn new(profile: &Profile, record: &Path) -> Self {
        let root: Vec<String> = record
            .steps
            .iter()
            .map(|step| step.local().to_owned())
            .collect();
        let paths: Vec<_> = profile
            .references
            .iter()
            .map(|reference| match reference {
                Reference::Path(path) if path.absolute => Some(outside(Vec::new(), path)),
                Reference::Path(path) if path.up > 0 && only_head(profile, path) => {
                    let above = root.len().checked_sub(path.up)?;
                    Some(outside(root.get(..above)?.to_vec(), path))
                }
                _ => None,
            })
            .collect();
        Self {
            values: vec![None; paths.len()],
            paths,
        }
    }

    /// What an element's start and attributes say; a new element forgets what the one before held.
    pub(super) fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) {
        for (wanted, value) in self.paths.iter().zip(&mut self.values) {
            let Some((steps, attribute)) = wanted else {
                continue;
            };
            if !starts_with(steps, path) {
                continue;
            }
            *value = None;
            if let (true, Some(name)) = (steps.len() == path.len(), attribute) {
                let mut found = attributes.iter().filter(|(found, _)| found.local == *name);
                *value = found.next().map(|(_, text)| text.trim().to_owned());
            }
        }
    }

    pub(super) fn text(&mut self, path: &[XmlName], text: &str) {
        for (wanted, value) in self.paths.iter().zip(&mut self.values) {
            if let Some((steps, None)) = wanted
                && steps.len() == path.len()
                && starts_with(steps, path)
            {
                *value = Some(text.trim().to_owned());
            }
        }
    }

    /// Whether something that is wanted lies at or below `path`.
    pub(super) fn wants(&self, path: &[XmlName]) -> bool {
        self.paths
            .iter()
            .flatten()
            .any(|(steps, _)| starts_with(steps, path))
    }
}

fn outside(mut steps: Vec<String>, path: &Path) -> (Vec<String>, Option<String>) {
    steps.extend(path.steps.iter().map(|step| step.local().to_owned()));
    (
        steps,
        path.attribute.as_ref().map(|name| name.local().to_owned()),
    )
}

/// Whether `..` in this path leaves the record: the head's own paths do, those of lines only climb.
fn only_head(profile: &Profile, wanted: &Path) -> bool {
    let mut head = false;
    for field in &profile.levels.get(Level::Order).fields {
        field.value.references(&mut |reference| {
            head |= matches!(profile.references.get(reference), Some(Reference::Path(path)) if path == wanted);
        });
    }
    head
}

fn starts_with(steps: &[String], path: &[XmlName]) -> bool {
    path.len() <= steps.len()
        && path
            .iter()
            .zip(steps)
            .all(|(name, step)| step == "*" || *step == name.local)
}
