//! What no field reads: kept as extras and told once.

use std::collections::HashSet;

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
        let (length, ignore) = (path.len(), &self.mapping.profile.ignore);
        for (name, text) in &element.attributes {
            let at = descend(path, "@");
            path.push_str(&name.local);
            let foreign = name.namespace.ends_with("/XMLSchema-instance");
            let ignored = path.get(at..).is_some_and(|name| ignore.contains(name));
            if !foreign && !ignored && !text.trim().is_empty() {
                self.leaf(path, text, building, new);
            }
            path.truncate(length);
        }
        let text = element.text.trim();
        if !text.is_empty() && !path.is_empty() {
            self.leaf(path, text, building, new);
        }
        for child in &element.children {
            descend(path, &child.name.local);
            if !ignore.contains(path) {
                self.walk(child, path, building, new);
            }
            path.truncate(length);
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
        let (code, what) = match self.mapping.profile.heading.reads {
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

/// Adds `name` to `path`, and answers where it starts.
fn descend(path: &mut String, name: &str) -> usize {
    if !path.is_empty() {
        path.push('/');
    }
    let at = path.len();
    path.push_str(name);
    at
}

fn joined(path: &str, name: &str) -> String {
    let mut path = path.to_owned();
    descend(&mut path, name);
    path
}

/// Everything that fields read, as paths of local names from the record.
pub(super) fn known_leaves(profile: &Profile) -> HashSet<String> {
    let mut known = HashSet::new();
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
