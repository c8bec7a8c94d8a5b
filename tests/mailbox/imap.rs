//! The whole way with real servers: customers send by Postfix, the mailbox is Dovecot's, the orders
//! reach the partner, the answers reach the customers' own mailboxes.

use mail_parser::{MessageParser, MimeHeaders};

use super::answers::post;
use super::{Mail, bad, table};
use crate::support::dock::Dock;
use crate::support::dovecot::Dovecot;
use crate::support::erp::Erp;
use crate::support::imapd::{Mailboxes, PASSWORD, USER};
use crate::support::postfix::Postfix;

struct Office {
    erp: Erp,
    postfix: Postfix,
    _dovecot: Dovecot,
    dock: Dock,
}

impl Office {
    fn open(boxes: &[&str]) -> Self {
        let erp = Erp::start();
        let dovecot = Dovecot::start();
        let postfix = Postfix::with_boxes(
            boxes,
            &format!(
                "recipient_delimiter = +\nsmtpd_reject_unlisted_recipient = no\nrelay_domains = \
                 mail.test\nrelay_recipient_maps =\nrelay_transport = lmtp:inet:127.0.0.1:{}",
                dovecot.lmtp_port()
            ),
        );
        let dock = Dock::new(&erp.orders(), "");
        let more = format!(
            "[[source]]\nname = \"mailbox\"\nkind = \"imap\"\nurl = \"imap://127.0.0.1:{}/INBOX\"\n\
             user = \"{USER}\"\npassword = \"{PASSWORD}\"\npoll = \"1s\"\naddress = \"{USER}\"\n\n\
             [[sender]]\nname = \"garden\"\nmatch = {{ customer = [\"77\"] }}\n\n\
             [[route]]\nsource = \"mailbox\"\ndestination = [\"erp\"]\n\n\
             [mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"Order desk <{USER}>\"\n\
             operators = [\"ops@acme.test\"]\nbounces = \"{USER}\"\n",
            dovecot.port(),
            postfix.port
        );
        dock.configure(&format!("{}{more}", dock.config()));
        Self {
            erp,
            postfix,
            _dovecot: dovecot,
            dock,
        }
    }

    fn send(&self, from: &'static str, to: &str, mut mail: Mail) {
        mail.from = from;
        post(&self.postfix, Some(from), to, &mail.bytes());
    }

    /// Waits until so many mails are settled with this verdict.
    fn settled(&self, verdict: &str, count: usize) {
        self.dock.until(&format!("{count} mails {verdict}"), || {
            let files = self
                .dock
                .json(&["files", "list", "--state", "settled", "--json"]);
            let whole = files.iter().filter(|file| file["container"].is_null());
            (whole.filter(|file| file["verdict"] == verdict).count() == count).then_some(())
        });
    }
}

