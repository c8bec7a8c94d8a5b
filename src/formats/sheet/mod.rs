//! Spreadsheets: workbooks of every kind that reach an order desk, as rows of text.
//!
//! What a file is, its content decides, never its name: OLE2 (`xls`), zip (`xlsx`, `xlsb`, `ods`), and
//! the three texts that programs like to call `.xls`: HTML tables, SpreadsheetML 2003 and SYLK. Each
//! kind has a file here that knows its bytes; [`rows`] knows what is the same for all: limits, hidden
//! rows and columns, merged cells, places. Numbers become text in [`numbers`], [`dates`] and
//! [`number_format`], in one way for all kinds.
//!
//! The readers are our own. A general library builds a dense grid of each sheet, and a workbook of two
//! cells in far corners then asks for gigabytes; ids shown with leading zeros, hidden rows and formulas
//! without a result are lost on the way. Here memory follows the cells that are really there.
//!
//! Never: runs a macro, evaluates a formula, follows a link, or trusts a size that the file states.

use std::borrow::Cow;
use std::io::{Read, SeekFrom};

use super::{Flow, FormatKind, Input, ReadOptions, Records};
use crate::limits;
use crate::problem::{Place, Problem};

mod biff;
mod cfb;
mod dates;
mod detect;
mod html;
mod markup;
mod number_format;
mod numbers;
mod ods;
mod package;
mod rows;
mod spreadsheetml;
mod strings;
mod sylk;
mod text;
mod xls;
mod xlsb;
mod xlsx;

#[cfg(test)]
mod tests;

use detect::Kind;
use rows::Sink;

/// Why a reader ends before the end of its file.
enum Stop {
    /// The sink has enough; it has said why by itself.
    Enough,
    /// Something is wrong with the file.
    Bad(Box<Problem>),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Bad(Box::new(problem))
    }
}

/// One step of reading.
type Step<T = ()> = Result<T, Stop>;

/// Turns the sink's answer into a step.
fn go(flow: Flow) -> Step {
    match flow {
        Flow::Continue(()) => Ok(()),
        Flow::Break(()) => Err(Stop::Enough),
    }
}

/// Reads a spreadsheet into `records`. `format` is what the sniffer took it for; where the content
/// says otherwise, the content is right.
///
/// # Errors
/// The problem that ended reading.
pub fn read(
    format: FormatKind,
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    match read_kind(format, input, options, records) {
        Ok(()) | Err(Stop::Enough) => Ok(()),
        Err(Stop::Bad(problem)) => Err(*problem),
    }
}

fn read_kind(
    format: FormatKind,
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Step {
    let kind = detect::kind(format, input)?;
    let name = input.name().to_owned();
    let mut sink = Sink::new(kind, options, records);
    rewind(input, kind.word())?;
    let named = detect::extension_differs(kind, &name);
    // An encrypted xlsx is a compound file too: xls looks inside before it says what the file is.
    if kind != Kind::Ole {
        sink.begin(kind.format(), named.clone())?;
    }
    match kind {
        Kind::Xlsx => xlsx::read(input, &mut sink),
        Kind::Xlsb => xlsb::read(input, &mut sink),
        Kind::Ods => ods::read(input, &mut sink),
        Kind::Ole => xls::read_compound(named, input, &mut sink),
        Kind::Biff => xls::read_bare(input, &mut sink),
        Kind::Html => html::read(input, options, &mut sink),
        Kind::SpreadsheetMl => spreadsheetml::read(input, &mut sink),
        Kind::Sylk => sylk::read(input, options, &mut sink),
    }
}

/// The name that a spreadsheet gives a cell: column from 0, row from 1.
#[must_use]
pub fn cell_name(column: usize, row: u64) -> String {
    format!("{}{row}", column_name(column))
}

/// The letters of a column, from 0: A, …, Z, AA, ….
#[must_use]
pub fn column_name(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// A place in a sheet.
fn cell_place(sheet: &str, column: usize, row: u64) -> Place {
    Place {
        sheet: Some(sheet.to_owned()),
        cell: Some(cell_name(column, row)),
        row: Some(row),
        ..Place::default()
    }
}

/// An error whose code starts with the kind's own word: `xlsx.damaged`.
fn error_in(word: &str, what: &str, message: impl Into<Cow<'static, str>>) -> Problem {
    let mut problem = Problem::error("", message);
    problem.code = Cow::Owned(format!("{word}.{what}"));
    problem
}

/// The file contradicts its own format.
fn damaged(word: &str, detail: &str) -> Problem {
    error_in(
        word,
        "damaged",
        format!("The {word} file is damaged: {detail}."),
    )
    .with_hint("Open it in your spreadsheet program, save it again and send the new file.")
}

/// The file ends too early.
fn truncated(word: &str) -> Problem {
    error_in(
        word,
        "truncated",
        format!("The {word} file is cut off: its end is missing."),
    )
    .with_hint("Send the file again; the transfer was probably interrupted.")
}

/// The file is larger than a limit.
fn too_large(word: &str, detail: &str) -> Problem {
    error_in(
        word,
        "too-large",
        format!("The workbook is too large: {detail}."),
    )
    .with_hint("Delete what does not belong to the order, or split the file.")
}

/// The file has a password.
fn encrypted(word: &str) -> Problem {
    error_in(word, "encrypted", "The workbook has a password.")
        .with_hint("Save it without a password and send it again.")
}

/// What reading the input itself came to.
fn io_problem(word: &str, error: &std::io::Error) -> Problem {
    if let Some(carried) = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<package::Carried>())
    {
        return carried.0.clone();
    }
    if error.kind() == std::io::ErrorKind::UnexpectedEof {
        return truncated(word);
    }
    damaged(word, &error.to_string())
}

/// All of a text that is a spreadsheet, decoded.
fn whole_text(
    input: &mut dyn Input,
    options: &ReadOptions,
    word: &'static str,
    key: &[u8],
) -> Step<String> {
    if input.size() > limits::TEXT_SHEET_BYTES {
        let detail = format!("it has more than {} MB", limits::TEXT_SHEET_BYTES >> 20);
        return Err(too_large(word, &detail).into());
    }
    let bytes = head(input, limits::TEXT_SHEET_BYTES, word)?;
    let label = options.encoding.as_deref();
    text::decode(&bytes, label, key).ok_or_else(|| {
        let label = label.unwrap_or_default();
        error_in(
            word,
            "encoding",
            format!("The text of the file does not fit the encoding {label}."),
        )
        .into()
    })
}

fn rewind(input: &mut dyn Input, word: &str) -> Step {
    match input.seek(SeekFrom::Start(0)) {
        Ok(_) => Ok(()),
        Err(error) => Err(io_problem(word, &error).into()),
    }
}

/// Up to `most` bytes from the start of `input`.
fn head(input: &mut dyn Input, most: u64, word: &str) -> Step<Vec<u8>> {
    rewind(input, word)?;
    let mut bytes = Vec::new();
    match input.take(most).read_to_end(&mut bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(io_problem(word, &error).into()),
    }
}
