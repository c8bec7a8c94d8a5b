//! Which profile fits a layout.
//!
//! The configuration's candidates are tried in their order. Where one lets the layout be
//! recognised, every profile that says what its layouts look like is held against it, the
//! operator's own before the built-in ones, and the one that knows most of the columns wins. Only
//! headings are looked at until one fits: a built-in profile is not compiled to be passed over.

use super::beside::Kept;
use super::columns::Headers;
use super::model::{Header, Heading, Profile, Reads, Recognise, Sheets};
use super::path::glob;
use super::set::Entry;
use super::synonyms;
use super::{Candidate, MapOptions, ProfileSet};
use crate::formats::{FormatKind, Message, Table, XmlName};

/// A profile that fits, and the candidate that let it.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The profile.
    pub(crate) profile: &'a Profile,
    /// Which candidate; `None` where there are none.
    pub(crate) candidate: Option<usize>,
}

/// A row that may be a header.
pub(crate) struct Seen<'s> {
    /// Its table.
    pub(crate) table: &'s Table,
    /// Its cells, then those of it and the row above joined, and so on.
    pub(crate) headers: &'s [Headers],
    /// How many rows that are not empty stand above.
    pub(crate) above: u64,
    /// What the file is.
    pub(crate) format: FormatKind,
}

impl Seen<'_> {
    /// The header as a profile joins it; `None` where not enough rows were seen.
    pub(crate) fn of(&self, heading: &Heading) -> Option<&Headers> {
        self.headers.get(heading.header_rows.saturating_sub(1))
    }

    fn looks_like(&self, profile: &Profile) -> bool {
        self.of(&profile.heading)
            .is_some_and(|headers| looks_like(profile, headers))
    }
}

/// The profile for a table whose header row may be this one.
pub(crate) fn table<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    seen: &Seen<'_>,
) -> Option<Choice<'a>> {
    let mut fallback = None;
    for (index, candidate) in open_to(options, seen.format) {
        let Some(name) = candidate.and_then(|candidate| candidate.profile.as_deref()) else {
            match recognised(set, seen) {
                Some(profile) => {
                    return Some(Choice {
                        profile,
                        candidate: index,
                    });
                }
                None => continue,
            }
        };
        let named = set.entry(name).filter(|it| stands(it.heading(), seen));
        let Some(profile) = named.and_then(Entry::profile) else {
            continue;
        };
        let choice = Choice {
            profile,
            candidate: index,
        };
        if !profile.heading.recognise.declared || seen.looks_like(profile) {
            return Some(choice);
        }
        if profile.heading.header != Header::Find {
            fallback = fallback.or(Some(choice));
        }
    }
    fallback
}

/// The profile that knows most of the columns.
fn recognised<'a>(set: &'a ProfileSet, seen: &Seen<'_>) -> Option<&'a Profile> {
    let likely = set.all().iter().enumerate().filter(|(_, entry)| {
        let heading = entry.heading();
        heading.recognise.declared
            && stands(heading, seen)
            && !is_title_of_groups(heading, seen)
            && (seen.of(heading)).is_some_and(|headers| is_named(&heading.recognise, headers))
    });
    let fits = likely
        .filter_map(|(place, entry)| Some((place, entry.profile()?)))
        .filter(|(_, profile)| seen.looks_like(profile));
    let best = fits.max_by_key(|(place, profile)| {
        let heading = &profile.heading;
        let known = (seen.of(heading)).map_or(0, |headers| headers.score(profile).0);
        // The first of equals wins: `max_by_key` would take the last.
        let place = std::cmp::Reverse(*place);
        (!heading.built_in, known, !heading.synonyms, place)
    });
    best.map(|(_, profile)| profile)
}

/// The profile for a document with this root.
pub(crate) fn root<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    root: &XmlName,
    format: FormatKind,
) -> Option<Choice<'a>> {
    by(set, options, format, |wanted| has_root(wanted, root))
}

/// The profile for a message of this kind.
pub(crate) fn message<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    message: &Message,
    format: FormatKind,
) -> Option<Choice<'a>> {
    let full = format!("{}:{}", message.kind, message.version);
    by(set, options, format, |wanted| {
        let mut known = wanted.message.iter();
        known.any(|pattern| *pattern == message.kind || glob(pattern, &full))
    })
}

/// The first profile that a candidate names, or whose own words say that it `fits`.
fn by<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    format: FormatKind,
    fits: impl Fn(&Recognise) -> bool,
) -> Option<Choice<'a>> {
    let reads = |entry: &&Entry| entry.heading().reads.fits(format);
    let fits = |recognise: &Recognise| recognise.declared && fits(recognise);
    for (index, candidate) in open_to(options, format) {
        let named = candidate.and_then(|candidate| candidate.profile.as_deref());
        let fitting = match named {
            Some(name) => set.entry(name).filter(reads).filter(|entry| {
                let recognise = &entry.heading().recognise;
                !recognise.declared || fits(recognise)
            }),
            None => (set.all().iter())
                .filter(reads)
                .find(|entry| fits(&entry.heading().recognise)),
        };
        if let Some(profile) = fitting.and_then(Entry::profile) {
            return Some(Choice {
                profile,
                candidate: index,
            });
        }
    }
    None
}

/// The candidates for a format; without any, one that lets the layout be recognised.
pub(crate) fn open_to(
    options: &MapOptions,
    format: FormatKind,
) -> Vec<(Option<usize>, Option<&Candidate>)> {
    if options.candidates.is_empty() {
        return vec![(None, None)];
    }
    let fits = |wanted: FormatKind| wanted == format || (wanted.is_sheet() && format.is_sheet());
    let all = options.candidates.iter().enumerate();
    all.filter(|(_, candidate)| candidate.format.is_none_or(fits))
        .map(|(index, candidate)| (Some(index), Some(candidate)))
        .collect()
}

