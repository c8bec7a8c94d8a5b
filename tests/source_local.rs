//! A folder as a source: what is listed, how it is read, where it goes.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use orderdock::arrival::{ArrivalId, Entry, Locator, Settled, Verdict, Version};
use orderdock::failure::Failure;
use orderdock::sources::local::LocalSource;
use orderdock::sources::{After, Pickup, Piece, Probe, Settlement, Source};
use tokio::sync::mpsc;

struct Inbox {
    folder: tempfile::TempDir,
    source: LocalSource,
}

fn pickup() -> Pickup {
    Pickup {
        name: "inbox".into(),
        stable: Duration::ZERO,
        poll: Duration::from_secs(15),
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
    }
}

impl Inbox {
    fn new(pickup: Pickup) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = LocalSource::open(folder.path().to_owned(), pickup).unwrap();
        Self { folder, source }
    }

    fn plain() -> Self {
        Self::new(pickup())
    }

    fn path(&self, below: impl AsRef<OsStr>) -> PathBuf {
        self.folder.path().join(below.as_ref())
    }

    /// Writes a file whose time says in which order it came.
    fn drop(&self, below: impl AsRef<OsStr>, bytes: &str, second: u64) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        set_time(&path, second);
    }

    async fn list(&self) -> Vec<Entry> {
        self.source.list().await.unwrap().entries
    }

    async fn names(&self) -> Vec<String> {
        let entries = self.list().await;
        entries
            .iter()
            .map(|entry| entry.locator.to_string())
            .collect()
    }

    async fn only(&self) -> Entry {
        let mut entries = self.list().await;
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0)
    }

    async fn fetch(&self, entries: Vec<Entry>) -> Vec<(i64, Read)> {
        let entries = (1..).map(ArrivalId).zip(entries).collect();
        let (sender, mut pieces) = mpsc::channel(1);
        let reading = self.source.fetch(entries, sender);
        let collecting = async {
            let mut found = Vec::new();
            let mut bytes = Vec::new();
            while let Some(piece) = pieces.recv().await {
                match piece {
                    Piece::Bytes(_, piece) => bytes.extend_from_slice(&piece),
                    Piece::Complete(id) => {
                        found.push((id.0, Read::Whole(std::mem::take(&mut bytes))));
                    }
                    Piece::Gone(id) => found.push((id.0, Read::Gone)),
                    Piece::Failed(id, failure) => found.push((id.0, Read::Failed(failure))),
                }
            }
            found
        };
        tokio::join!(reading, collecting).1
    }

    async fn settle(&self, settlement: Settlement) -> Result<Settled, Failure> {
        self.source.settle(vec![settlement]).await.remove(0)
    }

    /// All files below, relative, sorted.
    fn tree(&self) -> Vec<String> {
        let mut found = Vec::new();
        walk(self.folder.path(), self.folder.path(), &mut found);
        found.sort();
        found
    }
}

#[derive(Debug, PartialEq)]
enum Read {
    Whole(Vec<u8>),
    Gone,
    Failed(Failure),
}

fn set_time(path: &Path, second: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second);
    fs::File::open(path).unwrap().set_modified(time).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "senders overwrite")]
fn rename(from: impl AsRef<Path>, to: impl AsRef<Path>) {
    fs::rename(from, to).unwrap();
}

fn walk(root: &Path, folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            walk(root, &path, found);
        } else {
            let below = path.strip_prefix(root).unwrap();
            found.push(below.to_string_lossy().into_owned());
        }
    }
}

fn settlement(entry: &Entry, verdict: Verdict) -> Settlement {
    Settlement {
        arrival: ArrivalId(17),
        locator: entry.locator.clone(),
        version: entry.version,
        verdict,
        sidecars: Vec::new(),
    }
}

fn with_sidecar(entry: &Entry) -> Settlement {
    Settlement {
        sidecars: vec![(".error.txt".into(), b"why".to_vec())],
        ..settlement(entry, Verdict::Error)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "what settling answers")]
fn moved(to: &str) -> Result<Settled, Failure> {
    Ok(Settled::Moved(Locator(to.into())))
}

fn sh(script: &str, argument: &Path) -> bool {
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg("sh").arg(argument);
    command.status().unwrap().success()
}

