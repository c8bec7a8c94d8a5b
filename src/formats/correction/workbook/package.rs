//! The package around the sheets (ECMA-376 part 2): a zip with a fixed list of small parts, written
//! into a buffer that ends writing as soon as the result is too large.

use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::limits;

use super::super::keep::KeptTable;
use super::{MAIN, escape};

/// What Excel allows.
const MAX_SHEET_NAME: usize = 31;
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Text format (`@`, number format 49) everywhere: what the sender types stays what it is. Wrong
/// rows have a light red ground, our column is red and wraps.
const STYLES: &str = concat!(
    r#"<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">"#,
    r#"<fonts count="3"><font><sz val="11"/><name val="Calibri"/></font>"#,
    r#"<font><sz val="11"/><color rgb="FF9C0006"/><name val="Calibri"/></font>"#,
    r#"<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>"#,
    r#"<fills count="3"><fill><patternFill patternType="none"/></fill>"#,
    r#"<fill><patternFill patternType="gray125"/></fill>"#,
    r#"<fill><patternFill patternType="solid"><fgColor rgb="FFFFC7CE"/></patternFill></fill></fills>"#,
    r#"<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"#,
    r#"<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>"#,
    r#"<cellXfs count="4"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>"#,
    r#"<xf numFmtId="49" fontId="0" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFill="1"/>"#,
    r#"<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>"#,
    r#"<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>"#,
    r#"<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"#,
);

/// Writes one sheet's part: the table and its place.
type WriteSheet<'a> = &'a dyn Fn(&mut dyn Write, usize, &KeptTable) -> io::Result<()>;

/// The whole file; an error only where it would be too large.
pub(super) fn write(tables: &[KeptTable], sheet: WriteSheet<'_>) -> io::Result<Vec<u8>> {
    let names = sheet_names(tables);
    let mut zip = ZipWriter::new(Bounded(Cursor::new(Vec::new())));
    // A fixed time: the bytes depend on the input alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    let mut part = |name: &str, body: &dyn Fn(&mut dyn Write) -> io::Result<()>| {
        zip.start_file(name, options).map_err(io::Error::other)?;
        zip.write_all(HEAD.as_bytes())?;
        body(&mut zip)
    };
    part("[Content_Types].xml", &|out| {
        content_types(out, names.len())
    })?;
    part("_rels/.rels", &|out| {
        write!(
            out,
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
        )
    })?;
    part("xl/workbook.xml", &|out| workbook(out, tables, &names))?;
    part("xl/_rels/workbook.xml.rels", &|out| {
        relations(out, names.len())
    })?;
    part("xl/styles.xml", &|out| out.write_all(STYLES.as_bytes()))?;
    for (index, table) in tables.iter().enumerate() {
        part(&format!("xl/worksheets/sheet{}.xml", index + 1), &|out| {
            sheet(out, index, table)
        })?;
    }
    Ok(zip.finish().map_err(io::Error::other)?.0.into_inner())
}

/// Ends writing as soon as the result is too large.
struct Bounded(Cursor<Vec<u8>>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.0.position().saturating_add(bytes.len() as u64);
        if end > limits::CORRECTION_BYTES as u64 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl io::Seek for Bounded {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

fn content_types(out: &mut dyn Write, sheets: usize) -> io::Result<()> {
    const KIND: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml";
    write!(
        out,
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>"#
    )?;
    for number in 1..=sheets {
        write!(
            out,
            r#"<Override PartName="/xl/worksheets/sheet{number}.xml" ContentType="{KIND}.worksheet+xml"/>"#
        )?;
    }
    write!(out, "</Types>")
}

fn relations(out: &mut dyn Write, sheets: usize) -> io::Result<()> {
    write!(
        out,
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">"#
    )?;
    for number in 1..=sheets {
        write!(
            out,
            r#"<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>"#
        )?;
    }
    write!(
        out,
        r#"<Relationship Id="rId{}" Type="{RELATIONS}/styles" Target="styles.xml"/></Relationships>"#,
        sheets + 1
    )
}

/// The list of sheets. Hidden ones stay hidden: shown, they would be read as orders next time.
fn workbook(out: &mut dyn Write, tables: &[KeptTable], names: &[String]) -> io::Result<()> {
    let visible = tables.iter().position(|table| !table.hidden).unwrap_or(0);
    write!(
        out,
        r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><bookViews><workbookView activeTab="{visible}"/></bookViews><sheets>"#
    )?;
    for (index, (table, name)) in tables.iter().zip(names).enumerate() {
        let number = index + 1;
        write!(out, r#"<sheet name=""#)?;
        escape(out, name)?;
        write!(out, r#"" sheetId="{number}""#)?;
        if table.hidden && index != visible {
            write!(out, r#" state="hidden""#)?;
        }
        write!(out, r#" r:id="rId{number}"/>"#)?;
    }
    write!(out, "</sheets></workbook>")
}

/// Names that Excel opens: no `[]:*?/\`, at most 31 characters, none twice whatever their case.
fn sheet_names(tables: &[KeptTable]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for table in tables {
        let clean: String = table
            .name
            .chars()
            .map(|c| match c {
                '[' | ']' | ':' | '*' | '?' | '/' | '\\' => ' ',
                c if c.is_control() => ' ',
                c => c,
            })
            .collect();
        let clean = cut(clean.trim().trim_matches('\''), MAX_SHEET_NAME);
        let mut name = clean.clone();
        let mut number = 1;
        while name.is_empty() || is_taken(&names, &name) {
            number += 1;
            let tail = format!(" ({number})");
            let stem = if clean.is_empty() { "Sheet" } else { &clean };
            name = format!("{}{tail}", cut(stem, MAX_SHEET_NAME - tail.len()));
        }
        names.push(name);
    }
    names
}

fn is_taken(names: &[String], name: &str) -> bool {
    names
        .iter()
        .any(|taken| taken.to_lowercase() == name.to_lowercase())
}

/// The first `units` UTF-16 units, which is what Excel counts.
fn cut(text: &str, units: usize) -> String {
    let mut left = units;
    text.chars()
        .take_while(|c| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect()
}
