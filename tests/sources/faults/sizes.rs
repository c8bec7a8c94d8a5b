//! Files and folders beyond every measure: refused by what is told of them, and not by reading on.

use std::fs;
use std::time::Duration;

use orderdock::clients::sftp::{HostKeys, SftpServer, SftpSettings};
use orderdock::limits;
use orderdock::secret::Secret;
use orderdock::sources::remote::RemoteSource;
use orderdock::sources::{After, Pickup, Source};

use super::lines::{sftp, wait_for};
use crate::support::cut::Line;
use crate::support::dock::{Dock, read};
use crate::support::sshd::Sshd;
use crate::support::strange_ftpd::{Strange, StrangeFtpd};
use crate::support::strange_sshd::StrangeSshd;

#[tokio::test(flavor = "multi_thread")]
async fn a_gigabyte_is_refused_before_it_is_fetched() {
    let server = Sshd::start();
    let inbox = server.inbox("pw");
    let line = Line::to(server.port);
    let ftp = StrangeFtpd::start(Strange::Huge).await;
    let source = format!(
        "[[source]]\nname = \"star\"\nkind = \"ftp\"\nurl = \"ftp://edi@127.0.0.1:{}/in\"\n\
         password = \"edi-secret\"\nstable = \"0s\"\npoll = \"200ms\"\n\n",
        ftp.port
    );
    let dock = Dock::new(
        "http://127.0.0.1:9/",
        &format!("{source}{}", sftp(&server, line.port, "")),
    );
    let large = fs::File::create(inbox.join("large.csv")).unwrap();
    large.set_len(1 << 30).unwrap();
    let daemon = dock.start();
    wait_for(&inbox, "error/large.csv.error.txt", &dock);
    dock.until("the file lies in error at the FTP server", || {
        ftp.files()
            .contains(&"/in/error/a.csv".to_owned())
            .then_some(())
    });
    assert_eq!(daemon.stop(), 0);
    let report = read(&inbox.join("error/large.csv.error.txt"));
    assert!(report.contains("256 MB"), "{report}");
    assert!(
        line.passed() < 1 << 20,
        "{} bytes went over the line",
        line.passed()
    );
    let commands = ftp.commands().join("\n");
    assert!(!commands.contains("RETR"), "{commands}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_without_end_is_cut() {
    let server = StrangeSshd::start().await;
    let mut host_keys = HostKeys::default();
    host_keys
        .pin(std::slice::from_ref(&server.fingerprint))
        .unwrap();
    let settings = SftpSettings {
        host: "127.0.0.1".into(),
        port: server.port,
        user: "edi".into(),
        password: Some(Secret::new("edi-secret")),
        key: None,
        passphrase: None,
        host_keys,
        legacy: false,
    };
    let pickup = Pickup {
        name: "endless".into(),
        stable: Duration::ZERO,
        poll: Duration::from_secs(60),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 1 << 20,
        depth: 0,
        batch: 100,
        done: "done".into(),
        error: "error".into(),
        after: After::Move,
    };
    let endless = Box::new(SftpServer::new(settings).unwrap());
    let source = RemoteSource::open(endless, b"/in".to_vec(), pickup, 1).unwrap();
    let listing = source.list().await.unwrap();
    assert_eq!(
        (listing.entries.len(), listing.cut),
        (limits::LISTING_NAMES, true)
    );
    // The session is not left in the middle of an answer.
    assert!(source.list().await.unwrap().cut);
}
