//! Other people's workbooks, where a folder of them is given: `ORDERDOCK_CORPUS` names one with a
//! `TRUTH.jsonl` that says what a reference tool found in each file.

use std::path::{Path, PathBuf};

use orderdock::formats::{Hidden, ReadOptions};
use serde_json::Value;

use crate::sheets::{Collected, CollectedTable, read};

/// Where the reference tool and we part, and why we hold to ours; and what is refused.
const ARGUED: [(&str, &str); 18] = [
    (
        "calamine/date.xls",
        "[hh]:mm:ss counts hours on: 255:10:10 is no date",
    ),
    ("calamine/date.xlsx", "the same"),
    ("calamine/date_1904.xls", "the same"),
    ("calamine/date_1904.xlsx", "the same"),
    (
        "calamine/date.xlsb",
        "the tool shows serial numbers instead of dates",
    ),
    ("calamine/empty_s_attribute.xlsx", "the tool crashes; read"),
    (
        "calamine/has_x000D_.xlsx",
        "_x000D_ is a carriage return; the tool leaves it",
    ),
    ("readxl/new_line_errors.xlsx", "the same"),
    (
        "calamine/issue_530.xlsx",
        "the tool cannot find the parts; read, 30 cells",
    ),
    (
        "disguised/html_table_renamed.xls",
        "read as the HTML it is, 41 cells",
    ),
    (
        "xlrd/Formate.xls",
        "a time without a day is a time, not 31 December 1899",
    ),
    (
        "xlrd/corrupted_error.xls",
        "the tool refuses a sector used twice; nine sheets read",
    ),
    ("calamine/issue_594_dos.ods", "refused: 10^18 cells"),
    ("calamine/pass_protected.ods", "refused: password"),
    ("calamine/pass_protected.xlsb", "refused: password"),
    ("calamine/pass_protected.xlsx", "refused: password"),
    ("calamine/too_small.xls", "refused: plain text"),
    (
        "disguised/csv_renamed.xlsx",
        "refused here: the sniffer takes it for csv",
    ),
];

fn corpus() -> Option<PathBuf> {
    std::env::var_os("ORDERDOCK_CORPUS").map(PathBuf::from)
}

#[test]
fn real_workbooks_agree_with_the_reference_tools() {
    let Some(folder) = corpus() else {
        return;
    };
    let truths = std::fs::read_to_string(folder.join("TRUTH.jsonl")).expect("TRUTH.jsonl");
    let (mut agreed, mut parted) = (0, Vec::new());
    for line in truths.lines() {
        let truth: Value = serde_json::from_str(line).expect("a line of JSON");
        let path = truth["path"].as_str().expect("a path");
        if !path.starts_with("spreadsheets/") {
            continue;
        }
        let collected = read_file(&folder.join(path));
        let differences = compare(&truth["truth"]["sheets"], &collected);
        if let Some(problem) = &collected.refused {
            parted.push(path.to_owned());
            println!("REFUSED {path}: {} {problem}", problem.code);
        } else if differences.is_empty() {
            agreed += 1;
        } else {
            println!("DIFFERS {path}:");
            for difference in &differences {
                println!("    {difference}");
            }
            parted.push(path.to_owned());
        }
    }
    println!("{agreed} agree, {} part", parted.len());
    parted.retain(|path| !ARGUED.iter().any(|(known, _)| path.ends_with(known)));
    assert!(parted.is_empty(), "not argued: {parted:?}");
}

fn read_file(path: &Path) -> Collected {
    let bytes = std::fs::read(path).expect("a corpus file");
    let name = path.file_name().expect("a name").to_string_lossy();
    let options = ReadOptions {
        hidden: Hidden::Read,
        ..ReadOptions::default()
    };
    read(&name, &bytes, &options)
}

/// Size, corners and first rows of each sheet that the reference tool found filled.
fn compare(sheets: &Value, collected: &Collected) -> Vec<String> {
    let mut differences = Vec::new();
    let Some(sheets) = sheets.as_array() else {
        let sizes: Vec<String> = collected.tables.iter().map(size).collect();
        return vec![format!("no truth; found {sizes:?}")];
    };
    for sheet in sheets {
        let name = sheet["name"].as_str().unwrap_or_default();
        if sheet["nonempty"].as_u64() == Some(0) {
            continue;
        }
        let Some(table) = collected.tables.iter().find(|table| table.name == name) else {
            differences.push(format!("sheet {name} is missing"));
            continue;
        };
        let truth = format!(
            "{} rows, {} columns, {} cells",
            sheet["rows_used"], sheet["cols_used"], sheet["nonempty"]
        );
        if truth != size(table) {
            differences.push(format!("{name}: truth {truth}, found {}", size(table)));
        }
        for corner in ["first_cell", "last_cell"] {
            differences.extend(compare_cell(table, &sheet[corner]));
        }
        for (row, cells) in (1_u64..).zip(sheet["head"].as_array().into_iter().flatten()) {
            for (column, value) in (1_u64..).zip(cells.as_array().into_iter().flatten()) {
                let cell = serde_json::json!({"row": row, "col": column, "value": value});
                differences.extend(compare_cell(table, &cell));
            }
        }
    }
    differences
}

fn size(table: &CollectedTable) -> String {
    let filled = |cells: &[(String, _)]| cells.iter().filter(|(text, _)| !text.is_empty()).count();
    let cells: usize = table.rows.iter().map(|(_, cells)| filled(cells)).sum();
    let columns = table
        .rows
        .iter()
        .map(|(_, cells)| cells.len())
        .max()
        .unwrap_or(0);
    let rows = table.rows.last().map_or(0, |(number, _)| *number);
    format!("{rows} rows, {columns} columns, {cells} cells")
}

fn compare_cell(table: &CollectedTable, truth: &Value) -> Option<String> {
    let (row, column) = (truth["row"].as_u64()?, truth["col"].as_u64()?);
    let expected = match &truth["value"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let column = usize::try_from(column).ok()?.checked_sub(1)?;
    let found = table
        .rows
        .iter()
        .find(|(number, _)| *number == row)
        .and_then(|(_, cells)| cells.get(column))
        .map_or("", |(text, _)| text.as_str());
    (normal(&expected) != normal(found)).then(|| {
        format!(
            "{} R{row}C{}: truth {expected:?}, found {found:?}",
            table.name,
            column + 1
        )
    })
}

/// What both ways of writing a value have in common: `1.0` and 1, `True` and true, dates with and
/// without a time at midnight.
fn normal(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    if let Ok(number) = text.parse::<f64>() {
        return format!("{number:.10e}");
    }
    let text = text.replace(' ', "T");
    text.strip_suffix("T00:00:00")
        .unwrap_or(&text)
        .to_lowercase()
}