#[tokio::test]
async fn the_oldest_file_comes_first_and_ties_go_by_name() {
    let inbox = Inbox::plain();
    for (name, second) in [("c.csv", 1), ("b.csv", 2), ("a.csv", 2), ("d.csv", 0)] {
        inbox.drop(name, "x", second);
    }
    assert_eq!(inbox.names().await, ["d.csv", "c.csv", "a.csv", "b.csv"]);
    let d = &inbox.list().await[0];
    let expected = Version {
        size: 1,
        modified: 1_700_000_000_000_000_000,
    };
    assert_eq!(d.version, expected);
}

#[tokio::test]
async fn unfinished_files_sidecars_and_settled_ones_are_not_orders() {
    let inbox = Inbox::new(Pickup {
        depth: 3,
        ..pickup()
    });
    for name in [
        ".hidden",
        "a.part",
        "a.csv~",
        "~$a.xlsx",
        "a.csv.error.txt",
        "a.csv.error.json",
        "done/x.csv",
        "error/x.csv",
        ".git/x.csv",
        "done/2026/x.csv",
    ] {
        inbox.drop(name, "x", 0);
    }
    assert_eq!(inbox.names().await, [""; 0]);
}

#[tokio::test]
async fn only_plain_files_are_taken() {
    let inbox = Inbox::plain();
    inbox.drop("good.csv", "x", 0);
    inbox.drop("folder.csv/below.csv", "x", 0);
    symlink(inbox.path("good.csv"), inbox.path("link.csv")).unwrap();
    symlink("/etc/passwd", inbox.path("passwd.csv")).unwrap();
    assert!(sh("mkfifo \"$1\"/pipe.csv", inbox.folder.path()));
    let _socket = std::os::unix::net::UnixListener::bind(inbox.path("socket.csv")).unwrap();
    for _ in 0..2 {
        assert_eq!(inbox.names().await, ["good.csv"]);
    }
}

#[tokio::test]
async fn a_pipe_or_link_laid_in_a_files_place_is_neither_read_nor_waited_for() {
    let inbox = Inbox::plain();
    for (name, script) in [
        ("a.csv", "mkfifo \"$1\""),
        ("b.csv", "ln -s /etc/passwd \"$1\""),
    ] {
        inbox.drop(name, "x", 0);
        let entry = inbox.only().await;
        fs::remove_file(inbox.path(name)).unwrap();
        assert!(sh(script, &inbox.path(name)));
        assert_eq!(inbox.fetch(vec![entry.clone()]).await, [(1, Read::Gone)]);
        let settled = inbox.settle(settlement(&entry, Verdict::Done)).await;
        assert_eq!(settled, Ok(Settled::Superseded));
    }
}

#[tokio::test]
async fn a_file_where_a_folder_of_ours_belongs_is_no_order() {
    let inbox = Inbox::plain();
    for name in ["done", "error", "other"] {
        inbox.drop(name, "x", 0);
    }
    assert_eq!(inbox.names().await, ["other"]);
}

#[tokio::test]
async fn patterns_decide_which_names_are_taken() {
    let inbox = Inbox::new(Pickup {
        include: vec!["*.csv".into(), "acme/*.xml".into()],
        exclude: vec!["test*".into()],
        depth: 1,
        min_bytes: 1,
        ..pickup()
    });
    for (second, name) in (0..).zip([
        "a.CSV",
        "a.xml",
        "test1.csv",
        "acme/b.xml",
        "acme/b.csv",
        "x/b.xml",
    ]) {
        inbox.drop(name, "x", second);
    }
    inbox.drop("small.csv", "", 9);
    assert_eq!(inbox.names().await, ["a.CSV", "acme/b.xml", "acme/b.csv"]);
    let wrong = Pickup {
        include: vec!["[".into()],
        ..pickup()
    };
    assert!(LocalSource::open("/tmp".into(), wrong).is_err());
}

#[tokio::test]
async fn a_marker_says_that_its_file_is_complete_and_goes_with_it() {
    let inbox = Inbox::new(Pickup {
        marker: Some("{name}.ok".into()),
        ..pickup()
    });
    inbox.drop("a.csv", "x", 0);
    inbox.drop("b.csv", "x", 0);
    inbox.drop("b.csv.ok", "", 0);
    inbox.drop("orphan.csv.ok", "", 0);
    let entry = inbox.only().await;
    assert_eq!(
        inbox.settle(settlement(&entry, Verdict::Done)).await,
        moved("done/b.csv")
    );
    assert_eq!(
        inbox.tree(),
        ["a.csv", "done/b.csv", "done/b.csv.ok", "orphan.csv.ok"]
    );
}

