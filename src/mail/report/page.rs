//! A report laid out: the same facts as plain text and as HTML, from the templates beside.

use std::sync::LazyLock;

use jiff::tz::TimeZone;
use minijinja::Environment;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use serde::Serialize;

use crate::clock::Millis;
use crate::failure::Failure;
use crate::problem::Severity;

use super::clean::{label, sentence};
use super::findings::{self, Line};
use super::{Attached, Report, table, words};

/// Lines of plain text stay below what old mail programs wrap at.
const TEXT_WIDTH: usize = 76;

/// How many findings are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// As many as a mail lists.
    Some,
    /// All that are kept.
    All,
}

/// What the templates see.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    title: String,
    happened: String,
    to_do: Vec<String>,
    errors: Vec<Line>,
    warnings: Vec<Line>,
    refusals: Vec<Refused>,
    /// Findings that are kept but not listed here: they are in the attached list.
    pub(super) unlisted: u64,
    /// Findings that were not even kept.
    left_out: u64,
    original: String,
    file: String,
    received: String,
    sender: String,
    source: String,
    errors_table: String,
    warnings_table: String,
    refusals_table: String,
}

#[derive(Debug, Serialize)]
struct Refused {
    reference: String,
    destination: String,
    words: String,
}

impl Page {
    /// For a mail.
    pub(super) fn of(report: &Report<'_>, attached: Attached, reply: bool) -> Self {
        let mut page = Self::laid_out(report, Listed::Some);
        page.to_do = words::to_do(report, attached, reply);
        page.to_do
            .extend(report.also.iter().map(|also| sentence(also)));
        page.original = words::about_original(report, attached);
        page
    }

    /// For the text beside a file: nothing is attached to it.
    pub(super) fn beside(report: &Report<'_>, listed: Listed) -> Self {
        let mut page = Self::laid_out(report, listed);
        page.to_do = words::to_do(report, Attached::default(), false);
        page
    }

    fn laid_out(report: &Report<'_>, listed: Listed) -> Self {
        let mut errors = findings::lines(report.findings, Severity::Error);
        let mut warnings = findings::lines(report.findings, Severity::Warning);
        let mut unlisted = 0;
        if listed == Listed::Some {
            let mut room = findings::ROOM;
            unlisted += findings::listed(&mut errors, &mut room);
            unlisted += findings::listed(&mut warnings, &mut room);
        }
        let errors_head = name_places(&mut errors);
        let warnings_head = name_places(&mut warnings);
        let refusals: Vec<Refused> = report
            .refusals
            .iter()
            .map(|refusal| Refused {
                reference: label(&refusal.reference),
                destination: label(&refusal.destination),
                words: sentence(&refusal.words),
            })
            .collect();
        Self {
            title: words::subject(report),
            happened: words::happened(report),
            to_do: Vec::new(),
            errors_table: lines_table(errors_head, &errors),
            warnings_table: lines_table(warnings_head, &warnings),
            refusals_table: refusals_table(&refusals),
            errors,
            warnings,
            refusals,
            unlisted,
            left_out: report.findings_left_out,
            original: String::new(),
            file: label(report.file),
            received: moment(report.received, &report.zone),
            sender: label(report.sender),
            source: label(report.source),
        }
    }

    pub(super) fn text(&self) -> Result<String, Failure> {
        render("report.txt", self)
    }

    pub(super) fn html(&self) -> Result<String, Failure> {
        render("report.html", self)
    }
}

/// The title of the column of places. Among different kinds of places each is said in full.
fn name_places(lines: &mut [Line]) -> &'static str {
    if lines.iter().all(|line| line.is_rows) {
        return "Row";
    }
    for line in lines {
        line.place.clone_from(&line.label);
    }
    "Where"
}

fn lines_table(place_head: &str, lines: &[Line]) -> String {
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            vec![
                line.place.clone(),
                line.column.clone(),
                line.found.clone(),
                line.wrong.clone(),
                line.fix.clone(),
            ]
        })
        .collect();
    table::render(
        &[place_head, "Column", "Found", "What is wrong", "How to fix"],
        &rows,
    )
}

fn refusals_table(refusals: &[Refused]) -> String {
    let rows: Vec<Vec<String>> = refusals
        .iter()
        .map(|refused| {
            vec![
                refused.reference.clone(),
                refused.destination.clone(),
                refused.words.clone(),
            ]
        })
        .collect();
    table::render(&["Order", "Refused by", "Reason"], &rows)
}

/// `22 November 2026, 09:14 CET`
pub(super) fn moment(at: Millis, zone: &TimeZone) -> String {
    at.timestamp()
        .to_zoned(zone.clone())
        .strftime("%-d %B %Y, %H:%M %Z")
        .to_string()
}

/// Renders one of the templates that are built in.
pub(super) fn render(template: &str, page: &impl Serialize) -> Result<String, Failure> {
    static TEMPLATES: LazyLock<Result<Environment<'static>, String>> =
        LazyLock::new(|| templates().map_err(|error| error.to_string()));
    let during = "writing a mail";
    let templates = TEMPLATES
        .as_ref()
        .map_err(|error| Failure::ours(during, error))?;
    templates
        .get_template(template)
        .and_then(|template| template.render(Serde(page)))
        .map_err(|error| Failure::ours(during, error))
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()?;
    templates.set_syntax(syntax);
    templates.add_filter("wrapped", |text: &str| {
        table::wrap(text, TEXT_WIDTH).join("\n")
    });
    // The ending decides about escaping: .html is escaped, .txt is not.
    templates.add_template("report.txt", include_str!("../templates/report.txt"))?;
    templates.add_template("report.html", include_str!("../templates/report.html"))?;
    templates.add_template("notice.txt", include_str!("../templates/notice.txt"))?;
    templates.add_template("notice.html", include_str!("../templates/notice.html"))?;
    Ok(templates)
}
