//! What a partner's answers and faults come to.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use orderdock::order::Action;
use orderdock::partners::http::{
    Auth, Authorities, BodyForm, Endpoint, Escape, HttpPartner, HttpSettings, Meaning, Text, Verb,
};
use orderdock::partners::{Body, Outcome, Partner as _, Request};

use crate::support::partner::{Answer, Partner};
use crate::support::{proxy, tls};

const SECRET: &str = "canary-4711-secret";

fn settings(partner: &Partner) -> HttpSettings {
    HttpSettings {
        response_timeout: Duration::from_millis(300),
        total_timeout: Duration::from_millis(600),
        ..HttpSettings::new("erp", partner.url("/orders"))
    }
}

fn build(settings: &HttpSettings) -> HttpPartner {
    tls::provider();
    HttpPartner::new(settings).unwrap()
}

fn request(action: Action) -> Request {
    Request {
        key: "od1-abc".into(),
        action,
        reference: "4500/7".into(),
        body: Bytes::from_static(b"{\"reference\":\"4500/7\"}"),
        remote_id: Some("r 9".into()),
        repeated: false,
    }
}

/// The kind of an outcome and what it says, on one line.
fn told(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Accepted(receipt) => ("accepted", format!("{receipt:?}")),
        Outcome::Refused(refusal) => ("refused", format!("{} {}", refusal.code, refusal.words)),
        Outcome::Later { failure, after, .. } => ("later", format!("{failure} {after:?}")),
        Outcome::Unknown(failure) => ("unknown", failure.to_string()),
        Outcome::Denied(failure) => ("denied", failure.to_string()),
        Outcome::Unreachable(failure) => ("unreachable", failure.to_string()),
        Outcome::Parked(failure) => ("parked", failure.to_string()),
    }
}

async fn kind(settings: &HttpSettings, action: Action) -> &'static str {
    told(&build(settings).deliver(&request(action)).await).0
}

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

#[tokio::test]
async fn faults_tell_whether_the_order_may_have_arrived() {
    let partner = Partner::start().await;
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf".to_vec();
    let table = [
        (Answer::ResetBefore, "unknown"),
        (Answer::ResetAfter, "unknown"),
        (Answer::Raw(Vec::new()), "unknown"),
        (Answer::Raw(b"HTTP/1.1 2".to_vec()), "unknown"),
        (Answer::Raw(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()), "unknown"),
        (Answer::Silence, "unknown"),
        (Answer::Raw(cut), "accepted"),
        (Answer::Endless, "accepted"),
        (Answer::Drip, "unknown"),
    ];
    for (fault, expected) in table {
        partner.script([fault.clone()]);
        let outcome = build(&settings(&partner))
            .deliver(&request(Action::Create))
            .await;
        assert_eq!(told(&outcome).0, expected, "{fault:?}: {outcome:?}");
    }
    assert_eq!(
        partner.seen().len(),
        9,
        "nothing is ever sent twice by itself"
    );
}

#[tokio::test]
async fn a_reused_connection_that_the_peer_closed_is_never_an_unseen_repeat() {
    let partner = Partner::start().await;
    partner.script([Answer::status(200), Answer::ResetAfter]);
    let http = build(&settings(&partner));
    assert_eq!(
        told(&http.deliver(&request(Action::Create)).await).0,
        "accepted"
    );
    assert_eq!(
        told(&http.deliver(&request(Action::Create)).await).0,
        "unknown"
    );
    assert_eq!((partner.seen().len(), partner.connections()), (2, 1));
}