#[tokio::test]
async fn sub_folders_are_looked_into_as_deep_as_configured_and_kept_under_done() {
    let inbox = Inbox::new(Pickup {
        depth: 2,
        done: "done/%Y".into(),
        ..pickup()
    });
    for (second, name) in (0..).zip(["1.csv", "a/2.csv", "a/b/3.csv", "a/b/c/4.csv"]) {
        inbox.drop(name, "x", second);
    }
    let entries = inbox.list().await;
    assert_eq!(inbox.names().await, ["1.csv", "a/2.csv", "a/b/3.csv"]);
    let settled = inbox.settle(settlement(&entries[2], Verdict::Error)).await;
    assert_eq!(settled, moved("error/a/b/3.csv"));
    let Ok(Settled::Moved(to)) = inbox.settle(settlement(&entries[1], Verdict::Done)).await else {
        panic!("not moved")
    };
    let to = to.to_string();
    assert!(
        to.starts_with("done/20") && to.ends_with("/a/2.csv"),
        "{to}"
    );
    assert_eq!(inbox.names().await, ["1.csv"]);
    let endless = Pickup {
        depth: 1,
        done: "%Y/done".into(),
        ..pickup()
    };
    assert!(LocalSource::open("/tmp".into(), endless).is_err());
}

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

#[tokio::test]
async fn a_taken_name_is_never_overwritten() {
    let inbox = Inbox::plain();
    for expected in ["done/a.csv", "done/a-17.csv", "done/a-17-2.csv"] {
        inbox.drop("a.csv", expected, 0);
        let entry = inbox.only().await;
        assert_eq!(
            inbox.settle(settlement(&entry, Verdict::Done)).await,
            moved(expected)
        );
    }
    for name in ["done/a.csv", "done/a-17.csv", "done/a-17-2.csv"] {
        assert_eq!(fs::read_to_string(inbox.path(name)).unwrap(), name);
    }
}

#[tokio::test]
async fn settling_again_finds_what_an_earlier_try_moved() {
    let inbox = Inbox::plain();
    inbox.drop("done/a.csv", "another", 0);
    inbox.drop("a.csv", "x", 0);
    let first = settlement(&inbox.only().await, Verdict::Done);
    assert_eq!(inbox.settle(first.clone()).await, moved("done/a-17.csv"));
    let already = Ok(Settled::Already(Locator("done/a-17.csv".into())));
    assert_eq!(inbox.settle(first.clone()).await, already);
    // A new version under the old name does not hide it, and is left alone.
    inbox.drop("a.csv", "new", 5);
    assert_eq!(inbox.settle(first.clone()).await, already);
    assert_eq!(inbox.names().await, ["a.csv"]);
    // Nor does a twin that was taken in before.
    fs::remove_file(inbox.path("done/a.csv")).unwrap();
    inbox.drop("done/a.csv", "x", 0);
    assert_eq!(inbox.settle(first).await, already);
}

#[tokio::test]
async fn what_is_gone_has_vanished_and_what_was_replaced_is_superseded() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    inbox.drop("a.csv", "y", 1);
    assert_eq!(
        inbox.settle(settlement(&entry, Verdict::Error)).await,
        Ok(Settled::Superseded)
    );
    assert_eq!(fs::read_to_string(inbox.path("a.csv")).unwrap(), "y");
    fs::remove_file(inbox.path("a.csv")).unwrap();
    for verdict in [Verdict::Done, Verdict::Error] {
        let gone = settlement(&entry, verdict);
        assert_eq!(inbox.settle(gone).await, Ok(Settled::Vanished));
    }
}

