//! The rows of a worksheet part, as the zip is unpacked.

use super::texts::{bad_text, unescape_characters};
use crate::formats::CellKind;
use crate::formats::sheet::markup::{Scanner, Tag, Token, is_true, unescape};
use crate::formats::sheet::number_format::Formats;
use crate::formats::sheet::rows::{Range, Sink};
use crate::formats::sheet::strings::Strings;
use crate::formats::sheet::{Step, damaged, dates};

/// What cells refer to.
pub(super) struct Context<'a> {
    pub(super) strings: &'a Strings,
    pub(super) formats: &'a Formats,
    pub(super) epoch_1904: bool,
    pub(super) word: &'static str,
}

/// What a cell's `t` says its value is (18.18.11 ST_CellType).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Shared,
    Text,
    Inline,
    Boolean,
    Error,
    Date,
}

/// The row and cell being read.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says whether one element was seen; together they are no state"
)]
struct Current {
    row: u64,
    row_hidden: bool,
    /// Columns count from 0.
    column: usize,
    next_column: usize,
    kind: Type,
    style: usize,
    formula: bool,
    has_value: bool,
    value: String,
    /// Whether text now belongs to `value`.
    taking: bool,
}

/// Reads the rows of one sheet.
pub(super) fn read(mut scanner: Scanner<'_>, context: &Context<'_>, sink: &mut Sink<'_>) -> Step {
    let mut current = Current::new();
    let mut text = String::new();
    let mut in_rows = false;
    loop {
        match scanner.next()? {
            Token::Open(tag) if in_rows => match tag.local() {
                b"c" => current.open_cell(&tag, context)?,
                b"v" => current.open_value(),
                b"t" => current.taking = true,
                b"f" => current.formula = true,
                b"row" => current.open_row(&tag),
                b"is" => current.has_value = true,
                b"rPh" | b"extLst" => scanner.skip()?,
                _ => {}
            },
            Token::Close(name) if in_rows => match name {
                b"v" | b"t" => current.taking = false,
                b"c" => current.close_cell(context, &mut text, sink)?,
                b"row" => sink.end_row(current.row, current.row_hidden)?,
                b"sheetData" => in_rows = false,
                _ => {}
            },
            Token::Text(raw) if current.taking && !unescape(raw, &mut current.value) => {
                return Err(bad_text(context.word));
            }
            Token::Cdata(raw) if current.taking => match std::str::from_utf8(raw) {
                Ok(raw) => current.value.push_str(raw),
                Err(_) => return Err(bad_text(context.word)),
            },
            Token::Open(tag) => match tag.local() {
                b"sheetData" => in_rows = true,
                b"col" => hide_columns(&tag, sink),
                b"mergeCell" => {
                    if let Some(range) = tag.attribute("ref").and_then(range) {
                        sink.merge(range);
                    }
                }
                b"extLst" => scanner.skip()?,
                _ => {}
            },
            Token::End => return Ok(()),
            _ => {}
        }
    }
}

impl Current {
    fn new() -> Self {
        Self {
            row: 0,
            row_hidden: false,
            column: 0,
            next_column: 0,
            kind: Type::Number,
            style: 0,
            formula: false,
            has_value: false,
            value: String::new(),
            taking: false,
        }
    }

    fn open_row(&mut self, tag: &Tag<'_>) {
        let mut number = None;
        self.row_hidden = false;
        for (name, value) in tag.attributes() {
            match name {
                b"r" => number = decimal(value),
                b"hidden" => self.row_hidden = is_true(value),
                _ => {}
            }
        }
        self.row = number.unwrap_or(self.row + 1);
        self.next_column = 0;
    }

    fn open_cell(&mut self, tag: &Tag<'_>, context: &Context<'_>) -> Step {
        self.kind = Type::Number;
        self.style = 0;
        self.formula = false;
        self.has_value = false;
        self.value.clear();
        self.column = self.next_column;
        for (name, value) in tag.attributes() {
            match name {
                b"r" => match reference(value) {
                    Some((column, _)) => self.column = column,
                    None => return Err(bad_reference(context.word, self.row)),
                },
                b"s" => {
                    self.style = decimal(value)
                        .and_then(|n| usize::try_from(n).ok())
                        .unwrap_or(0);
                }
                b"t" => self.kind = cell_type(value),
                _ => {}
            }
        }
        self.next_column = self.column + 1;
        Ok(())
    }

