//! Excel 97 and older: BIFF 5 and 8 in a compound file, BIFF 2 to 4 bare.
//!
//! Sheets list their cells in any order, so a sheet's cells are held (24 bytes each, none for blanks)
//! and told in order. The area they span is bounded before they are told: one value in the last corner
//! of a sheet is a mistake or an attack, not an order.

use super::biff::Records;
use super::cfb::{Chain, Compound};
use super::rows::Sink;
use super::{Step, damaged, encrypted, error_in};
use crate::formats::{FormatKind, Input};
use crate::problem::Problem;

mod cells;
mod globals;

use globals::{Globals, Version};

/// Reads a workbook in a compound file, whose name may say something else (`differs`).
pub(super) fn read_compound(
    differs: Option<Problem>,
    input: &mut dyn Input,
    sink: &mut Sink<'_>,
) -> Step {
    let stream = workbook_stream(input)?;
    sink.begin(FormatKind::Xls, differs)?;
    read(stream, sink)
}

/// Reads a workbook that is nothing but its records.
pub(super) fn read_bare(input: &mut dyn Input, sink: &mut Sink<'_>) -> Step {
    read(Chain::whole(input), sink)
}

fn read(stream: Chain<'_>, sink: &mut Sink<'_>) -> Step {
    let mut records = Records::new(stream);
    if !records.next()? {
        return Err(damaged(sink.word(), "it is empty").into());
    }
    let Some(version) = Version::of(&records) else {
        return Err(damaged(sink.word(), "it does not start like a workbook").into());
    };
    if !version.has_globals() {
        let globals = Globals::bare(version);
        return bare_sheet(&mut records, globals, sink);
    }
    let globals = Globals::read(&mut records, version)?;
    for sheet in &globals.sheets {
        if !sink.sheet(&sheet.name, sheet.hidden)? {
            continue;
        }
        records.jump(u64::from(sheet.position))?;
        if !records.next()? || Version::of(&records).is_none() {
            let detail = format!("sheet {} is not where it should be", sheet.name);
            return Err(damaged(sink.word(), &detail).into());
        }
        cells::read(&mut records, &globals, sink)?;
        sink.end_sheet()?;
    }
    Ok(())
}

/// BIFF 2 to 4: the file is one sheet, with its formats in it.
fn bare_sheet(records: &mut Records<'_>, mut globals: Globals, sink: &mut Sink<'_>) -> Step {
    globals.scan_sheet(records)?;
    if sink.sheet("Sheet 1", false)? {
        records.jump(0)?;
        records.next()?;
        cells::read(records, &globals, sink)?;
        sink.end_sheet()?;
    }
    Ok(())
}

/// The stream that holds the workbook: Excel 97 calls it Workbook, Excel 5 and 95 Book.
fn workbook_stream(input: &mut dyn Input) -> Step<Chain<'_>> {
    let file = Compound::open(input)?;
    if file.find("EncryptionInfo").is_some() && file.find("EncryptedPackage").is_some() {
        return Err(encrypted("xlsx").into());
    }
    let entry = file.find("Workbook").or_else(|| file.find("Book"));
    if let Some(entry) = entry {
        file.stream(&entry)
    } else {
        let what = if file.find("WordDocument").is_some() {
            "a Word document"
        } else if file.find("PowerPoint Document").is_some() {
            "a PowerPoint presentation"
        } else if file.find("__properties_version1.0").is_some() {
            "an Outlook message"
        } else {
            "another kind of Office file"
        };
        Err(error_in(
            "xls",
            "not-a-workbook",
            format!("The file is {what}, not a workbook."),
        )
        .with_hint("Send the workbook itself.")
        .into())
    }
}
