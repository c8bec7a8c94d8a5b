//! A profile of one's own, and what a table gets wrong.

use super::*;

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
