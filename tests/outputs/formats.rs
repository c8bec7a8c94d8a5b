//! One order in each written format at each kind of place: what lies there is what the format says,
//! and our own readers read it.

use std::fs;
use std::path::Path;

use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};

use super::places::MAIL;
use crate::support::dock::Dock;
use crate::support::postfix::Postfix;
use crate::support::sshd::Sshd;
use crate::support::vsftpd::{Tls, Vsftpd};

/// The formats, and what a file of each ends with.
const FORMATS: [(&str, &str); 9] = [
    ("json", ".json"),
    ("csv", ".csv"),
    ("xlsx", ".xlsx"),
    ("ubl", ".xml"),
    ("orders-d96a", ".edi"),
    ("orders-d01b", ".edi"),
    ("iftmin-d96a", ".edi"),
    ("iftmin-d01b", ".edi"),
    ("cargamos-xlsx", ".xlsx"),
];

fn order() -> Value {
    json!({
        "reference": "4711", "kind": "transport", "references": {"lot": "L1"},
        "parties": {"buyer": {"name": "Acme", "city": "Gent", "country": "BE"}},
        "lines": [{"number": "1", "item_id": "A-1", "quantity": "2", "unit": "C62"}],
        "shipments": [{
            "pickup": {"date": "2026-03-02", "party": {"name": "P", "city": "Gent", "country": "BE"}},
            "delivery": {"date": "2026-03-03", "party": {
                "name": "Ana", "street": "Reforma", "postcode": "06600", "city": "Cuauhtemoc",
                "country": "MX", "contact": {"name": "Ana", "phone": "5511112222"}}},
            "goods": [{"quantity": "2", "package_type": "PX", "weight_kg": "1.2"}]
        }]
    })
}

/// A house with a destination of this place for each format; all of them get the order.
fn delivered(place: &str, mail: &str) -> Dock {
    let dock = Dock::new("http://127.0.0.1:1/", mail);
    let places = FORMATS.map(|(format, _)| {
        format!(
            "[[destination]]\nname = \"{format}\"\n{place}format = \"{format}\"\n\
             file_name = \"{format}-{{reference}}-{{key}}.{{ext}}\"\n\n"
        )
    });
    let names = FORMATS.map(|(format, _)| format!("\"{format}\""));
    let text = dock.config();
    let (head, tail) = text.split_once("[[destination]]").unwrap();
    let (_, tail) = tail.split_once("[[route]]").unwrap();
    let tail = tail.replace("\"erp\"", &names.join(", "));
    dock.configure(&format!("{head}{}[[route]]{tail}", places.concat()));
    dock.drop_file("a.json", order().to_string());
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told} {}", dock.log());
    assert_eq!(dock.names("done"), ["a.json"]);
    dock
}

/// Each file is there once, and is read back.
fn check(dock: &Dock, folder: &Path) {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    for (format, ending) in FORMATS {
        let wanted = format!("{format}-4711-");
        let at = names
            .iter()
            .position(|name| name.starts_with(&wanted) && name.ends_with(ending));
        let name = names.remove(at.unwrap_or_else(|| panic!("{format}: {names:?}")));
        let path = folder.join(name);
        let path = path.to_str().unwrap();
        if format == "cargamos-xlsx" {
            let told = dock.json(&["parse", "--records", "--json", path]).remove(0);
            let rows = &told["tables"][0]["rows"];
            let columns = rows[0].as_array().unwrap();
            let cell = |name: &str| {
                let at = columns.iter().position(|column| column == name).unwrap();
                rows[1][at].clone()
            };
            assert_eq!(cell("postalCode"), "06600", "{told}");
            assert_eq!(cell("lotId"), "L1");
            assert_eq!(cell("phone"), "5511112222");
            continue;
        }
        let told = dock.json(&["parse", "--json", path]).remove(0);
        assert_eq!(told["outcome"], "accepted", "{format}: {told}");
        let [read] = &told["orders"].as_array().unwrap()[..] else {
            panic!("{format}: {told}");
        };
        assert_eq!(read["reference"], "4711", "{format}");
        // Purchase orders say what, forwarding instructions how it is packed.
        if format.starts_with("iftmin") {
            let goods = &read["shipments"][0]["goods"][0];
            assert_eq!(goods["weight_kg"], "1.2", "{format}: {read}");
        } else {
            assert_eq!(read["lines"][0]["item_id"], "A-1", "{format}: {read}");
        }
    }
    assert_eq!(names, [""; 0]);
}

#[test]
fn a_folder_gets_every_format() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().display();
    let dock = delivered(&format!("kind = \"folder\"\npath = \"{path}\"\n"), MAIL);
    check(&dock, scratch.path());
}

#[test]
fn an_sftp_server_gets_every_format() {
    let server = Sshd::start();
    let place = format!(
        "kind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\npassword = \"pw-secret\"\n\
         host_key = \"{}\"\n",
        server.port,
        server.fingerprint("ed25519")
    );
    check(&delivered(&place, MAIL), &server.inbox("pw"));
}

#[test]
fn an_ftp_server_gets_every_format() {
    let server = Vsftpd::start(Tls::None, "");
    let place = format!(
        "kind = \"ftp\"\nurl = \"ftp://anonymous@127.0.0.1:{}/~/in\"\npassword = \"anybody\"\n",
        server.port
    );
    check(&delivered(&place, MAIL), &server.inbox());
}

#[test]
fn a_mailbox_gets_every_format() {
    let postfix = Postfix::start();
    let mail = format!(
        "[mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"EDI <edi@example.com>\"\n",
        postfix.port
    );
    let dock = delivered("kind = \"mail\"\nto = [\"edi@acme.test\"]\n", &mail);
    let scratch = tempfile::tempdir().unwrap();
    for mail in postfix.wait_for_mails(FORMATS.len()) {
        let mail = MessageParser::default().parse(&mail).unwrap();
        let attached: Vec<_> = mail.attachments().collect();
        let [file] = &attached[..] else {
            panic!("one file a mail");
        };
        let name = file.attachment_name().unwrap();
        fs::write(scratch.path().join(name), file.contents()).unwrap();
    }
    check(&dock, scratch.path());
}
