//! The ledger by its port: every arrow, every crash, every revision.

mod change;
mod crash;
mod deliver;
mod intake;
mod large;
mod lists;
mod members;
mod outbox;
mod property;
mod retain;
mod revisions;
mod tracking;
mod writer;

use bytes::Bytes;
use tempfile::TempDir;

use super::{Options, SqliteLedger};
use crate::arrival::{
    ArrivalId, DeliveryId, DeliveryState, Entry, FileId, Locator, Settled, Version,
};
use crate::clock::{self, Millis};
use crate::formats::FormatKind;
use crate::ledger::{
    AttemptEnd, AttemptResult, AttemptStart, DeliveryRow, DueDelivery, Fetched, FileRow, Filter,
    Ledger, NewFile, ParsedFile, Reads, StagedOrder, Who,
};
use crate::order::{Action, Identity, content_hash};
use crate::problem::Problem;
use crate::profiles::{Outcome, ProfileUse, Summary};
use crate::revision::OnChange;

/// A ledger in a folder of its own.
struct House {
    dir: TempDir,
    ledger: Option<SqliteLedger>,
}

impl House {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Some(open(&dir));
        Self { dir, ledger }
    }

    fn ledger(&self) -> &SqliteLedger {
        self.ledger.as_ref().unwrap()
    }

    /// Ends without a word, as a crash does, and starts again.
    fn crash(&mut self) {
        self.ledger = None;
        self.ledger = Some(open(&self.dir));
    }

    /// Looks into the file beside the ledger's back.
    fn sql<T: rusqlite::types::FromSql>(&self, sql: &str) -> T {
        let db = rusqlite::Connection::open(self.dir.path().join(super::FILE)).unwrap();
        db.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    async fn claim(&self, name: &str) -> ArrivalId {
        let claimed = self
            .ledger()
            .claim("inbox", vec![entry(name)])
            .await
            .unwrap();
        claimed[0].arrival
    }

    /// claimed and fetched.
    async fn take(&self, name: &str) -> (ArrivalId, FileId) {
        let arrival = self.claim(name).await;
        self.ledger()
            .fetched(vec![fetched(arrival, name)])
            .await
            .unwrap();
        let file = self.ledger().file_of(arrival).await.unwrap().unwrap();
        (arrival, file)
    }

    /// Taken and read with these orders.
    async fn drop_in(&self, name: &str, orders: Vec<StagedOrder>) -> (ArrivalId, FileId) {
        let (arrival, file) = self.take(name).await;
        self.ledger()
            .parsed(vec![accepted(file, orders)])
            .await
            .unwrap();
        (arrival, file)
    }

    async fn due(&self) -> Vec<DueDelivery> {
        self.ledger()
            .due_deliveries("erp", far(), &[], 100)
            .await
            .unwrap()
    }

    async fn attempt(&self, delivery: DeliveryId) -> bool {
        let start = AttemptStart {
            delivery,
            body: None,
        };
        self.ledger().attempt(vec![start]).await.unwrap()[0]
    }

    async fn end(&self, delivery: DeliveryId, result: AttemptResult) {
        let end = AttemptEnd {
            delivery,
            started: clock::now(),
            ended: clock::now(),
            result,
            detail: "said".into(),
        };
        self.ledger().outcome(vec![end]).await.unwrap();
    }

    /// Sends everything that is due, with this result.
    async fn send_all(&self, result: &AttemptResult) {
        for due in self.due().await {
            assert!(self.attempt(due.delivery).await);
            self.end(due.delivery, result.clone()).await;
        }
    }

    /// Settles everything that is concluded, as moved to a folder named like the verdict.
    async fn settle_all(&self) {
        for due in self.ledger().due_settle(far(), &[], 100).await.unwrap() {
            let place = format!("{}/{}", due.verdict.as_str(), due.entry.locator);
            let moved = Settled::Moved(Locator(place.into_bytes()));
            self.ledger()
                .settled(vec![(due.arrival, moved)])
                .await
                .unwrap();
        }
    }

    async fn row(&self, file: FileId) -> FileRow {
        self.ledger().file(file).await.unwrap().unwrap().file
    }

    async fn deliveries(&self) -> Vec<DeliveryRow> {
        let mut rows = self.ledger().deliveries(&Filter::default()).await.unwrap();
        rows.reverse();
        rows
    }

    async fn states(&self) -> Vec<DeliveryState> {
        self.deliveries()
            .await
            .iter()
            .map(|row| row.state)
            .collect()
    }
}

