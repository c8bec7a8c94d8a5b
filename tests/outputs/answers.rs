//! Answers to files in the partner's own format: right, once, and readable by our own reader.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::dock::{Dock, read};

const MAIL: &str = "[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"edi@example.com\"\n";

/// A house that puts orders into a folder and answers as `answer` says.
fn house(answer: &str) -> Dock {
    let dock = Dock::new("http://127.0.0.1:1/", MAIL);
    std::fs::create_dir(dock.path("out")).unwrap();
    let text = dock.config().replace(
        "kind = \"http\"\nurl = \"http://127.0.0.1:1/\"\n",
        &format!(
            "kind = \"folder\"\npath = \"{}\"\n",
            dock.path("out").display()
        ),
    );
    let text = text.replace(
        "destination = [\"erp\"]\n",
        &format!("destination = [\"erp\"]\nanswer = {answer}\n"),
    );
    dock.configure(&text);
    dock
}

/// The answers at the source.
fn answers(dock: &Dock) -> Vec<PathBuf> {
    let names = dock.names("answers").into_iter();
    names
        .map(|name| dock.path("inbox/answers").join(name))
        .collect()
}

fn only(dock: &Dock) -> PathBuf {
    let mut found = answers(dock);
    assert_eq!(found.len(), 1, "{found:?}\n{}", dock.log());
    found.remove(0)
}

/// The file's segments as our reader has them, `TAG+element:component+…`.
fn segments(dock: &Dock, path: &std::path::Path) -> Vec<String> {
    let rows = dock.json(&["parse", "--records", "--json", path.to_str().unwrap()]);
    let problems = rows[0]["problems"].as_array().cloned().unwrap_or_default();
    assert!(
        problems
            .iter()
            .all(|problem| problem["severity"] != "error"),
        "{problems:?}"
    );
    assert!(!rows[0]["segments"].is_null(), "{rows:?}");
    read(path)
        .split(['\'', '~'])
        .map(|segment| segment.trim().to_owned())
        .filter(|segment| !segment.is_empty())
        .collect()
}

fn drop_and_run(dock: &Dock, name: &str, text: &str) -> i32 {
    dock.drop_file(name, text);
    let (code, told) = dock.once();
    assert!(code < 2, "{told}");
    code
}

/// An interchange of two purchase orders; `second` is the quantity of the second.
fn orders(second: &str) -> String {
    let message = |number: u32, quantity: &str| {
        format!(
            "UNH+{number}+ORDERS:D:96A:UN'BGM+220+PO-{number}+9'DTM+137:20260102:102'\
             NAD+BY+4012345000009::9'LIN+1++4006381333931:EN'QTY+21:{quantity}:PCE'UNS+S'UNT+8+{number}'"
        )
    };
    format!(
        "UNB+UNOC:3+BUYER:14+SELLER:14+260102:1200+REF77'{}{}UNZ+2+REF77'",
        message(1, "5"),
        message(2, second)
    )
}

#[test]
fn a_good_interchange_is_acknowledged() {
    let dock = house("{ format = \"contrl\" }");
    assert_eq!(drop_and_run(&dock, "a.edi", &orders("7")), 0);
    let found = segments(&dock, &only(&dock));
    assert!(
        found.iter().any(|s| s == "UCI+REF77+BUYER:14+SELLER:14+7"),
        "{found:?}"
    );
    // The answer goes back the way the interchange came.
    assert!(
        found
            .iter()
            .any(|s| s.starts_with("UNB+UNOC:3+SELLER:14+BUYER:14+")),
        "{found:?}"
    );
    assert!(!found.iter().any(|s| s.starts_with("UCM")), "{found:?}");
}

