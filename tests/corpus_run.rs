//! A house with files of other people in its folders, where `ORDERDOCK_CORPUS` names some: each good
//! order reaches the partner once, each file the folder it belongs in, each report its reader.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use mail_parser::{Message, MessageParser, MimeHeaders};

use crate::corpus::samples;
use crate::support::dock::Dock;
use crate::support::partner::Partner;
use crate::support::postfix::Postfix;

/// One customer's files, dropped together: an order, its cancellation and its change; two different
/// orders of one buyer under the same number; and what is no order at all.
const TOGETHER: [&str; 6] = [
    "xml_orders/ubl/UBL-Order-2.0-Example-International.xml",
    "xml_orders/ubl/UBL-Order-2.0-Example.xml",
    "xml_orders/ubl/UBL-Order-2.1-Example.xml",
    "xml_orders/ubl/UBL-OrderCancellation-2.1-Example.xml",
    "xml_orders/ubl/UBL-OrderChange-2.1-Example.xml",
    "xml_orders/ubl/order-test-bad-syntax.xml",
];

/// Not orders, or not readable. With the two of [`TOGETHER`] fewer than one address may be mailed
/// in an hour.
const BAD: [&str; 7] = [
    "csv/exports/outbank.csv",
    "csv/exports/gls.csv",
    "spreadsheets/calamine/inventory-table.xlsx",
    "spreadsheets/calamine/pass_protected.xlsx",
    "xml_orders/cxml/quote_request.xml",
    "xml_orders/ubl/UBL-Invoice-2.0-Example-NS1.xml",
    "xml_attack/nifi/local_xxe_file.xml",
];

/// Other senders' orders, all with the number AEG012345.
const APART: [&str; 6] = [
    "xml_orders/ubl/UBL-Order-2.0-Example.xml",
    "xml_orders/ubl/order-test-bad-code.xml",
    "xml_orders/ubl/order-test-bad-model.xml",
    "xml_orders/ubl/order-test-bad1.xml",
    "xml_orders/ubl/order-test-good.xml",
    "xml_orders/ubl/order-test-good1.xml",
];

/// A table of ours whose rows have mistakes: it goes back marked.
const MISTAKES: &[u8] = include_bytes!("../fixtures/demo/bike-parts-with-mistakes.csv");
const MISTAKES_NAME: &str = "bike-parts-with-mistakes.csv";

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// A house with a folder for each of [`APART`], whose owners are senders of their own.
fn house(partner: &Partner, postfix: &Postfix) -> Dock {
    let mut more = format!(
        "[mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"EDI desk <desk@example.com>\"\n\
         operators = [\"duty@acme.test\"]\n\n[[sender]]\nname = \"partner\"\ncontact = \
         \"edi@acme.test\"\nmatch = {{ source = \"inbox\" }}\n\n[[route]]\ndestination = [\"erp\"]\n",
        postfix.port
    );
    let dock = Dock::new(&format!("http://{}/orders", partner.address), "");
    for number in 0..APART.len() {
        let path = dock.path(&format!("apart-{number}"));
        fs::create_dir(&path).unwrap();
        more += &format!(
            "\n[[source]]\nname = \"apart-{number}\"\nkind = \"local\"\npath = \"{}\"\nstable = \
             \"0s\"\n",
            path.display()
        );
    }
    dock.configure(&format!("{}{more}", dock.config()));
    dock
}

fn drop_all(folder: &Path, dock: &Dock) {
    for path in TOGETHER.iter().chain(&BAD) {
        dock.drop_file(name(path), fs::read(folder.join(path)).unwrap());
    }
    dock.drop_file(MISTAKES_NAME, MISTAKES);
    for (number, path) in APART.iter().enumerate() {
        let to = dock.path(&format!("apart-{number}")).join(name(path));
        fs::copy(folder.join(path), to).unwrap();
    }
}

