//! What senders call the fields of an order.
//!
//! `words.txt` lists the words in five languages; [`field`] finds the field that a header means, or
//! none. No word has two meanings: a test proves it. A unit in a header counts: `Weight (kg)` is a
//! field, `Weight (t)` is not, because a ton is no kilogram.
//!
//! Words of places and words of their parts combine: `Lieferort PLZ`, `Code postal de livraison`
//! and `ship_to_zip` are all the postcode of the delivery, without standing in any list.

mod paths;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::LazyLock;

pub use paths::PATHS;

use crate::order::{Folded, fold};

const WORDS: &str = include_str!("words.txt");

/// Words between a part and a place that mean nothing: "Ville *de* livraison".
const LINKS: &[&str] = &[
    "", "de", "du", "dela", "d", "der", "des", "van", "of", "for", "pour", "voor",
];

/// The header as it compares: lower case, without accents, blanks and signs; `#` and `№` are `no`,
/// `%` is `pct`, `€` is `eur`. What stands in brackets stays.
#[must_use]
pub fn normalise(header: &str) -> String {
    let mut normal = String::with_capacity(header.len());
    for c in header.chars() {
        match c {
            '#' | '№' => normal.push_str("no"),
            '%' => normal.push_str("pct"),
            '€' => normal.push_str("eur"),
            '$' => normal.push_str("usd"),
            '£' => normal.push_str("gbp"),
            _ => match fold(c) {
                Folded::Nothing => {}
                Folded::One(one) => normal.push(one),
                Folded::Two(one, two) => normal.extend([one, two]),
            },
        }
    }
    normal
}

/// The canonical field that `header` means, one of [`PATHS`]; `None` if it means none that is known,
/// or could mean several.
#[must_use]
pub fn field(header: &str) -> Option<&'static str> {
    let normal = normalise(header);
    INDEX.fields.get(&normal).copied().or_else(|| {
        let normal = normal.as_str();
        INDEX.places.iter().find_map(|(word, place)| {
            let part = normal
                .strip_prefix(word.as_str())
                .and_then(|rest| INDEX.part(rest, place))
                .or_else(|| INDEX.linked_part(normal.strip_suffix(word.as_str())?, place))?;
            known(&format!("{place}{part}"))
        })
    })
}

/// The field whose word `header` nearly is: a letter or two wrong in a long word. For suggestions,
/// never for orders.
pub(crate) fn like(header: &str) -> Option<&'static str> {
    let normal = normalise(header);
    let most = match normal.len() {
        0..=5 => return None,
        6..=10 => 1,
        _ => 2,
    };
    let near = |word: &String| {
        word.len().abs_diff(normal.len()) <= most
            && crate::profiles::text::distance(word, &normal) <= most
    };
    let mut fields: Vec<&'static str> = INDEX
        .fields
        .iter()
        .filter(|(word, _)| near(word))
        .map(|(_, field)| *field)
        .collect();
    fields.sort_unstable();
    fields.dedup();
    match fields[..] {
        [field] => Some(field),
        _ => None,
    }
}

/// The words, read once.
struct Index {
    /// Whole headers.
    fields: HashMap<String, &'static str>,
    /// Words of places with the path of the place; longer words first, so that `ship to` is not
    /// taken for `ship`.
    places: Vec<(String, &'static str)>,
    /// Words of parts: the part of a party, and the part of a stop.
    parts: HashMap<String, Parts>,
}

/// What a part's word means at a party, and at a stop where it differs.
#[derive(Default, Clone, Copy)]
struct Parts {
    party: Option<&'static str>,
    stop: Option<&'static str>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Index {
        fields: HashMap::new(),
        places: Vec::new(),
        parts: HashMap::new(),
    };
    for (target, word) in words() {
        for normal in spellings(word) {
            index.add(target, normal);
        }
    }
    index
        .places
        .sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
    index.add_own_names();
    index
});

impl Index {
    fn add(&mut self, target: &'static str, normal: String) {
        if let Some(place) = target.strip_prefix('@') {
            self.places.push((normal, place));
        } else if target.starts_with('.') {
            self.parts.entry(normal).or_default().party = Some(target);
        } else if let Some(part) = target.strip_prefix('~') {
            self.parts.entry(normal).or_default().stop = Some(part);
        } else {
            self.fields.insert(normal, target);
        }
    }

    /// Every field is known by its own name, and an address alone is where the goods go.
    fn add_own_names(&mut self) {
        for (word, parts) in &self.parts {
            if let Some(path) = parts
                .party
                .and_then(|part| known(&format!("shipments.delivery.party{part}")))
            {
                self.fields.entry(word.clone()).or_insert(path);
            }
        }
        for path in PATHS {
            self.fields.insert(normalise(path), path);
        }
        for (name, path) in last_names() {
            self.fields.entry(normalise(name)).or_insert(path);
        }
    }

    /// The rest of a path below `place` for the word `part`.
    fn part(&self, part: &str, place: &str) -> Option<String> {
        let meaning = self.parts.get(part)?;
        if !place.starts_with("shipments.") {
            return meaning.party.map(str::to_owned);
        }
        let of_party = meaning.party.map(|field| format!(".party{field}"));
        of_party.or_else(|| meaning.stop.map(|field| format!(".{field}")))
    }

    fn linked_part(&self, part: &str, place: &str) -> Option<String> {
        LINKS
            .iter()
            .filter_map(|link| part.strip_suffix(link))
            .find_map(|part| self.part(part, place))
    }
}

/// The path as it stands in [`PATHS`].
pub(crate) fn known(path: &str) -> Option<&'static str> {
    let index = PATHS.binary_search(&path).ok()?;
    PATHS.get(index).copied()
}

/// Last parts of paths that one path alone has.
fn last_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    let last = |path: &'static str| path.rsplit('.').next().unwrap_or(path);
    PATHS.iter().filter_map(move |path| {
        let is_alone = PATHS
            .iter()
            .filter(|other| last(other) == last(path))
            .count()
            == 1;
        is_alone.then_some((last(path), *path))
    })
}

/// All words with what they name, as `words.txt` has them: a name and ` =`, then indented lines.
fn words() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut target = "";
    let lines = WORDS.lines().filter(|line| !line.starts_with('#'));
    let lists = lines.filter_map(move |line| {
        if let Some(name) = line.strip_suffix(" =") {
            target = name;
            return None;
        }
        Some((target, line.strip_prefix("    ")?))
    });
    lists.flat_map(|(target, words)| words.split(", ").map(move |word| (target, word)))
}

/// A word's normal form, and the one of its spelling without umlauts.
fn spellings(word: &str) -> impl Iterator<Item = String> {
    let plain = normalise(word);
    let spelt: String = word
        .chars()
        .map(|c| match c {
            'ä' | 'Ä' => "ae".to_owned(),
            'ö' | 'Ö' | 'ø' => "oe".to_owned(),
            'ü' | 'Ü' => "ue".to_owned(),
            'å' | 'Å' => "aa".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let spelt = Some(normalise(&spelt)).filter(|spelt| *spelt != plain);
    std::iter::once(plain).chain(spelt)
}
