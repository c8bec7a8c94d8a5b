//! One element as a record: its cells, its place.

use super::super::RowSpan;
use super::super::assemble::{Locate, Record, Spot, first_reference};
use super::super::eval::Scope;
use super::super::model::{Profile, Reads, Reference};
use super::super::target::Level;
use super::outside::Outside;
use crate::formats::{Cell, Element};
use crate::order::Origin;
use crate::problem::Place;

/// One element as a record.
pub(super) struct ElementRecord<'s> {
    pub(super) profile: &'s Profile,
    pub(super) outside: &'s Outside,
    pub(super) chain: &'s [&'s Element],
    pub(super) base: &'s str,
    pub(super) ordinal: u64,
}

impl Scope for ElementRecord<'_> {
    fn cell(&self, reference: usize) -> Option<Cell<'_>> {
        if let Some(Some(_)) = self.outside.paths.get(reference) {
            let value = self.outside.values.get(reference)?;
            return Some(Cell::text(value.as_deref().unwrap_or("")));
        }
        let Some(Reference::Path(path)) = self.profile.references.get(reference) else {
            return None;
        };
        Some(Cell::text(
            path.text(self.chain).map_or("", |(text, _)| text),
        ))
    }
}

impl Record for ElementRecord<'_> {
    fn place(&self, reference: Option<usize>) -> Place {
        let path = reference.and_then(|reference| match self.profile.references.get(reference) {
            Some(Reference::Path(path)) => Some(path),
            _ => None,
        });
        let json = self.profile.heading.reads == Reads::Json;
        let mut place = Place::path(spot_path(self.base, self.chain, json));
        let here = self.chain.last().map(|element| element.line);
        place.line = path
            .and_then(|path| path.text(self.chain))
            .map(|(_, found)| found.line)
            .or(here);
        place.line = place.line.filter(|line| *line > 0);
        if let (Some(path), Some(own)) = (path, place.path.as_mut()) {
            if path.absolute {
                own.clone_from(&path.text);
            } else if path.text != "." {
                own.push(if json { '.' } else { '/' });
                own.push_str(&path.text);
            }
        }
        place
    }

    fn spot(&self) -> Spot {
        Spot {
            row: 0,
            line: self.chain.last().map_or(0, |element| element.line),
            path: Some(spot_path(
                self.base,
                self.chain,
                self.profile.heading.reads == Reads::Json,
            )),
        }
    }

    fn ordinal(&self) -> u64 {
        self.ordinal
    }
}

/// Turns kept spots into places.
pub(super) struct Places<'a>(pub(super) &'a Profile);

impl Locate for Places<'_> {
    fn locate(&self, spot: &Spot, level: Level, name: &str) -> Place {
        let mut place = Place::path(spot.path.clone().unwrap_or_default());
        place.line = Some(spot.line).filter(|line| *line > 0);
        let mut fields = self
            .0
            .levels
            .get(level)
            .fields
            .iter()
            .filter(|field| field.name == name);
        let reference = fields.next().and_then(first_reference);
        let path = reference.and_then(|reference| match self.0.references.get(reference) {
            Some(Reference::Path(path)) if !path.absolute => Some(path),
            _ => None,
        });
        if let (Some(path), Some(own)) = (path, place.path.as_mut()) {
            own.push(if self.0.heading.reads == Reads::Json {
                '.'
            } else {
                '/'
            });
            own.push_str(&path.text);
        }
        place
    }

    fn origin(&self, _: &[RowSpan], spot: &Spot) -> Origin {
        Origin {
            path: spot.path.clone(),
            ..Origin::default()
        }
    }
}

/// The path of the last element of `chain`, with places where there are several of a name: counted
/// from 1 in xml, from 0 in json.
pub(super) fn spot_path(base: &str, chain: &[&Element], json: bool) -> String {
    let mut path = base.to_owned();
    for pair in chain.windows(2) {
        let [parent, child] = pair else { continue };
        path.push(if json { '.' } else { '/' });
        path.push_str(&child.name.local);
        let mut same = parent
            .children
            .iter()
            .filter(|other| other.name == child.name);
        if same.clone().count() > 1
            && let Some(at) = same.position(|other| std::ptr::eq(other, *child))
        {
            path.extend(["[", &(at + usize::from(!json)).to_string(), "]"]);
        }
    }
    path
}
