//! Who wrote a mail hears what was wrong with it, once, in the same thread; machines hear nothing.
//!
//! A real Postfix delivers the customers' mails into the folder that is watched, and our answers
//! into theirs.

use std::process::Command;

use lettre::transport::smtp::SmtpTransport;
use lettre::{Address, Transport};
use mail_parser::{MessageParser, MimeHeaders};

use super::{Mail, bad, table};
use crate::support::dock::Dock;
use crate::support::erp::Erp;
use crate::support::postfix::Postfix;

/// A house that reads the mailbox `orders@acme.test` and answers by the same server.
pub(super) fn office(erp: &Erp, postfix: &Postfix, mail: &str) -> Dock {
    let more = format!(
        "[[source]]\nname = \"post\"\nkind = \"local\"\npath = \"{}\"\ndone = \"{done}\"\nerror = \
         \"{error}\"\nstable = \"0s\"\npoll = \"200ms\"\ngrace = \"0s\"\nunpack_mail = true\n\
         address = \"orders@acme.test\"\n\n[[route]]\nsource = \"post\"\ndestination = [\"erp\"]\n\n\
         [mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"Order desk <orders@acme.test>\"\n\
         operators = [\"ops@acme.test\"]\n{mail}",
        postfix.new_of("orders").display(),
        postfix.port,
        done = "HOUSE/post-done",
        error = "HOUSE/post-error",
    );
    let dock = Dock::new(&erp.orders(), "");
    let root = dock.path("").display().to_string();
    let more = more.replace("HOUSE", root.trim_end_matches('/'));
    dock.configure(&format!("{}{more}", dock.config()));
    dock
}

/// Hands a mail to Postfix as its sender's server would.
pub(super) fn post(postfix: &Postfix, envelope: Option<&str>, to: &str, message: &[u8]) {
    let transport = SmtpTransport::builder_dangerous("127.0.0.1")
        .port(postfix.port)
        .build();
    let from = envelope.map(|from| from.parse::<Address>().unwrap());
    let envelope = lettre::address::Envelope::new(from, vec![to.parse().unwrap()]).unwrap();
    transport.send_raw(&envelope, message).unwrap();
}

/// Waits until so many arrivals of the mailbox are settled.
pub(super) fn settled(dock: &Dock, count: usize) {
    dock.until(&format!("{count} mails settled"), || {
        let folder = |name| {
            std::fs::read_dir(dock.path(name)).map_or(0, |entries| {
                let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
                names
                    .filter(|name| !name.contains(".error.") && !name.starts_with('.'))
                    .count()
            })
        };
        (folder("post-done") + folder("post-error") == count).then_some(())
    });
}

fn jan(id: &str, files: &[(&str, String)]) -> Mail {
    Mail {
        to: "orders@acme.test",
        ..Mail::with(id, files)
    }
}

fn header(message: &[u8], name: &'static str) -> String {
    let parsed = MessageParser::default().parse(message).unwrap();
    let raw = parsed.header_raw(name).unwrap_or_default();
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_bad_file_goes_back_to_its_sender_in_the_same_thread() {
    let erp = Erp::start();
    let postfix = Postfix::with_boxes(&["orders", "jan"], "recipient_delimiter = +");
    let dock = office(&erp, &postfix, "");
    let daemon = dock.start();
    let mail = jan(
        "thread-2",
        &[("good.csv", table(&["A-1"])), ("bad.csv", bad("B-1"))],
    )
    .header("References: <thread-1@acme.test>");
    post(
        &postfix,
        Some("jan@acme.test"),
        "orders@acme.test",
        &mail.bytes(),
    );
    let answers = postfix.wait_for_mails_of("jan", 1);
    let answer = &answers[0];
    assert_eq!(header(answer, "Subject"), "Re: Our orders");
    assert_eq!(header(answer, "In-Reply-To"), "<thread-2@acme.test>");
    assert_eq!(
        header(answer, "References"),
        "<thread-1@acme.test> <thread-2@acme.test>"
    );
    assert_eq!(header(answer, "Auto-Submitted"), "auto-replied");
    assert_eq!(header(answer, "Return-Path"), "<>");
    let parsed = MessageParser::default().parse(answer).unwrap();
    let text = parsed.body_text(0).unwrap();
    assert!(text.contains("bad.csv") && text.contains("ten"), "{text}");
    assert!(
        text.contains("good.csv") && text.contains("reply to this mail"),
        "{text}"
    );
    let attached: Vec<_> = parsed
        .attachments()
        .filter_map(|part| part.attachment_name())
        .collect();
    assert_eq!(attached, ["bad.csv", "bad-to-fix.csv"]);
    settled(&dock, 1);
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["A-1"]);
}

#[test]
fn a_mail_without_any_file_gets_one_friendly_answer_a_day() {
    let erp = Erp::start();
    let postfix = Postfix::with_boxes(&["orders", "jan"], "recipient_delimiter = +");
    let dock = office(&erp, &postfix, "");
    let daemon = dock.start();
    post(
        &postfix,
        Some("jan@acme.test"),
        "orders@acme.test",
        &jan("1", &[]).bytes(),
    );
    let answers = postfix.wait_for_mails_of("jan", 1);
    let text = String::from_utf8_lossy(&answers[0]).into_owned();
    assert!(text.contains("no order file is attached"), "{text}");
    post(
        &postfix,
        Some("jan@acme.test"),
        "orders@acme.test",
        &jan("2", &[]).bytes(),
    );
    // The second goes to the operators instead.
    postfix.wait_for_mails(1);
    settled(&dock, 2);
    daemon.stop();
    assert_eq!(postfix.mails_of("jan").len(), 1);
}

