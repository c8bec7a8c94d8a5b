//! A table as a workbook (ECMA-376): one sheet, every cell a text, so that leading zeros, long
//! numbers and exact decimals stay as they are. Holds no time and no name of a person: the same
//! table gives the same bytes.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};

use crate::failure::Failure;

/// The whole file; the first row are the titles.
pub(super) fn write(sheet: &str, rows: &[Vec<String>]) -> Result<Vec<u8>, Failure> {
    written(sheet, rows).map_err(|error| Failure::ours("writing a workbook", error))
}

fn written(sheet: &str, rows: &[Vec<String>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let title = Format::new().set_bold();
    // Number format 49: what a person types stays what it is.
    let text = Format::new().set_num_format("@");
    let page = workbook.add_worksheet();
    page.set_name(sheet)?;
    for (number, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            if !cell.is_empty() {
                let format = if number == 0 { &title } else { &text };
                page.write_string_with_format(number, column, cell, format)?;
            }
        }
    }
    page.set_freeze_panes(1, 0)?;
    workbook.save_to_buffer()
}
