//! What pages tell beside lists: originals with their findings, evidence, counts, profiles.

use std::io::{Cursor, Read};

use super::{House, bad, bearer, table};
use crate::support::http::{Ask, Reply};

/// The names in an archive, and the text of the entry that ends so.
fn entries(bytes: &[u8], ending: &str) -> (Vec<String>, String) {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<String> = archive
        .file_names()
        .map(|name| name.unwrap().into_owned())
        .collect();
    let name = names.iter().find(|name| name.ends_with(ending)).unwrap();
    let mut text = String::new();
    let mut entry = archive.by_name(&name.clone()).unwrap();
    entry.read_to_string(&mut text).unwrap();
    (names, text)
}

#[test]
fn evidence_is_the_same_in_the_console_the_api_and_on_the_command_line() {
    let house = House::new();
    let key = house.key("erp", &[]);
    let original = table(&["A-1"]);
    house.dock.drop_file("orders.csv", &original);
    settled(&house, 1);
    let person = house.visitor("viewer");
    let saved = person.get("/orders/1/evidence");
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert!(
        saved
            .header("content-disposition")
            .contains("order-A-1.zip")
    );
    let (names, text) = entries(&saved.body, "original/orders.csv");
    assert_eq!(text, original);
    for part in [
        "summary.txt",
        "order.json",
        "deliveries/1-erp/answers.json",
        "history.json",
    ] {
        assert!(names.contains(&format!("order-A-1/{part}")), "{names:?}");
    }
    let (_, request) = entries(&saved.body, "request.json");
    let (_, order) = entries(&saved.body, "order.json");
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(
        json(&request),
        json(&order),
        "what was sent is what was made"
    );
    assert!(
        entries(&saved.body, "summary.txt")
            .1
            .contains("To erp: delivered")
    );
    let api = bearer(Ask::get("/api/v1/orders/1/evidence"), &key).send(house.at);
    assert_eq!(api.body, saved.body);
    let path = house.dock.path("proof.zip");
    let shown = path.to_str().unwrap().to_owned();
    let asked = |house: &House| {
        let told = house.dock.run(&["evidence", "A-1", "-o", &shown]);
        assert_eq!(told.status.code(), Some(0), "{told:?}");
        std::fs::read(&path).unwrap()
    };
    assert_eq!(asked(&house), saved.body, "through the control socket");
    let nothing = house.dock.run(&["evidence", "A-2", "-o", &shown]);
    assert_eq!(nothing.status.code(), Some(1));
    let House {
        dock,
        daemon,
        erp,
        at,
    } = house;
    assert_eq!(daemon.stop(), 0);
    let told = dock.run(&["evidence", "1", "-o", &shown]);
    assert_eq!(told.status.code(), Some(0), "without a daemon: {told:?}");
    assert_eq!(std::fs::read(&path).unwrap(), saved.body);
    drop((erp, at));
}

/// Waits until so many files have come to their end.
fn settled(house: &House, count: usize) {
    house.dock.until("the files are settled", || {
        let files = house.dock.json(&["files", "list", "--json"]);
        let done = files.iter().filter(|file| file["stage"] == "settled");
        (done.count() == count).then_some(())
    });
}

#[test]
fn an_original_is_shown_with_the_bad_cell_marked_and_its_report_as_it_was_written() {
    let house = House::with(
        "\n[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"edi@example.com\"\noperators = [\"ops@example.com\"]\n",
    );
    house.dock.drop_file("bad.csv", bad());
    settled(&house, 1);
    let person = house.visitor("viewer");
    let page = house.dock.until("the report is composed", || {
        let page = person.get("/files/1").text();
        page.contains("Read it</a>").then_some(page)
    });
    assert!(page.contains("data-load=\"/files/1/view\""), "{page}");
    let view = person.get("/files/1/view").text();
    assert!(view.contains("<mark>ten</mark>"), "{view}");
    assert!(view.contains("This is not a number."), "{view}");
    let mail = person.get("/files/1/mails/1").text();
    assert!(
        mail.contains("WHAT NEEDS YOUR ATTENTION") && mail.contains("partner@example.com"),
        "{mail}"
    );
    let whole = person.get("/files/1/mails/1/whole");
    assert!(whole.text().contains("Auto-Submitted: auto-replied"));
    assert_eq!(person.get("/files/1/mails/7").status, 404);
    assert_eq!(person.get("/files/7/view").status, 404);
}

#[test]
fn charts_count_what_became_of_orders_and_what_was_found() {
    let house = House::new();
    house.dock.drop_file("good.csv", table(&["A-1", "A-2"]));
    house.dock.drop_file("bad.csv", bad());
    settled(&house, 2);
    let person = house.visitor("viewer");
    let page = person.get("/charts").text();
    assert!(page.contains("delivered <strong>2</strong>"), "{page}");
    assert!(
        page.contains("withheld <strong>2</strong>"),
        "the good order stays behind too"
    );
    assert!(page.contains("<code>number.invalid</code>"), "{page}");
    assert!(
        page.contains("<td class=\"n\">2</td><td class=\"n\">"),
        "two were accepted by erp"
    );
    let none = person.get("/charts?span=week&source=upload").text();
    assert!(none.contains("delivered <strong>0</strong>"), "{none}");
}

