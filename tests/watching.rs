//! The watched folder in the running house: what makes it look, what it says when the folder is
//! gone, and where files go beside it.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use orderdock::arrival::{ArrivalId, Entry, Locator, Settled};
use orderdock::config::Config;
use orderdock::daemon;
use orderdock::failure::Failure;
use orderdock::flow::Flow;
use orderdock::jail::Jail;
use orderdock::ledger::Ledger;
use orderdock::sources::{Listing, Piece, Probe, Settlement, Source};
use tokio::sync::mpsc;

use crate::support::dock::{Dock, move_file};
use crate::support::partner::Partner;
use crate::support::tls;

fn good(n: usize) -> String {
    format!("Order number;Item;Quantity\nPO-{n};A-1;7\n")
}

const BAD: &str = "Order number;Item;Quantity\nPO-1;A-1;many\n";

/// A source that counts how often it is looked at.
struct Counting {
    inner: Arc<dyn Source>,
    listings: Arc<AtomicUsize>,
}

#[async_trait]
impl Source for Counting {
    async fn list(&self) -> Result<Listing, Failure> {
        self.listings.fetch_add(1, Ordering::SeqCst);
        self.inner.list().await
    }
    async fn fetch(&self, entries: Vec<(ArrivalId, Entry)>, pieces: mpsc::Sender<Piece>) {
        self.inner.fetch(entries, pieces).await;
    }
    async fn settle(&self, settlements: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
        self.inner.settle(settlements).await
    }
    async fn resettle(&self, from: Locator, settlement: Settlement) -> Result<Settled, Failure> {
        self.inner.resettle(from, settlement).await
    }
    async fn wait(&self, longest: Duration) {
        self.inner.wait(longest).await;
    }
    async fn probe(&self, depth: Probe) -> Result<Vec<String>, Failure> {
        self.inner.probe(depth).await
    }
    fn watched(&self) -> String {
        self.inner.watched()
    }
}

/// Each drop costs one look at most, and nothing that we do ourselves (moves, sidecars, markers of
/// ours in folders that are watched) costs another: else every settled file would be a look more.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_a_new_file_makes_an_idle_source_look() {
    tls::provider();
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "");
    let settings = "poll = \"1d\"\nrecursive = true\ndone = \"sub/done\"\nerror = \"sub/error/%Y\"";
    dock.configure(
        &dock
            .config()
            .replace("grace = \"0s\"", &format!("grace = \"0s\"\n{settings}")),
    );
    fs::create_dir(dock.path("inbox/sub")).unwrap();
    let config = Config::load(&dock.path("orderdock.toml")).unwrap();
    let ledger = daemon::open_ledger(&config).await.unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_orderdock"));
    let jail = Jail::new(program, 1, Vec::new());
    let mut ports =
        daemon::ports(&config, Arc::clone(&ledger) as Arc<dyn Ledger>, jail, false).unwrap();
    let listings = Arc::new(AtomicUsize::new(0));
    let inlet = ports.inlets.get_mut("inbox").unwrap();
    inlet.source = Arc::new(Counting {
        inner: Arc::clone(&inlet.source),
        listings: Arc::clone(&listings),
    });
    let flow = Flow::start(ports);

    let year = dock.path("inbox/sub/error").join(year());
    let drop_and_wait = |n: usize| {
        dock.drop_file(&format!("good-{n}.csv"), good(n));
        dock.wait_for("sub/done", &format!("good-{n}.csv"));
        dock.drop_file(
            &format!("bad-{n}.csv"),
            BAD.replace("PO-1", &format!("BAD-{n}")),
        );
        let rejected = year.join(format!("bad-{n}.csv"));
        dock.until("a file in error", || rejected.exists().then_some(()));
        assert!(year.join(format!("bad-{n}.csv.error.txt")).exists());
    };
    // What making the folders costs is over after the first ones.
    drop_and_wait(0);
    drop_and_wait(1);
    let before = listings.load(Ordering::SeqCst);
    for n in 2..27 {
        drop_and_wait(n);
    }
    let looks = listings.load(Ordering::SeqCst) - before;
    flow.drain().await;
    ledger.close().await.unwrap();
    // One may still have been owed to the last of those before.
    assert!(looks <= 51, "{looks} looks for 50 files");
    assert!(looks >= 50, "hints were lost: {looks} looks");
}

