//! The cells of an xls sheet.

use super::globals::{Globals, Version};
use crate::formats::CellKind;
use crate::formats::sheet::biff::{Records, error_name, rk};
use crate::formats::sheet::rows::{Range, Sink};
use crate::formats::sheet::strings::Strings;
use crate::formats::sheet::{Step, damaged, too_large};
use crate::limits;
use crate::problem::Problem;

const WORD: &str = "xls";

/// A cell as it is held until its sheet is read.
#[derive(Clone, Copy)]
struct Stored {
    row: u16,
    column: u16,
    style: u16,
    value: Value,
}

#[derive(Clone, Copy)]
enum Value {
    Number(f64),
    /// A text of the workbook.
    Shared(u32),
    /// A text of the sheet itself.
    Own(u32),
    Boolean(bool),
    Error(u8),
}

/// A sheet as it is collected.
struct Collected {
    cells: Vec<Stored>,
    texts: Strings,
    hidden_rows: Vec<u16>,
    last_row: u16,
    last_column: u16,
    /// A formula whose text result comes in a record of its own.
    awaiting: Option<(u16, u16)>,
}

/// Reads the sheet whose BOF record is the current one.
pub(super) fn read(records: &mut Records<'_>, globals: &Globals, sink: &mut Sink<'_>) -> Step {
    let mut sheet = Collected {
        cells: Vec::new(),
        texts: Strings::new(WORD),
        hidden_rows: Vec::new(),
        last_row: 0,
        last_column: 0,
        awaiting: None,
    };
    // Charts inside a sheet are streams of records within.
    let mut depth = 1_u32;
    while depth > 0 {
        if !records.next()? {
            return Err(crate::formats::sheet::truncated(WORD).into());
        }
        match records.id {
            0x0809 => depth += 1,
            0x000A => depth -= 1,
            _ if depth == 1 => sheet.record(records, globals, sink)?,
            _ => {}
        }
    }
    sheet.tell(globals, sink)
}

impl Collected {
    fn record(
        &mut self,
        records: &mut Records<'_>,
        globals: &Globals,
        sink: &mut Sink<'_>,
    ) -> Step {
        match records.id {
            // ROW: bit 5 of its flags hides it.
            0x0208 if records.u16(12) & 0x20 != 0 => {
                self.hidden_rows.push(records.u16(0));
                Ok(())
            }
            // COLINFO
            0x007D if records.u16(8) & 1 != 0 => {
                sink.hide_columns(records.u16(0).into(), records.u16(2).into());
                Ok(())
            }
            0x00E5 => {
                merged(records, sink);
                Ok(())
            }
            0x00BD => self.several(records),
            0x027E => self.add(records, 4, Value::Number(rk(records.u32(6)))),
            0x0203 => self.add(records, 4, Value::Number(records.f64(6))),
            0x00FD => self.add(records, 4, Value::Shared(records.u32(6))),
            0x0204 | 0x00D6 => self.label(records, globals, 6),
            0x0205 => self.truth_or_error(records, 4, 6),
            0x0006 if globals.version >= Version::V5 => self.formula(records, 4, 6),
            0x0206 | 0x0406 => self.formula(records, 4, 6),
            0x0207 | 0x0007 => self.result(records, globals),
            // BIFF 2: three bytes of attributes, the format's number in the second.
            0x0002 => self.add(records, 5, Value::Number(records.u16(7).into())),
            0x0003 => self.add(records, 5, Value::Number(records.f64(7))),
            0x0004 => self.label(records, globals, 7),
            0x0005 => self.truth_or_error(records, 5, 7),
            0x0006 => self.formula(records, 5, 7),
            _ => Ok(()),
        }
    }

    /// Keeps a cell; its style is at `style` of the record.
    fn add(&mut self, records: &Records<'_>, style: usize, value: Value) -> Step {
        let style = if style == 5 {
            u16::from(records.u8(5) & 0x3F)
        } else {
            records.u16(style)
        };
        self.keep(records.u16(0), records.u16(2), style, value)
    }

    fn keep(&mut self, row: u16, column: u16, style: u16, value: Value) -> Step {
        self.last_row = self.last_row.max(row);
        self.last_column = self.last_column.max(column);
        if self.cells.len() as u64 >= limits::CELLS_DENSE {
            return Err(too_many().into());
        }
        self.cells.push(Stored {
            row,
            column,
            style,
            value,
        });
        Ok(())
    }

    /// MULRK: a run of numbers in one row.
    fn several(&mut self, records: &Records<'_>) -> Step {
        let (row, first) = (records.u16(0), records.u16(2));
        let count = records.body().len().saturating_sub(6) / 6;
        for (number, column) in (0..count).zip(first..) {
            let at = 4 + 6 * number;
            let value = Value::Number(rk(records.u32(at + 2)));
            self.keep(row, column, records.u16(at), value)?;
        }
        Ok(())
    }

