//! Mail on its way: through a real Postfix, and through servers that refuse, lie and vanish.

use orderdock::clock::Millis;
use orderdock::failure::{Failure, Turn};
use orderdock::mail::report::{Head, compose_alert};
use orderdock::mail::smtp::{SmtpMailer, SmtpSettings};
use orderdock::mail::{Envelope, Mailer, Sent};

use crate::support::postfix::Postfix;
use crate::support::smtp::{FakeSmtp, Script};

fn mailer(settings: &SmtpSettings) -> SmtpMailer {
    // A second installation is refused and as good as the first.
    drop(rustls::crypto::ring::default_provider().install_default());
    SmtpMailer::new(settings).unwrap()
}

fn to(recipient: &str) -> Envelope {
    let head = Head {
        from: "EDI desk <edi@example.com>",
        to: recipient,
        message_id: "<alert-7@orderdock.example.com>",
        date: Millis(1_795_312_440_000),
        in_reply_to: None,
        references: &[],
        answered_subject: None,
    };
    Envelope {
        return_path: None,
        recipient: recipient.into(),
        message: compose_alert(&head, "Disk nearly full", "Intake has stopped.").unwrap(),
    }
}

fn plain(port: u16) -> SmtpSettings {
    SmtpSettings {
        url: format!("smtp://127.0.0.1:{port}"),
        ..SmtpSettings::default()
    }
}

async fn send(settings: &SmtpSettings) -> Result<Sent, Failure> {
    mailer(settings).send(&to("edi@acme.test")).await
}

#[tokio::test]
async fn a_mail_arrives_once_with_a_null_sender() {
    let postfix = Postfix::start();
    let sent = mailer(&plain(postfix.port))
        .send(&to("edi@acme.test"))
        .await;
    assert_eq!(sent, Ok(Sent::Accepted));
    let mails = postfix.wait_for_mail();
    assert_eq!(mails.len(), 1);
    assert!(postfix.queue_is_empty());
    let mail = String::from_utf8_lossy(&mails[0]);
    assert!(mail.starts_with("Return-Path: <>"), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-generated"), "{mail}");
    assert!(
        mail.contains("Message-ID: <alert-7@orderdock.example.com>"),
        "{mail}"
    );
    assert!(
        mail.contains("Date: Sun, 22 Nov 2026 01:54:00 +0000"),
        "{mail}"
    );
}

#[tokio::test]
async fn mail_goes_out_encrypted_and_only_to_a_server_that_proves_its_name() {
    let postfix = Postfix::start();
    let trusting = |url: String| SmtpSettings {
        url,
        ca: Some(postfix.ca()),
        ..SmtpSettings::default()
    };
    let starttls = trusting(format!("smtp://localhost:{}", postfix.tls_port));
    assert_eq!(send(&starttls).await, Ok(Sent::Accepted));
    let mails = postfix.wait_for_mail();
    let mail = String::from_utf8_lossy(&mails[0]);
    assert!(mail.contains("using TLSv1.3"), "{mail}");
    let smtps = trusting(format!("smtps://127.0.0.1:{}", postfix.smtps_port));
    assert_eq!(send(&smtps).await, Ok(Sent::Accepted));
    assert_eq!(mailer(&smtps).probe().await, Ok(()));
    let unproven = SmtpSettings {
        url: format!("smtps://127.0.0.1:{}", postfix.smtps_port),
        ..SmtpSettings::default()
    };
    let failure = send(&unproven).await.unwrap_err();
    assert!(failure.message.contains("Please check"), "{failure}");
    assert!(failure.is_temporary());
}

#[tokio::test]
async fn an_unknown_mailbox_is_a_refusal_and_no_relaying_is_not() {
    let postfix = Postfix::start();
    let mailer = mailer(&plain(postfix.port));
    let unknown = mailer.send(&to("nobody@acme.test")).await;
    let Ok(Sent::Refused(words)) = unknown else {
        panic!("{unknown:?}");
    };
    assert!(words.contains("550"), "{words}");
    let elsewhere = mailer.send(&to("x@elsewhere.test")).await.unwrap_err();
    assert_eq!(elsewhere.turn, Turn::Operator, "{elsewhere}");
    assert!(elsewhere.message.contains("Please check"), "{elsewhere}");
    assert_eq!(
        mailer.send(&to("edi@acme.test")).await,
        Ok(Sent::Accepted),
        "a refusal before does not spoil the next mail"
    );
    let nonsense = mailer.send(&to("no address\r\nRCPT TO:<x@y>")).await;
    assert!(matches!(nonsense, Ok(Sent::Refused(_))), "{nonsense:?}");
}

#[tokio::test]
async fn what_may_pass_is_a_failure_and_never_ends_a_mail() {
    let script = Script::default();
    for script in [
        Script {
            greeting: Some("554 no service today"),
            ..script
        },
        Script {
            greeting: Some("421 busy"),
            ..script
        },
        Script {
            recipient: Some("450 4.7.1 greylisted"),
            ..script
        },
        Script {
            recipient: Some("530 5.7.0 authenticate first"),
            ..script
        },
        Script {
            message: Some("451 4.3.0 try later"),
            ..script
        },
        Script {
            message: Some(""),
            ..script
        },
    ] {
        let server = FakeSmtp::start(script).await;
        let failure = send(&plain(server.port)).await.unwrap_err();
        assert!(failure.is_temporary(), "{script:?}: {failure}");
    }
    let refused = FakeSmtp::start(Script {
        message: Some("554 5.6.0 content refused"),
        ..script
    })
    .await;
    let sent = send(&plain(refused.port)).await;
    assert!(
        matches!(&sent, Ok(Sent::Refused(words)) if words.contains("content refused")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_down_is_a_failure() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let failure = send(&plain(port)).await.unwrap_err();
    assert!(failure.is_temporary());
    assert!(failure.to_string().contains(&port.to_string()), "{failure}");
    assert!(mailer(&plain(port)).probe().await.is_err());
}

#[tokio::test]
async fn a_wrong_password_is_the_operators_turn_and_is_never_shown() {
    let server = FakeSmtp::start(Script {
        auth: Some("535 5.7.8 no"),
        ..Script::default()
    })
    .await;
    let settings = SmtpSettings {
        user: Some("edi".into()),
        password: Some("hunter2-canary".to_owned().into()),
        ..plain(server.port)
    };
    let mailer = mailer(&settings);
    let failure = mailer.send(&to("edi@acme.test")).await.unwrap_err();
    assert_eq!(failure.turn, Turn::Operator);
    let probed = mailer.probe().await.unwrap_err();
    for shown in [
        format!("{failure} {probed}"),
        format!("{mailer:?} {settings:?}"),
    ] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert!(server.heard().iter().any(|line| line.starts_with("AUTH")));
    assert!(!server.heard().iter().any(|line| line.starts_with("MAIL")));
}