    fn open_value(&mut self) {
        self.taking = true;
        self.has_value = true;
    }

    fn close_cell(
        &mut self,
        context: &Context<'_>,
        text: &mut String,
        sink: &mut Sink<'_>,
    ) -> Step {
        let (column, row) = (self.column, self.row);
        // A formula's empty text is a result; an empty or missing number is none.
        let uncached =
            self.formula && self.value.is_empty() && !(self.has_value && self.kind == Type::Text);
        if uncached {
            return sink.put(column, row, "", CellKind::Uncached);
        }
        if !self.has_value {
            return Ok(());
        }
        match self.kind {
            Type::Number => self.number(context, text, sink),
            Type::Shared => {
                let number = decimal(self.value.trim_ascii().as_bytes());
                match number.and_then(|n| context.strings.get(usize::try_from(n).ok()?)) {
                    Some(shared) => sink.put(column, row, shared, CellKind::Text),
                    None if self.value.is_empty() => Ok(()),
                    None => {
                        let problem =
                            damaged(context.word, "a cell names a text that is not there");
                        Err(problem.at(sink.place(column, row)).into())
                    }
                }
            }
            Type::Text | Type::Inline => {
                unescape_characters(&mut self.value, 0);
                sink.put(column, row, &self.value, CellKind::Text)
            }
            Type::Boolean => {
                let text = if is_true(self.value.trim_ascii().as_bytes()) {
                    "true"
                } else {
                    "false"
                };
                sink.put(column, row, text, CellKind::Boolean)
            }
            Type::Error => sink.put(column, row, &self.value, CellKind::Error),
            Type::Date => {
                text.clear();
                dates::write_iso(&self.value, text);
                sink.put(column, row, text, CellKind::Date)
            }
        }
    }

    fn number(&self, context: &Context<'_>, text: &mut String, sink: &mut Sink<'_>) -> Step {
        if self.value.is_empty() {
            return Ok(());
        }
        text.clear();
        let format = context.formats.style(self.style);
        if let Some(kind) = format.write_text(&self.value, context.epoch_1904, text) {
            sink.put(self.column, self.row, text, kind)
        } else {
            let problem = damaged(context.word, "a cell of numbers holds something else");
            let place = sink.place(self.column, self.row);
            Err(problem.at(place).with_value(&self.value).into())
        }
    }
}

fn cell_type(value: &[u8]) -> Type {
    match value {
        b"s" => Type::Shared,
        b"str" => Type::Text,
        b"inlineStr" => Type::Inline,
        b"b" => Type::Boolean,
        b"e" => Type::Error,
        b"d" => Type::Date,
        _ => Type::Number,
    }
}

fn hide_columns(tag: &Tag<'_>, sink: &mut Sink<'_>) {
    if !tag.truth("hidden") {
        return;
    }
    if let (Some(first), Some(last)) = (tag.number::<usize>("min"), tag.number::<usize>("max"))
        && first > 0
    {
        sink.hide_columns(first - 1, last.saturating_sub(1));
    }
}

/// Digits as a number; `None` for anything else or too many.
fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u64::from(digit - b'0'))
    })
}

/// Column (from 0) and row (from 1) of a reference such as `C7`.
fn reference(text: &[u8]) -> Option<(usize, u64)> {
    let letters = text
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    if letters == 0 || letters > 4 {
        return None;
    }
    let (column, row) = text.split_at(letters);
    let column = column.iter().fold(0, |sum, letter| {
        sum * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1
    });
    Some((column - 1, decimal(row)?))
}

/// A block such as `A1:C3`.
fn range(text: &[u8]) -> Option<Range> {
    let colon = memchr::memchr(b':', text)?;
    let (first_column, first_row) = reference(&text[..colon])?;
    let (last_column, last_row) = reference(&text[colon + 1..])?;
    Some(Range {
        first_row,
        last_row,
        first_column,
        last_column,
    })
}

fn bad_reference(word: &'static str, row: u64) -> crate::formats::sheet::Stop {
    damaged(word, &format!("a cell of row {row} has no proper name")).into()
}
