//! Suggestions for XML and JSON: which element is an order, which its lines, what the leaves are.

use std::collections::BTreeSet;

use super::super::target::level_of;
use super::guess::{self, ENOUGH, Scored};
use super::survey::{SeenPath, Survey};
use super::tables::{declare, kind};
use super::write::quoted;
use super::{Draft, Guess};
use crate::formats::FormatKind;

/// Words in paths that say nothing of their own.
const EMPTY_WORDS: [&str; 22] = [
    "address",
    "adresse",
    "adres",
    "party",
    "postaladdress",
    "details",
    "detail",
    "data",
    "info",
    "contact",
    "kontakt",
    "header",
    "head",
    "kopf",
    "general",
    "value",
    "text",
    "list",
    "items",
    "body",
    "summary",
    "customer",
];

/// The draft for a document.
pub(super) fn draft(survey: &Survey) -> Option<Draft> {
    let json = survey.format == Some(FormatKind::Json);
    let leaves = leaves(survey);
    let record = record(survey, &leaves)?;
    let lines = lines(survey, &record, &leaves);
    let mut draft = Draft {
        format: if json { "json" } else { "xml" },
        ..Draft::default()
    };
    let path = record.join(if json { "." } else { "/" });
    let path = if json { path } else { format!("/{path}") };
    draft
        .keys
        .push(("record".into(), quoted(&path), "one order".into()));
    let mut guesses: Vec<(Scored, Guess)> = Vec::new();
    for leaf in leaves {
        let Some(inside) = leaf.names.strip_prefix(record.as_slice()) else {
            outside(leaf, json, &mut guesses);
            continue;
        };
        let of_line = lines
            .as_ref()
            .and_then(|line| leaf.names.strip_prefix(line.as_slice()));
        let (names, level) = of_line.map_or((inside, "order"), |names| (names, "line"));
        // What lines are called says what their numbers count.
        let own = lines
            .as_ref()
            .filter(|_| level == "line")
            .and_then(|line| line.last());
        let with_own: Vec<String> = own.into_iter().chain(names).cloned().collect();
        let scored = guess::scored(meaning(&with_own, level), &leaf.samples);
        let value = format!("@{}", written(names, inside, level, json));
        match scored {
            Some(scored) => guesses.push((scored, guess_of(scored, value, leaf))),
            None => draft.left.push((value, leaf.samples.clone())),
        }
    }
    settle(guesses, lines.is_some(), &mut draft);
    if let Some(lines) = &lines {
        let inside = lines.strip_prefix(record.as_slice()).unwrap_or_default();
        let count = |prefix: &str| {
            let mut guesses = draft.guesses.iter();
            guesses
                .by_ref()
                .filter(|guess| guess.field.starts_with(prefix))
                .count()
        };
        let goods = count("shipments.goods.") > count("lines.");
        let level = if goods { "goods" } else { "line" };
        draft
            .each
            .push((level, inside.join(if json { "." } else { "/" })));
    }
    let texts: Vec<String> = survey
        .paths
        .iter()
        .flat_map(|path| path.samples.iter().cloned())
        .collect();
    declare(&texts, &mut draft);
    kind(&mut draft);
    recognise(survey, &record, json, &mut draft);
    Some(draft)
}

fn recognise(survey: &Survey, record: &[String], json: bool, draft: &mut Draft) {
    if !json {
        draft.recognise.push((
            "root".into(),
            quoted(record.first().map_or("", String::as_str)),
        ));
        if !survey.namespace.is_empty() {
            draft
                .recognise
                .push(("namespace".into(), quoted(&survey.namespace)));
        }
        return;
    }
    let prefix: Vec<&str> = record.iter().skip(1).map(String::as_str).collect();
    let sure = draft
        .guesses
        .iter()
        .filter(|guess| guess.score >= 80 && !guess.value.contains(['[', '^', '$']));
    let sure = sure.filter(|guess| !guess.field.starts_with("lines."));
    let keys: Vec<String> = sure
        .take(3)
        .filter_map(|guess| {
            let path = guess.value.strip_prefix('@')?;
            let all: Vec<&str> = prefix.iter().copied().chain([path]).collect();
            Some(quoted(&all.join(".")))
        })
        .collect();
    draft
        .recognise
        .push(("keys".into(), format!("[{}]", keys.join(", "))));
}

