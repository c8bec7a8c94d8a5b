//! The sink that formats read into: chooses the profile, maps, keeps the policy.

mod documents;
mod messages;
mod search;
mod sheets;

use std::collections::BTreeMap;

use self::documents::is_around;
use self::messages::Messages;
use self::search::Search;
use super::assemble::Mapping;
use super::beside::Kept;
use super::columns::Headers;
use super::findings::{Findings, Repeat};
use super::fixed::Cutter;
use super::model::Profile;
use super::recognise::{self, Choice};
use super::segments::MessageMap;
use super::synonyms::normalise;
use super::table::{After, TableMap};
use super::xml::XmlMap;
use super::{Chosen, MapOptions, Orders, Outcome, ProfileSet, ProfileUse, Summary};
use crate::formats::segments::Part;
use crate::formats::{
    About, Element, Flow, FormatKind, Interest, Message, Records, Row, Segment, Table, XmlName,
};
use crate::limits;
use crate::order::{self, Order, StatusUpdate};
use crate::problem::{Place, Problem, Severity};

/// Maps the records of one file. See the module page.
pub struct Mapper<'a> {
    profiles: &'a ProfileSet,
    options: &'a MapOptions,
    findings: Findings<'a>,
    format: Option<FormatKind>,
    choice: Option<Choice<'a>>,
    stage: Stage<'a>,
    /// Sheets that hold orders, by name.
    used: Vec<String>,
    /// Sheets that hold something else: what to say if no sheet holds orders.
    unused: Vec<(String, Headers)>,
    sheets: Vec<String>,
    json: bool,
    /// JSON of others: read as a tree.
    foreign: bool,
    /// Elements around the document that the profile is for.
    around: usize,
    candidate: Option<usize>,
    /// The sheet that is being kept because a profile refers to it, and those kept before.
    keeping: Option<Kept>,
    kept: BTreeMap<String, (String, Kept)>,
    messages: Messages<'a>,
    /// Whether a message was refused because nothing reads it.
    unread: bool,
}

