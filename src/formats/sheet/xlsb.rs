//! Excel binary workbooks ([MS-XLSB]): the parts of an xlsx, each a stream of binary records.

use std::io::{self, BufReader, Read};

use super::biff::{error_name, rk};
use super::number_format::Formats;
use super::package::Package;
use super::rows::{Range, Sink};
use super::strings::Strings;
use super::xlsx::{main_part, relations, target_of};
use super::{Step, damaged, io_problem, too_large, truncated};
use crate::formats::{CellKind, Input};
use crate::limits;

const WORD: &str = "xlsb";
/// Where a cell's value starts, behind its column and style.
const VALUE: usize = 8;

/// Reads a workbook.
pub(super) fn read(input: &mut dyn Input, sink: &mut Sink<'_>) -> Step {
    let mut package = Package::open(input, WORD)?;
    let part = main_part(&mut package, "xl/workbook.bin", WORD)?;
    let relations = relations(&mut package, &part, WORD)?;
    let book = Book::read(&mut package, &part)?;
    let formats = match target_of(&relations, "styles") {
        Some(part) => formats(&mut package, &part)?,
        None => Formats::default(),
    };
    let strings = match target_of(&relations, "sharedstrings") {
        Some(part) => strings(&mut package, &part)?,
        None => Strings::new(WORD),
    };
    for sheet in &book.sheets {
        let Some(relation) = relations.get(&sheet.relation) else {
            let detail = format!("sheet {} leads nowhere", sheet.name);
            return Err(damaged(WORD, &detail).into());
        };
        if relation.kind != "worksheet" || !sink.sheet(&sheet.name, sheet.hidden)? {
            continue;
        }
        let Some(source) = package.part(&relation.target)? else {
            let detail = format!("the part of sheet {} is missing", sheet.name);
            return Err(damaged(WORD, &detail).into());
        };
        let context = Context {
            strings: &strings,
            formats: &formats,
            epoch_1904: book.epoch_1904,
        };
        rows(Parts::new(source), &context, sink)?;
        sink.end_sheet()?;
    }
    Ok(())
}

/// What cells refer to.
struct Context<'a> {
    strings: &'a Strings,
    formats: &'a Formats,
    epoch_1904: bool,
}

/// The workbook part.
#[derive(Default)]
struct Book {
    sheets: Vec<SheetPart>,
    epoch_1904: bool,
}

struct SheetPart {
    name: String,
    hidden: bool,
    relation: String,
}

impl Book {
    fn read(package: &mut Package<'_>, part: &str) -> Step<Self> {
        let Some(source) = package.part(part)? else {
            return Err(damaged(WORD, "its workbook part is missing").into());
        };
        let mut parts = Parts::new(source);
        let mut book = Self::default();
        while parts.next()? {
            match parts.id {
                // BrtWbProp
                153 => book.epoch_1904 = parts.u32(0) & 1 != 0,
                // BrtBundleSh
                156 => {
                    let (mut relation, mut name) = (String::new(), String::new());
                    let after = parts.wide(8, &mut relation)?;
                    parts.wide(after, &mut name)?;
                    book.sheets.push(SheetPart {
                        name,
                        hidden: parts.u32(0) != 0,
                        relation,
                    });
                }
                _ => {}
            }
        }
        Ok(book)
    }
}

fn formats(package: &mut Package<'_>, part: &str) -> Step<Formats> {
    let mut formats = Formats::default();
    let Some(source) = package.part(part)? else {
        return Ok(formats);
    };
    let mut parts = Parts::new(source);
    let mut in_cell_styles = false;
    while parts.next()? {
        match parts.id {
            // BrtFmt
            44 => {
                let mut code = String::new();
                parts.wide(2, &mut code)?;
                formats.define(parts.u16(0), &code);
            }
            // BrtBeginCellXFs, BrtEndCellXFs
            617 => in_cell_styles = true,
            618 => in_cell_styles = false,
            // BrtXF
            47 if in_cell_styles && formats.len() < limits::STYLES => {
                formats.add_style(parts.u16(2));
            }
            _ => {}
        }
    }
    Ok(formats)
}

fn strings(package: &mut Package<'_>, part: &str) -> Step<Strings> {
    let mut strings = Strings::new(WORD);
    let Some(source) = package.part(part)? else {
        return Ok(strings);
    };
    let mut parts = Parts::new(source);
    while parts.next()? {
        // BrtSSTItem: flags, then the text; formatting runs follow.
        if parts.id == 19 {
            parts.wide(1, strings.tail())?;
            strings.finish()?;
        }
    }
    Ok(strings)
}

