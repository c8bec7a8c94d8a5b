//! What no field reads: kept as extras and told once.

use std::collections::BTreeSet;

use super::super::assemble::Building;
use super::super::findings::Findings;
use super::super::model::{Profile, Reads, Reference};
use super::super::path::Path;
use super::super::target::Level;
use super::XmlMap;
use crate::formats::Element;
use crate::problem::{Place, Problem};

impl XmlMap<'_> {
    /// Leaves and attributes that no field reads go to the extras.
    pub(super) fn walk(
        &self,
        element: &Element,
        path: &mut String,
        building: &mut Building,
        new: &mut Vec<String>,
    ) {
        for (name, text) in &element.attributes {
            let foreign = name.namespace.ends_with("/XMLSchema-instance");
            let ignored = self
                .mapping
                .profile
                .ignore
                .contains(&format!("@{}", name.local));
            if !foreign && !ignored && !text.trim().is_empty() {
                self.leaf(
                    &joined(path, &format!("@{}", name.local)),
                    text,
                    building,
                    new,
                );
            }
        }
        let text = element.text.trim();
        if !text.is_empty() && !path.is_empty() {
            self.leaf(path, text, building, new);
        }
        let length = path.len();
        for child in &element.children {
            let inner = joined(path, &child.name.local);
            if !self.mapping.profile.ignore.contains(&inner) {
                *path = inner;
                self.walk(child, path, building, new);
                path.truncate(length);
            }
        }
    }

    fn leaf(&self, path: &str, text: &str, building: &mut Building, new: &mut Vec<String>) {
        if self.known.contains(path) {
            return;
        }
        building.extra(path, text);
        if !self.told_extras.contains(path) && new.len() < crate::limits::EXTRAS_PER_ORDER {
            new.push(path.to_owned());
        }
    }

    pub(super) fn tell_extras(
        &self,
        mut new: Vec<String>,
        base: &str,
        findings: &mut Findings<'_>,
    ) {
        if new.is_empty() {
            return;
        }
        let count = new.len();
        new.truncate(crate::limits::NAMES_IN_MESSAGE);
        let more = if count > new.len() { ", …" } else { "" };
        let (code, what) = match self.mapping.profile.reads {
            Reads::Ttm => ("ttm.field-unknown", "Fields"),
            _ => ("xml.element-unknown", "Elements"),
        };
        let what = format!(
            "{what} that are not known are kept as extra fields: {}{more}.",
            new.join(", ")
        );
        findings.problem(Problem::warning(code, what).at(Place::path(base)));
    }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

/// Everything that fields read, as paths of local names from the record.
pub(super) fn known_leaves(profile: &Profile) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    for level in Level::ALL {
        let parents: Vec<String> = bases(profile, level);
        for field in &profile.levels.get(level).fields {
            field.value.references(&mut |reference| {
                let Some(Reference::Path(path)) = profile.references.get(reference) else {
                    return;
                };
                if path.absolute {
                    return;
                }
                let leaf = leaf_of(path);
                for parent in &parents {
                    let mut parent = parent.as_str();
                    for _ in 0..path.up {
                        parent = parent.rsplit_once('/').map_or("", |(above, _)| above);
                    }
                    known.insert(joined(parent, &leaf));
                }
            });
        }
    }
    known
}

fn leaf_of(path: &Path) -> String {
    let steps = path.locals();
    match &path.attribute {
        Some(name) => joined(&steps, &format!("@{}", name.local())),
        None => steps,
    }
}

/// The paths of a level's elements from the record.
fn bases(profile: &Profile, level: Level) -> Vec<String> {
    let above = match level {
        Level::Goods | Level::Equipment => bases(profile, Level::Shipment),
        _ => vec![String::new()],
    };
    let each = &profile.levels.get(level).each;
    if each.is_empty() {
        return above;
    }
    let paths = each.iter().map(Path::locals);
    paths
        .flat_map(|path| above.iter().map(move |base| joined(base, &path)))
        .collect()
}
