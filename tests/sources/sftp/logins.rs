//! Who is who: the server's host key and our ways to log in.

use std::process::Command;

use orderdock::clients::sftp::{HostKeys, SftpServer, SftpSettings};
use orderdock::clients::{Server, Session};
use orderdock::failure::{Failure, Turn};
use orderdock::secret::Secret;

use crate::support::keys::{self, key};
use crate::support::sshd::Sshd;

fn pinned(fingerprints: &[String]) -> HostKeys {
    let mut keys = HostKeys::default();
    keys.pin(fingerprints).unwrap();
    keys
}

/// The account `user` with neither key nor password.
fn account(server: &Sshd, user: &str) -> SftpSettings {
    SftpSettings {
        host: "127.0.0.1".into(),
        port: server.port,
        user: user.into(),
        password: None,
        key: None,
        passphrase: None,
        host_keys: pinned(&[server.fingerprint("ed25519")]),
        legacy: false,
    }
}

fn password(settings: SftpSettings) -> SftpSettings {
    let password = Some(Secret::new(&format!("{}-secret", settings.user)));
    SftpSettings {
        password,
        ..settings
    }
}

fn with_key(settings: SftpSettings, name: &str) -> SftpSettings {
    let text = std::fs::read_to_string(key(name)).unwrap();
    SftpSettings {
        key: Some(Secret::new(&text)),
        ..settings
    }
}

async fn connect(settings: SftpSettings) -> Result<Box<dyn Session>, Failure> {
    SftpServer::new(settings)?.connect().await
}

async fn lists(settings: SftpSettings) {
    let user = settings.user.clone();
    let mut session = connect(settings)
        .await
        .unwrap_or_else(|f| panic!("{user}: {f}"));
    session.list(b"/in", 10).await.unwrap();
    session.end().await;
}

async fn refused(settings: SftpSettings) -> Failure {
    let Err(failure) = connect(settings).await else {
        panic!("it was let in");
    };
    assert_eq!(failure.turn, Turn::Operator, "{failure}");
    failure
}

#[tokio::test]
async fn every_kind_of_key_and_password_logs_in() {
    let server = Sshd::start();
    for name in ["ed25519", "rsa", "ecdsa", "pem"] {
        lists(with_key(account(&server, "key"), name)).await;
    }
    let sealed = with_key(account(&server, "key"), "sealed");
    lists(SftpSettings {
        passphrase: Some(Secret::new("key-passphrase")),
        ..sealed.clone()
    })
    .await;
    lists(password(account(&server, "pw"))).await;
    lists(password(account(&server, "kbd"))).await;
    lists(password(with_key(account(&server, "both"), "ed25519"))).await;
    lists(password(account(&server, "noext"))).await;
    let closed = refused(sealed.clone()).await;
    assert!(closed.message.contains("set passphrase"), "{closed}");
    let wrong = refused(SftpSettings {
        passphrase: Some(Secret::new("not-it")),
        ..sealed
    });
    assert!(!wrong.await.to_string().contains("not-it"));
}

#[tokio::test]
async fn whoever_is_not_let_in_hears_what_was_tried() {
    let server = Sshd::start();
    let stranger = refused(with_key(account(&server, "key"), "stranger")).await;
    assert!(stranger.message.contains("refused the key"), "{stranger}");
    assert!(stranger.message.contains("publickey"), "{stranger}");
    let half = refused(password(account(&server, "both"))).await;
    assert!(half.message.contains("publickey"), "{half}");
    let locked = refused(password(account(&server, "locked"))).await;
    assert!(!locked.to_string().contains("locked-secret"), "{locked}");
}

#[tokio::test]
async fn a_host_key_that_is_not_told_is_refused_before_anything_is_said() {
    let mut server = Sshd::start();
    let told = password(account(&server, "pw"));
    let before = server.fingerprint("ed25519");
    server.rekey();
    let failure = refused(told).await;
    let now = server.fingerprint("ed25519");
    assert!(failure.message.contains(&before), "{failure}");
    assert!(failure.message.contains(&now), "{failure}");
    assert!(failure.message.contains("nothing was sent"), "{failure}");
    let log = server.log();
    assert!(!log.contains("for pw"), "{log}");
    assert!(!log.contains("for invalid user"), "{log}");
}

#[tokio::test]
async fn any_of_the_servers_keys_may_be_told() {
    let server = Sshd::start();
    for kind in ["ed25519", "rsa", "ecdsa"] {
        lists(SftpSettings {
            host_keys: pinned(&[server.fingerprint(kind)]),
            ..password(account(&server, "pw"))
        })
        .await;
    }
    let known = std::fs::read_to_string(server.known_hosts()).unwrap();
    let learnt = |text: &str| {
        let mut keys = HostKeys::default();
        keys.learn(text, "127.0.0.1", server.port);
        keys
    };
    for line in known.lines() {
        lists(SftpSettings {
            host_keys: learnt(line),
            ..password(account(&server, "pw"))
        })
        .await;
    }
    let path = server.known_hosts();
    let hashed = Command::new("ssh-keygen")
        .args(["-q", "-H", "-f"])
        .arg(&path)
        .output();
    assert!(hashed.unwrap().status.success());
    let hashed = std::fs::read_to_string(path).unwrap();
    assert!(hashed.starts_with("|1|"), "{hashed}");
    lists(SftpSettings {
        host_keys: learnt(&hashed),
        ..password(account(&server, "pw"))
    })
    .await;
    assert!(learnt("elsewhere.example ssh-ed25519 AAAA").is_empty());
    let revoked = known.lines().map(|line| {
        format!("{line}\n@revoked * {}\n", {
            line.split_once(' ').unwrap().1
        })
    });
    refused(SftpSettings {
        host_keys: learnt(&revoked.collect::<String>()),
        ..password(account(&server, "pw"))
    })
    .await;
}

#[tokio::test]
async fn old_algorithms_are_used_only_where_the_source_says_so() {
    let server = Sshd::legacy();
    let settings = SftpSettings {
        host_keys: pinned(&[keys::fingerprint("host-rsa")]),
        ..password(account(&server, "pw"))
    };
    let failure = refused(settings.clone()).await;
    assert!(
        failure.message.contains("diffie-hellman-group14-sha1"),
        "{failure}"
    );
    assert!(
        failure.message.contains("legacy_algorithms = true"),
        "{failure}"
    );
    let old = SftpSettings {
        legacy: true,
        ..settings
    };
    lists(old.clone()).await;
    lists(SftpSettings {
        password: None,
        ..with_key(
            SftpSettings {
                user: "key".into(),
                ..old
            },
            "rsa",
        )
    })
    .await;
}
