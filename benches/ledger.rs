//! The ledger's arrows, each with batches of 500 one-order files, on the disk of the target folder.
//!
//! `cargo bench --bench ledger` tells how many a second each arrow does by itself, and `whole way`
//! how many orders a second go from claim to settled with everything durable, four batches under way
//! at a time as the loops have them.

use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use orderdock::arrival::{ArrivalId, Entry, FileId, Locator, Settled, Version};
use orderdock::clock::{self, Millis};
use orderdock::ledger::sqlite::{Options, SqliteLedger};
use orderdock::ledger::{
    AttemptEnd, AttemptResult, AttemptStart, DueDelivery, Fetched, Ledger, NewFile, ParsedFile,
    Reads, StagedOrder,
};
use orderdock::order::{Action, Identity, content_hash};
use orderdock::profiles::{Outcome, ProfileUse, Summary};
use orderdock::revision::OnChange;
use tokio::runtime::Runtime;

const BATCH: usize = 500;
const ARROWS: [&str; 6] = [
    "claim", "fetched", "parsed", "attempt", "outcome", "settled",
];

/// Result of the benches: nothing in them may fail.
type Done<T> = Result<T, orderdock::failure::Failure>;

fn order(n: u64) -> StagedOrder {
    let filler = "x".repeat(500);
    let content = format!(r#"{{"reference":"PO-{n}","kind":"purchase","remarks":"{filler}"}}"#);
    let hash = content_hash(content.as_bytes());
    let mut identity = [0; 16];
    identity.copy_from_slice(&hash.0[..16]);
    StagedOrder {
        numbers: Vec::new(),
        seq: 0,
        identity: Identity(identity),
        action: Action::Create,
        kind: "purchase",
        reference: format!("PO-{n}"),
        content: content.into(),
        content_hash: hash,
        source_hash: hash.0,
        origin: r#"{"file":"orders.csv","rows":[2,5]}"#.into(),
        search: "acme bv rotterdam 3011 aa po".into(),
        destinations: vec!["erp".into()],
        on_change: OnChange::Refuse,
        hold: false,
        refused: Vec::new(),
    }
}

fn parsed(file: FileId, orders: Vec<StagedOrder>) -> ParsedFile {
    ParsedFile {
        file,
        summary: Summary {
            outcome: Outcome::Accepted,
            format: Some(orderdock::formats::FormatKind::Csv),
            profile: Some(ProfileUse {
                name: "plain".into(),
                version: "1".into(),
                hash: "00".repeat(32),
            }),
            candidate: Some(0),
            orders: orders.len() as u64,
            withheld: 0,
            withheld_rows: Vec::new(),
            problems_left_out: 0,
            correctable: true,
        },
        problems: Vec::new(),
        orders,
        events: Vec::new(),
        waiting: None,
    }
}

/// Every batch has names and orders of its own, and a lane, so that batches do not mix.
struct Batch {
    lane: String,
    from: u64,
}

impl Batch {
    fn entries(&self) -> Vec<Entry> {
        (self.from..self.from + BATCH as u64)
            .map(|n| Entry {
                locator: Locator(format!("orders-{n}.csv").into_bytes()),
                version: Version {
                    size: 700,
                    modified: 1,
                },
            })
            .collect()
    }

    fn order(&self, n: usize) -> StagedOrder {
        let mut order = order(self.from + n as u64);
        order.destinations = vec![self.lane.clone()];
        order
    }
}

fn fetched(arrival: ArrivalId) -> Fetched {
    Fetched {
        arrival,
        sender: "acme".into(),
        file: NewFile {
            name: format!("orders-{arrival}.csv"),
            sha256: [1; 32],
            bytes: 700,
            body: Some(Bytes::from(vec![b'x'; 700])),
        },
    }
}

fn ends(due: &[DueDelivery]) -> Vec<AttemptEnd> {
    due.iter()
        .map(|due| AttemptEnd {
            delivery: due.delivery,
            started: clock::now(),
            ended: clock::now(),
            result: AttemptResult::Delivered {
                remote_id: Some("8f14e45f".into()),
                facts: std::collections::BTreeMap::new(),
                track: None,
            },
            detail: "201 Created".into(),
        })
        .collect()
}

/// Takes one batch the whole way; the time of each arrow.
async fn whole_way(ledger: &SqliteLedger, batch: &Batch) -> Done<[Duration; 7]> {
    let mut times = [Duration::ZERO; 7];
    let far = Millis(i64::MAX);
    let entries = batch.entries();
    let start = clock::moment();
    let claimed = ledger.claim(&batch.lane, entries).await?;
    times[0] = start.elapsed();
    let bodies = claimed.iter().map(|one| fetched(one.arrival)).collect();
    let start = clock::moment();
    ledger.fetched(bodies).await?;
    times[1] = start.elapsed();
    let first = claimed.first().map_or(0, |one| one.arrival.0);
    let due = ledger.due_parse(far, FileId(0), 4 * BATCH).await?;
    let files = due
        .iter()
        .filter(|due| due.source == batch.lane && due.arrival.0 >= first)
        .enumerate()
        .map(|(n, due)| parsed(due.file, vec![batch.order(n)]))
        .collect();
    let start = clock::moment();
    ledger.parsed(files).await?;
    times[2] = start.elapsed();
    let due = ledger.due_deliveries(&batch.lane, far, &[], BATCH).await?;
    assert_eq!(due.len(), BATCH);
    let starts = due
        .iter()
        .map(|due| AttemptStart {
            delivery: due.delivery,
            body: None,
        })
        .collect();
    let start = clock::moment();
    ledger.attempt(starts).await?;
    times[3] = start.elapsed();
    let ends = ends(&due);
    let start = clock::moment();
    ledger.outcome(ends).await?;
    times[4] = start.elapsed();
    let settled = claimed
        .iter()
        .map(|one| (one.arrival, Settled::Moved(one.entry.locator.clone())))
        .collect();
    let start = clock::moment();
    times[5] = start.elapsed();
    let start = clock::moment();
    ledger.settled(settled).await?;
    times[6] = start.elapsed();
    Ok(times)
}

/// A ledger on a real disk (a RAM disk would hide what a sync costs).
fn house() -> Option<(tempfile::TempDir, Runtime, SqliteLedger)> {
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).ok()?;
    let runtime = Runtime::new().ok()?;
    let ledger = SqliteLedger::open(
        dir.path(),
        Options {
            host: "bench".into(),
        },
    )
    .ok()?;
    Some((dir, runtime, ledger))
}