#[test]
fn an_interchange_that_breaks_off_is_rejected() {
    let dock = house("{ format = \"contrl\" }");
    let cut = orders("7");
    assert_eq!(drop_and_run(&dock, "a.edi", &cut[..cut.len() - 40]), 1);
    let found = segments(&dock, &only(&dock));
    let uci = found.iter().find(|s| s.starts_with("UCI")).unwrap();
    assert!(uci.starts_with("UCI+REF77+BUYER:14+SELLER:14+4+"), "{uci}");
}

#[test]
fn what_is_wrong_in_an_order_is_told_order_by_order() {
    let dock = house("{ format = \"aperak\" }");
    assert_eq!(drop_and_run(&dock, "good.edi", &orders("7")), 0);
    let found = segments(&dock, &only(&dock));
    let words = found.join("\n");
    assert!(words.contains("BGM+312+1+29"), "{words}");
    assert!(words.contains("RFF+ACW:REF77"), "{words}");
    assert!(
        words.contains("ERC+OK::ZZZ\nFTX+AAO+++accepted\nRFF+ON:PO-1"),
        "{words}"
    );
    assert_eq!(drop_and_run(&dock, "bad.edi", &orders("ten")), 1);
    let bad = answers(&dock)
        .into_iter()
        .find(|path| path.ends_with("bad_edi-aperak-2.edi"));
    let words = segments(&dock, &bad.unwrap()).join("\n");
    assert!(words.contains("BGM+313+2+27"), "{words}");
    assert!(
        words.contains("ERC+WITHHELD::ZZZ"),
        "nothing of the file was sent: {words}"
    );
    assert!(words.contains("RFF+ON:PO-2"), "{words}");
    assert!(words.contains("ten"), "{words}");
}

fn x12(quantity: &str) -> String {
    let fixed = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260102*1200*U*00401*000000905*0*P*>~\
                 GS*PO*BUYER*SELLER*20260102*1200*77*X*004010~";
    format!(
        "{fixed}ST*850*0001~BEG*00*SA*PO-1**20260102~PO1*1*{quantity}*EA*9.25**VN*A-1~CTT*1~SE*5*0001~\
         GE*1*77~IEA*1*000000905~"
    )
}

#[test]
fn x12_is_acknowledged_by_997_and_999() {
    for (format, end, version) in [
        ("997", "AK5", "AK1*PO*77\n"),
        ("999", "IK5", "AK1*PO*77*004010\n"),
    ] {
        let dock = house(&format!("{{ format = \"{format}\" }}"));
        assert_eq!(drop_and_run(&dock, "a.x12", &x12("3")), 0, "{}", dock.log());
        let words = segments(&dock, &only(&dock)).join("\n");
        assert!(words.contains(&format!("ST*{format}*0001")), "{words}");
        assert!(words.contains(version), "{words}");
        assert!(
            words.contains(&format!("AK2*850*0001\n{end}*A\nAK9*A*1*1*1")),
            "{words}"
        );
        assert!(
            words.contains("*ZZ*SELLER         *ZZ*BUYER          *"),
            "{words}"
        );
        assert_eq!(drop_and_run(&dock, "b.x12", &x12("three")), 1);
        let bad = answers(&dock)
            .into_iter()
            .find(|path| path.to_str().unwrap().contains("b_x12-"));
        let words = segments(&dock, &bad.unwrap()).join("\n");
        assert!(
            words.contains(&format!("{end}*R*5\nAK9*R*1*1*0")),
            "{words}"
        );
        // Control numbers go on.
        assert!(words.contains("*000000002*0*P*>"), "{words}");
    }
}

fn ubl(quantity: &str) -> String {
    format!(
        "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\" \
         xmlns:cbc=\"urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2\">\
         <cbc:ID>U-1</cbc:ID><cbc:IssueDate>2026-01-02</cbc:IssueDate>\
         <cac:OrderLine><cac:LineItem><cbc:ID>1</cbc:ID><cbc:Quantity unitCode=\"C62\">{quantity}</cbc:Quantity>\
         <cac:Item><cbc:Name>Nut</cbc:Name></cac:Item></cac:LineItem></cac:OrderLine></Order>"
    )
}