    /// A cell of text; the place is taken first, since a long text replaces the record by the next.
    fn label(&mut self, records: &mut Records<'_>, globals: &Globals, at: usize) -> Step {
        let (row, column) = (records.u16(0), records.u16(2));
        records.start_at(at);
        let text = self.text(records, globals, globals.version == Version::V2)?;
        self.keep(row, column, 0, Value::Own(text))
    }

    /// The text of a formula's STRING record.
    fn result(&mut self, records: &mut Records<'_>, globals: &Globals) -> Step {
        let Some((row, column)) = self.awaiting.take() else {
            return Ok(());
        };
        records.start_at(0);
        let text = self.text(records, globals, globals.version == Version::V2)?;
        self.keep(row, column, 0, Value::Own(text))
    }

    fn text(&mut self, records: &mut Records<'_>, globals: &Globals, short: bool) -> Step<u32> {
        match globals.version {
            Version::V8 => records.take_unicode(short, self.texts.tail())?,
            _ => records.take_bytes(short, globals.encoding, self.texts.tail())?,
        }
        self.texts.finish()
    }

    fn truth_or_error(&mut self, records: &Records<'_>, style: usize, at: usize) -> Step {
        let byte = records.u8(at);
        let value = if records.u8(at + 1) == 0 {
            Value::Boolean(byte != 0)
        } else {
            Value::Error(byte)
        };
        self.add(records, style, value)
    }

    /// FORMULA: the cached result, of which a text follows in a STRING record ([MS-XLS] 2.5.133).
    fn formula(&mut self, records: &Records<'_>, style: usize, at: usize) -> Step {
        self.awaiting = None;
        if records.u16(at + 6) != 0xFFFF {
            return self.add(records, style, Value::Number(records.f64(at)));
        }
        match records.u8(at) {
            1 => self.add(records, style, Value::Boolean(records.u8(at + 2) != 0)),
            2 => self.add(records, style, Value::Error(records.u8(at + 2))),
            0 => {
                self.awaiting = Some((records.u16(0), records.u16(2)));
                Ok(())
            }
            // 3: an empty text.
            _ => Ok(()),
        }
    }
}

impl Collected {
    /// Tells the cells in order.
    fn tell(mut self, globals: &Globals, sink: &mut Sink<'_>) -> Step {
        let rows = u64::from(self.last_row) + 1;
        let area = rows * (u64::from(self.last_column) + 1);
        if area > limits::CELLS_DENSE {
            let place = sink.place(self.last_column.into(), rows);
            let detail = format!("its cells are spread over an area of {area}");
            return Err(too_large(WORD, &detail).at(place).into());
        }
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        self.hidden_rows.sort_unstable();
        let mut text = String::new();
        for row in self.cells.chunk_by(|one, other| one.row == other.row) {
            let Some(number) = row.first().map(|cell| cell.row) else {
                continue;
            };
            for cell in row {
                self.put(cell, globals, &mut text, sink)?;
            }
            let hidden = self.hidden_rows.binary_search(&number).is_ok();
            sink.end_row(u64::from(number) + 1, hidden)?;
        }
        Ok(())
    }

    fn put(
        &self,
        cell: &Stored,
        globals: &Globals,
        text: &mut String,
        sink: &mut Sink<'_>,
    ) -> Step {
        let (column, row) = (usize::from(cell.column), u64::from(cell.row) + 1);
        match cell.value {
            Value::Number(number) => {
                text.clear();
                let format = globals.format(cell.style);
                let kind = format.write(number, globals.epoch_1904, text);
                sink.put(column, row, text, kind)
            }
            Value::Boolean(truth) => {
                let text = if truth { "true" } else { "false" };
                sink.put(column, row, text, CellKind::Boolean)
            }
            Value::Error(code) => sink.put(column, row, error_name(code), CellKind::Error),
            Value::Shared(number) => {
                if let Some(text) = usize::try_from(number)
                    .ok()
                    .and_then(|n| globals.strings.get(n))
                {
                    sink.put(column, row, text, CellKind::Text)
                } else {
                    let problem = damaged(WORD, "a cell names a text that is not there");
                    Err(problem.at(sink.place(column, row)).into())
                }
            }
            Value::Own(number) => {
                let text = usize::try_from(number).ok().and_then(|n| self.texts.get(n));
                sink.put(column, row, text.unwrap_or_default(), CellKind::Text)
            }
        }
    }
}

fn merged(records: &Records<'_>, sink: &mut Sink<'_>) {
    for number in 0..usize::from(records.u16(0)) {
        let at = 2 + 8 * number;
        if at + 8 > records.body().len() {
            break;
        }
        sink.merge(Range {
            first_row: u64::from(records.u16(at)) + 1,
            last_row: u64::from(records.u16(at + 2)) + 1,
            first_column: records.u16(at + 4).into(),
            last_column: records.u16(at + 6).into(),
        });
    }
}

fn too_many() -> Problem {
    too_large(
        WORD,
        &format!("a sheet has more than {} cells", limits::CELLS_DENSE),
    )
}
