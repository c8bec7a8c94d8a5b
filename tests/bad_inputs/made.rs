//! What is too large to lie in a folder, and workbooks as a real writer makes them.

use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet, XlsxError};

use crate::hostile::made::{self, Dice, Part};

const UBL: &str = r#"<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2""#;

/// The bytes of a file of the list.
pub(super) fn make(name: &str) -> Vec<u8> {
    text(name).or_else(|| package(name)).unwrap_or_else(|| {
        let bytes = book(name).unwrap_or_else(|| panic!("nobody makes {name}"));
        bytes.unwrap()
    })
}

fn text(name: &str) -> Option<Vec<u8>> {
    let attributes = |n| format!(" a{n}=\"1\"");
    let text = match name {
        "long-line.csv" => "order_id,sku,quantity\nA-1,".to_owned() + &"x".repeat(20 << 20),
        "rows.csv" => "order_id,sku,quantity\n".to_owned() + &"\n".repeat(2_000_001) + "A-1,a,1\n",
        "columns.csv" => ["order_id,".repeat(16_000), "1,".repeat(16_000)].join("\n"),
        "attributes.xml" => format!(
            "{UBL}{}/>",
            (0..200_000).map(attributes).collect::<String>()
        ),
        "nested.xml" => format!("{UBL}>{}", "<a>".repeat(5_000_000)),
        "text.xml" => format!("{UBL}><a>{}</a></Order>", "x".repeat(64 << 20)),
        _ => return None,
    };
    Some(text.into_bytes())
}

const ROWS: &str = r#"<row><c t="str"><v>order_id</v></c><c t="str"><v>sku</v></c><c t="str"><v>quantity</v></c></row><row><c t="str"><v>A-1</v></c><c t="str"><v>a</v></c><c><v>1</v></c></row>"#;

fn sheet(rows: &str) -> Part {
    Part::Stored(format!("<worksheet><sheetData>{rows}</sheetData></worksheet>").into_bytes())
}

fn package(name: &str) -> Option<Vec<u8>> {
    let fixture = |name: &str| std::fs::read(super::folder().join(name)).unwrap();
    Some(match name {
        "bomb.xlsx" => made::bomb(512 << 20, true),
        "lying.xlsx" => made::bomb(512 << 20, false),
        "many-parts.xlsx" => {
            let names: Vec<String> = (0..50_000).map(|n| format!("xl/{n}")).collect();
            let others = names
                .iter()
                .map(|name| (name.as_str(), Part::Stored(Vec::new())));
            made::workbook_with(sheet(ROWS), others)
        }
        "climbing-name.xlsx" => {
            let climbing = Part::Stored(b"root:x:0:0".to_vec());
            made::workbook_with(sheet(ROWS), [("../../../../etc/passwd", climbing)])
        }
        "overlapping.xlsx" => overlapping(),
        "shared-strings.xlsx" => {
            let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1_000_000));
            let row = "<c t=\"s\"><v>0</v></c>".repeat(20);
            let strings = Part::Stored(strings.into_bytes());
            made::workbook_with(
                sheet(&format!("<row>{row}</row>")),
                [("xl/sharedStrings.xml", strings)],
            )
        }
        "macros.xlsm" => {
            let macros = Part::Stored(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 Sub Auto_Open()".to_vec());
            made::workbook_with(sheet(ROWS), [("xl/vbaProject.bin", macros)])
        }
        "uncached.xlsx" => made::workbook(sheet(&ROWS.replace("<v>1</v>", "<f>1+1</f>"))),
        "really-xls.xlsx" => fixture("../demo/kaffeehaus.xls"),
        "flipped.xls" => Dice(0x9E37_79B9_7F4A_7C15).flipped(&fixture("../demo/kaffeehaus.xls")),
        _ => return None,
    })
}

/// A workbook whose last two parts say that they lie at the same place.
fn overlapping() -> Vec<u8> {
    let mut bytes = made::workbook(sheet(ROWS));
    let entries: Vec<usize> = (0..bytes.len() - 4)
        .filter(|at| bytes[*at..].starts_with(b"PK\x01\x02"))
        .collect();
    let [.., first, second] = entries[..] else {
        panic!("a workbook has several parts")
    };
    bytes.copy_within(first + 42..first + 46, second + 42);
    bytes
}

const HEADER: [&str; 5] = ["order_id", "sku", "quantity", "unit_price", "order_date"];

/// A workbook of one ordinary order, and what is odd about it.
fn book(name: &str) -> Option<Result<Vec<u8>, XlsxError>> {
    let odd: fn(&mut Worksheet) -> Result<(), XlsxError> = match name {
        "error-cell.xlsx" => |sheet| {
            sheet
                .write(1, 2, Formula::new("A9/0").set_result("#DIV/0!"))
                .map(drop)
        },
        "date-1900.xlsx" => |sheet| {
            let date = Format::new().set_num_format("dd.mm.yyyy");
            sheet.write_with_format(1, 4, 46_086, &date).map(drop)
        },
        "number-as-id.xlsx" => |sheet| sheet.write(1, 0, 1E5).map(drop),
        "number-as-text.xlsx" => |sheet| sheet.write(1, 2, "7").map(drop),
        "rounded-id.xlsx" => |sheet| sheet.write(1, 0, 12_345_678_901_234_567_890_f64).map(drop),
        "float.xlsx" => |sheet| sheet.write(1, 3, 0.1 + 0.2).map(drop),
        "merged.xlsx" => |sheet| {
            sheet.write(2, 0, "A-2")?.write(2, 2, 1)?;
            sheet.merge_range(1, 1, 2, 1, "a", &Format::new()).map(drop)
        },
        "hidden-row.xlsx" => |sheet| {
            sheet.write(2, 0, "A-2")?.write(2, 1, "b")?.write(2, 2, 1)?;
            sheet.set_row_hidden(2).map(drop)
        },
        "date-1904.xlsx" | "empty-first-rows.xlsx" | "second-sheet.xlsx" => |_| Ok(()),
        _ => return None,
    };
    Some(written(name, odd))
}

fn written(
    name: &str,
    odd: fn(&mut Worksheet) -> Result<(), XlsxError>,
) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    if name == "second-sheet.xlsx" {
        workbook
            .add_worksheet()
            .set_name("Cover")?
            .write(0, 0, "Good day")?;
    }
    let first = if name == "empty-first-rows.xlsx" {
        3
    } else {
        0
    };
    let sheet = workbook.add_worksheet().set_name("Orders")?;
    for (column, title) in (0..).zip(HEADER) {
        sheet.write(first, column, title)?;
    }
    sheet
        .write(first + 1, 0, "A-1")?
        .write(first + 1, 1, "a")?
        .write(first + 1, 2, 1)?;
    odd(sheet)?;
    if name == "date-1904.xlsx" {
        return Ok(of_1904());
    }
    workbook.save_to_buffer()
}

/// The same date as a workbook of the Macintosh counts it (days since 1904).
fn of_1904() -> Vec<u8> {
    let title = |title| format!(r#"<c t="str"><v>{title}</v></c>"#);
    let titles: String = HEADER.iter().map(title).collect();
    let cells = r#"<c t="str"><v>A-1</v></c><c t="str"><v>a</v></c><c><v>1</v></c><c/><c s="1"><v>44624</v></c>"#;
    let styles = r#"<styleSheet><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"#;
    let rows = sheet(&format!("<row>{titles}</row><row>{cells}</row>"));
    made::workbook_with(rows, [("xl/styles.xml", Part::Stored(styles.into()))])
}
