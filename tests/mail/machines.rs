//! Real delivery reports and list mails get no answer. Runs over other people's mails, which are
//! not ours to keep: the folder is named by `ORDERDOCK_CORPUS`.

use std::path::Path;

use mail_parser::{HeaderName, MessageParser};
use orderdock::mail::may_reply::{Counters, Facts, Gate, Rules, may_reply};

fn facts(bytes: &[u8]) -> Facts {
    let mail = MessageParser::new().parse(bytes).unwrap_or_default();
    let addresses = |header: HeaderName<'_>| -> Vec<String> {
        mail.header(header)
            .and_then(|value| value.as_address())
            .map(|list| {
                list.iter()
                    .filter_map(|address| address.address().map(str::to_owned))
                    .collect()
            })
            .unwrap_or_default()
    };
    let raw = |name: &str| {
        mail.header_raw(name)
            .map(|value| value.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    Facts {
        from: addresses(HeaderName::From),
        reply_to: addresses(HeaderName::ReplyTo),
        return_path: raw("Return-Path").map(|path| path.trim_matches(['<', '>', ' ']).to_owned()),
        auto_submitted: raw("Auto-Submitted"),
        precedence: raw("Precedence"),
        x_auto_response_suppress: raw("X-Auto-Response-Suppress"),
        content_type: raw("Content-Type"),
        subject: mail.subject().map(str::to_owned),
        message_id: raw("Message-ID"),
        authentication_results: Vec::new(),
        header_names: mail
            .headers()
            .iter()
            .map(|header| header.name().to_owned())
            .collect(),
    }
}

#[test]
fn real_delivery_reports_are_not_answered() {
    let Some(corpus) = std::env::var_os("ORDERDOCK_CORPUS") else {
        println!("ORDERDOCK_CORPUS names no folder: nothing was looked at.");
        return;
    };
    let rules = Rules::new(
        vec!["edi@example.com".into()],
        "orderdock.example.com".into(),
    );
    let mut answered = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(Path::new(&corpus).join("emails/bounces")).unwrap() {
        let path = entry.unwrap().path();
        let facts = facts(&std::fs::read(&path).unwrap());
        let gate = may_reply(&facts, &rules, Counters::default());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        println!("{name}: {gate:?}");
        seen += 1;
        if matches!(gate, Gate::Reply { .. }) {
            answered.push(name);
        }
    }
    assert!(seen > 0);
    assert!(answered.is_empty(), "{answered:?}");
}