#[tokio::test]
async fn without_a_connection_nothing_was_sent() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    let refused = HttpSettings::new("erp", format!("http://{address}/orders"));
    let outcome = build(&refused).deliver(&request(Action::Create)).await;
    assert!(
        matches!(
            &outcome,
            Outcome::Later {
                destination: true,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert!(build(&refused).probe().await.is_err());

    let nameless = HttpSettings::new("erp", "https://no-such-host.invalid/orders");
    let (kind, said) = told(&build(&nameless).deliver(&request(Action::Create)).await);
    assert_eq!(kind, "unreachable", "{said}");
}

#[tokio::test]
async fn tls_is_verified_always() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = tls::certificate(folder.path(), "IP:127.0.0.1");
    let address = tls::serve(&certificate, &key);
    let to = |host: &str, authorities| HttpSettings {
        authorities,
        ..HttpSettings::new("erp", format!("https://{host}:{}/orders", address.port()))
    };
    let own = || Authorities::Only(certificate.clone());
    assert_eq!(
        kind(&to("127.0.0.1", own()), Action::Create).await,
        "accepted"
    );
    let also = Authorities::Also(certificate.clone());
    assert_eq!(
        kind(&to("127.0.0.1", also), Action::Create).await,
        "accepted"
    );
    for (host, authorities, why) in [
        ("127.0.0.1", Authorities::System, "UnknownIssuer"),
        ("localhost", own(), "not valid for name"),
    ] {
        let outcome = build(&to(host, authorities))
            .deliver(&request(Action::Create))
            .await;
        let (kind, said) = told(&outcome);
        assert_eq!(kind, "unreachable", "{said}");
        assert!(said.contains(why), "{said}");
    }
    let plain = Partner::start().await;
    let port = plain.address.port();
    let wrong = HttpSettings::new("erp", format!("https://127.0.0.1:{port}/orders"));
    assert_eq!(kind(&wrong, Action::Create).await, "later");
}

#[tokio::test]
async fn plain_http_needs_permission_except_to_this_machine() {
    tls::provider();
    let new = |url: &str, allow_plaintext| {
        let settings = HttpSettings {
            allow_plaintext,
            ..HttpSettings::new("erp", url)
        };
        HttpPartner::new(&settings).map(drop)
    };
    assert!(new("http://erp.example/orders", false).is_err());
    assert!(new("http://erp.example/orders", true).is_ok());
    for url in [
        "http://localhost/",
        "http://127.0.0.2:80/x",
        "http://[::1]/",
        "https://a.example/",
    ] {
        assert!(new(url, false).is_ok(), "{url}");
    }
    for url in [
        "ftp://a.example/",
        "orders",
        "https://{key}.example/",
        "https://a/{order}",
        "https://a/{key",
    ] {
        assert!(new(url, true).is_err(), "{url}");
    }
}

#[tokio::test]
async fn connections_are_kept_and_the_request_is_what_was_configured() {
    let partner = Partner::start().await;
    let http = build(&HttpSettings {
        headers: vec![("X-Client".into(), Text::Plain("acme".into()))],
        auth: Auth::Basic {
            user: "us".into(),
            password: "er".into(),
        },
        ..settings(&partner)
    });
    for _ in 0..20 {
        assert_eq!(
            told(&http.deliver(&request(Action::Create)).await).0,
            "accepted"
        );
    }
    assert_eq!(partner.connections(), 1);
    let seen = &partner.seen()[7];
    assert_eq!(
        (seen.method.as_str(), seen.path.as_str()),
        ("POST", "/orders")
    );
    assert_eq!(seen.body, request(Action::Create).body);
    for (name, value) in [
        ("idempotency-key", "od1-abc"),
        ("content-type", "application/json"),
        ("x-client", "acme"),
        ("authorization", "Basic dXM6ZXI="),
    ] {
        assert_eq!(seen.headers[name], value);
    }
    assert_eq!(
        partner.applied(),
        BTreeMap::from([("od1-abc".to_owned(), 20)])
    );
}

#[tokio::test]
async fn requests_at_the_same_time_share_nothing_but_the_pool() {
    let partner = Partner::start().await;
    partner.always(Answer::Hold(202));
    let http = std::sync::Arc::new(build(&HttpSettings::new("erp", partner.url("/orders"))));
    let mut sending = tokio::task::JoinSet::new();
    for n in 0..16 {
        let http = std::sync::Arc::clone(&http);
        let key = format!("od1-{n}");
        sending.spawn(async move {
            let request = Request {
                key,
                ..request(Action::Create)
            };
            told(&http.deliver(&request).await).0
        });
    }
    partner.saw(16).await;
    partner.release();
    assert!(
        sending
            .join_all()
            .await
            .iter()
            .all(|kind| *kind == "accepted")
    );
    assert_eq!((partner.applied().len(), partner.connections()), (16, 16));
}

#[tokio::test]
async fn addresses_are_filled_in_and_lead_nowhere_else() {
    let partner = Partner::start().await;
    let endpoint = |verb, path: &str| {
        Some(Endpoint {
            verb,
            url: partner.url(path),
        })
    };
    let http = build(&HttpSettings {
        update: endpoint(Verb::Put, "/orders/{remote_id}?n={reference}"),
        cancel: endpoint(Verb::Delete, "/orders/{reference}"),
        ..settings(&partner)
    });
    http.deliver(&request(Action::Update)).await;
    http.deliver(&request(Action::Cancel)).await;
    let seen = partner.seen();
    assert_eq!(
        (&*seen[0].method, &*seen[0].path),
        ("PUT", "/orders/r%209?n=4500%2F7")
    );
    assert_eq!(
        (&*seen[1].method, &*seen[1].path),
        ("DELETE", "/orders/4500%2F7")
    );
    for reference in ["..", ".", ""] {
        let hostile = Request {
            reference: reference.into(),
            ..request(Action::Cancel)
        };
        assert_eq!(
            told(&http.deliver(&hostile).await).0,
            "parked",
            "{reference}"
        );
    }
    let unknown = Request {
        remote_id: None,
        ..request(Action::Update)
    };
    let (kind, said) = told(&http.deliver(&unknown).await);
    assert!(kind == "parked" && said.contains("remote_id"), "{said}");
    assert_eq!(partner.seen().len(), 2);
}

#[tokio::test]
async fn the_partners_own_id_is_kept() {
    let partner = Partner::start().await;
    let named = HttpSettings {
        remote_id: Some("/order/id".into()),
        ..settings(&partner)
    };
    let table = [
        (Answer::json(201, r#"{"order":{"id":"A-1"}}"#), Some("A-1")),
        (Answer::json(200, r#"{"order":{"id":77}}"#), Some("77")),
        (Answer::json(200, r#"{"order":{}}"#), None),
        (Answer::json(200, "no json"), None),
        (
            Answer::header(201, "Location", "/orders/A%2F2?x=/3"),
            Some("A/2"),
        ),
        (
            Answer::header(201, "Location", "https://erp.example/orders/9/"),
            Some("9"),
        ),
        (Answer::header(201, "Location", "https://erp.example"), None),
    ];
    for (answer, expected) in table {
        partner.script([answer.clone()]);
        match build(&named).deliver(&request(Action::Create)).await {
            Outcome::Accepted(receipt) => {
                assert_eq!(receipt.remote_id.as_deref(), expected, "{answer:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_template_makes_the_body_and_escapes_what_it_writes() {
    let partner = Partner::start().await;
    let with = |source: &str, escape| HttpSettings {
        body: BodyForm::Template {
            source: source.into(),
            escape,
        },
        ..settings(&partner)
    };
    let canonical = br#"{"reference":"a\"<&>","lines":[{"item_id":"1"},{"item_id":"2"}]}"#;
    let render =
        |source: &str, escape| match build(&with(source, escape)).render(canonical, "od1-abc") {
            Ok(Body::Rendered(bytes)) => Ok(String::from_utf8(bytes.to_vec()).unwrap()),
            Ok(Body::Canonical) => panic!("not rendered"),
            Err(failure) => Err(failure.to_string()),
        };
    let json = r#"{"n": {{ order.reference }}, "l": [{% for l in order.lines %}{{ l.item_id }}{% if not loop.last %},{% endif %}{% endfor %}]}"#;
    let value: serde_json::Value =
        serde_json::from_str(&render(json, Escape::Json).unwrap()).unwrap();
    assert_eq!(value, serde_json::json!({"n": "a\"<&>", "l": ["1", "2"]}));
    let xml = render("<n>{{ order.reference }}</n>", Escape::Xml).unwrap();
    assert_eq!(xml, "<n>a&quot;&lt;&amp;&gt;</n>");
    assert_eq!(
        render("{{ order.reference }}", Escape::None).unwrap(),
        "a\"<&>"
    );
    for (source, why) in [
        ("{{ order.remarks }}", "undefined"),
        ("{\"n\": }", "no JSON"),
        (
            "{% for i in range(10000) %}{% for i in range(10000) %}x{% endfor %}{% endfor %}",
            "fuel",
        ),
    ] {
        let failed = render(source, Escape::Json).unwrap_err();
        assert!(failed.contains(why), "{failed}");
    }
    tls::provider();
    assert!(HttpPartner::new(&with("{% for %}", Escape::Json)).is_err());
    assert!(matches!(
        build(&settings(&partner)).render(canonical, "od1-abc"),
        Ok(Body::Canonical)
    ));
}

#[tokio::test]
async fn no_secret_is_ever_told() {
    let partner = Partner::start().await;
    let echo = format!("{{\"message\":\"bad {SECRET} and {}\"}}", "x".repeat(400));
    let table = [
        Answer::json(200, &echo),
        Answer::json(401, &echo),
        Answer::json(422, &echo),
        Answer::json(451, &format!("{}{SECRET}", "y".repeat(295))),
        Answer::header(302, "Location", &format!("/login/{SECRET}")),
        Answer::ResetBefore,
    ];
    let url = format!(
        "http://user:{SECRET}@{}/orders?token={SECRET}",
        partner.address
    );
    let auths = [
        Auth::None,
        Auth::Bearer(SECRET.into()),
        Auth::Header {
            name: "X-Api-Key".into(),
            value: SECRET.into(),
        },
    ];
    for auth in auths {
        let http = HttpSettings {
            auth,
            headers: vec![("X-Second".into(), Text::Secret(SECRET.into()))],
            ..HttpSettings::new("erp", url.clone())
        };
        for answer in &table {
            partner.script([answer.clone()]);
            let outcome = build(&http).deliver(&request(Action::Create)).await;
            let shown = format!("{outcome:?}");
            assert!(!shown.contains("canary"), "{shown}");
            assert!(!format!("{:?}", build(&http)).contains(&format!(":{SECRET}@")));
        }
    }
    assert!(
        partner
            .seen()
            .iter()
            .all(|seen| seen.headers.contains_key("x-second"))
    );
}

#[tokio::test]
async fn a_probe_has_no_effect_and_says_what_is_wrong() {
    let partner = Partner::start().await;
    for (code, fine) in [
        (200, true),
        (404, true),
        (405, true),
        (401, false),
        (302, false),
        (503, false),
    ] {
        partner.script([Answer::status(code)]);
        let probed = build(&settings(&partner)).probe().await;
        assert_eq!(probed.is_ok(), fine, "{code}: {probed:?}");
    }
    assert!(partner.seen().iter().all(|seen| seen.method == "HEAD"));
}

#[tokio::test]
async fn a_proxy_is_told_what_it_needs_and_nothing_else() {
    let (proxy, heads) = proxy::start().await;
    let plain = HttpSettings {
        proxy: Some(format!("http://us@{proxy}")),
        allow_plaintext: true,
        ..HttpSettings::new("erp", "http://erp.example:8080/orders?x=1")
    };
    assert_eq!(kind(&plain, Action::Create).await, "accepted");
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = tls::certificate(folder.path(), "IP:127.0.0.1");
    let address = tls::serve(&certificate, &key);
    let secure = HttpSettings {
        proxy: Some(format!("http://{proxy}")),
        authorities: Authorities::Only(certificate),
        auth: Auth::Bearer("a-token".into()),
        ..HttpSettings::new("erp", format!("https://{address}/orders"))
    };
    assert_eq!(kind(&secure, Action::Create).await, "accepted");
    let heads = heads.lock().unwrap();
    let [relayed, tunnelled] = heads.as_slice() else {
        panic!("{heads:?}");
    };
    assert!(relayed.starts_with("POST http://erp.example:8080/orders?x=1 HTTP/1.1\r\n"));
    assert!(
        relayed.contains("proxy-authorization: Basic dXM6"),
        "{relayed}"
    );
    assert!(tunnelled.starts_with(&format!("CONNECT {address} HTTP/1.1\r\n")));
    assert!(!tunnelled.contains("a-token"), "{tunnelled}");
}
