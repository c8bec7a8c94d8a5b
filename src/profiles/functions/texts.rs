//! Functions on texts. None gives more than it was given, but for padding and joining, which end at
//! the size of a cell.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all functions have one signature, and some can fail"
)]

use super::{Args, Tools, yes};
use crate::expression;
use crate::limits;

type Text = Result<String, String>;

pub(super) fn upper(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    Ok(args.get(0).to_uppercase())
}

pub(super) fn lower(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    Ok(args.get(0).to_lowercase())
}

/// `title("NEW YORK")` is `New York`.
pub(super) fn title(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let mut text = String::new();
    let mut inside = false;
    for c in args.get(0).chars() {
        if inside {
            text.extend(c.to_lowercase());
        } else {
            text.extend(c.to_uppercase());
        }
        inside = c.is_alphanumeric() || c == '\'';
    }
    Ok(text)
}

/// `trim(text)`, or `trim(text, "-/")`: those signs too.
pub(super) fn trim(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let signs = args.get(1);
    let text = args
        .get(0)
        .trim_matches(|c: char| c.is_whitespace() || signs.contains(c));
    Ok(text.to_owned())
}

pub(super) fn replace(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    if args.get(1).is_empty() {
        return Err("replace() needs to know what to replace".to_owned());
    }
    expression::replaced(args.get(0), args.get(1), args.get(2)).map_err(|error| error.to_string())
}

pub(super) fn concat(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    bounded(args.0.concat())
}

/// `join(", ", a, b, …)`: those that are not empty.
pub(super) fn join(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let parts: Vec<&str> = args.0.iter().skip(1).map(|part| part.trim()).collect();
    let filled: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    bounded(filled.join(args.get(0)))
}

fn bounded(text: String) -> Text {
    if text.len() > limits::CELL_BYTES {
        return Err("the result is longer than a cell may be".to_owned());
    }
    Ok(text)
}

/// The first that is not empty.
pub(super) fn first(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let mut filled = args.0.iter().filter(|text| !text.trim().is_empty());
    Ok(filled
        .next()
        .map_or_else(String::new, |text| text.as_ref().to_owned()))
}

/// `choose(condition, then, otherwise)`: nothing, `false`, `no` and `0` are no.
pub(super) fn choose(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let holds = !matches!(
        args.get(0).trim().to_lowercase().as_str(),
        "" | "false" | "no" | "0"
    );
    Ok(args.get(if holds { 1 } else { 2 }).to_owned())
}

/// `substr(text, 2, 4)`: four characters from the third on.
pub(super) fn substr(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let count = if args.has(2) {
        args.count(2)?
    } else {
        usize::MAX
    };
    Ok(args
        .get(0)
        .chars()
        .skip(args.count(1)?)
        .take(count)
        .collect())
}

/// `split("a|b|c", "|", 2)` is `b`; counted from the end with -1.
pub(super) fn split(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let (text, sign) = (args.get(0), args.get(1));
    if sign.is_empty() {
        return Err("split() needs the sign between the parts".to_owned());
    }
    let place: i64 = args
        .get(2)
        .parse()
        .map_err(|_| "split() counts parts from 1".to_owned())?;
    let parts: Vec<&str> = text.split(sign).map(str::trim).collect();
    let index = match place {
        1.. => usize::try_from(place - 1).ok(),
        ..0 => usize::try_from(-place)
            .ok()
            .and_then(|back| parts.len().checked_sub(back)),
        0 => return Err("split() counts parts from 1".to_owned()),
    };
    Ok(index
        .and_then(|index| parts.get(index))
        .copied()
        .unwrap_or("")
        .to_owned())
}

/// `before("12 kg", " ")` is `12`; all of it where the sign is not there.
pub(super) fn before(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let text = args.get(0);
    Ok(text
        .split_once(args.get(1))
        .map_or(text, |(before, _)| before)
        .trim()
        .to_owned())
}

