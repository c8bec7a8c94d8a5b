//! Excel 2007 and later: strict and transitional, with or without macros (which are never looked at).
//!
//! Parts are found by their relationships, as ECMA-376 part 2 wants, so that unusual names, absolute
//! targets and backslashes do no harm. A sheet is never held: its rows go on as the zip is unpacked.

use std::io::Read;

use super::markup::Scanner;
use super::package::Package;
use super::rows::Sink;
use super::strings::Strings;
use super::{Step, damaged};
use crate::formats::Input;

mod cells;
mod styles;
mod texts;
mod workbook;

use workbook::Workbook;
pub(super) use workbook::{main_part, relations, target_of};

/// Reads a workbook.
pub(super) fn read(input: &mut dyn Input, sink: &mut Sink<'_>) -> Step {
    let word = sink.word();
    let mut package = Package::open(input, word)?;
    let book = Workbook::read(&mut package, word)?;
    let formats = match book.styles.as_deref() {
        Some(part) => match package.part(part)? {
            Some(source) => styles::read(Scanner::new(source, word)?)?,
            None => styles::none(),
        },
        None => styles::none(),
    };
    let strings = match book.strings.as_deref() {
        Some(part) => match package.part(part)? {
            Some(source) => texts::read(Scanner::new(source, word)?, word)?,
            None => Strings::new(word),
        },
        None => Strings::new(word),
    };
    for sheet in &book.sheets {
        if !sink.sheet(&sheet.name, sheet.hidden)? {
            continue;
        }
        let source = sheet_source(&mut package, &sheet.part, &sheet.name, word)?;
        let context = cells::Context {
            strings: &strings,
            formats: &formats,
            epoch_1904: book.epoch_1904,
            word,
        };
        cells::read(Scanner::new(source, word)?, &context, sink)?;
        sink.end_sheet()?;
    }
    Ok(())
}

fn sheet_source<'p>(
    package: &'p mut Package<'_>,
    part: &str,
    name: &str,
    word: &'static str,
) -> Step<Box<dyn Read + 'p>> {
    match package.part(part)? {
        Some(source) => Ok(source),
        None => Err(damaged(word, &format!("the part of sheet {name} is missing")).into()),
    }
}
