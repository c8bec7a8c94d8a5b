//! What a start finds after an end of any kind.

use super::*;
use crate::ledger::sqlite::open::SCHEMA;
use crate::ledger::sqlite::{FILE, OpenError};

#[tokio::test]
async fn what_was_answered_is_there_after_a_crash() {
    let mut house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    house.crash();
    assert_eq!(house.due().await.len(), 1);
    assert!(house.ledger().ended_uncleanly().await.unwrap());
}

#[tokio::test]
async fn a_clean_end_is_remembered() {
    let mut house = House::new();
    assert!(!house.ledger().ended_uncleanly().await.unwrap());
    house.ledger().close().await.unwrap();
    assert!(
        house
            .ledger()
            .claim("inbox", vec![entry("late")])
            .await
            .is_err()
    );
    house.crash();
    assert!(!house.ledger().ended_uncleanly().await.unwrap());
}

#[tokio::test]
async fn an_attempt_that_was_cut_off_is_due_at_once_with_its_outcome_unknown() {
    let mut house = House::new();
    house.drop_in("a", vec![order("A", "")]).await;
    let due = house.due().await.remove(0);
    assert!(house.attempt(due.delivery).await);
    house.crash();
    let again = house
        .ledger()
        .due_deliveries("erp", clock::now(), &[], 9)
        .await
        .unwrap();
    assert_eq!((again[0].delivery, again[0].unknown), (due.delivery, true));
    assert_eq!((again[0].attempts, &again[0].key), (1, &due.key));
    let story = house.ledger().order(due.order).await.unwrap().unwrap();
    assert_eq!(story.deliveries[0].1[0].result.as_deref(), Some("unknown"));
    house.attempt(due.delivery).await;
    house.end(due.delivery, delivered()).await;
    assert_eq!(house.states().await, [DeliveryState::Delivered]);
}

#[tokio::test]
async fn files_that_may_have_been_in_a_child_are_read_alone_after_a_crash_only() {
    let mut house = House::new();
    let (_, file) = house.take("a").await;
    house.ledger().close().await.unwrap();
    house.crash();
    assert!(!house.ledger().due_parse(far(), FileId(0), 9).await.unwrap()[0].alone);
    house.crash();
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert_eq!((due[0].file, due[0].alone), (file, true));
}

#[test]
fn a_second_process_is_told_who_runs() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(&dir);
    let second = SqliteLedger::open(dir.path(), Options { host: "x".into() });
    match second {
        Err(OpenError::AlreadyRunning { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    drop(first);
    drop(open(&dir));
}

#[test]
fn the_files_are_ours_alone() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("a/state");
    drop(SqliteLedger::open(&state, Options { host: "x".into() }).unwrap());
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&state), 0o700);
    assert_eq!(mode(&state.join(FILE)), 0o600);
}

#[test]
fn a_damaged_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir));
    let path = dir.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[..64].fill(0x55);
    std::fs::write(&path, &bytes).unwrap();
    let opened = SqliteLedger::open(dir.path(), Options { host: "x".into() });
    assert!(
        matches!(opened, Err(OpenError::Damaged { .. })),
        "{opened:?}"
    );
    assert_eq!(std::fs::read(&path).unwrap(), bytes);
}

#[tokio::test]
async fn damage_within_is_found_by_the_long_check() {
    let mut house = House::new();
    house
        .drop_in("a", (0..50).map(|n| order(&format!("A{n}"), "")).collect())
        .await;
    assert_eq!(house.ledger().check().await.unwrap(), Vec::<String>::new());
    house.ledger().close().await.unwrap();
    let page: u64 = house.sql("SELECT rootpage FROM sqlite_schema WHERE name = 'content'");
    let size: u64 = house.sql("PRAGMA page_size");
    house.ledger = None;
    let path = house.dir.path().join(FILE);
    let mut bytes = std::fs::read(&path).unwrap();
    let start = usize::try_from((page - 1) * size).unwrap();
    bytes[start..start + 100].fill(0xff);
    std::fs::write(&path, &bytes).unwrap();
    house.ledger = Some(open(&house.dir));
    assert!(!house.ledger().check().await.unwrap().is_empty());
}

#[test]
fn a_newer_schema_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&dir));
    let db = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let opened = SqliteLedger::open(dir.path(), Options { host: "x".into() });
    assert!(
        matches!(opened, Err(OpenError::Newer { found: 99, .. })),
        "{opened:?}"
    );
}

/// Each on the way is opened, and is then what a new ledger is.
#[test]
fn a_ledger_of_any_earlier_version_is_brought_up_to_date() {
    let schema = |dir: &tempfile::TempDir| -> Vec<(String, Option<String>)> {
        let db = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
        let mut all = db
            .prepare("SELECT type || ' ' || name, sql FROM sqlite_schema ORDER BY 1")
            .unwrap();
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    let fresh = tempfile::tempdir().unwrap();
    drop(open(&fresh));
    for version in 1..SCHEMA.len() {
        let dir = tempfile::tempdir().unwrap();
        let db = rusqlite::Connection::open(dir.path().join(FILE)).unwrap();
        db.pragma_update(None, "auto_vacuum", 2).unwrap();
        for sql in &SCHEMA[..version] {
            db.execute_batch(sql).unwrap();
        }
        db.pragma_update(None, "user_version", version).unwrap();
        drop(db);
        drop(open(&dir));
        assert_eq!(schema(&dir), schema(&fresh), "from version {version}");
    }
}
