//! The draft as the text of a profile, with what each guess is worth behind it.

use std::fmt::Write;

use super::super::target::level_of;
use super::{Draft, Guess};
use crate::limits;

/// A text in TOML.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => write!(quoted, "\\u{:04X}", u32::from(c)).unwrap_or_default(),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// The whole profile.
pub(super) fn text(draft: &Draft, file: &str) -> String {
    let mut text = String::new();
    let name = name_of(file);
    write!(
        text,
        "# Suggested from {}. Each field has its score of a hundred and some values behind it: look at the\n\
         # low ones first, then try it:  orderdock parse {} --profile {name}.toml\n\
         name = {}\ntitle = {}\nversion = \"1\"\nformat = {}\n",
        crate::problem::excerpt(file),
        shell(file),
        quoted(&name),
        quoted(&format!("orders like {file}")),
        quoted(draft.format),
    )
    .unwrap_or_default();
    for (key, value, comment) in &draft.keys {
        let line = format!("{key} = {value}");
        text.push_str(&commented(&line, comment));
    }
    if !draft.recognise.is_empty() {
        text.push_str("\n# What files of this layout are known by. Leave it out, and only routes that name it use it.\n[recognise]\n");
        for (key, value) in &draft.recognise {
            writeln!(text, "{key} = {value}").unwrap_or_default();
        }
    }
    for section in ["order", "shipment", "goods", "equipment", "line"] {
        let guesses: Vec<&Guess> = draft
            .guesses
            .iter()
            .filter(|guess| level_of(&guess.field).0.section() == section)
            .collect();
        let each = draft.each.iter().find(|(level, _)| *level == section);
        let lacks_number =
            section == "order" && !draft.guesses.iter().any(|guess| guess.field == "reference");
        if guesses.is_empty() && each.is_none() && !lacks_number {
            continue;
        }
        writeln!(text, "\n[{section}]").unwrap_or_default();
        if let Some((_, path)) = each {
            writeln!(text, "each = {}", quoted(path)).unwrap_or_default();
        }
        if let Some((_, count)) = draft.repeat.filter(|(level, _)| *level == section) {
            writeln!(text, "repeat = {count}").unwrap_or_default();
        }
        if lacks_number {
            text.push_str("reference = \"= unique()\"  # no column looks like the order number: name it here\n");
        }
        for guess in guesses {
            let line = format!("{} = {}", level_of(&guess.field).1, quoted(&guess.value));
            let comment = format!("{}: {}", guess.score, guess.samples.join(" · "));
            text.push_str(&commented(&line, &comment));
        }
    }
    for section in &draft.sections {
        write!(text, "\n{section}").unwrap_or_default();
    }
    if !draft.left.is_empty() {
        text.push_str("\n# Not understood; these are kept as extra fields:\n");
        for (what, samples) in draft.left.iter().take(limits::SUGGEST_PATHS) {
            let samples: Vec<String> = samples
                .iter()
                .take(3)
                .map(|text| crate::problem::excerpt(text))
                .collect();
            text.push_str(&commented(
                &format!("#   {}", one_line(what)),
                &samples.join(" · "),
            ));
        }
    }
    text
}

fn commented(line: &str, comment: &str) -> String {
    match comment {
        "" => format!("{line}\n"),
        comment => format!("{line:<48} # {}\n", one_line(comment)),
    }
}

fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// A file's name without what a profile's name cannot have.
fn name_of(file: &str) -> String {
    let base = file.rsplit('/').next().unwrap_or(file);
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let mut name = String::new();
    for c in stem.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-').to_owned();
    if name.is_empty() {
        "layout".to_owned()
    } else {
        name
    }
}

/// A name as a shell takes it.
fn shell(file: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-/".contains(c);
    if file.chars().all(plain) {
        return file.to_owned();
    }
    format!("'{}'", one_line(file).replace('\'', "'\\''"))
}