/// Where in its file the mapping is.
enum Stage<'a> {
    /// Nothing yet, or the rest is not wanted.
    Idle,
    /// In a table, before its header row.
    Header(Box<Search>),
    /// In the rows of a table.
    Rows(Box<TableMap<'a>>),
    /// In a document.
    Xml(Box<XmlMap<'a>>),
    /// In an envelope whose content says what it is.
    Envelope,
    /// In an envelope of any document, read by what reads the envelope itself unless another profile
    /// is for the document.
    Wrapped(Option<(Choice<'a>, Box<XmlMap<'a>>)>),
    /// In a message.
    Message(Box<MessageMap<'a>>),
    /// In the lines of a fixed width text.
    Fixed(Box<TableMap<'a>>, Cutter<'a>),
}

impl<'a> Mapper<'a> {
    /// For one file. Nothing is told to `out` before the first record.
    #[must_use]
    pub fn new(profiles: &'a ProfileSet, options: &'a MapOptions, out: &'a mut dyn Orders) -> Self {
        Self {
            profiles,
            options,
            findings: Findings::new(out),
            format: None,
            choice: None,
            stage: Stage::Idle,
            used: Vec::new(),
            unused: Vec::new(),
            sheets: Vec::new(),
            json: false,
            foreign: false,
            around: 0,
            candidate: None,
            keeping: None,
            kept: BTreeMap::new(),
            messages: Messages::new(),
            unread: false,
        }
    }

    /// The file is read, or reading ended with a problem: what may be sent.
    #[must_use]
    pub fn finish(mut self, read: Result<(), Problem>) -> Summary {
        let whole = read.is_ok();
        match read {
            Err(problem) => self.findings.refuse(problem),
            Ok(()) => self.end_table(),
        }
        if !self.findings.is_refused() && !self.findings.stopped() && !self.unread {
            self.tell_nothing_found();
        }
        let candidate = self.candidate;
        let route = candidate.and_then(|index| self.options.candidates.get(index));
        let profile = self.choice.map(|choice| choice.profile);
        let policy = route
            .and_then(|route| route.on_bad_row)
            .or(profile.and_then(|profile| profile.on_bad_row))
            .unwrap_or_default();
        let most = route
            .and_then(|route| route.max_bad_orders)
            .or(profile.and_then(|profile| profile.max_bad_orders));
        let outcome = self.findings.outcome(policy, most);
        let (orders, withheld, withheld_rows, problems_left_out) = self.findings.counts();
        Summary {
            outcome,
            format: self.format,
            profile: profile
                .map(|profile| profile.heading.known_as.clone())
                .or_else(|| self.json.then(canonical)),
            candidate,
            orders,
            withheld,
            withheld_rows,
            problems_left_out,
            correctable: whole
                && outcome != Outcome::Accepted
                && self.format.is_some_and(FormatKind::is_table),
        }
    }

    fn flow(&self) -> Flow {
        if self.findings.stopped() {
            Flow::Break(())
        } else {
            Flow::Continue(())
        }
    }

    fn mapping(&self, profile: &'a Profile) -> Mapping<'a> {
        Mapping {
            profile,
            sha256: &self.options.sha256,
            file: &self.options.file,
        }
    }

    fn choose(&mut self, choice: Choice<'a>) {
        if self.choice.is_none() {
            self.choice = Some(choice);
            self.tell_chosen(
                choice.candidate,
                choice.profile.heading.known_as.clone(),
                Some(choice.profile),
            );
        }
    }

    fn tell_chosen(&mut self, candidate: Option<usize>, profile: ProfileUse, of: Option<&Profile>) {
        let Some(format) = self.format else {
            return;
        };
        self.candidate = candidate;
        let chosen = Chosen {
            candidate,
            format,
            profile,
            on_change: of.and_then(|profile| profile.on_change),
        };
        if self.findings.out().chosen(&chosen).is_break() {
            self.findings.stop();
        }
    }

    /// The first canonical order or status of a JSON file.
    fn canonical(&mut self) {
        if !self.json {
            self.json = true;
            let open = recognise::open_to(self.options, FormatKind::Json);
            let candidate = open.first().and_then(|(index, _)| *index);
            self.tell_chosen(candidate, canonical(), None);
        }
    }

    fn is_workbook(&self) -> bool {
        self.format.is_some_and(FormatKind::is_sheet)
    }
}

/// What reads canonical JSON: no profile of anybody's.
fn canonical() -> ProfileUse {
    ProfileUse {
        name: "canonical".to_owned(),
        version: "1".to_owned(),
        hash: String::new(),
    }
}

impl Records for Mapper<'_> {
    fn begin(&mut self, about: &About) -> Flow {
        self.format = Some(about.format);
        self.flow()
    }

    fn table(&mut self, table: &Table) -> Flow {
        self.end_table();
        if self.sheets.len() < limits::NAMES_IN_MESSAGE {
            self.sheets.push(table.name.clone());
        }
        let wanted = self.profiles.wants_sheet(&normalise(&table.name));
        self.keeping = wanted.then(Kept::default);
        self.stage = Stage::Header(Box::new(Search::new(table.clone())));
        self.flow()
    }

    fn row(&mut self, row: &Row<'_>) -> Flow {
        if self.format == Some(FormatKind::Fixed) {
            self.fixed_row(row);
            return self.flow();
        }
        if let Some(kept) = &mut self.keeping {
            kept.push(row);
        }
        match std::mem::replace(&mut self.stage, Stage::Idle) {
            Stage::Rows(mut map) => match map.row(row, &mut self.findings) {
                After::More => self.stage = Stage::Rows(map),
                After::Over => self.table_over(map, row),
            },
            Stage::Header(search) => self.searched(search, row),
            other => self.stage = other,
        }
        self.flow()
    }

    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest {
        if self.findings.stopped() {
            return Interest::Stop;
        }
        if let ([root], false) = (path, self.foreign) {
            let interest = self.open_root(root);
            if interest == Interest::Stop || matches!(self.stage, Stage::Envelope) {
                return interest;
            }
        }
        if matches!(self.stage, Stage::Wrapped(_)) {
            self.unwrap(path);
        }
        let inner = path.get(self.around..).unwrap_or_default();
        match &mut self.stage {
            Stage::Xml(map) => {
                let whole = map.in_envelope(path) || (self.around > 0 && inner.len() == 1);
                match map.open(inner, attributes) {
                    Interest::Skip if whole => self.refuse_content(path),
                    interest => interest,
                }
            }
            Stage::Wrapped(Some((_, map))) => map.open(path, attributes),
            Stage::Wrapped(None) if is_around(path) => Interest::Descend,
            Stage::Envelope => self.open_envelope(path),
            _ => Interest::Skip,
        }
    }

    fn element(&mut self, path: &[XmlName], element: &Element) -> Flow {
        if let Stage::Xml(map) = &mut self.stage {
            map.element(path, element, &mut self.findings);
        }
        self.flow()
    }

    fn text(&mut self, path: &[XmlName], text: &str) -> Flow {
        match &mut self.stage {
            Stage::Xml(map) => map.text(path.get(self.around..).unwrap_or_default(), text),
            Stage::Wrapped(Some((_, map))) => map.text(path, text),
            _ => {}
        }
        self.flow()
    }

    fn json(&mut self, paths: &[String]) -> bool {
        self.foreign = self.open_json(paths);
        self.foreign
    }

    fn order(&mut self, mut order: Order, place: &str) -> Flow {
        self.canonical();
        let mut faulty = false;
        for mut problem in order::validate_next(&order, &mut self.findings.warned) {
            faulty |= problem.severity == Severity::Error;
            let field = problem.place.path.take().unwrap_or_default();
            problem.place = Place::path(json_place(place, &field));
            self.findings.problem(problem);
        }
        order.origin = order::Origin::default();
        let source: [u8; 32] = match serde_json::to_vec(&order) {
            Ok(bytes) => order::content_hash(&bytes).0,
            Err(_) => [0; 32],
        };
        if faulty {
            self.findings.withhold(&[]);
            return self.flow();
        }
        match self.findings.seen(&order, source) {
            Repeat::New => {
                order.origin.file = Some(self.options.file.clone()).filter(|file| !file.is_empty());
                order.origin.path = Some(place.to_owned());
                self.findings.order(order, source);
            }
            Repeat::Same => self.findings.problem(
                Problem::warning(
                    "order.repeated",
                    "The order stands twice in the file, both times the same; it counts once.",
                )
                .at(Place::path(json_place(place, "reference")))
                .with_value(&order.reference),
            ),
            Repeat::Other => {
                self.findings.withhold(&[]);
                self.findings.refuse(
                    Problem::error(
                        "order.reference.twice",
                        "The same order number came before in this file, with other content.",
                    )
                    .at(Place::path(json_place(place, "reference")))
                    .with_value(&order.reference),
                );
            }
        }
        self.flow()
    }

    fn status(&mut self, update: StatusUpdate) -> Flow {
        self.canonical();
        self.findings.status(update);
        self.flow()
    }

    fn message(&mut self, message: &Message) -> Flow {
        self.open_message(message);
        self.flow()
    }

    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        match &mut self.stage {
            _ if segment.part == Part::Envelope => self.envelope(segment),
            Stage::Message(map) => map.segment(segment),
            _ => {}
        }
        self.flow()
    }

    fn message_end(&mut self) -> Flow {
        self.close_message();
        self.flow()
    }

    fn problem(&mut self, mut problem: Problem) -> Flow {
        // JSON that was refused by its keys is read no further; that they are none of ours is said.
        if self.findings.stopped() && self.format == Some(FormatKind::Json) {
            return self.flow();
        }
        let error = problem.is_error();
        match (&mut self.stage, problem.place.row) {
            (Stage::Rows(map), Some(row)) if error => {
                map.lost(row, &mut self.findings);
                self.findings.problem(problem);
            }
            // A row of a sheet that is not used concerns nobody.
            (Stage::Idle, Some(_)) if error && !self.used.is_empty() => {
                problem.severity = Severity::Warning;
                self.findings.problem(problem);
            }
            _ if error => self.findings.refuse(problem),
            _ => self.findings.problem(problem),
        }
        self.flow()
    }
}

fn json_place(place: &str, field: &str) -> String {
    match (place, field) {
        ("", field) => field.to_owned(),
        (place, "") => place.to_owned(),
        (place, field) => format!("{place}.{field}"),
    }
}
