//! The mails as composed: golden words beside `fixtures/mail/*.json`, and the parts as a mail
//! program takes them apart. `UPDATE_EXPECT=1` writes the golden files anew.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use orderdock::clock::Millis;
use orderdock::ledger::{DestinationStatus, Need, SourceStatus, Status};
use orderdock::mail::report::{
    Head, Original, Outcome, Refusal, Report, compose, compose_alert, compose_summary,
};
use orderdock::mail::sidecar;
use orderdock::problem::{Place, Problem};
use serde::Deserialize;

/// One report as a fixture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    file: String,
    sender: String,
    source: String,
    received: Millis,
    outcome: String,
    #[serde(default)]
    findings: Vec<Problem>,
    #[serde(default)]
    findings_left_out: u64,
    #[serde(default)]
    refusals: Vec<(String, String, String)>,
    #[serde(default)]
    accepted: u64,
    #[serde(default)]
    withheld: u64,
    #[serde(default)]
    original: Option<String>,
    #[serde(default)]
    original_bytes: u64,
    #[serde(default)]
    correction: Option<(String, String)>,
    #[serde(default)]
    in_reply_to: Option<String>,
}

fn outcome(word: &str) -> Outcome {
    match word {
        "rejected" => Outcome::Rejected,
        "partial" => Outcome::Partial,
        "refused" => Outcome::Refused,
        "gave_up" => Outcome::GaveUp,
        other => panic!("{other}"),
    }
}

impl Given {
    fn refusals(&self) -> Vec<Refusal> {
        self.refusals
            .iter()
            .map(|(reference, destination, words)| Refusal {
                reference: reference.clone(),
                destination: destination.clone(),
                words: words.clone(),
            })
            .collect()
    }

    fn report<'a>(&'a self, refusals: &'a [Refusal]) -> Report<'a> {
        Report {
            file: &self.file,
            sender: &self.sender,
            source: &self.source,
            received: self.received,
            zone: TimeZone::UTC,
            outcome: outcome(&self.outcome),
            findings: &self.findings,
            findings_left_out: self.findings_left_out,
            refusals,
            accepted: self.accepted,
            withheld: self.withheld,
            original: match &self.original {
                Some(text) => Original::Bytes(text.as_bytes()),
                None => Original::NotAttached {
                    bytes: self.original_bytes,
                },
            },
            others: &[],
            also: &[],
            correction: self
                .correction
                .as_ref()
                .map(|(name, text)| (name.as_str(), text.as_bytes())),
        }
    }
}

fn head(in_reply_to: Option<&str>) -> Head<'_> {
    Head {
        from: "EDI desk <edi@example.com>",
        to: "jan@acme.example",
        message_id: "<report-7@orderdock.example.com>",
        date: Millis(1_795_312_440_000),
        in_reply_to,
        references: &[],
        answered_subject: None,
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/mail")
}

fn given(name: &str) -> Given {
    let text = fs::read_to_string(fixtures().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn parse(mail: &[u8]) -> Message<'_> {
    MessageParser::new().parse(mail).unwrap()
}

fn words(mail: &Message<'_>) -> (String, String) {
    let part = |is_wanted: fn(&PartType<'_>) -> bool| {
        let part = mail
            .parts
            .iter()
            .find(|part| is_wanted(&part.body))
            .unwrap();
        match &part.body {
            PartType::Text(text) | PartType::Html(text) => text.replace("\r\n", "\n"),
            _ => String::new(),
        }
    };
    (
        part(|body| matches!(body, PartType::Text(_))),
        part(|body| matches!(body, PartType::Html(_))),
    )
}

fn expect(file: &Path, found: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(file, found).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    assert_eq!(expected, found, "{}", file.display());
}

#[test]
fn reports_read_as_agreed() {
    let mut seen = 0;
    for entry in fs::read_dir(fixtures()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "json") {
            continue;
        }
        seen += 1;
        let given = given(path.file_name().unwrap().to_str().unwrap());
        let refusals = given.refusals();
        let report = given.report(&refusals);
        let bytes = compose(&head(given.in_reply_to.as_deref()), &report).unwrap();
        let again = compose(&head(given.in_reply_to.as_deref()), &report).unwrap();
        assert_eq!(bytes, again, "the same input gives the same mail");
        let mail = parse(&bytes);
        let (text, html) = words(&mail);
        let text = format!("Subject: {}\n\n{text}", mail.subject().unwrap());
        expect(&path.with_extension("expected.txt"), &text);
        expect(&path.with_extension("expected.html"), &html);
        assert!(!html.contains("http"), "a mail fetches nothing");
        let beside = sidecar::text(&report).unwrap();
        assert!(
            !beside.contains("attached"),
            "nothing is attached to a sidecar: {beside}"
        );
    }
    assert!(seen >= 5);
}

