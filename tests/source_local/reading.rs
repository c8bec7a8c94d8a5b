//! Their bytes: whole, or not at all.

use super::*;

#[tokio::test]
async fn files_are_read_whole() {
    let inbox = Inbox::plain();
    let big = "0123456789".repeat(250_000);
    inbox.drop("big.csv", &big, 0);
    inbox.drop("small.csv", "x", 1);
    inbox.drop("empty.csv", "", 2);
    let entries = inbox.list().await;
    let read = inbox.fetch(entries).await;
    assert_eq!(read[0], (1, Read::Whole(big.into_bytes())));
    assert_eq!(
        read[1..],
        [
            (2, Read::Whole(b"x".to_vec())),
            (3, Read::Whole(Vec::new()))
        ]
    );
}

#[tokio::test]
async fn a_file_that_changed_since_the_listing_is_not_processed() {
    let inbox = Inbox::plain();
    for (second, name) in (0..).zip([
        "grown.csv",
        "touched.csv",
        "gone.csv",
        "shrunk.csv",
        "fine.csv",
    ]) {
        inbox.drop(name, "content", second);
    }
    let entries = inbox.list().await;
    let mut grown = fs::File::options()
        .append(true)
        .open(inbox.path("grown.csv"))
        .unwrap();
    grown.write_all(b" and more").unwrap();
    set_time(&inbox.path("touched.csv"), 99);
    fs::remove_file(inbox.path("gone.csv")).unwrap();
    inbox.drop("shrunk.csv", "c", 3);
    let read = inbox.fetch(entries).await;
    assert!(
        read[..4].iter().all(|(_, read)| *read == Read::Gone),
        "{read:?}"
    );
    assert_eq!(read[4].1, Read::Whole(b"content".to_vec()));
}

#[tokio::test]
async fn reading_ends_when_nobody_listens() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    let (sender, pieces) = mpsc::channel(1);
    drop(pieces);
    inbox
        .source
        .fetch(vec![(ArrivalId(1), entry)], sender)
        .await;
}

#[tokio::test]
async fn a_path_from_elsewhere_never_leaves_the_source() {
    let inbox = Inbox::plain();
    inbox.drop("outside.csv", "x", 0);
    let version = inbox.only().await.version;
    fs::create_dir(inbox.path("sub")).unwrap();
    symlink(inbox.folder.path(), inbox.path("sub/up")).unwrap();
    let source = LocalSource::open(inbox.path("sub"), pickup()).unwrap();
    for path in ["../outside.csv", "/etc/passwd", "up/outside.csv", "", ".."] {
        let locator = Locator(path.into());
        let entry = Entry { locator, version };
        let (sender, mut pieces) = mpsc::channel(9);
        source
            .fetch(vec![(ArrivalId(1), entry.clone())], sender)
            .await;
        assert!(
            matches!(pieces.recv().await, Some(Piece::Gone(_))),
            "{path}"
        );
        let settled = source.settle(vec![settlement(&entry, Verdict::Done)]).await;
        assert!(
            !matches!(settled[0], Ok(Settled::Moved(_))),
            "{path}: {settled:?}"
        );
    }
    assert!(inbox.path("outside.csv").exists());
}