/// Reference and action of what the partner applied, with how often.
fn applied(partner: &Partner) -> BTreeMap<(String, String), usize> {
    assert!(
        partner.applied().values().all(|times| *times == 1),
        "{:?}",
        partner.applied()
    );
    let mut orders = BTreeMap::new();
    for seen in partner.seen() {
        let order: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        let text = |key: &str| order[key].as_str().unwrap_or_default().to_owned();
        *orders
            .entry((text("reference"), text("action")))
            .or_default() += 1;
    }
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_real_files_is_delivered_sorted_and_answered() {
    let Some((folder, _)) = samples(&[]) else {
        return;
    };
    // Operators hear of layouts that nothing reads; what senders are told is counted apart.
    let postfix = Postfix::with_boxes(&["duty"], "");
    let partner = Partner::start().await;
    let dock = house(&partner, &postfix);
    drop_all(&folder, &dock);
    let (exit, text) = tokio::task::block_in_place(|| dock.once());
    assert_eq!(exit, 1, "{text}");

    let key = |reference: &str, action: &str| (reference.to_owned(), action.to_owned());
    let expected = BTreeMap::from([
        // Once for each sender; the second of the shared folder is refused.
        (key("AEG012345", ""), APART.len() + 1),
        (key("34", ""), 1),
        (key("34", "cancel"), 1),
        (key("34", "update"), 1),
    ]);
    assert_eq!(applied(&partner), expected, "{text}");

    let rejected: BTreeSet<&str> = [TOGETHER[1], TOGETHER[5], MISTAKES_NAME]
        .iter()
        .chain(&BAD)
        .map(|path| name(path))
        .collect();
    for path in TOGETHER.iter().chain(&BAD) {
        let place = if rejected.contains(name(path)) {
            "error"
        } else {
            "done"
        };
        let moved = dock.path("inbox").join(place).join(name(path));
        assert_eq!(
            fs::read(moved).unwrap(),
            fs::read(folder.join(path)).unwrap(),
            "{path}: {text}"
        );
    }
    for (number, path) in APART.iter().enumerate() {
        assert!(
            dock.path(&format!("apart-{number}/done/{}", name(path)))
                .exists(),
            "{text}"
        );
    }
    assert_eq!(dock.names(""), Vec::<String>::new());
    told_all(&postfix, &dock, &rejected);

    // Nothing is left to do, and nothing is done twice.
    let (exit, text) = tokio::task::block_in_place(|| dock.once());
    assert_eq!(exit, 0, "{text}");
    assert_eq!(applied(&partner), expected, "{text}");
    assert_eq!(postfix.mails().len(), rejected.len());
}

/// One mail a rejected file, to the one whose file it was, with the bytes that came; a table also with
/// its correction.
fn told_all(postfix: &Postfix, dock: &Dock, rejected: &BTreeSet<&str>) {
    let mails = postfix.wait_for_mails(rejected.len());
    assert_eq!(mails.len(), rejected.len());
    assert!(postfix.queue_is_empty());
    let mut told = BTreeSet::new();
    for bytes in &mails {
        let mail = MessageParser::default().parse(bytes).unwrap();
        assert_eq!(
            mail.header_raw("Delivered-To").map(str::trim),
            Some("edi@acme.test")
        );
        let original = mail.attachments().next().unwrap();
        let name = original.attachment_name().unwrap().to_owned();
        let lies = dock.path("inbox/error").join(&name);
        assert_eq!(original.contents(), fs::read(lies).unwrap(), "{name}");
        let sidecar = dock.path("inbox/error").join(format!("{name}.error.txt"));
        assert!(sidecar.exists(), "{name}");
        let table = name.ends_with(".csv") || name == "inventory-table.xlsx";
        assert_eq!(mail.attachment_count(), 1 + usize::from(table), "{name}");
        if name == MISTAKES_NAME {
            is_correction(&mail);
        }
        told.insert(name);
    }
    assert_eq!(
        told.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        *rejected
    );
}

/// Every row of the rejected table is there, the wrong ones marked.
fn is_correction(mail: &Message<'_>) {
    let table = mail.attachment(1).unwrap().text_contents().unwrap();
    let rows = std::str::from_utf8(MISTAKES).unwrap().lines().count();
    assert_eq!(table.lines().count(), rows, "{table}");
    assert!(
        table.lines().next().unwrap().contains("orderdock_error"),
        "{table}"
    );
}
