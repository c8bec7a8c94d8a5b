//! Files become the orders that stand beside them, or the problems.
//!
//! Each `fixtures/profiles/NAME.csv|xml|json` has its `NAME.expected.json`; a `NAME.toml` beside it is
//! the profile to read it with. `UPDATE_EXPECT=1` writes what came out: read the difference before
//! you commit it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use orderdock::formats::{
    self, About, Bytes, Cell, CellKind, FormatKind, ReadOptions, Records, Row, Table,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{
    Candidate, Chosen, MapOptions, Mapped, Mapper, OnBadRow, Orders, Outcome, ProfileSet, Summary,
};
use serde_json::{Value, json};

/// Everything that a mapping told.
#[derive(Default)]
struct Told {
    orders: Vec<Order>,
    hashes: Vec<[u8; 32]>,
    statuses: Vec<StatusUpdate>,
    problems: Vec<Problem>,
}

impl Orders for Told {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        assert!(
            self.orders.is_empty(),
            "the choice is told before the first order"
        );
        ControlFlow::Continue(())
    }

    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.orders.push(mapped.order);
        self.hashes.push(mapped.source_hash);
        ControlFlow::Continue(())
    }

    fn status(&mut self, update: StatusUpdate) -> ControlFlow<()> {
        self.statuses.push(update);
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.problems.push(problem);
        ControlFlow::Continue(())
    }
}

fn map(name: &str, bytes: &[u8], set: &ProfileSet, candidates: Vec<Candidate>) -> (Told, Summary) {
    let format = match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("xml") => FormatKind::Xml,
        Some("json") => FormatKind::Json,
        _ => FormatKind::Csv,
    };
    let options = MapOptions {
        file: name.to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        candidates,
    };
    let mut told = Told::default();
    let mut mapper = Mapper::new(set, &options, &mut told);
    let read = formats::read(
        format,
        &mut Bytes::new(name, bytes),
        &ReadOptions::default(),
        &mut mapper,
    );
    let summary = mapper.finish(read);
    (told, summary)
}

fn csv(text: &str) -> (Told, Summary) {
    map(
        "test.csv",
        text.as_bytes(),
        &ProfileSet::builtin(),
        Vec::new(),
    )
}

fn with_profile(profile: &str, text: &str, policy: OnBadRow) -> (Told, Summary) {
    let set = ProfileSet::load(vec![("own.toml".to_owned(), profile.to_owned())]).unwrap();
    let candidate = Candidate {
        profile: Some("own".to_owned()),
        on_bad_row: Some(policy),
        ..Candidate::default()
    };
    let name = if text.starts_with('<') {
        "test.xml"
    } else {
        "test.csv"
    };
    map(name, text.as_bytes(), &set, vec![candidate])
}

fn codes(told: &Told) -> Vec<&str> {
    told.problems
        .iter()
        .map(|problem| problem.code.as_ref())
        .collect()
}