/// Whether the profile would look for its header here.
fn stands(heading: &Heading, seen: &Seen<'_>) -> bool {
    let Some(headers) = seen.of(heading) else {
        return false;
    };
    let here = match heading.header {
        Header::First | Header::None => seen.above + 1 == heading.header_rows as u64,
        Header::Find => true,
        Header::Row(row) => row == headers.first_row,
        Header::Keys => false,
    };
    heading.reads.fits(seen.format) && here && on_sheet(heading, seen.table, seen.format)
}

/// Whether the row rather stands above the header, as a title above several columns each: common
/// names alone do not make a header of it, where they are looked for below the first row.
fn is_title_of_groups(heading: &Heading, seen: &Seen<'_>) -> bool {
    heading.synonyms && seen.above > 0 && seen.of(heading).is_some_and(Headers::has_gaps)
}

/// Whether another block of this profile's tables begins here.
pub(crate) fn begins(profile: &Profile, seen: &Seen<'_>) -> bool {
    seen.of(&profile.heading).is_some_and(|headers| {
        let (known, total) = headers.score(profile);
        known > 0 && known * 2 >= total && looks_like(profile, headers)
    })
}

/// Whether the profile reads this sheet.
fn on_sheet(heading: &Heading, table: &Table, format: FormatKind) -> bool {
    match &heading.sheets {
        Sheets::Named(name) if format.is_sheet() => {
            name.trim().to_lowercase() == table.name.trim().to_lowercase()
        }
        Sheets::Nth(nth) if format.is_sheet() => table.index + 1 == *nth,
        _ => true,
    }
}

/// The profile for a sheet that is all labels and values.
pub(crate) fn keys<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    table: &Table,
    format: FormatKind,
    kept: &Kept,
) -> Option<Choice<'a>> {
    let there = |(normal, _): &(String, String)| kept.has_label(normal);
    let fits = |entry: &&Entry| {
        let heading = entry.heading();
        let wanted = &heading.recognise;
        heading.header == Header::Keys
            && heading.reads.fits(format)
            && on_sheet(heading, table, format)
            && wanted.required.iter().all(there)
            && (wanted.any.is_empty() || wanted.any.iter().any(there))
    };
    let declared = |entry: &&Entry| entry.heading().recognise.declared;
    let mut open = open_to(options, format).into_iter();
    open.find_map(|(candidate, named)| {
        let name = named.and_then(|candidate| candidate.profile.as_deref());
        let entry = match name {
            Some(name) => set.entry(name).filter(fits),
            None => set.all().iter().filter(declared).find(fits),
        };
        let profile = entry?.profile()?;
        Some(Choice { profile, candidate })
    })
}

/// The profile for JSON of others whose first keys have these paths.
pub(crate) fn json<'a>(
    set: &'a ProfileSet,
    options: &MapOptions,
    paths: &[String],
) -> Option<Choice<'a>> {
    let reads = |entry: &&Entry| entry.heading().reads == Reads::Json;
    let fits = |keys: &[String]| keys.iter().all(|key| paths.contains(key));
    let keys = |entry: &'a Entry| entry.heading().recognise.keys.as_slice();
    let mut open = open_to(options, FormatKind::Json).into_iter();
    open.find_map(|(candidate, named)| {
        let entry = match named.and_then(|candidate| candidate.profile.as_deref()) {
            Some(name) => set
                .entry(name)
                .filter(reads)
                .filter(|entry| fits(keys(entry))),
            None => (set.all().iter().filter(reads))
                .find(|entry| !keys(entry).is_empty() && fits(keys(entry))),
        };
        let profile = entry?.profile()?;
        Some(Choice { profile, candidate })
    })
}

/// Whether the headers are those of the profile's layouts: all required, one of any, and at least
/// half of them known.
pub(crate) fn looks_like(profile: &Profile, headers: &Headers) -> bool {
    let heading = &profile.heading;
    if !is_named(&heading.recognise, headers) {
        return false;
    }
    let (known, total) = headers.score(profile);
    known > 0 && known * 2 >= total && (!heading.synonyms || is_order(headers))
}

/// Whether all headers that are required are there, and one of any.
fn is_named(wanted: &Recognise, headers: &Headers) -> bool {
    let there = |(normal, _): &(String, String)| headers.find(normal).is_some();
    wanted.required.iter().all(there) && (wanted.any.is_empty() || wanted.any.iter().any(there))
}

/// A plain table is an order if it has a number and says what is wanted or where it goes.
fn is_order(headers: &Headers) -> bool {
    has_number(headers) && says_what(headers)
}

/// Whether a column is the order's number by a common name.
pub(super) fn has_number(headers: &Headers) -> bool {
    fields(headers).any(|field| field == "reference")
}

/// Whether a column says what is wanted or where it goes, by a common name.
pub(super) fn says_what(headers: &Headers) -> bool {
    const WANTED: [&str; 6] = [
        "lines.",
        "shipments.delivery.party.",
        "shipments.goods.",
        "shipments.equipment.",
        "parties.consignee.",
        "references.awb",
    ];
    fields(headers).any(|field| WANTED.iter().any(|start| field.starts_with(start)))
}

/// What the columns mean by their common names.
fn fields(headers: &Headers) -> impl Iterator<Item = &'static str> {
    let columns = headers.columns.iter();
    columns.filter_map(|column| synonyms::field(&column.header))
}

fn has_root(wanted: &Recognise, root: &XmlName) -> bool {
    let named = wanted.root.contains(&root.local);
    let spaced = wanted.namespace.is_empty()
        || wanted
            .namespace
            .iter()
            .any(|pattern| glob(pattern, &root.namespace));
    named && spaced
}