/// `after("PO: 4711", ":")` is `4711`; nothing where the sign is not there.
pub(super) fn after(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let after = args
        .get(0)
        .split_once(args.get(1))
        .map_or("", |(_, after)| after);
    Ok(after.trim().to_owned())
}

pub(super) fn contains(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let (text, part) = (args.get(0).to_lowercase(), args.get(1).to_lowercase());
    Ok(yes(text.contains(&part)))
}

pub(super) fn digits(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    Ok(args.get(0).chars().filter(char::is_ascii_digit).collect())
}

/// `pad("7", 3)` is `007`; another sign may be given.
pub(super) fn pad(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    Ok(padding(args)? + args.get(0))
}

/// `pad_right("A", 3, "-")` is `A--`; blanks without a sign.
pub(super) fn pad_right(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let blank = if args.has(2) { "" } else { " " };
    let padding = padding(args)?;
    let padding = if blank.is_empty() {
        padding
    } else {
        padding.replace('0', blank)
    };
    Ok(format!("{}{padding}", args.get(0)))
}

fn padding(args: &Args<'_, '_>) -> Text {
    let width = args.count(1)?;
    if width > limits::PADDED_CHARS {
        return Err(format!(
            "a text is padded to {} signs at most",
            limits::PADDED_CHARS
        ));
    }
    let missing = width.saturating_sub(args.get(0).chars().count());
    let sign = args.get(2).chars().next().unwrap_or('0');
    Ok(std::iter::repeat_n(sign, missing).collect())
}

/// `regex(text, "AB(\\d+)")`: the first group of the first place that fits, all of it without
/// groups; `regex(text, pattern, 2)` the second group, or one by name.
pub(super) fn regex(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let pattern = pattern(args.get(1))?;
    let Some(found) = pattern.captures(args.get(0)) else {
        return Ok(String::new());
    };
    let group = match (args.has(2), args.get(2).parse::<usize>()) {
        (false, _) => found.get(usize::from(found.len() > 1)),
        (true, Ok(number)) => found.get(number),
        (true, Err(_)) => found.name(args.get(2)),
    };
    Ok(group.map_or("", |group| group.as_str()).to_owned())
}

/// `regex_replace(text, "\\s+", " ")`; `$1` stands for the first group.
pub(super) fn regex_replace(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    let (text, with) = (args.get(0), args.get(2));
    let pattern = pattern(args.get(1))?;
    // Each place may give as much as the replacement and the whole text together.
    let places = pattern.find_iter(text).take(limits::CELL_BYTES).count();
    if places.saturating_mul(with.len().saturating_add(1)) > limits::CELL_BYTES {
        return Err("the result is longer than a cell may be".to_owned());
    }
    bounded(pattern.replace_all(text, with).into_owned())
}

pub(super) fn matches(args: &Args<'_, '_>, _: &Tools<'_>) -> Text {
    Ok(yes(pattern(args.get(1))?.is_match(args.get(0))))
}

/// The compiled pattern. Compiling costs a thousand times what matching does, so each thread keeps
/// the last ones; patterns come from profiles alone, and there are few.
fn pattern(text: &str) -> Result<regex::Regex, String> {
    use std::cell::RefCell;
    use std::collections::HashMap;
    thread_local! {
        static KNOWN: RefCell<HashMap<String, regex::Regex>> = RefCell::default();
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(pattern) = known.get(text) {
            return Ok(pattern.clone());
        }
        let pattern = regex::RegexBuilder::new(text)
            .size_limit(limits::REGEX_BYTES)
            .dfa_size_limit(limits::REGEX_BYTES)
            .build()
            .map_err(|error| format!("the pattern “{text}” is wrong: {error}"))?;
        if known.len() >= limits::REGEXES {
            known.clear();
        }
        known.insert(text.to_owned(), pattern.clone());
        Ok(pattern)
    })
}
