//! The dry run of mails, archives and `winmail.dat`.

use std::process::Command;

use serde_json::Value;

use super::{Mail, bad, table, zipped};

fn parse(name: &str, bytes: &[u8], args: &[&str]) -> (i32, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_orderdock"))
        .args(["parse", "--json"])
        .args(args)
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (output.status.code().unwrap(), value)
}

#[test]
fn a_mail_prints_one_object_with_the_orders_and_problems_of_all_its_files() {
    let mail = Mail::with("1", &[("a.csv", table(&["A-1"])), ("b.csv", bad("B-1"))]);
    let (exit, value) = parse("two.eml", &mail.bytes(), &[]);
    assert_eq!((exit, value["outcome"].as_str()), (1, Some("partial")));
    assert_eq!(value["orders"][0]["reference"], "A-1");
    let origin = value["orders"][0]["origin"]["file"].as_str().unwrap();
    assert!(origin.ends_with("two.eml/a.csv"), "{origin}");
    let problems = value["problems"].as_array().unwrap();
    assert!(
        problems
            .iter()
            .any(|problem| problem["place"]["member"] == "b.csv")
    );
    let letter = &value["mail"];
    assert_eq!(letter["from"], "Jan <jan@acme.test>");
    assert_eq!(letter["subject"], "Our orders");
    assert_eq!(letter["files"][0]["name"], "a.csv");
    assert_eq!(letter["files"][0]["bytes"], table(&["A-1"]).len());
    assert_eq!(
        (&letter["may_reply"], &letter["why"]),
        (&Value::Bool(true), &Value::Null)
    );
    let (exit, value) = parse(
        "one.eml",
        &Mail::with("1", &[("a.csv", table(&["A-1"]))]).bytes(),
        &[],
    );
    assert_eq!((exit, value["outcome"].as_str()), (0, Some("accepted")));
}

#[test]
fn the_records_of_a_mail_are_those_of_its_files() {
    let mail =
        Mail::with("1", &[("a.csv", table(&["A-1"]))]).header("Auto-Submitted: auto-generated");
    let (exit, value) = parse("one.eml", &mail.bytes(), &["--records"]);
    assert_eq!(exit, 0);
    assert_eq!(value["members"][0]["tables"][0]["rows"][1][0], "A-1");
    assert_eq!(value["mail"]["may_reply"], false);
    assert!(
        value["mail"]["why"]
            .as_str()
            .unwrap()
            .contains("automatically")
    );
}

#[test]
fn an_archive_is_opened_and_a_mail_without_a_file_is_rejected() {
    let (exit, value) = parse(
        "a.zip",
        &zipped(&[("o.csv", table(&["A-1"]).as_bytes())]),
        &[],
    );
    assert_eq!((exit, value["format"].as_str()), (0, Some("zip")));
    let (exit, value) = parse("empty.eml", &Mail::with("1", &[]).bytes(), &[]);
    assert_eq!((exit, value["outcome"].as_str()), (1, Some("rejected")));
    assert_eq!(value["problems"][0]["code"], "mail.no-file");
}

/// A part with headers of its own and a body as it stands.
fn part(headers: &str, body: &str) -> Vec<u8> {
    format!(
        "From: jan@acme.test\r\nTo: edi@example.com\r\nSubject: x\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n{headers}\r\n\r\n{body}\r\n--B--\r\n"
    )
    .into_bytes()
}

fn names(value: &Value) -> Vec<&str> {
    let files = value["mail"]["files"].as_array().unwrap().iter();
    files.map(|file| file["name"].as_str().unwrap()).collect()
}

