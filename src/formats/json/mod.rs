//! The canonical order itself, as JSON: one order, an array of orders, `{"orders": […]}`, or one
//! order a line.
//!
//! Promises: the text is cut into single orders as it streams, so that a file of any length costs
//! the memory of its largest order; every problem has its line, character and path; a key that
//! stands twice is refused instead of the last one winning; a key nobody knows is named with the
//! nearest one that exists. JSON of others is told as elements, if the sink knows it. An object with `order`, `shipment` or `tracking` instead of a
//! `reference` is a status update.

mod frame;
mod item;
mod keys;
mod structure;
mod tree;

use super::encoding::{self, Text};
use super::{About, FormatKind, Input, ReadOptions, Records};
use crate::problem::{Place, Problem};

use frame::Framer;
pub(super) use keys::is_canonical;

/// The keys of an envelope, each with an array of orders or updates.
const ENVELOPE: [&str; 2] = ["orders", "status_updates"];

/// Reads a JSON file into `records`.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let decision = encoding::decide(input, options.encoding.as_deref(), FormatKind::Json)?;
    let about = About {
        format: FormatKind::Json,
        encoding: Some(decision.encoding.name().to_owned()),
        dialect: None,
        separators: None,
    };
    if records.begin(&about).is_break() {
        return Ok(());
    }
    if let Some(warning) = decision.warning.clone()
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    let mut framer = Framer::new(Text::open(input, &decision)?);
    if matches!(framer.peek()?, Some(b'{' | b'[')) && records.json(&keys::paths(framer.head()?)) {
        return tree::tell(&mut framer, records);
    }
    let goes_on = match framer.peek()? {
        None => {
            return Err(Problem::error("json.empty", "The file is empty.")
                .with_hint("Check the export that made it, and send it again."));
        }
        Some(b'[') => array(&mut framer, "", records)?,
        Some(b'{')
            if framer
                .first_key()?
                .is_some_and(|key| ENVELOPE.contains(&key.as_str())) =>
        {
            envelope(&mut framer, records)?
        }
        Some(b'{') => return lines(&mut framer, records),
        Some(_) => return Err(framer.malformed("it starts with neither `{` nor `[`")),
    };
    if goes_on && framer.peek()?.is_some() {
        return Err(framer.malformed("something follows the end of the document"));
    }
    Ok(())
}

/// One object after the other. Answers nothing: the sink's wish to stop ends reading.
fn lines(framer: &mut Framer<'_>, records: &mut dyn Records) -> Result<(), Problem> {
    let mut several = false;
    while let Some(byte) = framer.peek()? {
        if byte != b'{' {
            return Err(framer.malformed("an order does not start with `{`"));
        }
        let line = framer.position().line;
        let value = framer.value()?;
        let path = if several || framer.peek()?.is_some() {
            several = true;
            format!("line {line}")
        } else {
            String::new()
        };
        if !item::tell(&value, &path, records)? {
            break;
        }
    }
    Ok(())
}

/// `{"orders": […], "status_updates": […]}`; answers whether the sink wants more.
fn envelope(framer: &mut Framer<'_>, records: &mut dyn Records) -> Result<bool, Problem> {
    framer.expect(b'{')?;
    let mut seen: Vec<String> = Vec::new();
    loop {
        let place = framer.place();
        let key = framer.key()?;
        if seen.contains(&key) {
            return Err(structure::duplicate(&key, place));
        }
        framer.expect(b':')?;
        if ENVELOPE.contains(&key.as_str()) {
            if framer.peek()? != Some(b'[') {
                return Err(framer.malformed("the orders are no array"));
            }
            if !array(framer, &key, records)? {
                return Ok(false);
            }
        } else {
            framer.value()?;
            let problem = item::unknown_key(&key, &ENVELOPE.map(str::to_owned)).at(Place {
                path: Some(key.clone()),
                ..place
            });
            if records.problem(problem).is_break() {
                return Ok(false);
            }
        }
        seen.push(key);
        match framer.take()? {
            Some(b',') => {}
            Some(b'}') => return Ok(true),
            None => return Err(framer.truncated("")),
            Some(_) => return Err(framer.malformed("a `,` or `}` is missing")),
        }
    }
}

/// `[…]`; answers whether the sink wants more.
fn array(
    framer: &mut Framer<'_>,
    prefix: &str,
    records: &mut dyn Records,
) -> Result<bool, Problem> {
    framer.expect(b'[')?;
    if framer.peek()? == Some(b']') {
        framer.take()?;
        return Ok(true);
    }
    let mut index = 0_u64;
    loop {
        let path = format!("{prefix}[{index}]");
        let value = framer.value().map_err(|problem| within(problem, &path))?;
        if !item::tell(&value, &path, records)? {
            return Ok(false);
        }
        index += 1;
        match framer.take()? {
            Some(b',') => {}
            Some(b']') => return Ok(true),
            None => return Err(framer.truncated(&path)),
            Some(_) => return Err(framer.malformed("a `,` or `]` is missing")),
        }
    }
}

fn within(mut problem: Problem, path: &str) -> Problem {
    problem.place.path.get_or_insert_with(|| path.to_owned());
    problem
}