fn report(told: &Told, summary: &Summary) -> Value {
    json!({
        "outcome": summary.outcome,
        "profile": summary.profile.as_ref().map(|profile| &profile.name),
        "withheld": summary.withheld,
        "withheld_rows": summary.withheld_rows,
        "orders": told.orders,
        "status_updates": told.statuses,
        "problems": told.problems,
    })
}

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/profiles");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            !name.ends_with(".expected.json") && !name.ends_with(".toml")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_fixture_becomes_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for path in fixtures() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let own = std::fs::read_to_string(path.with_extension("toml")).ok();
        let texts = own
            .into_iter()
            .map(|text| (format!("{name}.toml"), text))
            .collect();
        let set = ProfileSet::load(texts).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let (told, summary) = map(name, &std::fs::read(&path).unwrap(), &set, Vec::new());
        let got = report(&told, &summary);
        let beside = path.with_extension("expected.json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&beside, serde_json::to_string_pretty(&got).unwrap() + "\n").unwrap();
        }
        let expected: Value = std::fs::read(&beside)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        if got != expected {
            wrong.push(format!("{name}: got {got:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_built_in_profiles_have_no_errors() {
    let errors = ProfileSet::built_in_errors();
    assert!(errors.is_empty(), "{errors:#?}");
    assert_eq!(ProfileSet::builtin().known().count(), 40);
}

#[test]
fn a_wrong_key_is_named_with_its_line_and_the_nearest() {
    let text = "name = \"own\"\nformat = \"csv\"\ngruop_by = [\"reference\"]\n[order]\nreferense = \"@A\"\n";
    let errors = ProfileSet::load(vec![("own.toml".to_owned(), text.to_owned())]).unwrap_err();
    let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(
        told.iter()
            .any(|e| e.starts_with("own.toml:3:") && e.contains("group_by")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|e| e.starts_with("own.toml:5:") && e.contains("reference")),
        "{told:?}"
    );
}

#[test]
fn a_set_sent_as_texts_is_the_same_set() {
    let text = "name = \"own\"\nformat = \"csv\"\n[order]\nreference = \"@A\"\n";
    let set = ProfileSet::load(vec![("own.toml".to_owned(), text.to_owned())]).unwrap();
    let again = ProfileSet::load(set.texts().to_vec()).unwrap();
    assert!(set.known().eq(again.known()));
    assert_eq!(set.text("own"), Some(text));
}

const OWN: &str = r#"
name = "own"
version = "7"
format = "table"
decimal = "comma"
dates = ["DD.MM.YYYY"]
[order]
reference = "@Nr"
parties.buyer.name = { value = "@Kunde", required = true }
currency = { value = "@Cur", default = "EUR" }
references.customer = "K-{reference}"
totals.quantity = "= sum(lines, 'quantity')"
issued = "@Datum"
[line]
item_id = "@Artikel"
quantity = "@Menge"
unit = { value = "@Einheit", lookup = "units" }
description = "= upper(@Artikel) ~ ' x'"
[table.units]
"Stück" = "C62"
"#;

#[test]
fn a_profile_with_expressions_tables_and_defaults_reads_its_layout() {
    let text = "Nr;Kunde;Datum;Artikel;Menge;Einheit\n1;A;03.04.2026;x;1.234,00;stück\n1;A;03.04.2026;y;2;Stück\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::RejectFile);
    assert_eq!(summary.outcome, Outcome::Accepted, "{:?}", told.problems);
    let order = &told.orders[0];
    assert_eq!(order.references["customer"], "K-1");
    assert_eq!(order.currency.as_deref(), Some("EUR"));
    assert_eq!(
        order.totals.as_ref().unwrap().quantity.unwrap().to_string(),
        "1236"
    );
    assert_eq!(order.lines[0].description.as_deref(), Some("X x"));
    assert_eq!(order.lines[1].unit.as_deref(), Some("C62"));
    assert_eq!(order.issued.unwrap().to_string(), "2026-04-03");
}

#[test]
fn one_bad_row_withholds_its_whole_order_and_no_other() {
    let text = "Nr;Kunde;Artikel;Menge\n1;A;x;1\n1;A;y;ten\n2;B;z;1\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::SkipOrders);
    assert_eq!(summary.outcome, Outcome::Partial);
    assert_eq!(told.orders.len(), 1);
    assert_eq!(told.orders[0].reference, "2");
    assert_eq!(summary.withheld_rows.len(), 1);
    let problem = &told.problems[0];
    assert_eq!(
        (problem.place.row, problem.place.column.as_deref()),
        (Some(3), Some("Menge"))
    );
    let (_, summary) = with_profile(OWN, text, OnBadRow::RejectFile);
    assert_eq!(summary.outcome, Outcome::Rejected);
}

#[test]
fn a_number_that_comes_back_with_other_content_stops_the_file() {
    let text = "Nr;Kunde;Artikel;Menge\n1;A;x;1\n2;B;z;1\n1;A;y;3\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::SkipOrders);
    assert_eq!(codes(&told), ["order.reference.twice"]);
    assert_eq!(summary.outcome, Outcome::Rejected);
}

#[test]
fn the_same_order_twice_is_one_order_and_a_warning() {
    let text = "Nr;Kunde;Artikel;Menge\n1;A;x;1\n2;B;z;1\n1;A;x;1\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::RejectFile);
    assert_eq!(codes(&told), ["order.repeated"]);
    assert_eq!((summary.outcome, summary.orders), (Outcome::Accepted, 2));
}

#[test]
fn a_ragged_row_withholds_the_order_it_belongs_to() {
    let text = "Nr;Kunde;Artikel;Menge\n1;A;x;1\n1;A;y\n2;B;z;1\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::SkipOrders);
    assert_eq!(codes(&told), ["csv.ragged-row"]);
    assert_eq!((summary.orders, summary.withheld), (1, 1));
}

#[test]
fn a_missing_column_is_told_once_with_the_columns_there_are() {
    let (told, summary) = with_profile(
        OWN,
        "Nr;Artikel;Menge\n1;x;1\n2;x;1\n",
        OnBadRow::RejectFile,
    );
    assert_eq!(codes(&told), ["table.column-missing"]);
    assert!(told.problems[0].to_string().contains("Kunde"));
    assert_eq!(summary.outcome, Outcome::Rejected);
}

#[test]
fn a_header_without_orders_is_a_problem() {
    let (told, summary) = with_profile(OWN, "Nr;Kunde;Artikel;Menge\n", OnBadRow::RejectFile);
    assert_eq!(codes(&told), ["order.none"]);
    assert_eq!(summary.outcome, Outcome::Rejected);
}

#[test]
fn rows_of_one_order_must_agree_in_its_head() {
    let text = "Nr;Kunde;Artikel;Menge\n1;A;x;1\n1;B;y;1\n";
    let (told, _) = with_profile(OWN, text, OnBadRow::RejectFile);
    assert_eq!(codes(&told), ["order.head.differs"]);
}

#[test]
fn a_file_that_comes_back_corrected_loses_our_column_and_guards() {
    let text = "Nr;Kunde;Artikel;Menge;orderdock_error\n1;A;'=x;1;\n1;A;y;1;was wrong\n";
    let (told, summary) = with_profile(OWN, text, OnBadRow::RejectFile);
    assert_eq!(summary.outcome, Outcome::Accepted, "{:?}", told.problems);
    assert!(told.problems.is_empty());
    assert_eq!(told.orders[0].lines[0].item_id.as_deref(), Some("=x"));
}

#[test]
fn a_layout_that_nothing_fits_is_told_with_its_columns() {
    let (told, summary) = csv("colour;taste\nred;sweet\n");
    assert_eq!(codes(&told), ["profile.unknown"]);
    assert!(told.problems[0].message.contains("colour, taste"));
    assert_eq!(summary.profile, None);
}

#[test]
fn xml_values_from_outside_the_order_and_above_a_line_are_found() {
    let profile = r#"
name = "own"
format = "xml"
record = "/batch/order"
[order]
reference = "@@id"
references.customer = "@../sender"
parties.seller.name = "@/batch/@site"
[line]
each = "item"
number = "@@n"
item_id = "@."
quantity = "@qty[@unit='EA']"
description = "@../note"
"#;
    let text = "<batch site='S'><sender>me</sender><order id='1'><note>hi</note>\
        <item n='1'>x<qty unit='KG'>9</qty><qty unit='EA'>2</qty></item></order>\
        <order id='2'><item n='1'>x<qty unit='EA'>two</qty></item></order></batch>";
    let (told, summary) = with_profile(profile, text, OnBadRow::SkipOrders);
    assert_eq!(summary.outcome, Outcome::Partial, "{:?}", told.problems);
    let order = &told.orders[0];
    assert_eq!(order.references["customer"], "me");
    assert_eq!(
        order.parties[&orderdock::order::Role::Seller]
            .name
            .as_deref(),
        Some("S")
    );
    assert_eq!(order.lines[0].quantity.unwrap().to_string(), "2");
    assert_eq!(order.lines[0].description.as_deref(), Some("hi"));
    let error = told
        .problems
        .iter()
        .find(|problem| problem.is_error())
        .unwrap();
    assert!(
        error
            .place
            .path
            .as_deref()
            .unwrap()
            .starts_with("/batch/order[2]/item"),
        "{error}"
    );
}

/// A sheet's name and its rows of cells, each a text and its kind.
type Sheet<'a> = (&'a str, &'a [&'a [(&'a str, CellKind)]]);

/// Sheets as a workbook would tell them: name and rows, a cell being its text and kind.
fn workbook(sheets: &[Sheet<'_>]) -> (Told, Summary) {
    let set = ProfileSet::builtin();
    let options = MapOptions::default();
    let mut told = Told::default();
    let mut mapper = Mapper::new(&set, &options, &mut told);
    let about = About {
        format: FormatKind::Xlsx,
        encoding: None,
        dialect: None,
        separators: None,
    };
    let mut go = mapper.begin(&about).is_continue();
    for (index, (name, rows)) in sheets.iter().enumerate() {
        let table = Table {
            name: (*name).to_owned(),
            hidden: false,
            index,
        };
        go = go && mapper.table(&table).is_continue();
        for (number, cells) in (1..).zip(rows.iter()) {
            let cells: Vec<Cell<'_>> = cells
                .iter()
                .map(|(text, kind)| Cell { text, kind: *kind })
                .collect();
            go = go
                && mapper
                    .row(&Row {
                        number,
                        line: 0,
                        cells: &cells,
                    })
                    .is_continue();
        }
    }
    let summary = mapper.finish(Ok(()));
    (told, summary)
}

const HEADER: &[(&str, CellKind)] = &[
    ("order number", CellKind::Text),
    ("sku", CellKind::Text),
    ("quantity", CellKind::Text),
    ("note to self", CellKind::Text),
];

#[test]
fn a_formula_without_a_result_counts_only_where_it_is_read() {
    let unread = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("2", CellKind::Number),
        ("", CellKind::Uncached),
    ];
    let (told, summary) = workbook(&[("Orders", &[HEADER, &unread])]);
    assert_eq!(summary.outcome, Outcome::Accepted, "{:?}", told.problems);
    let read = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("", CellKind::Uncached),
        ("x", CellKind::Text),
    ];
    let (told, summary) = workbook(&[("Orders", &[HEADER, &read])]);
    assert_eq!(summary.outcome, Outcome::Rejected);
    let problem = told
        .problems
        .iter()
        .find(|problem| problem.is_error())
        .unwrap();
    assert_eq!(problem.code, "cell.uncached");
    assert_eq!(problem.place.cell.as_deref(), Some("C2"));
    assert_eq!(problem.place.sheet.as_deref(), Some("Orders"));
}

#[test]
fn two_sheets_that_both_look_like_orders_are_not_guessed_about() {
    let row = [
        ("1", CellKind::Text),
        ("a", CellKind::Text),
        ("2", CellKind::Number),
        ("", CellKind::Text),
    ];
    let cover: &[(&str, CellKind)] = &[("Hello", CellKind::Text)];
    let (told, summary) = workbook(&[("Cover", &[cover]), ("A", &[HEADER, &row])]);
    assert_eq!(summary.outcome, Outcome::Accepted);
    assert!(codes(&told).contains(&"sheet.left-out"));
    let (told, summary) = workbook(&[("A", &[HEADER, &row]), ("B", &[HEADER, &row])]);
    assert_eq!(summary.outcome, Outcome::Rejected);
    assert!(codes(&told).contains(&"sheet.ambiguous"));
}

/// Counts orders and keeps none.
struct Count(u64);
impl Orders for Count {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, _: Mapped) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        assert!(!problem.is_error(), "{problem}");
        ControlFlow::Continue(())
    }
}

/// A million rows in one file, where `ORDERDOCK_MEASURE` asks for it: prints how long it takes.
#[test]
fn a_million_rows_are_mapped_as_a_stream() {
    if std::env::var_os("ORDERDOCK_MEASURE").is_none() {
        return;
    }
    let mut text = String::from(
        "order_id,customer_id,customer_name,order_date,currency,ship_to,line_no,sku,ean,description,quantity,unit,unit_price,requested_date\r\n",
    );
    for order in 0..100_000 {
        for line in 1..=10 {
            text.extend([format!(
                "W4-000000-{order:06},C{order:06},\"Smith, Jones & Partners\",2024-03-05,EUR,\"Hauptstraße 12, 10115 Berlin\",{line},SKU-{line:08},4006381333931,\"Coffee beans, dark roast 1kg\",{line},PCE,12.50,2024-03-10\r\n"
            )]);
        }
    }
    let set = ProfileSet::builtin();
    let options = MapOptions::default();
    let mut count = Count(0);
    let start = orderdock::clock::moment();
    let mut mapper = Mapper::new(&set, &options, &mut count);
    let read = formats::read(
        FormatKind::Csv,
        &mut Bytes::new("w4.csv", text.as_bytes()),
        &ReadOptions::default(),
        &mut mapper,
    );
    let summary = mapper.finish(read);
    println!("{} orders in {:?}", summary.orders, start.elapsed());
    assert_eq!(count.0, 100_000);
}

/// Over other people's files, where `ORDERDOCK_CORPUS` names them: prints what became of each.
#[test]
fn the_corpus_is_read_without_a_panic() {
    let Some(corpus) = std::env::var_os("ORDERDOCK_CORPUS") else {
        return;
    };
    let set = ProfileSet::builtin();
    for folder in [
        "xml_orders/ubl",
        "xml_orders/cxml",
        "xml_orders/foreign",
        "csv/exports",
        "csv/csvkit",
        "csv/agate",
    ] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(&corpus).join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for path in files {
            let name = path.file_name().unwrap().to_str().unwrap();
            let (told, summary) = map(name, &std::fs::read(&path).unwrap(), &set, Vec::new());
            println!(
                "{folder}/{name}: {:?} {:?}",
                summary.outcome,
                summary.profile.map(|p| p.name)
            );
            for order in &told.orders {
                println!("   {}", serde_json::to_string(order).unwrap());
            }
            for problem in told.problems.iter().take(5) {
                println!("   {} {problem}", problem.code);
            }
        }
    }
}
