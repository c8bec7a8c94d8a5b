//! What destinations that speak plain HTTP can do beyond a fixed password: tokens, signatures, a
//! certificate of our own, and what their answers tell.

use std::collections::BTreeMap;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use orderdock::order::Action;
use orderdock::partners::http::{
    Auth, Authorities, Coding, Hash, HttpPartner, HttpSettings, Identity, Sign,
};
use orderdock::partners::{Outcome, Partner as _, Receipt, Request};
use orderdock::token::{ClientProof, Grant, TokenSettings};
use sha2::Sha256;

use crate::support::partner::{Answer, Partner};
use crate::support::tls;

fn request() -> Request {
    Request {
        key: "od1-abc".into(),
        action: Action::Create,
        reference: "4711".into(),
        body: Bytes::from_static(b"{\"reference\":\"4711\"}"),
        remote_id: None,
        repeated: false,
    }
}

fn build(settings: &HttpSettings) -> HttpPartner {
    tls::provider();
    HttpPartner::new(settings).unwrap()
}

async fn accepted(settings: &HttpSettings) -> Receipt {
    match build(settings).deliver(&request()).await {
        Outcome::Accepted(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

fn oauth(tokens: &Partner) -> Auth {
    Auth::OAuth2(Box::new(TokenSettings {
        url: tokens.url("/token"),
        client_id: "us".into(),
        client_secret: Some("client-secret".to_owned().into()),
        client_proof: ClientProof::Body,
        scope: None,
        grant: Grant::ClientCredentials,
        ca: None,
    }))
}

#[tokio::test]
async fn a_token_is_got_sent_and_replaced_once_where_it_is_refused() {
    let (tokens, partner) = (Partner::start().await, Partner::start().await);
    let token = |name: &str| {
        let text = format!(
            "{{\"access_token\":\"{name}\",\"token_type\":\"Bearer\",\"expires_in\":3600}}"
        );
        Answer::json(200, &text)
    };
    tokens.script([
        token("token-one"),
        token("token-two"),
        token("token-three"),
        token("token-four"),
    ]);
    partner.script([Answer::status(401), Answer::status(201)]);
    let settings = HttpSettings {
        auth: oauth(&tokens),
        ..HttpSettings::new("erp", partner.url("/orders"))
    };
    accepted(&settings).await;
    let sent: Vec<_> = partner
        .seen()
        .into_iter()
        .map(|seen| seen.headers["authorization"].clone())
        .collect();
    assert_eq!(sent, ["Bearer token-one", "Bearer token-two"]);

    // A second refusal is the operator's matter, and says no token.
    partner.always(Answer::json(401, "{\"message\":\"token-four is bad\"}"));
    let outcome = build(&settings).deliver(&request()).await;
    let Outcome::Denied(failure) = outcome else {
        panic!("{outcome:?}")
    };
    assert!(!failure.to_string().contains("token-four"), "{failure}");
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_the_token_servers_words_decide() {
    for (status, denied) in [(401, true), (503, false)] {
        let (tokens, partner) = (Partner::start().await, Partner::start().await);
        tokens.always(Answer::json(status, "{\"error\":\"invalid_client\"}"));
        let settings = HttpSettings {
            auth: oauth(&tokens),
            ..HttpSettings::new("erp", partner.url("/orders"))
        };
        let outcome = build(&settings).deliver(&request()).await;
        assert_eq!(matches!(outcome, Outcome::Denied(_)), denied, "{outcome:?}");
        assert_eq!(
            matches!(outcome, Outcome::Later { .. }),
            !denied,
            "{outcome:?}"
        );
        assert!(partner.seen().is_empty());
    }
}

#[tokio::test]
async fn a_request_is_signed_over_what_is_sent() {
    let partner = Partner::start().await;
    let settings = HttpSettings {
        sign: Some(Sign {
            key: "signing-key".to_owned().into(),
            over: "{timestamp}.{method}.{path}.{key}.{body}".into(),
            hash: Hash::Sha256,
            coding: Coding::Hex,
            header: "X-Signature".into(),
            prefix: "v1=".into(),
            timestamp_header: "X-Timestamp".into(),
        }),
        ..HttpSettings::new("erp", partner.url("/orders?a=1"))
    };
    accepted(&settings).await;
    let seen = partner.seen().remove(0);
    let over = format!(
        "{}.POST./orders?a=1.od1-abc.{{\"reference\":\"4711\"}}",
        seen.headers["x-timestamp"]
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(b"signing-key").unwrap();
    mac.update(over.as_bytes());
    let expected = format!("v1={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(seen.headers["x-signature"], expected);
}

#[tokio::test]
async fn what_an_answer_tells_is_kept_if_it_is_short_and_plain() {
    let partner = Partner::start().await;
    let long = "x".repeat(3_000);
    let body = format!("{{\"id\":7,\"t\":{{\"code\":\"T 1\"}},\"long\":\"{long}\",\"list\":[1]}}");
    partner.script([Answer::json(201, &body)]);
    let pointers = [
        ("tracking_number", "/t/code"),
        ("long", "/long"),
        ("list", "/list"),
        ("none", "/none"),
    ];
    let settings = HttpSettings {
        remote_id: Some("/id".into()),
        facts: pointers
            .map(|(name, at)| (name.to_owned(), at.to_owned()))
            .into(),
        ..HttpSettings::new("erp", partner.url("/orders"))
    };
    let receipt = accepted(&settings).await;
    assert_eq!(receipt.remote_id.as_deref(), Some("7"));
    assert_eq!(
        receipt.facts,
        BTreeMap::from([("tracking_number".to_owned(), "T 1".to_owned())])
    );
}

#[tokio::test]
async fn our_certificate_is_shown_to_a_partner_that_asks_who_connects() {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = tls::certificate(folder.path(), "IP:127.0.0.1");
    let address = tls::serve_known(&certificate, &key);
    let known = HttpSettings {
        authorities: Authorities::Only(certificate.clone()),
        identity: Some(Identity {
            certificate: certificate.clone(),
            key: String::from_utf8(key).unwrap().into(),
        }),
        ..HttpSettings::new("erp", format!("https://{address}/orders"))
    };
    accepted(&known).await;
    let unknown = HttpSettings {
        identity: None,
        ..known
    };
    let outcome = build(&unknown).deliver(&request()).await;
    assert!(matches!(outcome, Outcome::Unreachable(_)), "{outcome:?}");
}