#[test]
fn a_mail_has_its_parts_and_attachments_come_out_as_they_went_in() {
    let given = given("rejected.json");
    let original: Vec<u8> = (0..=255)
        .cycle()
        .take(100_000)
        .chain(*b"\r\n.\r\n\n")
        .collect();
    let correction = b"\xef\xbb\xbfOrder;orderdock_error\r\n0001;Gr\xc3\xbc\xc3\x9fe\n".to_vec();
    let report = Report {
        file: "Bestellung Grüße.csv",
        original: Original::Bytes(&original),
        correction: Some(("Bestellung Grüße.to-fix.csv", &correction)),
        ..given.report(&[])
    };
    let references = ["<a@x>".to_owned(), "<b@x>".to_owned(), "broken".to_owned()];
    let head = Head {
        from: "Müller, Jörg <edi@example.com>",
        references: &references,
        ..head(Some("<orders-1@acme.example>"))
    };
    let bytes = compose(&head, &report).unwrap();
    let mail = parse(&bytes);
    assert_eq!(mail.content_type().unwrap().subtype(), Some("mixed"));
    let attachments: Vec<_> = mail
        .attachments()
        .map(|part| {
            (
                part.attachment_name().unwrap().to_owned(),
                part.contents().to_vec(),
            )
        })
        .collect();
    assert_eq!(
        attachments,
        [
            ("Bestellung Grüße.csv".to_owned(), original.clone()),
            ("Bestellung Grüße.to-fix.csv".to_owned(), correction.clone()),
        ]
    );
    let raw = |name: &str| mail.header_raw(name).map(|value| value.trim().to_owned());
    assert_eq!(raw("Auto-Submitted").as_deref(), Some("auto-replied"));
    assert_eq!(raw("X-Auto-Response-Suppress").as_deref(), Some("All"));
    assert_eq!(mail.message_id(), Some("report-7@orderdock.example.com"));
    assert_eq!(
        raw("In-Reply-To").as_deref(),
        Some("<orders-1@acme.example>")
    );
    let thread = raw("References").unwrap();
    let thread: Vec<&str> = thread.split_whitespace().collect();
    assert_eq!(thread, ["<a@x>", "<b@x>", "<orders-1@acme.example>"]);
    assert_eq!(
        mail.from().unwrap().first().unwrap().name(),
        Some("Müller, Jörg")
    );
    assert_eq!(
        mail.to().unwrap().first().unwrap().address(),
        Some("jan@acme.example")
    );
    assert!(mail.date().is_some());
    assert!(
        mail.subject()
            .unwrap()
            .starts_with("Bestellung Grüße.csv: ")
    );
    let longest = bytes.split(|&b| b == b'\n').map(<[u8]>::len).max();
    assert!(longest < Some(998), "RFC 5322 section 2.1.1");
}

#[test]
fn nothing_from_outside_becomes_a_header_or_markup() {
    let evil = "a.csv\r\nBcc: victim@x.example\r\n\r\n<script>alert(1)</script>\u{202e}";
    let finding = Problem {
        message: format!("Bad {evil}").into(),
        value: Some(evil.into()),
        expected: Some(evil.into()),
        hint: Some(evil.into()),
        place: Place {
            member: Some(evil.into()),
            sheet: Some(evil.into()),
            row: Some(3),
            column: Some(evil.into()),
            ..Place::default()
        },
        ..Problem::error("x", "")
    };
    let refusals = [Refusal {
        reference: evil.into(),
        destination: evil.into(),
        words: evil.into(),
    }];
    let given = given("rejected.json");
    let report = Report {
        file: evil,
        sender: evil,
        source: evil,
        findings: &[finding],
        refusals: &refusals,
        original: Original::Bytes(b"x"),
        correction: Some((evil, b"y")),
        ..given.report(&[])
    };
    let head = Head {
        from: "Evil\r\nBcc: victim@x.example <edi@example.com>",
        ..head(Some("<a@b>\r\nBcc: victim@x.example"))
    };
    let bytes = compose(&head, &report).unwrap();
    let mail = parse(&bytes);
    assert!(mail.header("Bcc").is_none());
    assert!(mail.header("In-Reply-To").is_none());
    for part in &mail.parts {
        assert!(part.headers.iter().all(|header| header.name() != "Bcc"));
    }
    let (text, html) = words(&mail);
    assert!(!html.contains("<script"), "{html}");
    assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    assert!(!text.contains('\u{202e}') && !html.contains('\u{202e}'));
    for recipient in ["a@b.example\r\nBcc: c@d", "a@b, c@d", "", "<>", "a b@c"] {
        let refused = compose(
            &Head {
                to: recipient,
                ..head
            },
            &report,
        );
        assert!(refused.is_err(), "{recipient:?}");
    }
}