fn arrows(criterion: &mut Criterion) {
    let Some((_dir, runtime, ledger)) = house() else {
        return;
    };
    let mut from = 0;
    let mut group = criterion.benchmark_group("arrow");
    group
        .throughput(Throughput::Elements(BATCH as u64))
        .sample_size(10);
    for (arrow, name) in ARROWS.iter().enumerate() {
        group.bench_function(*name, |bencher| {
            bencher.iter_custom(|times| {
                let mut sum = Duration::ZERO;
                for _ in 0..times {
                    from += BATCH as u64;
                    let batch = Batch {
                        lane: "erp".into(),
                        from,
                    };
                    if let Ok(times) = runtime.block_on(whole_way(&ledger, &batch)) {
                        sum += times[arrow];
                    }
                }
                sum
            });
        });
    }
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let Some((_dir, runtime, ledger)) = house() else {
        return;
    };
    let mut from = 0;
    let mut group = criterion.benchmark_group("whole way");
    let together = 4 * BATCH as u64;
    group
        .throughput(Throughput::Elements(together))
        .sample_size(10);
    group.bench_function("claim to settled", |bencher| {
        bencher.iter(|| {
            let batches = [0, 1, 2, 3].map(|lane| Batch {
                lane: format!("erp{lane}"),
                from: from + lane * BATCH as u64,
            });
            from += together;
            let ways = batches.iter().map(|batch| whole_way(&ledger, batch));
            runtime.block_on(futures_util::future::try_join_all(ways))
        });
    });
    group.finish();
}

criterion_group!(benches, arrows, whole);
criterion_main!(benches);