fn codes(value: &Value) -> Vec<&str> {
    let problems = value["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| problem["code"].as_str().unwrap())
        .collect()
}

#[test]
fn names_are_decoded_and_never_paths() {
    let csv = table(&["A-1"]);
    for (header, name) in [
        (
            "Content-Disposition: attachment; filename*=utf-8''best%C3%A4llning.csv",
            "beställning.csv",
        ),
        (
            "Content-Disposition: attachment; filename=\"=?iso-8859-1?Q?best=E4llning.csv?=\"",
            "beställning.csv",
        ),
        (
            "Content-Disposition: attachment; filename*0=\"or\"; filename*1=\"ders.csv\"",
            "orders.csv",
        ),
        (
            "Content-Disposition: attachment; filename=\"..\\\\..\\\\etc\\\\orders.csv\"",
            "orders.csv",
        ),
        (
            "Content-Disposition: attachment; filename=\"/etc/orders.csv\"",
            "orders.csv",
        ),
        ("Content-Type: text/csv", "attachment.csv"),
        (
            "Content-Disposition: inline; filename=orders.csv",
            "orders.csv",
        ),
    ] {
        let (_, value) = parse("n.eml", &part(header, &csv), &[]);
        assert_eq!(names(&value), [name], "{header}");
        assert_eq!(value["outcome"], "accepted", "{header}: {value}");
    }
}

#[test]
fn a_text_is_taken_from_its_bytes_and_not_by_a_label_that_lies() {
    let mut bytes = part(
        "Content-Type: text/csv; charset=utf-8; name=o.csv\r\nContent-Transfer-Encoding: 8bit",
        &table(&["A-1"]).replace("SKU-1", "K\u{1}NAL"),
    );
    let at = bytes.iter().position(|byte| *byte == 1).unwrap();
    bytes[at] = 0xC4; // Ä in windows-1252
    let (_, value) = parse("l.eml", &bytes, &[]);
    assert_eq!(
        value["orders"][0]["lines"][0]["item_id"], "KÄNAL",
        "{value}"
    );
}

#[test]
fn what_is_broken_or_packed_in_old_ways_is_named() {
    for (header, body, code) in [
        (
            "Content-Type: application/octet-stream; name=o.csv\r\nContent-Transfer-Encoding: base64",
            "b3JkZXI*!!not base64!!",
            "mail.damaged-part",
        ),
        (
            "Content-Type: text/plain",
            "begin 644 o.csv\r\n#0V%T\r\n`\r\nend",
            "mail.uuencode",
        ),
        (
            "Content-Type: text/plain",
            "(This file must be converted with BinHex 4.0)\r\n:$f*TEQ:",
            "mail.binhex",
        ),
        (
            "Content-Type: application/pkcs7-mime; name=smime.p7m",
            "x",
            "mail.encrypted",
        ),
        (
            "Content-Type: message/partial; id=a; number=1",
            "x",
            "mail.partial",
        ),
    ] {
        let (exit, value) = parse("b.eml", &part(header, body), &[]);
        assert_eq!(exit, 1);
        assert!(codes(&value).contains(&code), "{code}: {value}");
    }
}

#[test]
fn files_of_forwarded_mails_count_and_pictures_and_signatures_do_not() {
    let inner = String::from_utf8(Mail::with("1", &[("in.csv", table(&["A-1"]))]).bytes()).unwrap();
    let (_, value) = parse("f.eml", &part("Content-Type: message/rfc822", &inner), &[]);
    assert_eq!(names(&value), ["in.csv"]);
    let picture = part(
        "Content-Type: image/png; name=logo.png\r\nContent-ID: <1>",
        "x",
    );
    let (_, value) = parse("p.eml", &picture, &[]);
    assert_eq!(
        (names(&value).len(), codes(&value)),
        (0, vec!["mail.no-file"])
    );
    let photo = part(
        "Content-Type: image/png\r\nContent-Disposition: attachment; filename=p.png",
        "x",
    );
    let (_, value) = parse("p.eml", &photo, &[]);
    assert_eq!(
        (names(&value), codes(&value)),
        (vec!["p.png"], vec!["mail.aside", "mail.no-file"])
    );
}

#[test]
fn archives_that_bomb_lie_or_hide_are_refused() {
    let blanks = vec![b' '; 60 << 20];
    let (_, value) = parse("bomb.zip", &zipped(&[("b.csv", &blanks)]), &[]);
    assert_eq!(codes(&value), ["zip.too-large"]);
    let whole = zipped(&[("o.csv", table(&["A-1"]).as_bytes())]);
    let (_, value) = parse("cut.zip", &whole[..whole.len() / 2], &[]);
    assert_eq!(codes(&value), ["zip.truncated"]);
    let mut encrypted = whole;
    // Bit 0 of the general purpose flags, in the local header and in the directory.
    encrypted[6] |= 1;
    let directory = memchr::memmem::find(&encrypted, b"PK\x01\x02").unwrap();
    encrypted[directory + 8] |= 1;
    let (_, value) = parse("locked.zip", &encrypted, &[]);
    assert_eq!(codes(&value), ["zip.encrypted"]);
}