#[test]
fn a_mail_lists_some_findings_and_attaches_the_list_of_all() {
    let findings: Vec<Problem> = (1..=300)
        .map(|row| {
            Problem::error("x", format!("Wrong in its own way, number {row}."))
                .at(Place::row(row + 1))
        })
        .collect();
    let given = given("rejected.json");
    let report = Report {
        findings: &findings,
        findings_left_out: 12,
        ..given.report(&[])
    };
    let bytes = compose(&head(None), &report).unwrap();
    let mail = parse(&bytes);
    let (text, html) = words(&mail);
    assert!(
        text.contains("and 200 more in the attached list."),
        "{text}"
    );
    assert!(text.contains("and 12 more that are not listed."), "{text}");
    assert!(html.contains("200 more") && !html.contains("number 101."));
    assert!(
        mail.subject()
            .unwrap()
            .contains("300 or more rows need your attention")
    );
    let list = mail
        .attachments()
        .find(|part| part.attachment_name() == Some("all-findings.txt"))
        .unwrap();
    assert!(String::from_utf8_lossy(list.contents()).contains("number 300."));
}

#[test]
fn what_does_not_fit_a_mail_is_named_and_the_file_to_fix_goes_first() {
    let given = given("rejected.json");
    let original = vec![b'x'; 6 << 20];
    let correction = vec![b'y'; 2 << 20];
    let report = Report {
        original: Original::Bytes(&original),
        correction: Some(("orders.to-fix.csv", &correction)),
        ..given.report(&[])
    };
    let bytes = compose(&head(None), &report).unwrap();
    assert!(bytes.len() < 10_240_000, "Postfix takes it as it comes");
    let mail = parse(&bytes);
    let names: Vec<_> = mail
        .attachments()
        .filter_map(|part| part.attachment_name())
        .collect();
    assert_eq!(names, ["orders.to-fix.csv"]);
    assert!(words(&mail).0.contains("(6.2 MB) is too large to attach."));
}

#[test]
fn operators_hear_in_sentences_and_tables() {
    let alert = "The folder /srv/edi/inbox cannot be read: permission denied.\n\nGive the user orderdock the right to read and write it.";
    let bytes = compose_alert(&head(None), "Source inbox is down", alert).unwrap();
    let mail = parse(&bytes);
    let raw = mail.header_raw("Auto-Submitted").unwrap().trim();
    assert_eq!(
        (mail.subject(), raw),
        (Some("Source inbox is down"), "auto-generated")
    );
    let (text, _) = words(&mail);
    assert!(text.contains("Give the user orderdock the right"), "{text}");

    let now = head(None).date;
    let status = Status {
        sources: vec![SourceStatus {
            name: "inbox".into(),
            pending: 2,
            oldest: Some(now.before(std::time::Duration::from_mins(200))),
            done: 1_204,
            error: 3,
        }],
        destinations: vec![DestinationStatus {
            name: "erp".into(),
            delivered: 5_120,
            parked: 1,
            ..DestinationStatus::default()
        }],
        paused: vec![("star".into(), now, "maria".into())],
        mails: 1,
        attention: vec![Need::Parked {
            destination: "erp".into(),
            count: 1,
        }],
    };
    let bytes = compose_summary(&head(None), &status).unwrap();
    let (text, html) = words(&parse(&bytes));
    expect(&fixtures().join("summary.expected.txt"), &text);
    expect(&fixtures().join("summary.expected.html"), &html);
}

#[test]
fn sidecars_say_the_same_to_people_and_programs() {
    let given = given("partial.json");
    let report = given.report(&[]);
    let text = sidecar::text(&report).unwrap();
    assert!(text.contains("31-02-2026"), "{text}");
    let json = sidecar::json(&report, "ab12", Some("<report-7@x>")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["outcome"], "partial");
    assert_eq!(json["sha256"], "ab12");
    assert_eq!(json["report"], "<report-7@x>");
    assert_eq!(
        json["problems"].as_array().unwrap().len(),
        given.findings.len()
    );
    let who = orderdock::ledger::Who {
        name: "maria".into(),
        via: "command line".into(),
    };
    let cancelled =
        sidecar::cancelled("a.csv", &who, "sent by\nmistake", Millis(1_795_312_440_000));
    assert_eq!(
        cancelled,
        "The open orders of the file “a.csv” were cancelled on 22 November 2026, 01:54 UTC by maria (command line).\nThe reason given: sent by mistake\n"
    );
}
