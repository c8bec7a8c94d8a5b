//! Names, links, rights, folders, and sessions that ended in the meantime.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::sync::Arc;
use std::time::Duration;

use orderdock::arrival::{ArrivalId, Entry, Settled, Verdict};
use orderdock::clients::sftp::{HostKeys, SftpServer, SftpSettings};
use orderdock::failure::Failure;
use orderdock::secret::Secret;
use orderdock::sources::remote::RemoteSource;
use orderdock::sources::{After, Pickup, Piece, Probe, Settlement, Source};
use tokio::sync::mpsc;

use crate::support::sshd::Sshd;

fn pickup() -> Pickup {
    Pickup {
        name: "acme".into(),
        stable: Duration::ZERO,
        poll: Duration::from_mins(1),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 1 << 30,
        depth: 0,
        batch: 100,
        done: "done".into(),
        error: "error".into(),
        after: After::Move,
    }
}

fn source(server: &Sshd, user: &str, root: &str, pickup: Pickup) -> Arc<RemoteSource> {
    let mut host_keys = HostKeys::default();
    host_keys.pin(&[server.fingerprint("ed25519")]).unwrap();
    let server = SftpServer::new(SftpSettings {
        host: "127.0.0.1".into(),
        port: server.port,
        user: user.into(),
        password: Some(Secret::new(&format!("{user}-secret"))),
        key: None,
        passphrase: None,
        host_keys,
        legacy: false,
    });
    let server = Box::new(server.unwrap());
    Arc::new(RemoteSource::open(server, root.into(), pickup, 4).unwrap())
}

async fn list(source: &RemoteSource) -> Vec<Entry> {
    source.list().await.unwrap().entries
}

async fn fetch(source: &Arc<RemoteSource>, entry: &Entry) -> (usize, Option<Piece>) {
    let (sender, mut pieces) = mpsc::channel(1);
    let (source, wanted) = (Arc::clone(source), vec![(ArrivalId(1), entry.clone())]);
    let fetching = tokio::spawn(async move { source.fetch(wanted, sender).await });
    let (mut length, mut end) = (0, None);
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Bytes(_, bytes) => length += bytes.len(),
            last => end = Some(last),
        }
    }
    fetching.await.unwrap();
    (length, end)
}

async fn settle(
    source: &RemoteSource,
    entry: &Entry,
    verdict: Verdict,
) -> Result<Settled, Failure> {
    let settlement = Settlement {
        arrival: ArrivalId(1),
        locator: entry.locator.clone(),
        version: entry.version,
        verdict,
        sidecars: vec![(".error.txt".into(), b"why".to_vec())],
    };
    let [settled] = source.settle(vec![settlement]).await.try_into().unwrap();
    settled
}

#[tokio::test]
async fn a_name_in_another_encoding_is_fetched_and_moved_as_it_is() {
    let server = Sshd::start();
    let source = source(&server, "pw", "/in", pickup());
    let name = OsStr::from_bytes(b"h\xe4llo \xe2\x9c\x93 'x'.csv");
    fs::write(server.inbox("pw").join(name), "order").unwrap();
    let [entry] = list(&source).await.try_into().unwrap();
    assert_eq!(entry.locator.0, name.as_bytes());
    let (length, end) = fetch(&source, &entry).await;
    assert!(matches!((length, end), (5, Some(Piece::Complete(_)))));
    settle(&source, &entry, Verdict::Error).await.unwrap();
    let moved = server.inbox("pw").join("error").join(name);
    assert_eq!(fs::read(&moved).unwrap(), b"order");
    let report = [name.as_bytes(), b".error.txt"].concat();
    let report = moved.with_file_name(OsStr::from_bytes(&report));
    assert_eq!(fs::read(report).unwrap(), b"why");
}

#[tokio::test]
async fn links_are_left_alone_and_folders_are_entered_where_asked_for() {
    let server = Sshd::start();
    let inbox = server.inbox("pw");
    let source = source(
        &server,
        "pw",
        "/in",
        Pickup {
            depth: 3,
            ..pickup()
        },
    );
    symlink("/etc/passwd", inbox.join("link.csv")).unwrap();
    for folder in ["north/east", "done"] {
        fs::create_dir_all(inbox.join(folder)).unwrap();
    }
    fs::write(inbox.join("north/east/a.csv"), "deep").unwrap();
    fs::write(inbox.join("done/old.csv"), "settled").unwrap();
    for folder in ["north", "north/east", "done"] {
        fs::set_permissions(inbox.join(folder), fs::Permissions::from_mode(0o777)).unwrap();
    }
    let [entry] = list(&source).await.try_into().unwrap();
    assert_eq!(entry.locator.0, b"north/east/a.csv");
    let settled = settle(&source, &entry, Verdict::Done).await.unwrap();
    assert!(matches!(settled, Settled::Moved(to) if to.0 == b"done/north/east/a.csv"));
    assert!(inbox.join("done/north/east/a.csv").exists());
    assert_eq!(list(&source).await, []);
}

