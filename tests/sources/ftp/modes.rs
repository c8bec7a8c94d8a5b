//! The whole way of a file at each server, in each mode of protection it has.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::chown;

use orderdock::clients::tls::Pin;
use orderdock::sources::Probe;

use super::*;
use crate::support::ftpd::DAEMON;
use crate::support::proftpd::Proftpd;
use crate::support::pureftpd::PureFtpd;
use crate::support::vsftpd::{Tls, Vsftpd};

/// Lays a file as the server's user would.
fn lay(folder: &Path, name: &[u8], bytes: &[u8]) {
    let path = folder.join(OsStr::from_bytes(name));
    fs::write(&path, bytes).unwrap();
    chown(&path, Some(DAEMON), Some(DAEMON)).unwrap();
}

/// Three files with awkward names and contents are listed, read, moved, and found where they went.
async fn whole_way(settings: FtpSettings, inbox: &Path) -> Vec<String> {
    let source = source(settings);
    assert!(
        source.list().await.unwrap().entries.is_empty(),
        "an empty folder is empty"
    );
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    lay(
        inbox,
        "a ä ✓.csv".as_bytes(),
        b"line\nends\r\nas they are\x1a\0\xff\n",
    );
    lay(inbox, b"latin \xe4.csv", &bytes);
    lay(inbox, b"empty.csv", b"");
    let entries = source.list().await.unwrap().entries;
    assert_eq!(entries.len(), 3, "{entries:?}");
    assert_eq!(source.list().await.unwrap().entries, entries);
    let fetched = fetch(&source, entries.clone()).await;
    for (entry, fetched) in entries.iter().zip(fetched) {
        let path = inbox.join(OsStr::from_bytes(&entry.locator.0));
        assert_eq!(
            fetched,
            Fetched::Whole(fs::read(path).unwrap()),
            "{}",
            entry.locator
        );
    }
    for (entry, verdict) in entries
        .iter()
        .zip([Verdict::Done, Verdict::Error, Verdict::Done])
    {
        let first = settle(&source, entry, verdict).await.unwrap();
        let Settled::Moved(to) = &first else {
            panic!("{first:?}")
        };
        let second = settle(&source, entry, verdict).await.unwrap();
        assert_eq!(second, Settled::Already(to.clone()));
        assert!(inbox.join(OsStr::from_bytes(&to.0)).exists());
    }
    assert!(source.list().await.unwrap().entries.is_empty());
    let found = tree(inbox);
    assert_eq!(found.len(), 4, "{found:?}");
    let sidecar = found
        .iter()
        .find(|path| path.to_string_lossy().ends_with(".error.txt"));
    assert_eq!(
        fs::read(inbox.join(sidecar.unwrap())).unwrap(),
        b"what was wrong\n"
    );
    let words = source.probe(Probe::Connect).await.unwrap();
    assert!(
        words
            .iter()
            .any(|word| word.contains("moved to done and error")),
        "{words:?}"
    );
    words
}

fn anonymous(settings: FtpSettings) -> FtpSettings {
    let user = "anonymous".to_owned();
    FtpSettings { user, ..settings }
}

#[tokio::test]
async fn vsftpd_is_spoken_to_in_the_clear() {
    let server = Vsftpd::start(Tls::None, "");
    let settings = settings(server.port, Protection::None, &server.ca());
    whole_way(anonymous(settings), &server.inbox()).await;
}

#[tokio::test]
async fn vsftpd_is_spoken_to_under_tls_with_resumed_sessions() {
    let server = Vsftpd::start(Tls::Explicit, "");
    let settings = settings(server.port, Protection::Explicit, &server.ca());
    whole_way(anonymous(settings), &server.inbox()).await;
}

#[tokio::test]
async fn vsftpd_is_spoken_to_under_tls_from_the_first_byte() {
    let server = Vsftpd::start(Tls::Implicit, "");
    let settings = settings(server.port, Protection::Implicit, &server.ca());
    whole_way(anonymous(settings), &server.inbox()).await;
}

#[tokio::test]
async fn pure_ftpd_is_spoken_to_in_the_clear() {
    let server = PureFtpd::start(false);
    let settings = settings(server.port, Protection::None, &server.ca());
    whole_way(settings, &server.inbox()).await;
}