/// What has values. Elements of one name that stand together and are told apart by an attribute
/// count one by one, with what the attribute says.
fn leaves(survey: &Survey) -> Vec<&SeenPath> {
    let base = |path: &SeenPath| -> Option<Vec<String>> {
        let (last, rest) = path.names.split_last()?;
        let (name, _) = last.split_once("[@")?;
        let mut names = rest.to_vec();
        names.push(name.to_owned());
        Some(names)
    };
    let qualified: BTreeSet<Vec<String>> = survey.paths.iter().filter_map(base).collect();
    let several = |names: &Vec<String>| {
        let mut paths = survey.paths.iter();
        paths.any(|path| path.names == *names && path.most > 1)
    };
    let filled = survey.paths.iter().filter(|path| !path.samples.is_empty());
    filled
        .filter(|path| match base(path) {
            Some(names) => several(&names),
            None => !(qualified.contains(&path.names) && several(&path.names)),
        })
        .collect()
}

/// The element that holds one order: the outermost that repeats and holds an order number; else the
/// root.
fn record(survey: &Survey, leaves: &[&SeenPath]) -> Option<Vec<String>> {
    let root = survey.paths.first()?.names.clone();
    let holds = |path: &SeenPath| {
        leaves.iter().any(|leaf| {
            leaf.names
                .strip_prefix(path.names.as_slice())
                .is_some_and(|names| {
                    names.len() <= 3
                        && meaning(names, "order").is_some_and(|(field, _)| field == "reference")
                })
        })
    };
    let repeated = survey
        .paths
        .iter()
        .filter(|path| path.samples.is_empty() && path.most > 1);
    let mut outermost: Vec<&SeenPath> = repeated.filter(|path| holds(path)).collect();
    outermost.sort_by_key(|path| path.names.len());
    let with_lines = |path: &&&SeenPath| {
        // Lines may have an order number of their own; what holds them is the order.
        let above = leaves.iter().any(|leaf| {
            leaf.names.len() < path.names.len() + 2
                && !leaf.names.starts_with(&path.names)
                && meaning(leaf.names.get(1..).unwrap_or_default(), "order")
                    .is_some_and(|(field, score)| field == "reference" && score >= 80)
        });
        !above
    };
    if let Some(path) = outermost.iter().find(with_lines) {
        return Some(path.names.clone());
    }
    // One order in an envelope: as deep as all leaves with order words go together.
    let named = leaves.iter().find(|leaf| {
        meaning(leaf.names.get(1..).unwrap_or_default(), "order")
            .is_some_and(|(field, _)| field == "reference")
    });
    let words = [
        "order",
        "bestellung",
        "auftrag",
        "commande",
        "beställning",
        "opdracht",
        "purchaseorder",
    ];
    let inner = named.and_then(|leaf| {
        let at = leaf
            .names
            .iter()
            .rposition(|name| words.contains(&name.to_lowercase().as_str()))?;
        leaf.names.get(..=at).map(<[String]>::to_vec)
    });
    Some(inner.filter(|names| names.len() > 1).unwrap_or(root))
}

/// The repeated element below the record that says what is ordered.
fn lines(survey: &Survey, record: &[String], leaves: &[&SeenPath]) -> Option<Vec<String>> {
    let inside = survey.paths.iter().filter(|path| {
        path.names.len() > record.len() && path.names.starts_with(record) && path.samples.is_empty()
    });
    let score = |path: &SeenPath| {
        let mut fields = BTreeSet::new();
        for leaf in leaves {
            if let Some(names) = leaf.names.strip_prefix(path.names.as_slice())
                && let Some((field, _)) = meaning(&named(path, names), "line")
                && (field.starts_with("lines.") || field.starts_with("shipments.goods."))
            {
                fields.insert(field);
            }
        }
        fields.len() * 2 + if path.most > 1 { 3 } else { 0 }
    };
    let best = inside.map(|path| (score(path), path)).max_by(|a, b| {
        // Of equals the innermost: its wrapper says the same.
        a.0.cmp(&b.0).then(a.1.names.len().cmp(&b.1.names.len()))
    });
    best.filter(|(score, _)| *score >= 4)
        .map(|(_, path)| path.names.clone())
}

/// The names of a leaf with that of the element above them.
fn named(path: &SeenPath, names: &[String]) -> Vec<String> {
    path.names
        .last()
        .into_iter()
        .chain(names)
        .cloned()
        .collect()
}

