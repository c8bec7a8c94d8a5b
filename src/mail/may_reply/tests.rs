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

fn said(value: &str) -> Option<String> {
    Some(value.to_owned())
}

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
    let table: &[(&str, fn(&mut Facts))] = &[
        ("null path", |mail| mail.return_path = said("")),
        ("null path in brackets", |mail| {
            mail.return_path = said(" <> ")
        }),
        ("no sender", |mail| mail.from.clear()),
        ("two senders", |mail| mail.from.push("c@d.example".into())),
        ("vacation", |mail| {
            mail.auto_submitted = said("auto-replied (vacation)")
        }),
        ("cron", |mail| {
            mail.auto_submitted = said("auto-generated; type=x")
        }),
        ("Exchange", |mail| {
            mail.x_auto_response_suppress = said("DR, RN, OOF")
        }),
        ("bulk", |mail| mail.precedence = said(" Bulk")),
        ("list", |mail| mail.header_names.push("List-Id".into())),
        ("old vacation", |mail| {
            mail.header_names.push("X-Autoreply".into())
        }),
        ("DSN", |mail| {
            mail.content_type = said("Multipart/Report; report-type=delivery-status")
        }),
        ("absence", |mail| {
            mail.subject = said("Automatic reply: Orders")
        }),
        ("our Message-ID", |mail| {
            mail.message_id = said("<report-1@ORDERDOCK.example.com>")
        }),
        ("our address", |mail| {
            mail.from = vec!["EDI+1122.7+csv@example.com".into()]
        }),
    ];
    for (name, change) in table {
        let mut facts = person();
        change(&mut facts);
        assert_eq!(answered(&facts), None, "{name}");
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