/// Reads the rows of one sheet.
fn rows(mut parts: Parts<'_>, context: &Context<'_>, sink: &mut Sink<'_>) -> Step {
    let mut row = None;
    let mut hidden = false;
    let mut text = String::new();
    while parts.next()? {
        match parts.id {
            // BrtRowHdr starts a row; BrtEndSheetData ends the last.
            0 | 146 => {
                if let Some(number) = row.take() {
                    sink.end_row(number, hidden)?;
                }
                if parts.id == 0 {
                    row = Some(u64::from(parts.u32(0)) + 1);
                    hidden = parts.u8(11) & 0x10 != 0;
                }
            }
            // BrtColInfo
            60 if parts.u16(16) & 1 != 0 => {
                let last = usize::try_from(parts.u32(4)).unwrap_or(usize::MAX);
                sink.hide_columns(usize::try_from(parts.u32(0)).unwrap_or(usize::MAX), last);
            }
            // BrtMergeCell
            176 => sink.merge(Range {
                first_row: u64::from(parts.u32(0)) + 1,
                last_row: u64::from(parts.u32(4)) + 1,
                first_column: usize::try_from(parts.u32(8)).unwrap_or(usize::MAX),
                last_column: usize::try_from(parts.u32(12)).unwrap_or(usize::MAX),
            }),
            2..=11 | 62 => {
                let Some(row) = row else {
                    return Err(damaged(WORD, "a cell stands outside of any row").into());
                };
                cell(&parts, context, row, &mut text, sink)?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn cell(
    parts: &Parts<'_>,
    context: &Context<'_>,
    row: u64,
    text: &mut String,
    sink: &mut Sink<'_>,
) -> Step {
    let column = usize::try_from(parts.u32(0)).unwrap_or(usize::MAX);
    let style = usize::try_from(parts.u32(4) & 0x00FF_FFFF).unwrap_or(usize::MAX);
    let number = |value: f64, text: &mut String| {
        let format = context.formats.style(style);
        format.write(value, context.epoch_1904, text)
    };
    text.clear();
    let kind = match parts.id {
        2 => number(rk(parts.u32(VALUE)), text),
        5 | 9 => number(parts.f64(VALUE), text),
        3 | 11 => {
            text.push_str(error_name(parts.u8(VALUE)));
            CellKind::Error
        }
        4 | 10 => {
            text.push_str(if parts.u8(VALUE) == 0 {
                "false"
            } else {
                "true"
            });
            CellKind::Boolean
        }
        6 | 8 => {
            parts.wide(VALUE, text)?;
            CellKind::Text
        }
        62 => {
            parts.wide(VALUE + 1, text)?;
            CellKind::Text
        }
        _ => {
            let number = usize::try_from(parts.u32(VALUE)).ok();
            let Some(shared) = number.and_then(|number| context.strings.get(number)) else {
                let problem = damaged(WORD, "a cell names a text that is not there");
                return Err(problem.at(sink.place(column, row)).into());
            };
            return sink.put(column, row, shared, CellKind::Text);
        }
    };
    sink.put(column, row, text, kind)
}

/// A part's records; `body` is the current one.
struct Parts<'p> {
    source: BufReader<Box<dyn Read + 'p>>,
    id: u32,
    body: Vec<u8>,
}

impl<'p> Parts<'p> {
    fn new(source: Box<dyn Read + 'p>) -> Self {
        Self {
            source: BufReader::with_capacity(64 << 10, source),
            id: 0,
            body: Vec::new(),
        }
    }

    /// Reads the next record; `false` at the end of the part.
    fn next(&mut self) -> Step<bool> {
        let Some(id) = self.packed(2)? else {
            return Ok(false);
        };
        let Some(len) = self.packed(4)? else {
            return Err(truncated(WORD).into());
        };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if len > limits::CELL_BYTES * 2 {
            return Err(too_large(WORD, "a single record in it has megabytes").into());
        }
        self.id = id;
        self.body.clear();
        self.body.resize(len, 0);
        match self.source.read_exact(&mut self.body) {
            Ok(()) => Ok(true),
            Err(error) => Err(io_problem(WORD, &error).into()),
        }
    }

    /// A number in groups of seven bits, low ones first (2.1.4).
    fn packed(&mut self, most: u32) -> Step<Option<u32>> {
        let mut number = 0;
        for group in 0..most {
            let mut byte = [0];
            match self.source.read_exact(&mut byte) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && group == 0 => {
                    return Ok(None);
                }
                Err(error) => return Err(io_problem(WORD, &error).into()),
            }
            number |= u32::from(byte[0] & 0x7F) << (7 * group);
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        Ok(Some(number))
    }

    fn u8(&self, at: usize) -> u8 {
        self.body.get(at).copied().unwrap_or(0)
    }

    fn u16(&self, at: usize) -> u16 {
        u16::from(self.u8(at)) | u16::from(self.u8(at + 1)) << 8
    }

    fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }

    fn f64(&self, at: usize) -> f64 {
        f64::from_bits(u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32)
    }

    /// The text at a place (XLWideString 2.5.168) written behind `out`; where it ends.
    fn wide(&self, at: usize, out: &mut String) -> Step<usize> {
        let count = usize::try_from(self.u32(at)).unwrap_or(usize::MAX);
        // A nullable text that is none has no characters.
        if count == 0xFFFF_FFFF {
            return Ok(at + 4);
        }
        let end = count.saturating_mul(2).saturating_add(at + 4);
        let Some(bytes) = self.body.get(at + 4..end) else {
            return Err(damaged(WORD, "a text in it ends too early").into());
        };
        let units = bytes
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Ok(end)
    }
}