/// What the names of a leaf mean, from the record or line on.
fn meaning(names: &[String], level: &str) -> Option<Scored> {
    let names: Vec<&str> = names
        .iter()
        .map(|name| {
            // What the attribute says is the name.
            let value = name.split_once("='").map(|(_, value)| value);
            value.map_or(name.trim_start_matches('@'), |value| {
                value.trim_end_matches("']")
            })
        })
        .collect();
    let last = *names.last()?;
    let mut tries: Vec<(String, u8)> = Vec::new();
    let telling: Vec<&str> = names
        .iter()
        .enumerate()
        .filter(|(at, name)| {
            at + 1 == names.len() || !EMPTY_WORDS.contains(&name.to_lowercase().as_str())
        })
        .map(|(_, name)| *name)
        .collect();
    if let [.., parent, last] = telling.as_slice() {
        tries.push((format!("{parent} {last}"), 95));
    }
    for parent in names.iter().rev().skip(1) {
        tries.push((format!("{parent} {last}"), 90));
    }
    tries.push((last.to_owned(), if names.len() == 1 { 95 } else { 70 }));
    let exact = tries
        .iter()
        .find_map(|(text, score)| super::super::synonyms::field(text).map(|field| (field, *score)));
    let word = last.to_lowercase();
    let found = match (level, word.as_str()) {
        ("line", "id" | "no" | "nr" | "number" | "nummer" | "pos" | "position")
            if names.len() <= 2 =>
        {
            Some(("lines.number", 85))
        }
        ("order", "id" | "no" | "nr" | "number" | "nummer") if names.len() == 1 => {
            Some(("reference", 85))
        }
        // A value with attributes is the element's own name.
        (_, "value" | "text" | "$") => match names.as_slice() {
            [.., parent, _] => guess::by_name(parent),
            _ => exact,
        },
        _ => exact.or_else(|| guess::by_name(last)),
    };
    let (field, score) = found?;
    Some(match level {
        "line" if !field.starts_with("lines.") && !field.starts_with("shipments.goods.") => {
            in_line(last, field, score)
        }
        "order" => (guess::of_head(field), score),
        _ => (field, score),
    })
}

/// In a line, what names something of the order rather names the same of the line.
fn in_line(last: &str, field: &'static str, score: u8) -> Scored {
    let moved = match field {
        "reference" | "shipments.id" => "lines.number",
        "remarks" | "shipments.delivery.party.name" => "lines.description",
        "shipments.delivery.date" => "lines.delivery_date",
        "totals.amount" => "lines.amount",
        field => field,
    };
    let item =
        guess::by_name(&format!("item {last}")).filter(|(found, _)| found.starts_with("lines."));
    match item {
        Some(found) => found,
        None if moved != field => (moved, score.saturating_sub(10)),
        None => (field, score.saturating_sub(30)),
    }
}

fn written(names: &[String], inside: &[String], level: &str, json: bool) -> String {
    let names = if level == "order" { inside } else { names };
    let between = if json { "." } else { "/" };
    match names {
        [] => ".".to_owned(),
        names => names.join(between),
    }
}

/// A leaf before the record: the sender of the whole file.
fn outside(leaf: &SeenPath, json: bool, guesses: &mut Vec<(Scored, Guess)>) {
    let names = leaf.names.get(1..).unwrap_or_default();
    let scored = guess::scored(meaning(names, "order"), &leaf.samples);
    if let Some((field, score)) = scored.filter(|(field, _)| {
        field.starts_with("parties.") || field.contains(".party.") || *field == "currency"
    }) {
        let path = leaf.names.join(if json { "." } else { "/" });
        let value = if json {
            format!("@{path}")
        } else {
            format!("@/{path}")
        };
        let scored = (field, score.saturating_sub(20));
        guesses.push((scored, guess_of(scored, value, leaf)));
    }
}

fn guess_of((field, score): Scored, value: String, leaf: &SeenPath) -> Guess {
    Guess {
        field: field.to_owned(),
        value,
        score,
        samples: leaf
            .samples
            .iter()
            .take(3)
            .map(|text| crate::problem::excerpt(text))
            .collect(),
    }
}

/// The best guess for each field; goods are lines where there are no other lines.
fn settle(mut guesses: Vec<(Scored, Guess)>, with_lines: bool, draft: &mut Draft) {
    guesses.sort_by_key(|((_, score), _)| std::cmp::Reverse(*score));
    let mut taken = BTreeSet::new();
    for ((field, score), guess) in guesses {
        let (level, _) = level_of(field);
        let homeless = !with_lines && ["line", "goods"].contains(&level.section());
        if score >= ENOUGH && !homeless && taken.insert(field) {
            draft.guesses.push(guess);
        } else {
            draft.left.push((guess.value, guess.samples));
        }
    }
}
