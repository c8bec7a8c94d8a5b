//! Files that come in through the door are files like any other.

use super::{House, bad, bearer, table};
use crate::support::http::{Ask, reply};
use std::io::Write;

#[test]
fn good_and_bad_files_of_one_form_are_told_apart_each_at_its_place() {
    let house = House::new();
    let person = house.visitor("coordinator");
    let (good, bad) = (table(&["A-1", "A-2"]), bad());
    let files: [(&str, &[u8]); 2] = [("good.csv", good.as_bytes()), ("bad.csv", bad.as_bytes())];
    let sent = person.send(Ask::post("/upload").files(&[("csrf", &person.csrf)], &files));
    assert_eq!(sent.status, 303, "{}", sent.text());
    let to = sent.header("location").to_owned();
    house.dock.until("both files have their verdict", || {
        let page = person.get(&to).text();
        (page.contains("state done") && page.contains("state error")).then_some(())
    });
    let page = person.get(&to).text();
    assert!(page.contains("row 3, column “quantity”"), "{page}");
    assert!(page.contains("<code>ten</code>"), "{page}");
    house.erp.has_each_once(&["A-1", "A-2"]);
    let files = house.dock.json(&["files", "list", "--json"]);
    assert_eq!(files[0]["source"], "upload");
    let story = house.dock.run(&["files", "show", "1"]);
    assert!(
        String::from_utf8_lossy(&story.stdout).contains("sent good.csv"),
        "who sent it is known"
    );
}

#[test]
fn a_large_file_comes_back_byte_for_byte_and_a_too_large_one_is_refused() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let large: Vec<u8> = (0..2_500_000_u32)
        .map(|n| b"abcdefghij\n"[(n % 11) as usize])
        .collect();
    let upload = |name: &str| bearer(Ask::post(&format!("/api/v1/files?name={name}")), &key);
    let taken = upload("large.bin").body(&large).send(house.at);
    assert_eq!(taken.status, 202, "{}", taken.text());
    let original = bearer(Ask::get("/api/v1/files/1/original"), &key).send(house.at);
    assert_eq!(original.body, large);
    assert_eq!(
        original.header("content-disposition").split(';').next(),
        Some("attachment")
    );
    let refused = upload("larger.bin")
        .body(vec![b'x'; 4 << 20])
        .send(house.at);
    assert_eq!(refused.status, 413);
    assert_eq!(
        house.dock.json(&["files", "list", "--json"]).len(),
        1,
        "nothing of it is kept"
    );
}

#[test]
fn an_upload_that_is_cut_off_is_no_file() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let ask =
        bearer(Ask::post("/api/v1/files?name=cut.csv"), &key).with("Content-Length", "100000");
    let mut stream = ask.begin(house.at);
    stream.write_all(table(&["A-1"]).as_bytes()).unwrap();
    drop(stream);
    let whole = bearer(Ask::post("/api/v1/files?name=whole.csv"), &key).body(table(&["A-2"]));
    assert_eq!(whole.send(house.at).status, 202);
    house.erp.wait_for(1);
    house.erp.has_each_once(&["A-2"]);
    assert_eq!(house.dock.json(&["files", "list", "--json"]).len(), 1);
    house.until(&key, "/api/v1/sources", |sources| {
        let all = sources.as_array().unwrap();
        all.iter().all(|source| source["pending"] == 0)
    });
}

#[test]
fn an_upload_that_stops_coming_is_ended() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    let ask =
        bearer(Ask::post("/api/v1/files?name=slow.csv"), &key).with("Content-Length", "100000");
    assert_eq!(reply(ask.begin(house.at)).status, 408);
}

#[test]
fn a_name_is_only_a_label() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    for name in [
        "..%2F..%2Fetc%2Fpasswd",
        "C%3A%5Cdesk%5Corders.csv",
        "%00",
        "a%0Ab.csv",
        "",
        "%2E%2E",
    ] {
        let ask = bearer(Ask::post(&format!("/api/v1/files?name={name}")), &key);
        assert_eq!(
            ask.body(table(&["A-1"])).send(house.at).status,
            202,
            "{name}"
        );
    }
    let files = house.dock.json(&["files", "list", "--json"]);
    for file in files {
        let name = file["name"].as_str().unwrap();
        assert!(
            !name.contains(['/', '\\', '\n', '\0']) || name.contains("\\u"),
            "{name:?}"
        );
    }
}

#[test]
fn a_paused_source_takes_no_upload() {
    let house = House::new();
    let key = house.key("erp", &["--role", "coordinator"]);
    house.dock.run(&["pause", "upload"]);
    let ask = || bearer(Ask::post("/api/v1/files?name=a.csv"), &key).body(table(&["A-1"]));
    assert_eq!(ask().send(house.at).status, 409);
    house.dock.run(&["resume", "upload"]);
    assert_eq!(ask().send(house.at).status, 202);
    house.erp.wait_for(1);
}