#[tokio::test]
async fn a_version_laid_there_during_the_move_is_never_taken_for_the_one_processed() {
    let inbox = Inbox::plain();
    let stop = Arc::new(AtomicBool::new(false));
    let (hidden, shown) = (inbox.path(".new"), inbox.path("a.csv"));
    // Each version has a size of its own, and so tells which one lies where.
    let sender = std::thread::spawn({
        let stop = Arc::clone(&stop);
        move || {
            for size in 1.. {
                fs::write(&hidden, vec![b'x'; size]).unwrap();
                rename(&hidden, &shown);
                if stop.load(Ordering::Relaxed) {
                    return;
                }
            }
        }
    });
    let mut moves = 0;
    for _ in 0..2_000 {
        for entry in inbox.list().await {
            if let Settled::Moved(to) = inbox.settle(with_sidecar(&entry)).await.unwrap() {
                let lies = fs::metadata(inbox.path(to.to_string())).unwrap();
                assert_eq!(lies.len(), entry.version.size);
                fs::remove_file(inbox.path(to.to_string())).unwrap();
                fs::remove_file(inbox.path(format!("{to}.error.txt"))).unwrap();
                moves += 1;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    sender.join().unwrap();
    assert!(moves > 0);
    let left = inbox.tree();
    assert!(left.iter().all(|name| name.starts_with('a')), "{left:?}");
}

#[tokio::test]
async fn a_sidecar_follows_the_final_name_and_overwrites_nothing() {
    let inbox = Inbox::plain();
    inbox.drop("error/a.csv.error.txt", "a person's", 0);
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    assert_eq!(
        inbox.settle(with_sidecar(&entry)).await,
        moved("error/a.csv")
    );
    inbox.drop("a.csv", "x", 0);
    assert_eq!(
        inbox.settle(with_sidecar(&entry)).await,
        moved("error/a-17.csv")
    );
    let read = |name: &str| fs::read_to_string(inbox.path(name)).unwrap();
    assert_eq!(read("error/a.csv.error.txt"), "a person's");
    assert_eq!(read("error/a-17.csv.error.txt"), "why");
}

#[tokio::test]
async fn a_retry_moves_from_error_to_done_and_takes_the_sidecars_away() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    inbox.drop("error/b.csv.error.txt", "another's", 0);
    let entry = inbox.only().await;
    inbox.settle(with_sidecar(&entry)).await.unwrap();
    let from = Locator("error/a.csv".into());
    let done = settlement(&entry, Verdict::Done);
    let settled = inbox.source.resettle(from.clone(), done.clone()).await;
    assert_eq!(settled, moved("done/a.csv"));
    assert_eq!(inbox.tree(), ["done/a.csv", "error/b.csv.error.txt"]);
    let settled = inbox.source.resettle(from, done).await;
    assert_eq!(settled, Ok(Settled::Already(Locator("done/a.csv".into()))));
}

#[tokio::test]
async fn the_source_may_leave_or_delete_its_files() {
    let leave = Inbox::new(Pickup {
        after: After::Leave,
        ..pickup()
    });
    leave.drop("a.csv", "x", 0);
    let entry = leave.only().await;
    assert_eq!(
        leave.settle(settlement(&entry, Verdict::Error)).await,
        Ok(Settled::Left)
    );
    leave.source.probe(Probe::Start).await.unwrap();
    assert_eq!(leave.tree(), ["a.csv"]);

    let delete = Inbox::new(Pickup {
        after: After::Delete,
        ..pickup()
    });
    delete.drop("a.csv", "x", 0);
    delete.drop("b.csv", "x", 1);
    let entries = delete.list().await;
    let first = settlement(&entries[0], Verdict::Done);
    assert_eq!(delete.settle(first.clone()).await, Ok(Settled::Finished));
    assert_eq!(
        delete.settle(with_sidecar(&entries[1])).await,
        moved("error/b.csv")
    );
    assert_eq!(delete.tree(), ["error/b.csv", "error/b.csv.error.txt"]);
    assert_eq!(delete.settle(first).await, Ok(Settled::Finished));
}

#[tokio::test]
async fn hostile_names_are_taken_as_they_are() {
    let inbox = Inbox::new(Pickup {
        marker: Some("{name}.ok".into()),
        ..pickup()
    });
    let marked = |name: &[u8]| OsString::from_vec([name, b".ok"].concat());
    let names: [&[u8]; 6] = [
        b"new\nline.csv",
        "gpj.\u{202e}vsc.csv".as_bytes(),
        b"\xff\xfe.csv",
        &[b'n'; 252],
        b"; rm -rf $(pwd) *.csv",
        b"-rf",
    ];
    for (second, name) in (0..).zip(names) {
        inbox.drop(OsStr::from_bytes(name), "x", second);
        inbox.drop(marked(name), "", second);
    }
    let entries = inbox.list().await;
    assert_eq!(entries.len(), names.len());
    assert!(
        inbox
            .fetch(entries.clone())
            .await
            .iter()
            .all(|(_, read)| matches!(read, Read::Whole(_)))
    );
    for _ in 0..2 {
        let settlements = entries.iter().map(with_sidecar).collect();
        for (settled, name) in inbox.source.settle(settlements).await.iter().zip(names) {
            assert!(
                matches!(settled, Ok(Settled::Moved(_))),
                "{name:?}: {settled:?}"
            );
        }
        for (second, name) in (0..).zip(names) {
            inbox.drop(OsStr::from_bytes(name), "x", second);
        }
    }
}

#[tokio::test]
async fn a_long_name_still_gets_a_unique_one() {
    let inbox = Inbox::plain();
    let name = "ü".repeat(125) + ".csv";
    for _ in 0..2 {
        inbox.drop(&name, "x", 0);
        let entry = inbox.only().await;
        let settled = inbox.settle(with_sidecar(&entry)).await;
        assert!(matches!(settled, Ok(Settled::Moved(_))), "{settled:?}");
    }
    assert_eq!(inbox.tree().len(), 4);
}

#[tokio::test]
async fn a_batch_answers_each_in_its_order() {
    let inbox = Inbox::plain();
    for n in 0..200u64 {
        inbox.drop(format!("{n:03}.csv"), "x", n);
    }
    let entries = inbox.list().await;
    fs::remove_file(inbox.path("007.csv")).unwrap();
    let settlements = entries
        .iter()
        .map(|entry| settlement(entry, Verdict::Done))
        .collect();
    let settled = inbox.source.settle(settlements).await;
    for (n, settled) in settled.iter().enumerate() {
        let expected = if n == 7 {
            Ok(Settled::Vanished)
        } else {
            moved(&format!("done/{n:03}.csv"))
        };
        assert_eq!(*settled, expected);
    }
}

#[tokio::test]
async fn a_probe_makes_the_folders_and_leaves_nothing() {
    let inbox = Inbox::new(Pickup {
        done: "archive/%Y/%m".into(),
        ..pickup()
    });
    inbox.source.probe(Probe::Start).await.unwrap();
    inbox.source.probe(Probe::Connect).await.unwrap();
    assert_eq!(inbox.tree(), [""; 0]);
    assert!(inbox.path("archive").is_dir() && inbox.path("error").is_dir());
}

#[tokio::test]
async fn a_probe_says_what_is_missing() {
    let missing = LocalSource::open("/no/such/folder".into(), pickup()).unwrap();
    let said = missing.probe(Probe::Start).await.unwrap_err().to_string();
    assert!(
        said.contains("/no/such/folder") && said.contains("must exist"),
        "{said}"
    );
    assert!(missing.list().await.is_err());
    assert!(missing.watched().contains("polling"));

    let inbox = Inbox::plain();
    symlink("/dev/shm", inbox.path("done")).unwrap();
    let said = inbox
        .source
        .probe(Probe::Start)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("done"), "{said}");
}

#[tokio::test]
async fn folders_that_name_no_fixed_place_are_refused_at_once() {
    for done in [
        "../done",
        "",
        "a//b",
        "done/../..",
        "/",
        "/%Y/done",
        "/srv/../done",
        "/srv/%Y/../a",
    ] {
        let wrong = Pickup {
            done: done.into(),
            ..pickup()
        };
        assert!(LocalSource::open("/tmp".into(), wrong).is_err(), "{done}");
    }
}

#[tokio::test]
async fn done_and_error_may_lie_beside_the_inbox_and_are_told_by_their_full_path() {
    let inbox = Inbox::plain();
    let path = |below: &str| inbox.path(below).display().to_string();
    fs::create_dir(inbox.path("in")).unwrap();
    let pickup = Pickup {
        depth: 1,
        done: path("done/%Y"),
        error: path("error"),
        ..pickup()
    };
    let source = LocalSource::open(inbox.path("in"), pickup).unwrap();
    source.probe(Probe::Start).await.unwrap();
    inbox.drop("in/a.csv", "x", 0);
    inbox.drop("in/sub/b.csv", "x", 1);
    let entries = source.list().await.unwrap().entries;
    let settle = async |settlement: Settlement| {
        let settled = source.settle(vec![settlement]).await.remove(0);
        match settled.unwrap() {
            Settled::Moved(to) | Settled::Already(to) => to,
            other => panic!("{other:?}"),
        }
    };
    let done = settle(settlement(&entries[0], Verdict::Done)).await;
    assert!(done.to_string().starts_with(&path("done/20")), "{done}");
    assert!(Path::new(&done.to_string()).exists());
    assert_eq!(settle(settlement(&entries[0], Verdict::Done)).await, done);
    let error = settle(with_sidecar(&entries[1])).await;
    assert_eq!(error.to_string(), path("error/sub/b.csv"));
    assert!(inbox.path("error/sub/b.csv.error.txt").exists());

    let now = settlement(&entries[1], Verdict::Done);
    let Ok(Settled::Moved(to)) = source.resettle(error.clone(), now.clone()).await else {
        panic!("not moved")
    };
    assert!(to.to_string().ends_with("/sub/b.csv"), "{to}");
    assert!(!inbox.path("error/sub/b.csv.error.txt").exists());
    assert!(source.list().await.unwrap().entries.is_empty());
}

#[tokio::test]
async fn a_file_put_away_under_another_configuration_is_only_moved_where_the_operator_says() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    inbox.drop("elsewhere/a.csv", "x", 0);
    fs::remove_file(inbox.path("a.csv")).unwrap();
    let from = Locator(inbox.path("elsewhere/a.csv").into_os_string().into_vec());
    let done = settlement(&entry, Verdict::Done);
    let failure = inbox
        .source
        .resettle(from.clone(), done.clone())
        .await
        .unwrap_err();
    assert!(
        failure.to_string().contains("another configuration"),
        "{failure}"
    );
    fs::create_dir_all(inbox.path("done")).unwrap();
    rename(inbox.path("elsewhere/a.csv"), inbox.path("done/a.csv"));
    let already = Ok(Settled::Already(Locator("done/a.csv".into())));
    assert_eq!(inbox.source.resettle(from, done).await, already);
}