#[test]
fn mails_in_orders_out_and_machines_end_after_one_answer() {
    let office = Office::open(&["jan", "vacation", "pingpong"]);
    let daemon = office.dock.start();
    let good = Mail::with("good", &[("order.txt", table(&["A-1", "A-2"]))]);
    let address = USER.replace('@', "+acme.77+csv@");
    office.send(
        "jan@acme.test",
        &address,
        Mail {
            to: Box::leak(address.clone().into_boxed_str()),
            ..good
        },
    );
    let mixed = Mail::with(
        "mixed",
        &[("c.csv", table(&["C-1"])), ("d.csv", bad("D-1"))],
    );
    office.send("jan@acme.test", USER, mixed);
    for name in ["vacation@acme.test", "pingpong@acme.test"] {
        office.send(name, USER, Mail::with(name, &[("bad.csv", bad(name))]));
    }

    let report = office.postfix.wait_for_mails_of("jan", 1).remove(0);
    let parsed = MessageParser::default().parse(&report).unwrap();
    assert_eq!(parsed.in_reply_to().as_text(), Some("mixed@acme.test"));
    let attached: Vec<_> = parsed
        .attachments()
        .filter_map(|part| part.attachment_name())
        .collect();
    assert_eq!(attached, ["d.csv", "d-to-fix.csv"]);
    let path = parsed.return_address().unwrap().to_owned();
    assert!(
        path.starts_with(&USER.replacen("@mail.test", "+", 1)),
        "{path}"
    );

    // The proper one answers the envelope sender and says what it is; the other answers From.
    for (name, mark) in [
        ("vacation", "Auto-Submitted: auto-replied\r\n"),
        ("pingpong", ""),
    ] {
        let report = office.postfix.wait_for_mails_of(name, 1).remove(0);
        let parsed = MessageParser::default().parse(&report).unwrap();
        let id = parsed.message_id().unwrap();
        let mut answer = Mail::with(&format!("{name}-answer"), &[])
            .header(&format!("{mark}In-Reply-To: <{id}>\r\nReferences: <{id}>"));
        answer.subject = "Re: your mail";
        let to = if mark.is_empty() {
            USER.to_owned()
        } else {
            parsed.return_address().unwrap().to_owned()
        };
        let from = if name == "vacation" {
            "vacation@acme.test"
        } else {
            "pingpong@acme.test"
        };
        office.send(from, &to, answer);
    }
    // And one whose address is gone: the report comes back.
    office.send(
        "gone@acme.test",
        USER,
        Mail::with("gone", &[("e.csv", bad("E-1"))]),
    );

    // good, the vacation note and the delivery report; mixed, three bad ones and the answer by hand.
    office.settled("done", 3);
    office.settled("error", 5);
    office.erp.has_each_once(&["A-1", "A-2", "C-1"]);
    assert_eq!(daemon.stop(), 0);
    assert_eq!(office.dock.once().0, 0);
    for name in ["jan", "vacation", "pingpong"] {
        assert_eq!(
            office.postfix.mails_of(name).len(),
            1,
            "{name}\n{}",
            office.dock.log()
        );
    }
    let garden = office
        .dock
        .json(&["orders", "list", "--sender", "garden", "--json"]);
    assert_eq!(garden.len(), 2);
    let told = office.postfix.mails_of("edi");
    let told: Vec<_> = told
        .iter()
        .map(|mail| String::from_utf8_lossy(mail).into_owned())
        .collect();
    assert!(
        told.iter()
            .any(|mail| mail.contains("Mail to gone@acme.test comes back")),
        "{told:?}"
    );
}

/// A mailbox that was restored or rebuilt counts its mails anew: they are known by what is in them.
#[test]
fn mails_under_new_numbers_are_repeats() {
    let erp = Erp::start();
    let dovecot = Dovecot::start();
    let source = format!(
        "[[source]]\nname = \"mailbox\"\nkind = \"imap\"\nurl = \"imap://127.0.0.1:{}/INBOX\"\n\
         user = \"{USER}\"\npassword = \"{PASSWORD}\"\npoll = \"1s\"\nafter = \"leave\"\n\n\
         [[route]]\nsource = \"mailbox\"\ndestination = [\"erp\"]\n",
        dovecot.port()
    );
    let dock = Dock::new(&erp.orders(), &source);
    let daemon = dock.start();
    let settled = |count: usize| {
        dock.until(&format!("{count} mails settled"), || {
            let files = dock.json(&["files", "list", "--state", "settled", "--json"]);
            let mails = files.iter().filter(|file| file["container"].is_null());
            let done = mails.filter(|file| file["verdict"] == "done");
            (done.count() == count).then_some(())
        });
    };
    for name in ["one", "two"] {
        dovecot.deliver(
            USER,
            &Mail::with(name, &[("o.csv", table(&[name]))]).bytes(),
        );
    }
    settled(2);
    dovecot.admin(&format!(
        "mailbox update -u {USER} --uid-validity 4242 INBOX"
    ));
    settled(4);
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["one", "two"]);
}
