//! What is never told; probes; proxies.

use super::*;

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