#[tokio::test]
async fn links_in_a_folder_outside_are_followed_where_the_operator_named_it_and_not_below() {
    let inbox = Inbox::plain();
    for folder in ["in", "disk", "stolen"] {
        fs::create_dir(inbox.path(folder)).unwrap();
    }
    symlink(inbox.path("disk"), inbox.path("done")).unwrap();
    let pickup = Pickup {
        depth: 1,
        done: inbox.path("done").display().to_string(),
        ..pickup()
    };
    let source = LocalSource::open(inbox.path("in"), pickup).unwrap();
    source.probe(Probe::Start).await.unwrap();
    inbox.drop("in/a.csv", "x", 0);
    inbox.drop("in/sub/b.csv", "x", 1);
    symlink(inbox.path("stolen"), inbox.path("disk/sub")).unwrap();
    let entries = source.list().await.unwrap().entries;
    let settlements = entries.iter().map(|entry| settlement(entry, Verdict::Done));
    let settled = source.settle(settlements.collect()).await;
    assert!(matches!(settled[0], Ok(Settled::Moved(_))), "{settled:?}");
    assert!(settled[1].is_err(), "{settled:?}");
    assert_eq!(
        inbox.tree(),
        ["disk/a.csv", "disk/sub", "done", "in/sub/b.csv"]
    );
}