#[test]
fn a_ubl_order_gets_its_response() {
    for (format, accepted, rejected) in [
        (
            "order-response",
            "<cbc:OrderResponseCode>AP</cbc:OrderResponseCode>",
            "<cbc:OrderResponseCode>RE</cbc:OrderResponseCode>",
        ),
        (
            "application-response",
            "<cbc:ResponseCode>AP</cbc:ResponseCode>",
            "<cbc:ResponseCode>RE</cbc:ResponseCode>",
        ),
    ] {
        let dock = house(&format!(
            "{{ format = \"{format}\", our_id = \"US\", partner_id = \"THEM\" }}"
        ));
        assert_eq!(drop_and_run(&dock, "a.xml", &ubl("3")), 0, "{}", dock.log());
        let text = read(&only(&dock));
        assert!(
            text.contains(accepted) && text.contains("<cbc:ID>U-1</cbc:ID>"),
            "{text}"
        );
        assert_eq!(drop_and_run(&dock, "b.xml", &ubl("three")), 1);
        let bad = answers(&dock)
            .into_iter()
            .find(|path| path.to_str().unwrap().contains("b_xml-"));
        let text = read(&bad.unwrap());
        assert!(text.contains(rejected) && text.contains("three"), "{text}");
    }
}

#[test]
fn a_receipt_tells_each_order_and_what_the_partner_called_it() {
    let dock = house("{ format = \"json\", folder = \"receipts\" }");
    assert_eq!(drop_and_run(&dock, "a.edi", &orders("7")), 0);
    let names = dock.names("receipts");
    let text = read(&dock.path("inbox/receipts").join(&names[0]));
    let told: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(told["result"], "accepted");
    assert_eq!(told["orders"][1]["reference"], "PO-2");
    assert!(
        told["orders"][1]["told"]["erp.id"]
            .as_str()
            .unwrap()
            .starts_with("PO-2-"),
        "{told}"
    );
}

#[test]
fn an_answer_that_was_laid_and_not_recorded_does_not_come_twice() {
    let dock = house("{ format = \"csv\" }");
    assert_eq!(drop_and_run(&dock, "a.edi", &orders("7")), 0);
    let before = read(&only(&dock));
    let ledger = rusqlite::Connection::open(dock.path("state/orderdock.db")).unwrap();
    let changed = ledger.execute("UPDATE answer SET state = 'due', due = 0, laid = NULL", []);
    assert_eq!(changed.unwrap(), 1);
    drop(ledger);
    assert_eq!(dock.once().0, 0);
    assert_eq!(read(&only(&dock)), before);
    let story = dock.run(&["files", "show", "1"]);
    let told = String::from_utf8_lossy(&story.stdout).into_owned();
    assert!(told.contains("laid"), "{told}");
}

#[test]
fn an_answer_goes_to_a_destination_that_takes_files() {
    let dock = house("{ format = \"csv\", to = \"erp\" }");
    assert_eq!(drop_and_run(&dock, "a.edi", &orders("7")), 0);
    let entries = std::fs::read_dir(dock.path("out")).unwrap();
    let names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(
        names.iter().any(|name| name == "a_edi-csv-1.csv"),
        "{names:?}"
    );
    assert_eq!(names.len(), 3, "two orders and the receipt: {names:?}");
}

#[test]
fn an_answer_to_a_place_that_is_none_is_a_mistake_of_the_configuration() {
    let dock = Dock::new("http://127.0.0.1:1/", MAIL);
    let text = dock.config().replace(
        "destination = [\"erp\"]\n",
        "destination = [\"erp\"]\nanswer = { format = \"csv\", to = \"erp\" }\n",
    );
    dock.configure(&text);
    let output = dock.run(&["check"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(
        told.contains("answers are laid where files are taken"),
        "{told}"
    );
}