fn open(dir: &TempDir) -> SqliteLedger {
    let options = Options {
        host: "edi.example".into(),
    };
    SqliteLedger::open(dir.path(), options).unwrap()
}

/// Later than anything in a test.
fn far() -> Millis {
    Millis(clock::now().0 + 1_000_000)
}

fn entry(name: &str) -> Entry {
    Entry {
        locator: Locator(name.as_bytes().to_vec()),
        version: Version {
            size: 3,
            modified: 1,
        },
    }
}

fn fetched(arrival: ArrivalId, name: &str) -> Fetched {
    Fetched {
        arrival,
        sender: "acme".into(),
        file: NewFile {
            name: name.into(),
            sha256: [7; 32],
            bytes: 3,
            body: Some(Bytes::from_static(b"abc")),
        },
    }
}

/// An order for `erp`: the same reference is the same identity, the same content the same content.
fn order(reference: &str, content: &str) -> StagedOrder {
    let mut identity = [0; 16];
    for (to, from) in identity.iter_mut().zip(reference.bytes()) {
        *to = from;
    }
    let content = format!(r#"{{"reference":"{reference}","remarks":"{content}"}}"#);
    let hash = content_hash(content.as_bytes());
    StagedOrder {
        numbers: Vec::new(),
        seq: 0,
        identity: Identity(identity),
        action: Action::Create,
        kind: "purchase",
        reference: reference.into(),
        content_hash: hash,
        source_hash: hash.0,
        content: content.into_bytes().into(),
        origin: "{}".into(),
        search: "müller rotterdam".into(),
        destinations: vec!["erp".into()],
        on_change: OnChange::Refuse,
        hold: false,
        refused: Vec::new(),
    }
}

fn summary(outcome: Outcome, orders: usize) -> Summary {
    Summary {
        outcome,
        format: Some(FormatKind::Csv),
        profile: Some(ProfileUse {
            name: "plain".into(),
            version: "1".into(),
            hash: "00".into(),
        }),
        candidate: Some(0),
        orders: orders as u64,
        withheld: 0,
        withheld_rows: Vec::new(),
        problems_left_out: 0,
        correctable: true,
    }
}

fn accepted(file: FileId, orders: Vec<StagedOrder>) -> ParsedFile {
    ParsedFile {
        file,
        summary: summary(Outcome::Accepted, orders.len()),
        problems: Vec::new(),
        orders,
        events: Vec::new(),
        waiting: None,
    }
}

fn rejected(file: FileId) -> ParsedFile {
    ParsedFile {
        summary: summary(Outcome::Rejected, 0),
        problems: vec![Problem::error("csv.ragged-row", "Row 3 has 4 cells.")],
        ..accepted(file, Vec::new())
    }
}

fn delivered() -> AttemptResult {
    AttemptResult::Delivered {
        remote_id: Some("R-1".into()),
        facts: std::collections::BTreeMap::from([("tracking_number".to_owned(), "T-1".to_owned())]),
        track: None,
    }
}

fn refused() -> AttemptResult {
    AttemptResult::Refused {
        code: "422".into(),
        words: "No such item.".into(),
    }
}

/// Again at `until`, without effect so far.
fn again(until: Millis) -> AttemptResult {
    AttemptResult::Later {
        until,
        unknown: false,
    }
}

fn parked(why: &str) -> AttemptResult {
    AttemptResult::Parked {
        why: why.into(),
        unknown: false,
    }
}

fn maria() -> Who {
    Who {
        name: "maria".into(),
        via: "command line".into(),
    }
}

fn by_ids(ids: &[i64]) -> Filter {
    Filter {
        ids: ids.to_vec(),
        ..Filter::default()
    }
}