#[tokio::test]
async fn a_done_folder_that_leads_back_into_the_inbox_is_found_by_the_probe() {
    let inbox = Inbox::plain();
    fs::create_dir(inbox.path("in")).unwrap();
    symlink(inbox.path("in"), inbox.path("done")).unwrap();
    let pickup = Pickup {
        done: inbox.path("done").display().to_string(),
        ..pickup()
    };
    let source = LocalSource::open(inbox.path("in"), pickup).unwrap();
    let failure = source.probe(Probe::Start).await.unwrap_err();
    assert!(
        failure.to_string().contains("watched folder itself"),
        "{failure}"
    );
}

#[tokio::test]
async fn a_move_that_was_never_recorded_is_found_under_the_other_verdict_too() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    inbox.settle(with_sidecar(&entry)).await.unwrap();
    let retried = inbox.settle(settlement(&entry, Verdict::Done)).await;
    assert_eq!(retried, moved("done/a.csv"));
    assert_eq!(inbox.tree(), ["done/a.csv"]);
}

#[tokio::test]
async fn who_may_read_the_inbox_may_read_what_we_lay_beside_it_whatever_our_umask() {
    let inbox = Inbox::new(Pickup {
        done: "done/%Y".into(),
        ..pickup()
    });
    let mode = |below: &str| inbox.path(below).metadata().unwrap().mode() & 0o7777;
    let set = |below: &str, mode| {
        fs::set_permissions(inbox.path(below), fs::Permissions::from_mode(mode)).unwrap();
    };
    set("", 0o2775);
    inbox.drop("a.csv", "x", 0);
    set("a.csv", 0o755);
    let entry = inbox.only().await;
    inbox.settle(with_sidecar(&entry)).await.unwrap();
    inbox.drop("b.csv", "x", 0);
    inbox
        .settle(settlement(&inbox.only().await, Verdict::Done))
        .await
        .unwrap();
    assert_eq!((mode("error"), mode("done")), (0o2775, 0o2775));
    assert_eq!(mode("error/a.csv.error.txt"), 0o644);
    let year = fs::read_dir(inbox.path("done"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(year.metadata().unwrap().mode() & 0o7777, 0o2775);
}

/// Mounts a small file system over `path`; `None` where that is not allowed.
fn mounted(path: &Path) -> Option<Mounted> {
    fs::create_dir_all(path).unwrap();
    let done = sh(
        "mount -t tmpfs -o size=64k orderdock-test \"$1\" 2>/dev/null",
        path,
    );
    done.then(|| Mounted(path.to_owned()))
}

struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        sh("umount \"$1\"", &self.0);
    }
}