fn year() -> String {
    orderdock::clock::now()
        .timestamp()
        .strftime("%Y")
        .to_string()
}

/// How often the log says `words`.
fn told(dock: &Dock, words: &str) -> usize {
    dock.log().matches(words).count()
}

fn log_has(dock: &Dock, words: &str, times: usize) {
    let what = format!("“{words}” is logged {times} times");
    dock.until(&what, || (told(dock, words) >= times).then_some(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_inbox_that_is_not_there_is_told_once_and_used_as_soon_as_it_is() {
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "[log]\nlevel = \"debug\"\n");
    dock.configure(
        &dock
            .config()
            .replace("grace = \"0s\"", "grace = \"0s\"\npoll = \"100ms\""),
    );
    let (inbox, away) = (dock.path("inbox"), dock.path("away"));
    fs::remove_dir(&inbox).unwrap();
    let (gone, still, back) = (
        "could not be looked at",
        "Still the same",
        "The source works again",
    );

    let daemon = dock.start();
    log_has(&dock, still, 3);
    fs::create_dir(&inbox).unwrap();
    log_has(&dock, back, 1);
    dock.drop_file("one.csv", good(1));
    dock.wait_for("done", "one.csv");

    move_file(&inbox, &away);
    log_has(&dock, gone, 2);
    let so_far = told(&dock, still);
    log_has(&dock, still, so_far + 3);
    move_file(&away, &inbox);
    dock.drop_file("two.csv", good(2));
    dock.wait_for("done", "two.csv");

    assert_eq!(daemon.stop(), 0);
    assert_eq!(
        (told(&dock, gone), told(&dock, back)),
        (2, 2),
        "{}",
        dock.log()
    );
    let ledger = rusqlite::Connection::open(dock.path("state/orderdock.db")).unwrap();
    let alerts = "SELECT count(*), sum(count) FROM report WHERE kind = 'alert'";
    let alerts: (u32, u32) = ledger
        .query_row(alerts, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(
        alerts,
        (2, 4),
        "a mail that says it happened twice, and one that it was over as often"
    );
}

#[test]
fn a_single_run_says_which_source_it_could_not_read() {
    let dock = Dock::new("http://127.0.0.1:9/", "");
    fs::remove_dir(dock.path("inbox")).unwrap();
    let (code, said) = dock.once();
    assert_ne!(code, 0);
    assert!(
        said.contains("not read  source inbox") && said.contains("must exist"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn done_and_error_may_be_siblings_of_the_inbox() {
    let partner = Partner::start().await;
    let dock = Dock::new(&partner.url("/orders"), "");
    let error = dock.path("rejected").display().to_string();
    let settings = format!("grace = \"0s\"\ndone = \"../done\"\nerror = \"{error}/%Y\"");
    dock.configure(&dock.config().replace("grace = \"0s\"", &settings));
    dock.drop_file("good.csv", good(1));
    dock.drop_file("bad.csv", BAD);
    let (code, said) = dock.once();
    assert_eq!(code, 1, "{said}");
    let bad = format!("{error}/{}/bad.csv", year());
    assert!(said.contains(&bad), "{said}");
    assert!(dock.path("done/good.csv").exists(), "{said}");
    assert!(
        fs::read_to_string(format!("{bad}.error.txt"))
            .unwrap()
            .contains("many")
    );
    assert_eq!(dock.names(""), [""; 0]);
    let rows = dock.json(&["files", "list", "--json"]);
    let mut lie: Vec<_> = rows
        .iter()
        .map(|row| row["settled_to"].as_str().unwrap())
        .collect();
    lie.sort_unstable();
    let done = dock.path("done/good.csv").display().to_string();
    let mut expected = [bad.as_str(), &done];
    expected.sort_unstable();
    assert_eq!(lie, expected);
}