#[tokio::test]
async fn dated_folders_elsewhere_are_made_by_the_first_move_and_not_before() {
    let server = Sshd::start();
    let inbox = server.inbox("pw");
    let elsewhere = Pickup {
        done: "/out/kept/%Y/%m".into(),
        error: "/~/out/wrong".into(),
        ..pickup()
    };
    let source = source(&server, "pw", "/in", elsewhere);
    source.probe(Probe::Start).await.unwrap();
    let out = inbox.with_file_name("out");
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
    fs::write(inbox.join("a.csv"), "a").unwrap();
    let [entry] = list(&source).await.try_into().unwrap();
    let Settled::Moved(to) = settle(&source, &entry, Verdict::Done).await.unwrap() else {
        panic!("not moved");
    };
    let to = String::from_utf8(to.0).unwrap();
    assert!(
        to.starts_with("/out/kept/2") && to.ends_with("/a.csv"),
        "{to}"
    );
    assert!(inbox.join(format!("..{to}")).exists());
    let again = settle(&source, &entry, Verdict::Done).await.unwrap();
    assert!(matches!(again, Settled::Already(_)), "{again:?}");
    fs::write(inbox.join("b.csv"), "b").unwrap();
    let [entry] = list(&source).await.try_into().unwrap();
    settle(&source, &entry, Verdict::Error).await.unwrap();
    assert!(out.join("wrong/b.csv").exists());
}

#[tokio::test]
async fn without_the_right_to_move_the_operator_hears_it_and_nothing_is_touched() {
    let server = Sshd::start();
    let inbox = server.inbox("ro");
    let source = source(&server, "ro", "/in", pickup());
    fs::write(inbox.join("a.csv"), "a").unwrap();
    let [entry] = list(&source).await.try_into().unwrap();
    let failure = settle(&source, &entry, Verdict::Done).await.unwrap_err();
    assert!(!failure.is_temporary(), "{failure}");
    let failure = source.probe(Probe::Connect).await.unwrap_err();
    assert!(failure.message.contains("/in/done"), "{failure}");
    assert_eq!(list(&source).await, [entry]);
}

#[tokio::test]
async fn a_check_moves_a_file_of_ours_and_leaves_no_trace_but_the_folders() {
    let server = Sshd::start();
    let source = source(&server, "noext", "/~/in", pickup());
    let found = source.probe(Probe::Connect).await.unwrap().join("\n");
    for words in ["0 names", "extensions", "can be moved", "clock agrees"] {
        assert!(found.contains(words), "{found}");
    }
    let left = fs::read_dir(server.inbox("noext")).unwrap();
    let mut left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["done", "error"]);
}

#[tokio::test]
async fn a_session_that_died_between_two_looks_is_begun_anew() {
    let mut server = Sshd::start();
    let source = source(&server, "pw", "/in", pickup());
    assert_eq!(list(&source).await, []);
    server.stop();
    source.list().await.unwrap_err();
    server.run();
    assert_eq!(list(&source).await, []);
    // The kept session dies, and its server is back before the next look.
    server.stop();
    server.run();
    assert_eq!(list(&source).await, []);
}

#[tokio::test]
async fn a_folder_or_a_file_that_cannot_be_read_is_told() {
    let server = Sshd::start();
    let inbox = server.inbox("pw");
    let missing = source(&server, "pw", "/nowhere", pickup());
    let failure = missing.list().await.unwrap_err();
    assert!(failure.to_string().contains("/nowhere"), "{failure}");
    let source = source(&server, "pw", "/in", pickup());
    fs::write(inbox.join("secret.csv"), "a").unwrap();
    fs::set_permissions(inbox.join("secret.csv"), fs::Permissions::from_mode(0o600)).unwrap();
    let [entry] = list(&source).await.try_into().unwrap();
    let (length, end) = fetch(&source, &entry).await;
    let Some(Piece::Failed(_, failure)) = end else {
        panic!("{end:?}");
    };
    assert_eq!((length, failure.is_temporary()), (0, false), "{failure}");
    fs::remove_file(inbox.join("secret.csv")).unwrap();
    fs::create_dir(inbox.join("secret.csv")).unwrap();
    assert!(matches!(
        fetch(&source, &entry).await.1,
        Some(Piece::Gone(_))
    ));
}