pub(super) const SAMPLE: &str =
    "Bestellnummer;Datum;Artikel;Menge;Preis\nB-1;01.02.2026;X-1;3;1,50\n";

/// A form of the bench.
fn bench(house: &super::Visitor<'_>, path: &str, fields: &[(&str, &str)], sample: &str) -> Reply {
    let fields = [&[("csrf", house.csrf.as_str())], fields].concat();
    let files: &[(&str, &[u8])] = &[("sample.csv", sample.as_bytes())];
    house.send(Ask::post(path).files(&fields, files))
}

pub(super) const TEXT: &str = "name = \"acme\"\nversion = \"1\"\nformat = \"csv\"\nkind = \"purchase\"\n\
    decimal = \"comma\"\ndates = [\"DD.MM.YYYY\"]\n\n\
    [order]\nreference = \"@Bestellnummer\"\nissued = \"@Datum\"\n\n\
    [line]\nitem_id = \"@Artikel\"\nquantity = \"@Menge\"\nunit_price = \"@Preis\"\n";

#[test]
fn a_sample_becomes_a_profile_that_is_tried_saved_and_tested() {
    let house = House::new();
    let person = house.visitor("coordinator");
    let page = bench(&person, "/profiles/suggest", &[], SAMPLE);
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.text().contains("name=\"text\"") && page.text().contains("Bestellnummer"));
    let tried = bench(
        &person,
        "/profiles/bench",
        &[("name", "acme"), ("text", TEXT), ("act", "try")],
        SAMPLE,
    );
    assert_eq!(tried.status, 200, "{}", tried.text());
    let text = tried.text();
    assert!(
        text.contains("Order B-1") && text.contains("<code>@Menge</code>"),
        "{text}"
    );
    assert!(
        !house.dock.path("profiles/acme.toml").exists(),
        "trying keeps nothing"
    );
    let fields = [
        ("name", "acme"),
        ("text", TEXT),
        ("act", "save"),
        ("keep", "yes"),
    ];
    let saved = bench(&person, "/profiles/bench", &fields, SAMPLE);
    assert_eq!(saved.status, 303, "{}", saved.text());
    assert_eq!(
        std::fs::read_to_string(house.dock.path("profiles/acme.toml")).unwrap(),
        TEXT
    );
    let tested = house.dock.run(&["profile", "test", "acme"]);
    assert_eq!(tested.status.code(), Some(0), "{tested:?}");
    let known = person.get("/profiles/acme").text();
    assert!(
        known.contains("version 1") && known.contains("sample.csv"),
        "{known}"
    );
    // What would change what a sample gives is said, and not saved but on request.
    let other = TEXT.replace("@Artikel", "= 'none'");
    let fields = [("name", "acme"), ("text", &other), ("act", "save")];
    let refused = bench(&person, "/profiles/bench", &fields, "");
    assert_eq!(refused.status, 422, "{}", refused.text());
    assert!(
        refused
            .text()
            .contains("sample.csv: orders[0].lines[0].item_id")
    );
    let fields = [&fields[..], &[("anyway", "yes")]].concat();
    let saved = bench(&person, "/profiles/bench", &fields, "");
    assert_eq!(saved.status, 303, "{}", saved.text());
    let text = std::fs::read_to_string(house.dock.path("profiles/acme.toml")).unwrap();
    assert!(text.contains("version = \"2\""), "{text}");
}

#[test]
fn a_wrong_text_a_wrong_name_and_a_wrong_person_save_nothing() {
    let house = House::new();
    let person = house.visitor("coordinator");
    let save = |who: &super::Visitor<'_>, name: &str, text: &str| {
        let fields = [("name", name), ("text", text), ("act", "save")];
        bench(who, "/profiles/bench", &fields, SAMPLE)
    };
    let wrong = save(&person, "acme", &TEXT.replace("quantity", "quantitty"));
    assert_eq!(wrong.status, 422);
    assert!(wrong.text().contains("acme.toml:"), "{}", wrong.text());
    assert_eq!(save(&person, "../acme", TEXT).status, 422);
    assert_eq!(save(&person, "other", TEXT).status, 422);
    let viewer = house.visitor("viewer");
    assert_eq!(save(&viewer, "acme", TEXT).status, 403);
    assert!(viewer.get("/profiles/shopify").text().contains("<pre"));
    let fields = [
        ("csrf", "forged"),
        ("name", "acme"),
        ("text", TEXT),
        ("act", "save"),
    ];
    let forged = person.send(Ask::post("/profiles/bench").files(&fields, &[]));
    assert_eq!(forged.status, 403);
    assert!(!house.dock.path("profiles").exists());
}
