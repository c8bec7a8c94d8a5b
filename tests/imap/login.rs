//! Who we are, and whether the server is who it says: TLS, passwords, access tokens.

use std::sync::Arc;

use orderdock::clients::tls::{Pin, Trust};
use orderdock::sources::Source;
use orderdock::sources::imap::{Encryption, ImapSettings, Login};
use orderdock::token::{ClientProof, Grant, TokenSettings, Tokens};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{pickup, settings, source, trust};
use crate::support::courier::Courier;
use crate::support::cyrus::Cyrus;
use crate::support::dovecot::Dovecot;
use crate::support::imapd::{Mailboxes, USER};

#[tokio::test]
async fn every_server_is_reached_by_tls_and_by_starttls() {
    for server in [
        Box::new(Dovecot::start()) as Box<dyn Mailboxes>,
        Box::new(Cyrus::start()),
        Box::new(Courier::start()),
    ] {
        for (port, encryption) in [
            (server.tls_port(), Encryption::FromStart),
            (server.port(), Encryption::StartTls),
            (server.port(), Encryption::IfOffered),
        ] {
            let settings = ImapSettings {
                encryption,
                tls: trust(&server.ca()),
                ..settings(port)
            };
            source(settings, pickup()).list().await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_itself_hears_no_password() {
    let server = Dovecot::start();
    let other = tempfile::tempdir().unwrap();
    crate::support::postfix::certificate(other.path());
    let pem = std::fs::read_to_string(server.ca()).unwrap();
    let der = rustls::pki_types::pem::PemObject::from_pem_slice(pem.as_bytes());
    let der: rustls::pki_types::CertificateDer<'static> = der.unwrap();
    let pin = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(der.as_ref()));
    let pinned = |text: &str| Trust {
        authorities: None,
        pins: vec![Pin::parse(text).unwrap()],
    };
    for (tls, words) in [
        (Trust::default(), Some("could not prove who it is")),
        (
            trust(&other.path().join("cert.pem")),
            Some("could not prove who it is"),
        ),
        (pinned(&"00".repeat(32)), Some(&*pin.to_uppercase())),
        (pinned(&pin), None),
    ] {
        for (port, encryption) in [
            (server.tls_port(), Encryption::FromStart),
            (server.port(), Encryption::StartTls),
        ] {
            let settings = ImapSettings {
                encryption,
                tls: tls.clone(),
                ..settings(port)
            };
            let listed = source(settings, pickup()).list().await;
            match words {
                None => drop(listed.unwrap()),
                Some(words) => {
                    let failure = listed.unwrap_err();
                    assert!(!failure.is_temporary(), "{failure}");
                    assert!(failure.message.contains(words), "{failure}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_turn() {
    let server = Dovecot::start();
    let settings = ImapSettings {
        login: Login::Password("canary-wrong-password".to_owned().into()),
        ..settings(server.port())
    };
    let failure = source(settings, pickup()).list().await.unwrap_err();
    assert!(!failure.is_temporary());
    assert!(
        failure.message.contains("Check `user` and `password`"),
        "{failure}"
    );
    assert!(!failure.to_string().contains("canary"), "{failure}");
}

/// A token server that hands out these tokens, one after the other; the last one for ever.
async fn token_server(tokens: Vec<String>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut next = 0;
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 8_192];
            drop(stream.read(&mut request).await);
            let token = &tokens[next.min(tokens.len() - 1)];
            next += 1;
            let body =
                format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":3600}}"#);
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    url
}

fn tokens(url: String) -> Arc<Tokens> {
    crate::support::tls::provider();
    Tokens::new(TokenSettings {
        url,
        client_id: "orderdock".into(),
        client_secret: None,
        client_proof: ClientProof::Body,
        scope: None,
        grant: Grant::RefreshToken("canary-refresh".to_owned().into()),
        ca: None,
    })
    .unwrap()
}

#[tokio::test]
async fn access_tokens_open_the_mailbox_in_both_forms() {
    let good = Dovecot::token(USER, 4_000_000_000);
    for mechanisms in ["plain oauthbearer", "plain xoauth2"] {
        let server = Dovecot::with(&format!("auth_mechanisms = {mechanisms}\n"));
        let tokens = tokens(token_server(vec![good.clone()]).await);
        let settings = ImapSettings {
            login: Login::Token(tokens),
            ..settings(server.port())
        };
        source(settings, pickup()).list().await.unwrap();
    }
}

#[tokio::test]
async fn an_expired_token_is_refused_and_told_without_being_shown() {
    let server = Dovecot::start();
    let expired = Dovecot::token(USER, 1_700_000_001);
    let tokens = tokens(token_server(vec![expired.clone()]).await);
    let settings = ImapSettings {
        login: Login::Token(tokens),
        ..settings(server.port())
    };
    let failure = source(settings, pickup()).list().await.unwrap_err();
    assert!(!failure.is_temporary(), "{failure}");
    assert!(failure.message.contains("`oauth`"), "{failure}");
    assert!(!failure.to_string().contains(&expired), "{failure}");
}
