//! Elements → orders: one document under one profile.
//!
//! Each record element is one order, held only while it is mapped. What stands outside the records
//! and is referred to, is kept as it passes: it must come before the orders that need it.

use std::collections::BTreeSet;

use super::RowSpan;
use super::assemble::{Building, Locate, Mapping, Record, Spot, first_reference};
use super::eval::Scope;
use super::findings::Findings;
use super::model::{Field, Profile, Reference};
use super::path::Path;
use super::target::Level;
use crate::formats::{Cell, Element, Interest, XmlName};
use crate::order::Origin;
use crate::problem::{Place, Problem};

/// A document that is being mapped.
pub(crate) struct XmlMap<'a> {
    mapping: Mapping<'a>,
    record: &'a Path,
    outside: Outside,
    known: BTreeSet<String>,
    told_extras: BTreeSet<String>,
    /// How many records the present parent has had.
    nth: u64,
    orders: u64,
}

/// Values from outside the records, by reference.
struct Outside {
    /// For each reference its names from the root, where it points outside.
    paths: Vec<Option<(Vec<String>, Option<String>)>>,
    values: Vec<Option<String>>,
}

/// One element as a record.
struct ElementRecord<'s> {
    profile: &'s Profile,
    outside: &'s Outside,
    chain: &'s [&'s Element],
    base: &'s str,
    ordinal: u64,
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
        let mut place = Place::path(spot_path(self.base, self.chain));
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
                own.push('/');
                own.push_str(&path.text);
            }
        }
        place
    }

    fn spot(&self) -> Spot {
        Spot {
            row: 0,
            line: self.chain.last().map_or(0, |element| element.line),
            path: Some(spot_path(self.base, self.chain)),
        }
    }

    fn ordinal(&self) -> u64 {
        self.ordinal
    }
}

/// The path of the last element of `chain`, with places where there are several of a name.
fn spot_path(base: &str, chain: &[&Element]) -> String {
    let mut path = base.to_owned();
    for pair in chain.windows(2) {
        let [parent, child] = pair else { continue };
        path.push('/');
        path.push_str(&child.name.local);
        let mut same = parent
            .children
            .iter()
            .filter(|other| other.name == child.name);
        if same.clone().count() > 1
            && let Some(at) = same.position(|other| std::ptr::eq(other, *child))
        {
            path.extend(["[", &(at + 1).to_string(), "]"]);
        }
    }
    path
}

/// Turns kept spots into places.
struct Places<'a>(&'a Profile);

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
            own.push('/');
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

impl<'a> XmlMap<'a> {
    /// Starts a document; `None` for a profile that is not for xml.
    pub(crate) fn new(mapping: Mapping<'a>) -> Option<Self> {
        let record = mapping.profile.record.as_ref()?;
        let outside = Outside::new(mapping.profile, record);
        Some(Self {
            known: known_leaves(mapping.profile),
            told_extras: BTreeSet::new(),
            mapping,
            record,
            outside,
            nth: 0,
            orders: 0,
        })
    }

