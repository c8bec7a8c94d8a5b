//! Messages: which profile reads one, by its kind; and lines of fixed width, cut by their profile.

use std::collections::{BTreeMap, BTreeSet};

use super::super::beside::Kept;
use super::super::columns::{Columns, Headers};
use super::super::fixed::{Cut, Cutter};
use super::super::model::Profile;
use super::super::recognise::{self, Choice};
use super::super::segments::tree::{Groups, Tree};
use super::super::segments::{Known, MessageMap, unknown};
use super::super::table::{Outside, TableMap};
use super::{Mapper, Stage};
use crate::formats::{Cell, FormatKind, Message, Row, Segment, Table};
use crate::problem::{Place, Problem};

/// What is remembered from message to message.
pub(super) struct Messages<'a> {
    /// The segments that opened the interchange.
    interchange: Tree,
    /// The same with those of the group.
    group: Tree,
    ordinal: u64,
    told_extras: BTreeSet<String>,
    known: BTreeMap<&'a str, Known<'a>>,
}

impl Messages<'_> {
    pub(super) fn new() -> Self {
        Self {
            interchange: Tree::new('+'),
            group: Tree::new('+'),
            ordinal: 0,
            told_extras: BTreeSet::new(),
            known: BTreeMap::new(),
        }
    }
}

impl<'a> Mapper<'a> {
    /// A segment outside messages: those that open are seen by every message inside.
    pub(super) fn envelope(&mut self, segment: &Segment<'_>) {
        let format = self.format;
        let messages = &mut self.messages;
        match segment.tag() {
            "UNB" | "ISA" => {
                messages.interchange = Tree::new(separator(format));
                messages.interchange.push(segment, &Groups::new());
                messages.group = messages.interchange.clone();
            }
            "UNG" | "GS" => {
                messages.group = messages.interchange.clone();
                messages.group.push(segment, &Groups::new());
            }
            _ => {}
        }
    }

    /// A message starts.
    pub(super) fn open_message(&mut self, message: &Message) {
        let Some(format) = self.format else {
            return;
        };
        self.messages.ordinal += 1;
        let Some(choice) = recognise::message(self.profiles, self.options, message, format) else {
            self.stage = Stage::Idle;
            self.findings.withhold(&[]);
            let place = Place {
                segment: Some(message.label.clone()),
                ..Place::default()
            };
            self.findings.problem(unknown(message, format, place));
            self.unread = true;
            return;
        };
        self.choose(choice);
        let mut envelope = self.messages.group.clone();
        envelope.separator = separator(Some(format));
        let mapping = self.mapping(choice.profile);
        let map = MessageMap::new(mapping, message, envelope, self.messages.ordinal);
        self.stage = Stage::Message(Box::new(map));
    }

    /// A message ended, and is whole.
    pub(super) fn close_message(&mut self) {
        if let Stage::Message(map) = std::mem::replace(&mut self.stage, Stage::Idle) {
            let profile = map.profile();
            let messages = &mut self.messages;
            let known = messages
                .known
                .entry(&profile.heading.known_as.name)
                .or_insert_with(|| Known::of(profile));
            map.finish(known, &mut messages.told_extras, &mut self.findings);
        }
    }

    /// The first line of a fixed width text: the profile that knows where its columns stand.
    pub(super) fn open_fixed(&mut self) {
        let Some(profile) = fixed_profile(self) else {
            self.findings.refuse(
                Problem::error(
                    "profile.unknown",
                    "The file is fixed width text, and no profile says where its columns stand.",
                )
                .at(Place::row(1))
                .with_hint("Ask the operators to set up a profile for it."),
            );
            self.findings.stop();
            return;
        };
        self.choose(profile);
        let profile: &'a Profile = profile.profile;
        let names: Vec<Cell<'_>> = profile.fixed.names().map(Cell::text).collect();
        let mut header = Kept::default();
        header.push(&Row {
            number: 0,
            line: 0,
            cells: &names,
        });
        let columns = Columns::new(Headers::read(header.rows()), profile);
        let table = Table {
            name: String::new(),
            hidden: false,
            index: 0,
        };
        let outside = Outside::default();
        let mapping = self.mapping(profile);
        let map = TableMap::new(mapping, columns, table, None, outside, &mut self.findings);
        self.stage = Stage::Fixed(Box::new(map), Cutter::new(&profile.fixed));
    }

    /// The next line of a fixed width text.
    pub(super) fn fixed_row(&mut self, row: &Row<'_>) {
        if matches!(self.stage, Stage::Header(..)) {
            self.open_fixed();
        }
        let Stage::Fixed(map, cutter) = &mut self.stage else {
            return;
        };
        let line = row.cells.first().map_or("", |cell| cell.text);
        match cutter.line(line) {
            Cut::Row => {
                let cells: Vec<Cell<'_>> = cutter.cells.iter().map(|c| Cell::text(c)).collect();
                let cut = Row {
                    cells: &cells,
                    ..*row
                };
                map.row(&cut, &mut self.findings);
            }
            Cut::Kept => {}
            Cut::Unknown if cutter.told => {}
            Cut::Unknown => {
                cutter.told = true;
                let kind = cutter.kind(line);
                self.findings.problem(
                    Problem::warning(
                        "fixed.line-unknown",
                        "Lines of this kind are not known to the profile; they are left out.",
                    )
                    .at(Place::row(row.number))
                    .with_value(kind),
                );
            }
        }
    }
}

/// The first candidate's profile for fixed width text.
fn fixed_profile<'a>(mapper: &Mapper<'a>) -> Option<Choice<'a>> {
    let open = recognise::open_to(mapper.options, FormatKind::Fixed);
    open.into_iter().find_map(|(candidate, of)| {
        let profile = mapper.profiles.find(of?.profile.as_deref()?)?;
        profile
            .heading
            .reads
            .fits(FormatKind::Fixed)
            .then_some(Choice { profile, candidate })
    })
}

/// What people see between the elements of a segment.
fn separator(format: Option<FormatKind>) -> char {
    if format == Some(FormatKind::X12) {
        '*'
    } else {
        '+'
    }
}
