//! What a url means, and what an answer means.

use super::settings::{Encryption, SmtpSettings};

fn settings(url: &str) -> SmtpSettings {
    SmtpSettings {
        url: url.into(),
        ..SmtpSettings::default()
    }
}

#[test]
fn the_url_decides_host_port_and_encryption() {
    for (url, host, port, encryption) in [
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Encryption::None),
        ("smtp://localhost", "localhost", 25, Encryption::None),
        ("smtp://[::1]:26/", "::1", 26, Encryption::None),
        (
            "smtp://mail.example.com",
            "mail.example.com",
            587,
            Encryption::StartTls,
        ),
        ("smtps://127.0.0.1", "127.0.0.1", 465, Encryption::FromStart),
    ] {
        let server = settings(url).server().unwrap();
        assert_eq!(
            (server.host.as_str(), server.port, server.encryption),
            (host, port, encryption),
            "{url}"
        );
    }
    let relaxed = SmtpSettings {
        allow_plaintext: true,
        ..settings("smtp://mail.example.com")
    };
    assert_eq!(relaxed.server().unwrap().encryption, Encryption::IfOffered);
    let with_ca = SmtpSettings {
        ca: Some("ca.pem".into()),
        ..settings("smtp://localhost")
    };
    assert_eq!(with_ca.server().unwrap().encryption, Encryption::IfOffered);
}

#[test]
fn a_user_may_stand_in_the_url_and_a_password_may_not() {
    let user = settings("smtp://edi%40example.com@mail.example.com").server();
    assert_eq!(user.unwrap().user.as_deref(), Some("edi@example.com"));
    let shown = settings("smtp://edi:hunter2@mail.example.com")
        .server()
        .unwrap_err()
        .to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn what_is_no_url_of_a_mail_server_is_refused() {
    for url in [
        "",
        "mail.example.com",
        "http://x",
        "smtp://",
        "smtp://a:0",
        "smtp://a:x",
        "smtp://[x]",
        "smtp://a b",
    ] {
        assert!(settings(url).server().is_err(), "{url}");
    }
}
