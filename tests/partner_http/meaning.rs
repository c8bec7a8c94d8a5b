//! What answers mean.

use super::*;

#[tokio::test]
async fn every_status_has_its_meaning() {
    let partner = Partner::start().await;
    let http = build(&settings(&partner));
    let table: &[(&str, &[u16])] = &[
        ("accepted", &[200, 201, 202, 204, 207]),
        ("refused", &[400, 409, 413, 415, 422]),
        ("denied", &[300, 301, 302, 303, 304, 307, 308]),
        ("denied", &[401, 403, 404, 405, 407, 410]),
        ("later", &[408, 425, 429, 500, 501, 503, 507, 599]),
        ("unknown", &[502, 504]),
        (
            "parked",
            &[
                402, 406, 411, 412, 414, 416, 418, 423, 424, 426, 428, 431, 451, 499,
            ],
        ),
    ];
    for (expected, codes) in table {
        for code in *codes {
            partner.script([Answer::status(*code)]);
            let outcome = http.deliver(&request(Action::Create)).await;
            assert_eq!(told(&outcome).0, *expected, "{code}: {outcome:?}");
        }
    }
}

#[tokio::test]
async fn a_missing_order_is_the_senders_matter_only_when_it_is_to_be_changed() {
    let partner = Partner::start().await;
    for code in [404, 410] {
        partner.always(Answer::status(code));
        assert_eq!(kind(&settings(&partner), Action::Create).await, "denied");
        assert_eq!(kind(&settings(&partner), Action::Update).await, "refused");
        assert_eq!(kind(&settings(&partner), Action::Cancel).await, "refused");
    }
}

#[tokio::test]
async fn a_destination_may_reassign_codes() {
    let partner = Partner::start().await;
    let meanings = [
        (409, Meaning::Accepted, "accepted"),
        (500, Meaning::Refused, "refused"),
        (404, Meaning::Later, "later"),
        (200, Meaning::Parked, "parked"),
        (422, Meaning::Denied, "denied"),
        (503, Meaning::Unknown, "unknown"),
    ];
    let http = HttpSettings {
        codes: meanings
            .iter()
            .map(|(code, meaning, _)| (*code, *meaning))
            .collect(),
        ..settings(&partner)
    };
    for (code, _, expected) in meanings {
        partner.script([Answer::status(code)]);
        assert_eq!(kind(&http, Action::Create).await, expected, "{code}");
    }
}

#[tokio::test]
async fn that_the_order_is_there_already_is_success_after_a_lost_answer_and_else_a_refusal() {
    let partner = Partner::start().await;
    let held = HttpSettings {
        hold_unknown: true,
        ..settings(&partner)
    };
    assert!(
        !build(&held).recognises_repeats(Action::Create)
            && build(&settings(&partner)).recognises_repeats(Action::Create)
    );
    let (create, cancel) = (Action::Create, Action::Cancel);
    let table = [
        (409, create, false, "refused"),
        (409, create, true, "accepted"),
        (409, Action::Update, true, "accepted"),
        (409, cancel, true, "accepted"),
        (404, cancel, false, "refused"),
        (404, cancel, true, "accepted"),
        (410, cancel, true, "accepted"),
        (404, Action::Update, true, "refused"),
        (404, create, true, "denied"),
        (422, create, true, "refused"),
    ];
    for (code, action, repeated, expected) in table {
        for settings in [&held, &settings(&partner)] {
            partner.script([Answer::json(code, "{}")]);
            let request = Request {
                repeated,
                ..request(action)
            };
            let outcome = build(settings).deliver(&request).await;
            assert_eq!(told(&outcome).0, expected, "{code} {action:?} {repeated}");
        }
    }
    let declared = HttpSettings {
        codes: BTreeMap::from([(409, Meaning::Refused)]),
        ..settings(&partner)
    };
    partner.script([Answer::status(409)]);
    let again = Request {
        repeated: true,
        ..request(create)
    };
    let outcome = build(&declared).deliver(&again).await;
    assert_eq!(
        told(&outcome).0,
        "refused",
        "the operator's word comes first"
    );
}

#[tokio::test]
async fn a_web_page_is_no_acceptance_unless_declared() {
    let partner = Partner::start().await;
    let page = || vec![("Content-Type", "Text/HTML; charset=utf-8".to_owned())];
    partner.always(Answer::Say(
        200,
        page(),
        "<html><title>Log in</title></html>".into(),
    ));
    assert_eq!(kind(&settings(&partner), Action::Create).await, "unknown");
    let declared = HttpSettings {
        codes: BTreeMap::from([(200, Meaning::Accepted)]),
        ..settings(&partner)
    };
    assert_eq!(kind(&declared, Action::Create).await, "accepted");
}