/// Machines of customers, and what each makes of a mail to it.
const MACHINES: [(&str, &str, bool); 3] = [
    // A proper one: marks its answers, answers the envelope sender or From.
    ("vacation", "Auto-Submitted: auto-replied\r\n", false),
    // One without any mark, that keeps the thread.
    ("pingpong", "", false),
    // One that sends the whole mail back with its attachments.
    ("mirror", "", true),
];

#[test]
fn answering_machines_end_after_one_mail() {
    let erp = Erp::start();
    let names = MACHINES.map(|(name, ..)| name);
    let boxes: Vec<&str> = ["orders"].into_iter().chain(names).collect();
    let postfix = Postfix::with_boxes(&boxes, "recipient_delimiter = +");
    let dock = office(&erp, &postfix, "");
    let daemon = dock.start();
    for (name, ..) in MACHINES {
        let address = format!("{name}@acme.test");
        let mut mail = jan(name, &[("bad.csv", bad(name))]);
        mail.from = Box::leak(address.clone().into_boxed_str());
        post(&postfix, Some(&address), "orders@acme.test", &mail.bytes());
    }
    for (name, mark, with_files) in MACHINES {
        let address = format!("{name}@acme.test");
        let report = postfix.wait_for_mails_of(name, 1).remove(0);
        let mut answer = jan(&format!("{name}-answer"), &[]).header(&format!(
            "{mark}In-Reply-To: {id}\r\nReferences: {id}",
            id = header(&report, "Message-ID")
        ));
        answer.from = Box::leak(address.clone().into_boxed_str());
        answer.subject = "Re: your mail";
        if with_files {
            let parsed = MessageParser::default().parse(&report).unwrap();
            answer.files = parsed
                .attachments()
                .map(|part| {
                    (
                        part.attachment_name().unwrap().to_owned(),
                        part.contents().to_vec(),
                    )
                })
                .collect();
        }
        post(
            &postfix,
            Some(&address),
            "orders@acme.test",
            &answer.bytes(),
        );
    }
    settled(&dock, 6);
    assert_eq!(daemon.stop(), 0);
    // Every report that is due is written before the end: nothing else went out.
    assert_eq!(dock.once().0, 0);
    for (name, ..) in MACHINES {
        assert_eq!(postfix.mails_of(name).len(), 1, "{name}\n{}", dock.log());
    }
    assert!(erp.seen().is_empty());
}

#[test]
fn systems_that_send_orders_automatically_are_served_and_not_answered() {
    let erp = Erp::start();
    let postfix = Postfix::with_boxes(&["orders", "jan"], "recipient_delimiter = +");
    let dock = office(&erp, &postfix, "");
    let daemon = dock.start();
    let good = jan("1", &[("a.csv", table(&["A-1"]))]).header("Auto-Submitted: auto-generated");
    let wrong = jan("2", &[("b.csv", bad("B-1"))]).header("Precedence: bulk");
    for mail in [&good, &wrong] {
        post(
            &postfix,
            Some("jan@acme.test"),
            "orders@acme.test",
            &mail.bytes(),
        );
    }
    // The operators hear instead.
    let told = postfix.wait_for_mails(1);
    assert!(String::from_utf8_lossy(&told[0]).contains("b.csv"));
    settled(&dock, 2);
    daemon.stop();
    erp.has_each_once(&["A-1"]);
    assert!(postfix.mails_of("jan").is_empty());
}

#[test]
fn swaks_as_a_customer_sends_an_order_to_a_sub_address() {
    let erp = Erp::start();
    let postfix = Postfix::with_boxes(&["orders", "jan"], "recipient_delimiter = +");
    let dock = office(
        &erp,
        &postfix,
        "\n[[sender]]\nname = \"garden\"\nmatch = { customer = [\"77\"] }\n",
    );
    let daemon = dock.start();
    let file = dock.path("order.dat");
    std::fs::write(&file, table(&["S-1"])).unwrap();
    let sent = Command::new("swaks")
        .args(["--server", "127.0.0.1", "--port", &postfix.port.to_string()])
        .args([
            "--from",
            "jan@acme.test",
            "--to",
            "orders+acme.77+csv@acme.test",
        ])
        .args(["--attach-name", "order.dat", "--attach"])
        .arg(format!("@{}", file.display()))
        .output()
        .expect("swaks is not installed. Run tests/install.sh as root to get what the tests need.");
    assert!(
        sent.status.success(),
        "{}",
        String::from_utf8_lossy(&sent.stdout)
    );
    settled(&dock, 1);
    daemon.stop();
    erp.has_each_once(&["S-1"]);
    let files = dock.json(&["files", "list", "--sender", "garden", "--json"]);
    assert_eq!(files.len(), 2, "{files:?}");
}
