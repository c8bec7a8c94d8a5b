//! What is sent: addresses, headers, bodies, and the id that comes back.

use super::*;

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