#[tokio::test]
async fn done_on_another_file_system_is_found_by_the_probe() {
    let inbox = Inbox::plain();
    let Some(_mounted) = mounted(&inbox.path("done")) else {
        return;
    };
    let failure = inbox.source.probe(Probe::Start).await.unwrap_err();
    assert!(
        failure.to_string().contains("another file system"),
        "{failure}"
    );
    assert!(!failure.is_temporary());
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    assert!(
        inbox
            .settle(settlement(&entry, Verdict::Done))
            .await
            .is_err()
    );
    assert_eq!(inbox.names().await, ["a.csv"], "nothing is lost");
}

#[tokio::test]
async fn a_full_disk_loses_the_sidecar_and_not_the_file() {
    let inbox = Inbox::plain();
    let Some(_mounted) = mounted(&inbox.path("small")) else {
        return;
    };
    let source = LocalSource::open(inbox.path("small"), pickup()).unwrap();
    inbox.drop("small/a.csv", "x", 0);
    fs::create_dir(inbox.path("small/error")).unwrap();
    let entry = source.list().await.unwrap().entries.remove(0);
    drop(fs::write(inbox.path("small/.filler"), vec![0; 1 << 20]));
    let settled = source.settle(vec![with_sidecar(&entry)]).await;
    assert_eq!(settled, [moved("error/a.csv")]);
    assert_eq!(inbox.tree(), ["small/.filler", "small/error/a.csv"]);
}