#[tokio::test]
async fn pure_ftpd_is_spoken_to_under_tls() {
    let server = PureFtpd::start(true);
    let settings = settings(server.port, Protection::Explicit, &server.ca());
    whole_way(settings, &server.inbox()).await;
}

fn alice(settings: FtpSettings) -> FtpSettings {
    FtpSettings {
        user: "alice".to_owned(),
        password: Some(Secret::new("alice-secret")),
        ..settings
    }
}

#[tokio::test]
async fn proftpd_is_spoken_to_in_the_clear() {
    let server = Proftpd::start();
    let settings = settings(server.ftp, Protection::None, &server.ca());
    let found = whole_way(alice(settings), &server.inbox("alice")).await;
    assert!(
        found.iter().any(|word| word.contains("clock agrees")),
        "{found:?}"
    );
}

#[tokio::test]
async fn proftpd_is_spoken_to_under_tls_where_it_is_offered() {
    let server = Proftpd::start();
    let settings = settings(server.ftp, Protection::Explicit, &server.ca());
    whole_way(alice(settings), &server.inbox("alice")).await;
}

#[tokio::test]
async fn proftpd_is_spoken_to_under_tls_with_resumed_sessions() {
    let server = Proftpd::start();
    let settings = settings(server.reuse, Protection::Explicit, &server.ca());
    whole_way(alice(settings), &server.inbox("alice")).await;
}

#[tokio::test]
async fn proftpd_is_spoken_to_under_tls_1_2_from_the_start() {
    let server = Proftpd::start();
    let mut settings = settings(server.reuse, Protection::Explicit, &server.ca());
    settings.at_most_tls_12 = true;
    whole_way(alice(settings), &server.inbox("alice")).await;
}

#[tokio::test]
async fn proftpd_is_spoken_to_under_tls_from_the_first_byte() {
    let server = Proftpd::start();
    let settings = settings(server.implicit, Protection::Implicit, &server.ca());
    whole_way(alice(settings), &server.inbox("alice")).await;
}

#[tokio::test]
async fn a_server_that_lists_as_windows_does_is_understood() {
    let server = Proftpd::start();
    let settings = settings(server.dos, Protection::None, &server.ca());
    whole_way(alice(settings), &server.inbox("alice")).await;
}

/// The certificate's bytes.
fn certificate(pem: &Path) -> Vec<u8> {
    use rustls::pki_types::pem::PemObject;
    let bytes = fs::read(pem).unwrap();
    rustls::pki_types::CertificateDer::from_pem_slice(&bytes)
        .unwrap()
        .to_vec()
}

#[tokio::test]
async fn a_pinned_certificate_is_believed_and_no_other_is() {
    let server = PureFtpd::start(true);
    let pin = Pin::of(&certificate(&server.ca()));
    let mut settings = settings(server.port, Protection::Explicit, &server.ca());
    settings.trust = Trust {
        authorities: None,
        pins: vec![pin],
    };
    // The name does not matter where the certificate itself is known.
    source(settings.clone()).list().await.unwrap();
    settings.trust.pins = vec![Pin::of(b"another")];
    let refused = source(settings).list().await.unwrap_err();
    assert!(!refused.is_temporary());
    assert!(refused.message.contains(&pin.to_string()), "{refused}");
    assert!(
        refused.message.contains(&Pin::of(b"another").to_string()),
        "{refused}"
    );
}

#[tokio::test]
async fn a_certificate_of_a_stranger_or_for_another_host_is_refused() {
    let server = PureFtpd::start(true);
    let mut settings = settings(server.port, Protection::Explicit, &server.ca());
    let other = tempfile::tempdir().unwrap();
    crate::support::postfix::certificate(other.path());
    let stranger = fs::read(other.path().join("cert.pem")).unwrap();
    settings.trust.authorities = Some(stranger);
    let refused = source(settings).list().await.unwrap_err();
    assert!(!refused.is_temporary());
    assert!(refused.message.contains("certificate"), "{refused}");
}

#[tokio::test]
async fn a_wrong_password_is_for_the_operator_and_not_repeated_in_words() {
    let server = PureFtpd::start(false);
    let mut settings = settings(server.port, Protection::None, &server.ca());
    settings.password = Some(Secret::new("canary-wrong-77"));
    let refused = source(settings).list().await.unwrap_err();
    assert!(!refused.is_temporary());
    assert!(refused.to_string().contains("logging in"), "{refused}");
    assert!(!refused.to_string().contains("canary"), "{refused}");
}
