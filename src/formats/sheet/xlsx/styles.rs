//! The styles part: the number format of each cell style.

use crate::formats::sheet::Step;
use crate::formats::sheet::markup::{Scanner, Token};
use crate::formats::sheet::number_format::Formats;
use crate::limits;

/// Reads the number formats of the styles that cells name (`cellXfs`).
pub(super) fn read(mut scanner: Scanner<'_>) -> Step<Formats> {
    let mut formats = Formats::default();
    let mut in_cell_styles = false;
    loop {
        match scanner.next()? {
            Token::Open(tag) => match tag.local() {
                b"numFmt" => {
                    if let (Some(id), Some(code)) = (tag.number("numFmtId"), tag.text("formatCode"))
                    {
                        formats.define(id, &code);
                    }
                }
                b"cellXfs" => in_cell_styles = true,
                b"xf" if in_cell_styles && formats.len() < limits::STYLES => {
                    formats.add_style(tag.number("numFmtId").unwrap_or(0));
                }
                // Formats of conditional looks follow; they say nothing of cells.
                b"dxfs" => scanner.skip()?,
                _ => {}
            },
            Token::Close(b"cellXfs") => in_cell_styles = false,
            Token::End => return Ok(formats),
            _ => {}
        }
    }
}

/// A workbook without styles: all numbers as they are.
pub(super) fn none() -> Formats {
    Formats::default()
}