/// Runs this test again as a user without rights; as root every file is readable. Answers whether
/// it was done (and so succeeded) there.
fn ran_without_rights(test: &str) -> bool {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return false;
    }
    // The capabilities that let root pass every permission, and nothing else, are taken away.
    let status = Command::new("setpriv")
        .args([
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-all",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("ORDERDOCK_WITHOUT_RIGHTS", "1")
        .status()
        .expect("the setpriv command is needed to run these tests as root");
    assert!(status.success(), "{test} failed without rights");
    true
}

fn has_rights() -> bool {
    std::env::var_os("ORDERDOCK_WITHOUT_RIGHTS").is_none()
}

#[tokio::test]
async fn an_unreadable_file_is_the_operators_turn_and_stops_no_other() {
    let name = "source_local::an_unreadable_file_is_the_operators_turn_and_stops_no_other";
    if has_rights() && ran_without_rights(name) {
        return;
    }
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    inbox.drop("b.csv", "x", 1);
    fs::set_permissions(inbox.path("a.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let read = inbox.fetch(inbox.list().await).await;
    let Read::Failed(failure) = &read[0].1 else {
        panic!("{read:?}")
    };
    assert!(failure.to_string().contains("reading a.csv") && !failure.is_temporary());
    assert_eq!(read[1].1, Read::Whole(b"x".to_vec()));
}

#[tokio::test]
async fn a_done_folder_without_write_rights_keeps_the_file_where_it_is() {
    let name = "source_local::a_done_folder_without_write_rights_keeps_the_file_where_it_is";
    if has_rights() && ran_without_rights(name) {
        return;
    }
    let inbox = Inbox::plain();
    inbox.source.probe(Probe::Start).await.unwrap();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    for folder in ["done", "error"] {
        fs::set_permissions(inbox.path(folder), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let said = inbox
        .source
        .probe(Probe::Start)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("chmod") && said.contains("done"), "{said}");
    for verdict in [Verdict::Done, Verdict::Error] {
        let settled = inbox
            .settle(Settlement {
                verdict,
                ..with_sidecar(&entry)
            })
            .await;
        assert!(settled.is_err(), "{settled:?}");
    }
    assert_eq!(inbox.tree(), ["a.csv"]);
    fs::set_permissions(inbox.path("done"), fs::Permissions::from_mode(0o755)).unwrap();
    let again = settlement(&entry, Verdict::Done);
    assert_eq!(inbox.settle(again).await, moved("done/a.csv"));
}

const LONG: Duration = Duration::from_mins(1);

/// Whether the next wait ends by a hint.
async fn hinted(source: &LocalSource) -> bool {
    tokio::time::timeout(Duration::from_secs(20), source.wait(LONG))
        .await
        .is_ok()
}

#[tokio::test]
async fn a_file_that_arrives_ends_the_wait_even_if_it_came_before_it() {
    let inbox = Inbox::plain();
    assert!(
        inbox.source.watched().contains("inotify"),
        "{}",
        inbox.source.watched()
    );
    inbox.drop("a.csv", "x", 0);
    assert!(hinted(&inbox.source).await);
    rename(inbox.path("a.csv"), inbox.path(".b"));
    rename(inbox.path(".b"), inbox.path("c.csv"));
    assert!(hinted(&inbox.source).await);
}

#[tokio::test]
async fn a_file_that_is_given_its_name_by_a_hard_link_ends_the_wait() {
    let inbox = Inbox::plain();
    inbox.drop("a.csv.part", "x", 0);
    inbox.list().await;
    fs::hard_link(inbox.path("a.csv.part"), inbox.path("a.csv")).unwrap();
    fs::remove_file(inbox.path("a.csv.part")).unwrap();
    assert!(hinted(&inbox.source).await);
    assert_eq!(inbox.names().await, ["a.csv"]);
}

#[tokio::test]
async fn files_in_new_sub_folders_end_the_wait() {
    let inbox = Inbox::new(Pickup {
        depth: 2,
        ..pickup()
    });
    inbox.list().await;
    fs::create_dir(inbox.path("a")).unwrap();
    assert!(hinted(&inbox.source).await);
    inbox.list().await;
    inbox.drop("a/b.csv", "x", 0);
    assert!(hinted(&inbox.source).await);
    assert_eq!(inbox.names().await, ["a/b.csv"]);
}

#[tokio::test]
async fn a_folder_that_is_replaced_is_watched_again() {
    let inbox = Inbox::plain();
    let path = inbox.path("in");
    fs::create_dir(&path).unwrap();
    let source = LocalSource::open(path.clone(), pickup()).unwrap();
    rename(&path, inbox.path("old"));
    fs::create_dir(&path).unwrap();
    assert!(source.list().await.unwrap().entries.is_empty());
    inbox.drop("in/a.csv", "x", 0);
    assert!(hinted(&source).await);
    assert_eq!(source.list().await.unwrap().entries.len(), 1);
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_anew_is_watched_again_although_it_looks_the_same() {
    let inbox = Inbox::plain();
    let path = inbox.path("in");
    fs::create_dir(&path).unwrap();
    let source = LocalSource::open(path.clone(), pickup()).unwrap();
    assert!(source.list().await.unwrap().entries.is_empty());
    // File systems give the new folder the inode of the old one as a rule.
    fs::remove_dir(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(hinted(&source).await, "the old one went");
    assert!(source.list().await.unwrap().entries.is_empty());
    inbox.drop("in/a.csv", "x", 0);
    assert!(hinted(&source).await);
    assert_eq!(source.list().await.unwrap().entries.len(), 1);
}
