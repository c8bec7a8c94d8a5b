//! Workbooks as a real writer makes them, read back.

use orderdock::formats::{CellKind, ReadOptions};
use rust_xlsxwriter::{Format, Formula, Workbook, XlsxError};

use super::{Collected, read};

fn written(make: impl FnOnce(&mut Workbook) -> Result<(), XlsxError>) -> Collected {
    let mut workbook = Workbook::new();
    make(&mut workbook).expect("a workbook");
    let bytes = workbook.save_to_buffer().expect("its bytes");
    read("orders.xlsx", &bytes, &ReadOptions::default())
}

#[test]
fn values_come_back_as_they_were_written() {
    let collected = written(|workbook| {
        let date = Format::new().set_num_format("yyyy-mm-dd");
        let id = Format::new().set_num_format("0000000000000");
        let sheet = workbook.add_worksheet().set_name("Bestellung Ä")?;
        sheet.write(0, 0, "Grüße & <Co>\nline")?;
        sheet.write(0, 1, 12.5)?;
        sheet.write_with_format(0, 2, 45_731, &date)?;
        sheet.write_with_format(0, 3, 4_006_381_333_u64, &id)?;
        sheet.write(0, 4, true)?;
        sheet.write(2, 0, Formula::new("B1*2").set_result("25"))?;
        Ok(())
    });
    assert!(collected.codes().is_empty(), "{:?}", collected.codes());
    assert_eq!(collected.tables[0].name, "Bestellung Ä");
    assert_eq!(
        collected.texts(0),
        [
            vec![
                "Grüße & <Co>\nline",
                "12.5",
                "2025-03-15",
                "0004006381333",
                "true"
            ],
            vec!["25"],
        ]
    );
    assert_eq!(collected.tables[0].rows[1].0, 3);
    assert_eq!(collected.tables[0].rows[0].1[2].1, CellKind::Date);
}

#[test]
fn an_empty_workbook_has_no_rows_and_no_problems() {
    let collected = written(|workbook| {
        workbook.add_worksheet();
        Ok(())
    });
    assert!(collected.codes().is_empty());
    assert_eq!(collected.tables.len(), 1);
    assert_eq!(collected.rows, 0);
}

#[test]
fn rows_of_any_length_keep_their_columns() {
    let collected = written(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write(0, 999, "last column allowed")?;
        sheet.write(1, 3, "d")?;
        Ok(())
    });
    assert!(collected.codes().is_empty());
    assert_eq!(collected.tables[0].rows[0].1.len(), 1_000);
    assert_eq!(collected.texts(0)[1], ["", "", "", "d"]);
    let collected = written(|workbook| {
        workbook.add_worksheet().write(0, 1_000, "one too many")?;
        Ok(())
    });
    assert_eq!(collected.codes(), ["xlsx.too-large"]);
    let refused = collected.refused.expect("a refusal");
    assert_eq!(refused.place.cell.as_deref(), Some("ALM1"));
}
