//! Lines that break, TLS, and plain http.

use super::*;

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
