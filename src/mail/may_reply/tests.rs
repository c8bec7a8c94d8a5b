//! Who is answered, and who never is.

use super::*;

fn rules() -> Rules {
    Rules {
        trusted_authserv: vec!["mx.example.com".into()],
        ..Rules::new(
            vec!["edi@example.com".into()],
            "orderdock.example.com".into(),
        )
    }
}

fn person() -> Facts {
    Facts {
        from: vec!["jan@acme.example".into()],
        return_path: Some("jan@acme.example".into()),
        message_id: Some("<1@acme.example>".into()),
        subject: Some("Orders for Monday".into()),
        content_type: Some("multipart/mixed; boundary=x".into()),
        header_names: vec!["From".into(), "Subject".into()],
        ..Facts::default()
    }
}

/// One of the headers that are text.
type Header = fn(&mut Facts) -> &mut Option<String>;

fn answered(facts: &Facts) -> Option<String> {
    match may_reply(facts, &rules(), Counters::default()) {
        Gate::Reply { to } => Some(to),
        Gate::Withhold { .. } => None,
    }
}

#[test]
fn a_person_is_answered() {
    assert_eq!(answered(&person()).as_deref(), Some("jan@acme.example"));
    let quiet = Facts {
        auto_submitted: Some("no".into()),
        x_auto_response_suppress: Some("None".into()),
        return_path: None,
        ..person()
    };
    assert!(answered(&quiet).is_some());
}

#[test]
fn machines_are_not_answered() {
    let table: [(Header, &str); 10] = [
        (|mail| &mut mail.return_path, ""),
        (|mail| &mut mail.return_path, " <> "),
        (|mail| &mut mail.auto_submitted, "auto-replied (vacation)"),
        (|mail| &mut mail.auto_submitted, "auto-generated; type=x"),
        (|mail| &mut mail.x_auto_response_suppress, "DR, RN, OOF"),
        (|mail| &mut mail.precedence, " Bulk"),
        (|mail| &mut mail.content_type, "Multipart/Report; x=y"),
        (|mail| &mut mail.subject, "Automatic reply: Orders"),
        (
            |mail| &mut mail.subject,
            "Undelivered Mail Returned to Sender",
        ),
        (|mail| &mut mail.message_id, "<1@ORDERDOCK.example.com>"),
    ];
    for (header, value) in table {
        let mut facts = person();
        *header(&mut facts) = Some(value.into());
        assert_eq!(answered(&facts), None, "{value}");
    }
    for name in [
        "List-Id",
        "list-unsubscribe",
        "X-Autoreply",
        "X-Failed-Recipients",
    ] {
        let mut facts = person();
        facts.header_names.push(name.into());
        assert_eq!(answered(&facts), None, "{name}");
    }
}

#[test]
fn ourselves_nobody_and_robots_are_not_answered() {
    for from in [
        &[][..],
        &["a@b.example", "c@d.example"],
        &["EDI+1122.7+csv@example.com"],
    ] {
        let facts = Facts {
            from: from.iter().map(|&from| from.to_owned()).collect(),
            ..person()
        };
        assert_eq!(answered(&facts), None, "{from:?}");
    }
    for robot in [
        "MAILER-DAEMON@acme.example",
        "postmaster@acme.example",
        "no-reply@acme.example",
        "noreply+77@acme.example",
        "do_not_reply@acme.example",
        "orders-noreply@acme.example",
        "owner-list@acme.example",
        "list-request@acme.example",
        "list-bounces@acme.example",
    ] {
        let facts = Facts {
            from: vec![robot.into()],
            ..person()
        };
        assert_eq!(answered(&facts), None, "{robot}");
    }
}

#[test]
fn a_reply_to_is_followed_only_within_the_senders_domain() {
    for (reply_to, expected) in [
        (&["orders@acme.example"][..], Some("orders@acme.example")),
        (&["orders@eu.acme.example"], Some("orders@eu.acme.example")),
        (&["victim@stranger.example"], Some("jan@acme.example")),
        (&["x@badacme.example"], Some("jan@acme.example")),
        (
            &["a@acme.example", "b@acme.example"],
            Some("jan@acme.example"),
        ),
        (&["no-reply@acme.example"], None),
    ] {
        let facts = Facts {
            reply_to: reply_to.iter().map(|&to| to.to_owned()).collect(),
            ..person()
        };
        assert_eq!(answered(&facts).as_deref(), expected, "{reply_to:?}");
    }
}

#[test]
fn a_forged_sender_is_not_answered_when_our_own_server_says_so() {
    for (header, expected) in [
        ("mx.example.com; dmarc=fail header.from=acme.example", false),
        (
            "MX.example.com 1; spf=pass smtp.mailfrom=evil.example; dmarc = fail (p=none) header.from=acme.example",
            false,
        ),
        (
            "mx.example.com; dmarc=pass header.from=acme.example; spf=fail smtp.mailfrom=x",
            true,
        ),
        (
            "mx.example.com; spf=fail smtp.mailfrom=jan@acme.example",
            false,
        ),
        (
            "mx.example.com; spf=softfail smtp.mailfrom=acme.example; dkim=none",
            false,
        ),
        (
            "mx.example.com; spf=fail smtp.mailfrom=x.example; dkim=pass header.d=acme.example",
            true,
        ),
        (
            "mx.example.com; spf=fail smtp.mailfrom=x.example; dkim=pass header.d=evil.example",
            false,
        ),
        (
            "mx.example.com; dkim=fail reason=\"bad; dmarc=pass\" header.d=acme.example",
            false,
        ),
        ("mx.example.com; none", true),
        ("mx.example.com; dmarc=none; spf=temperror", true),
        ("other.example; dmarc=fail header.from=acme.example", true),
        ("other.example (mx.example.com; dmarc=fail)", true),
        ("", true),
    ] {
        let facts = Facts {
            authentication_results: vec![header.to_owned()],
            ..person()
        };
        assert_eq!(answered(&facts).is_some(), expected, "{header}");
    }
}

#[test]
fn a_forged_pass_from_elsewhere_does_not_help() {
    let facts = Facts {
        authentication_results: vec![
            "mx.example.com; dmarc=fail".into(),
            "evil.example; dmarc=pass".into(),
        ],
        ..person()
    };
    assert_eq!(answered(&facts), None);
}

#[test]
fn floods_and_repeats_end_at_the_counters() {
    let gate = |counters| may_report("jan@acme.example", &rules(), counters);
    let full = Counters {
        reports_last_hour: limits::REPORTS_PER_ADDRESS_AND_HOUR,
        ..Counters::default()
    };
    assert!(matches!(gate(full), Gate::Withhold { .. }));
    let twice = Counters {
        reported: true,
        ..Counters::default()
    };
    assert!(matches!(gate(twice), Gate::Withhold { .. }));
    assert!(matches!(gate(Counters::default()), Gate::Reply { .. }));
    let ours = may_report("edi@example.com", &rules(), Counters::default());
    assert!(matches!(ours, Gate::Withhold { .. }));
}
