//! Files for people.

use super::super::table::{Cell, Column, Look, Table, Tone, number, pairs, paragraph, size, some};
use super::{findings, heading, nothing, when};
use crate::arrival::{Stage, Verdict};
use crate::ledger::{AnswerRow, FileRow, FileStory, ReportRow};

/// A list of files.
#[must_use]
pub fn files_table(rows: &[FileRow], look: &Look) -> String {
    if rows.is_empty() {
        return nothing("files");
    }
    let mut table = Table::new(&[
        ("ID", Column::Right),
        ("FILE", Column::Flex),
        ("IN", Column::Flex),
        ("SENDER", Column::Left),
        ("STATE", Column::Left),
        ("ORDERS", Column::Right),
        ("WITHHELD", Column::Right),
        ("OPEN", Column::Right),
        ("PROBLEMS", Column::Right),
        ("CLAIMED", Column::Left),
        ("WAITS FOR", Column::Flex),
    ]);
    for row in rows {
        let (word, tone) = state(row);
        table.row(vec![
            Cell::from(row.id),
            Cell::from(&row.name),
            Cell::from(row.container_name.as_deref().unwrap_or_default()),
            Cell::from(&row.sender),
            Cell::toned(word, tone),
            number(row.orders, Tone::Plain),
            some(row.withheld, Tone::Bad),
            some(row.open, Tone::Open),
            some(row.problems, Tone::Bad),
            Cell::toned(&look.age(row.claimed), Tone::Faint),
            Cell::from(row.waiting.as_deref().unwrap_or_default()),
        ]);
    }
    table.without_empty().render(look)
}

/// One word for how far a file is: its verdict once it has one, else its stage.
fn state(row: &FileRow) -> (&'static str, Tone) {
    match (row.verdict, row.stage) {
        (Some(Verdict::Done), Stage::Settled) => ("done", Tone::Good),
        (Some(Verdict::Error), Stage::Settled) => ("error", Tone::Bad),
        (_, stage) => (stage.as_str(), Tone::Open),
    }
}

/// Everything about one file.
#[must_use]
pub fn file(story: &FileStory, look: &Look) -> String {
    let mut text = head(story, look);
    let left_out = story.summary.as_ref().map_or(0, |s| s.problems_left_out);
    if !story.members.is_empty() {
        text += &heading("Files in it", look);
        text += &files_table(&story.members, look);
    }
    text += &findings(&story.problems, left_out, look);
    if !story.refusals.is_empty() {
        text += &heading("Refused", look);
        for (reference, destination, words) in &story.refusals {
            let told = format!("for {destination}: {words}");
            text += &paragraph(reference, Tone::Bad, &told, look);
        }
    }
    text += &reports(&story.reports, look);
    text += &answers(&story.answers, look);
    if !story.actions.is_empty() {
        text += &heading("Done by people", look);
        let mut table = Table::new(&[
            ("WHEN", Column::Left),
            ("WHO", Column::Left),
            ("WHAT", Column::Flex),
        ]);
        for (at, who, what) in &story.actions {
            table.row(vec![when(*at, look).into(), who.into(), what.into()]);
        }
        text += &table.render(look);
    }
    text
}

fn head(story: &FileStory, look: &Look) -> String {
    let row = &story.file;
    let (word, _) = state(row);
    let mut lines = vec![
        ("file", format!("{} {}", row.id, row.name)),
        ("state", word.to_owned()),
        ("source", row.source.clone()),
        ("sender", row.sender.clone()),
        ("size", size(row.bytes)),
        ("sha256", row.sha256.clone()),
    ];
    let mut optional = |key, value: Option<String>| lines.extend(value.map(|value| (key, value)));
    let within = row.container.zip(row.container_name.as_ref());
    optional("came in", within.map(|(id, name)| format!("{id} {name}")));
    if let Some(letter) = &story.letter {
        optional("from", Some(letter.from.clone()));
        optional("subject", letter.facts.subject.clone());
    }
    optional("format", row.format.clone());
    let profile = story.summary.as_ref().and_then(|s| s.profile.as_ref());
    let profile = profile.map(|used| format!("{} (version {})", used.name, used.version));
    optional("profile", profile.or_else(|| row.profile.clone()));
    optional(
        "orders",
        Some(format!(
            "{} good, {} withheld, {} deliveries open",
            row.orders, row.withheld, row.open
        )),
    );
    optional("claimed", Some(when(row.claimed, look)));
    optional("settled", row.settled.map(|at| when(at, look)));
    optional("lies in", row.settled_to.clone());
    optional("waits for", row.waiting.clone());
    pairs(&lines, look)
}

fn answers(rows: &[AnswerRow], look: &Look) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("FORMAT", Column::Left),
        ("STATE", Column::Left),
        ("LAID", Column::Left),
        ("DETAIL", Column::Flex),
    ]);
    for row in rows {
        let tone = match row.state.as_str() {
            "laid" => Tone::Good,
            "dropped" => Tone::Faint,
            _ => Tone::Open,
        };
        table.row(vec![
            Cell::from(row.format.as_str()),
            Cell::toned(&row.state, tone),
            Cell::from(row.laid.map(|at| look.age(at)).unwrap_or_default()),
            Cell::from(row.detail.as_deref().unwrap_or_default()),
        ]);
    }
    heading("Answers", look) + &table.render(look)
}

fn reports(rows: &[ReportRow], look: &Look) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[
        ("TO", Column::Flex),
        ("STATE", Column::Left),
        ("MADE", Column::Left),
        ("SENT", Column::Left),
        ("DETAIL", Column::Flex),
    ]);
    for row in rows {
        let tone = match row.state.as_str() {
            "sent" => Tone::Good,
            "withheld" => Tone::Faint,
            _ => Tone::Open,
        };
        table.row(vec![
            Cell::from(row.recipient.as_deref().unwrap_or_default()),
            Cell::toned(&row.state, tone),
            Cell::from(look.age(row.created)),
            Cell::from(row.sent.map(|at| look.age(at)).unwrap_or_default()),
            Cell::from(row.detail.as_deref().unwrap_or_default()),
        ]);
    }
    heading("Mails", look) + &table.render(look)
}