    /// An element starts.
    pub(crate) fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        self.outside.open(path, attributes);
        let steps = &self.record.steps;
        let on_the_way = path
            .iter()
            .zip(steps)
            .all(|(name, step)| step.fits_name(name));
        if on_the_way && path.len() == steps.len() {
            self.nth += 1;
            return Interest::Record;
        }
        if on_the_way && path.len() < steps.len() {
            self.nth = 0;
            return Interest::Descend;
        }
        if self.outside.wants(path) {
            Interest::Descend
        } else {
            Interest::Skip
        }
    }

    /// Text outside the records.
    pub(crate) fn text(&mut self, path: &[XmlName], text: &str) {
        self.outside.text(path, text);
    }

    /// A record.
    pub(crate) fn element(
        &mut self,
        path: &[XmlName],
        element: &Element,
        findings: &mut Findings<'_>,
    ) {
        self.orders += 1;
        let mut base = String::new();
        for name in path {
            base.push('/');
            base.push_str(&name.local);
        }
        if path.len() > 1 {
            base.extend(["[", &self.nth.to_string(), "]"]);
        }
        let chain = [element];
        let record = self.at(&chain, &base);
        let mut building = Building::new(&self.mapping, record.spot());
        let order = &self.mapping.profile.levels.get(Level::Order).fields;
        building.fill(order.iter(), &record, &self.mapping, findings);
        self.shipments(&chain, &base, &mut building, findings);
        self.parts(Level::Line, &chain, &base, &mut building, findings);
        self.parts(Level::Status, &chain, &base, &mut building, findings);
        let mut leftovers = Vec::new();
        self.walk(element, &mut String::new(), &mut building, &mut leftovers);
        let mut bytes = Vec::new();
        source(element, &mut bytes);
        building.hash(&bytes);
        building.finish(
            order.iter(),
            &record,
            &Places(self.mapping.profile),
            &self.mapping,
            findings,
        );
        let new = |path: &String| {
            self.told_extras.len() < crate::limits::EXTRAS_PER_ORDER
                && self.told_extras.insert(path.clone())
        };
        leftovers.retain(new);
        Self::tell_extras(leftovers, &base, findings);
    }

    fn at<'s>(&'s self, chain: &'s [&'s Element], base: &'s str) -> ElementRecord<'s> {
        ElementRecord {
            profile: self.mapping.profile,
            outside: &self.outside,
            chain,
            base,
            ordinal: self.orders,
        }
    }

    /// Shipments and what is in them. A profile whose shipments have no element of their own has
    /// one an order, if the order says anything about it.
    fn shipments(
        &self,
        chain: &[&Element],
        base: &str,
        building: &mut Building,
        findings: &mut Findings<'_>,
    ) {
        let level = self.mapping.profile.levels.get(Level::Shipment);
        let own = [chain.to_vec()];
        let found = if level.each.is_empty() {
            own.to_vec()
        } else {
            self.found(Level::Shipment, chain)
        };
        for chain in &found {
            let record = self.at(chain, base);
            let speaks = !level.each.is_empty() || Self::says_something(&level.fields, &record);
            if speaks && building.begin(Level::Shipment, record.spot(), findings) {
                building.fill(level.fields.iter(), &record, &self.mapping, findings);
            }
            self.parts(Level::Goods, chain, base, building, findings);
            self.parts(Level::Equipment, chain, base, building, findings);
        }
    }

    fn parts(
        &self,
        level: Level,
        chain: &[&Element],
        base: &str,
        building: &mut Building,
        findings: &mut Findings<'_>,
    ) {
        for chain in self.found(level, chain) {
            let record = self.at(&chain, base);
            let fields = &self.mapping.profile.levels.get(level).fields;
            if building.begin(level, record.spot(), findings) {
                building.fill(fields.iter(), &record, &self.mapping, findings);
            }
        }
    }

    /// The elements of a level: those of the first path that finds any.
    fn found<'e>(&'e self, level: Level, chain: &[&'e Element]) -> Vec<Vec<&'e Element>> {
        let each = &self.mapping.profile.levels.get(level).each;
        let found = each.iter().map(|path| path.elements(chain));
        found
            .into_iter()
            .find(|found| !found.is_empty())
            .unwrap_or_default()
    }

    fn says_something(fields: &[Field], record: &ElementRecord<'_>) -> bool {
        fields.iter().any(|field| {
            let mut any = false;
            field.value.references(&mut |reference| {
                any |= record
                    .cell(reference)
                    .is_some_and(|cell| !cell.text.is_empty());
            });
            any
        })
    }

    /// Leaves and attributes that no field reads go to the extras.
    fn walk(
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

    fn tell_extras(mut new: Vec<String>, base: &str, findings: &mut Findings<'_>) {
        if new.is_empty() {
            return;
        }
        let count = new.len();
        new.truncate(crate::limits::NAMES_IN_MESSAGE);
        let more = if count > new.len() { ", …" } else { "" };
        let what = format!(
            "Elements that are not known are kept as extra fields: {}{more}.",
            new.join(", ")
        );
        findings.problem(Problem::warning("xml.element-unknown", what).at(Place::path(base)));
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
fn known_leaves(profile: &Profile) -> BTreeSet<String> {
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

/// The element's own texts, each with its name, so that equal hashes mean equal records.
fn source(element: &Element, bytes: &mut Vec<u8>) {
    bytes.push(0x1d);
    bytes.extend_from_slice(element.name.local.as_bytes());
    for (name, text) in &element.attributes {
        bytes.push(0x1f);
        bytes.extend_from_slice(name.local.as_bytes());
        bytes.push(0x1f);
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes.push(0x1e);
    bytes.extend_from_slice(element.text.as_bytes());
    for child in &element.children {
        source(child, bytes);
    }
    bytes.push(0x1c);
}

impl Outside {
    fn new(profile: &Profile, record: &Path) -> Self {
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
    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) {
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

    fn text(&mut self, path: &[XmlName], text: &str) {
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
    fn wants(&self, path: &[XmlName]) -> bool {
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
