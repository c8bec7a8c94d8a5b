//! What stands before the sheets of an xls workbook: their names and places, formats, shared texts.

use encoding_rs::Encoding;

use crate::formats::sheet::biff::Records;
use crate::formats::sheet::number_format::{Formats, NumberFormat};
use crate::formats::sheet::strings::Strings;
use crate::formats::sheet::{Step, damaged, encrypted, text};
use crate::limits;

const WORD: &str = "xls";

/// The generations of BIFF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    V2,
    V3,
    V4,
    V5,
    V8,
}

impl Version {
    /// The version that a BOF record states.
    pub(super) fn of(records: &Records<'_>) -> Option<Self> {
        match records.id {
            0x0009 => Some(Self::V2),
            0x0209 => Some(Self::V3),
            0x0409 => Some(Self::V4),
            0x0809 if records.u16(0) >= 0x0600 => Some(Self::V8),
            0x0809 => Some(Self::V5),
            _ => None,
        }
    }

    /// Whether sheets stand behind a part of their own that lists them.
    pub(super) fn has_globals(self) -> bool {
        self >= Self::V5
    }
}

/// A worksheet and where it starts.
#[derive(Debug)]
pub(super) struct SheetStart {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) position: u32,
}

/// What sheets refer to.
pub(super) struct Globals {
    pub(super) version: Version,
    pub(super) sheets: Vec<SheetStart>,
    pub(super) formats: Formats,
    /// BIFF 2 to 4 number their formats by order.
    codes: Vec<String>,
    pub(super) strings: Strings,
    pub(super) epoch_1904: bool,
    pub(super) encoding: &'static Encoding,
}

impl Globals {
    /// Nothing known yet.
    pub(super) fn bare(version: Version) -> Self {
        Self {
            version,
            sheets: Vec::new(),
            formats: Formats::default(),
            codes: Vec::new(),
            strings: Strings::new(WORD),
            epoch_1904: false,
            encoding: encoding_rs::WINDOWS_1252,
        }
    }

    /// Reads the globals of BIFF 5 and 8.
    pub(super) fn read(records: &mut Records<'_>, version: Version) -> Step<Self> {
        let mut globals = Self::bare(version);
        // Style records may come before the formats they name.
        let mut styles: Vec<u16> = Vec::new();
        while records.next()? {
            match records.id {
                0x000A => break,
                0x0085 => globals.sheet(records)?,
                0x00FC if version == Version::V8 => globals.shared_strings(records)?,
                0x041E => {
                    let id = records.u16(0);
                    let mut code = String::new();
                    records.start_at(2);
                    match version {
                        Version::V8 => records.take_unicode(false, &mut code)?,
                        _ => records.take_bytes(true, globals.encoding, &mut code)?,
                    }
                    globals.formats.define(id, &code);
                }
                0x00E0 if styles.len() < limits::STYLES => styles.push(records.u16(2)),
                _ => globals.common(records)?,
            }
        }
        for id in styles {
            globals.formats.add_style(id);
        }
        Ok(globals)
    }

    /// Collects formats and settings of a BIFF 2 to 4 sheet, which stand among its cells.
    pub(super) fn scan_sheet(&mut self, records: &mut Records<'_>) -> Step {
        let mut styles: Vec<u16> = Vec::new();
        while records.next()? {
            match records.id {
                0x000A => break,
                0x001E | 0x041E if self.codes.len() < limits::STYLES => {
                    let mut code = String::new();
                    records.start_at(if self.version == Version::V4 { 2 } else { 0 });
                    records.take_bytes(true, self.encoding, &mut code)?;
                    self.codes.push(code);
                }
                0x0243 | 0x0443 if styles.len() < limits::STYLES => {
                    styles.push(u16::from(records.u8(1)));
                }
                _ => self.common(records)?,
            }
        }
        for (id, code) in (0_u16..).zip(&self.codes) {
            self.formats.define(id, code);
        }
        // BIFF 2 cells name their format without a style between.
        if self.version == Version::V2 {
            styles = (0_u16..).take(self.codes.len()).collect();
        }
        for id in styles {
            self.formats.add_style(id);
        }
        Ok(())
    }

    /// The number format of a cell's style.
    pub(super) fn format(&self, style: u16) -> &NumberFormat {
        self.formats.style(usize::from(style))
    }

    fn common(&mut self, records: &Records<'_>) -> Step {
        match records.id {
            0x002F => Err(encrypted(WORD).into()),
            0x0022 => {
                self.epoch_1904 = records.u16(0) == 1;
                Ok(())
            }
            0x0042 => {
                if let Some(encoding) = text::code_page(records.u16(0)) {
                    self.encoding = encoding;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn sheet(&mut self, records: &mut Records<'_>) -> Step {
        let position = records.u32(0);
        let hidden = records.u8(4) & 3 != 0;
        let kind = records.u8(5);
        let mut name = String::new();
        records.start_at(6);
        match self.version {
            Version::V8 => records.take_unicode(true, &mut name)?,
            _ => records.take_bytes(true, self.encoding, &mut name)?,
        }
        if self.sheets.len() >= limits::ARCHIVE_MEMBERS {
            return Err(damaged(WORD, "it lists thousands of sheets").into());
        }
        // 0 is a worksheet; macro sheets, charts and modules hold no rows.
        if kind == 0 {
            self.sheets.push(SheetStart {
                name,
                hidden,
                position,
            });
        }
        Ok(())
    }

    fn shared_strings(&mut self, records: &mut Records<'_>) -> Step {
        let count = records.u32(4);
        records.start_at(8);
        for _ in 0..count {
            records.take_unicode(false, self.strings.tail())?;
            self.strings.finish()?;
        }
        Ok(())
    }
}
