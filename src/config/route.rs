//! `[[route]]`: which files go where. The first that matches a file counts.

use super::error::Origin;
use super::section::Section;
use super::sender::{Policy, policy};
use crate::formats::FormatKind;
use crate::writers::answers::{Answer, WORDS};

/// One route.
#[derive(Debug, Clone)]
pub struct RouteConfig {
    /// Only files of this source.
    pub source: Option<String>,
    /// Only files of this sender.
    pub sender: Option<String>,
    /// Only files whose name matches this pattern.
    pub file: Option<String>,
    /// Only files of this format.
    pub format: Option<FormatKind>,
    /// Read with this profile; else the layout is recognised.
    pub profile: Option<String>,
    /// Where its orders go.
    pub to: Vec<RouteTo>,
    /// What to do with wrong and changed orders.
    pub policy: Policy,
    /// Whether its orders wait for a person's review (default no).
    pub hold: bool,
    /// The answer to its files, in the partner's own format.
    pub answer: Option<AnswerConfig>,
    /// Who hears of all its orders: mail addresses and URLs.
    pub followers: Vec<String>,
    /// Where it stands, for messages about its profile.
    pub at: Origin,
}

/// `answer = { format = "…", to = "…" }`.
#[derive(Debug, Clone)]
pub struct AnswerConfig {
    /// Its format.
    pub format: Answer,
    /// The destination that takes files and where it is laid; `None`: at the file's own source.
    pub to: Option<String>,
    /// The folder at the source.
    pub folder: String,
    /// Who we are in it, where the destination does not say it or the answer turns the file's own
    /// addresses round.
    pub our_id: Option<String>,
    /// Who the partner is.
    pub partner_id: Option<String>,
}

/// One destination of a route.
#[derive(Debug, Clone)]
pub struct RouteTo {
    /// Its name.
    pub destination: String,
    /// Which orders go there; all without.
    pub when: Option<String>,
    /// Where it stands, for messages about the expression.
    pub at: Origin,
}

impl RouteConfig {
    /// Whether every file that `other` takes is taken by this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        fn part<T: PartialEq>(ours: Option<&T>, theirs: Option<&T>) -> bool {
            ours.is_none() || ours == theirs
        }
        part(self.source.as_ref(), other.source.as_ref())
            && part(self.sender.as_ref(), other.sender.as_ref())
            && part(self.file.as_ref(), other.file.as_ref())
            && part(self.format.as_ref(), other.format.as_ref())
            && part(self.profile.as_ref(), other.profile.as_ref())
    }
}

pub(super) fn read(section: Section<'_, '_>) -> RouteConfig {
    let refer = |key: &'static str| {
        let name: Option<String> = section.get(key);
        if let Some(name) = &name {
            section.refer(key, name, key);
        }
        name
    };
    let route = RouteConfig {
        source: refer("source"),
        sender: refer("sender"),
        file: super::source::globs(&section, "file").into_iter().next(),
        format: format(&section),
        profile: section.get("profile"),
        to: to(&section),
        policy: policy(&section),
        hold: section.or("hold", false),
        answer: section.table("answer").and_then(answer),
        followers: super::tracking::followers(&section),
        at: section.origin("profile"),
    };
    section.finish();
    route
}

fn answer(table: Section<'_, '_>) -> Option<AnswerConfig> {
    let format = table.word("format", &WORDS);
    if format.is_none() && !table.has("format") {
        table.missing("format");
    }
    let to: Option<String> = table.get("to");
    if let Some(to) = &to {
        table.refer("destination", to, "to");
    }
    let folder: String = table.or("folder", "answers".to_owned());
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if folder.is_empty() || folder.starts_with('.') || !folder.chars().all(plain) {
        table.error(
            "folder",
            "`folder` must be one plain name: it lies in the source's own place",
        );
    }
    let answer = AnswerConfig {
        format: format?,
        to,
        folder,
        our_id: table.get("our_id"),
        partner_id: table.get("partner_id"),
    };
    table.finish();
    Some(answer)
}

fn format(section: &Section<'_, '_>) -> Option<FormatKind> {
    let words = [
        "csv", "xml", "xls", "xlsx", "xlsb", "ods", "json", "edifact", "x12", "ttm", "fixed",
    ];
    let words: Vec<(&str, FormatKind)> = words
        .into_iter()
        .filter_map(|word| FormatKind::parse(word).map(|kind| (word, kind)))
        .collect();
    section.word("format", &words)
}

fn to(section: &Section<'_, '_>) -> Vec<RouteTo> {
    let at = section.origin("destination");
    let short: Vec<String> = section.or("destination", Vec::new());
    let mut targets = Vec::new();
    for destination in short {
        section.refer("destination", &destination, "destination");
        targets.push(RouteTo {
            destination,
            when: None,
            at: at.clone(),
        });
    }
    for table in section.tables("to") {
        let destination: Option<String> = table.need("destination");
        let when = table.get("when");
        if let Some(destination) = destination {
            table.refer("destination", &destination, "destination");
            targets.push(RouteTo {
                destination,
                when,
                at: table.origin("when"),
            });
        }
        table.finish();
    }
    targets
}
