//! The group commit, a full disk, a disk that fails.

use std::sync::Arc;

use super::*;
use crate::ledger::sqlite::work::Tx;
use crate::ledger::sqlite::{FILE, Stop};
use crate::limits;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_callers_at_once_get_what_they_asked_for() {
    let house = House::new();
    let house = Arc::new(house);
    let callers = (0..8).map(|caller| {
        let house = Arc::clone(&house);
        tokio::spawn(async move {
            for n in 0..25 {
                let name = format!("{caller}-{n}");
                let (_, file) = house.drop_in(&name, vec![order(&name, "")]).await;
                assert_eq!(house.row(file).await.name, name);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!(
        house.sql::<i64>("SELECT count(*) FROM delivery WHERE state = 'due'"),
        200
    );
}

#[tokio::test]
async fn one_arrow_that_fails_takes_no_other_with_it() {
    let house = House::new();
    let good = house
        .ledger()
        .write(|tx| tx.run("UPDATE house SET clean = 0", []));
    let bad = house.ledger().write(|tx| {
        tx.run(
            "INSERT INTO pause (name, since, who, why) VALUES ('half', 1, '', '')",
            [],
        )?;
        tx.run("INSERT INTO house (id, clean, opened) VALUES (2, 0, 0)", [])
    });
    let after = house.ledger().claim("inbox", Vec::new());
    let claim = house.ledger().claim("inbox", vec![entry("a")]);
    let (good, bad, after, claim) = tokio::join!(good, bad, after, claim);
    assert!(good.is_ok() && after.is_ok() && bad.is_err());
    assert_eq!(claim.unwrap().len(), 1);
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM pause"), 0);
}

#[tokio::test]
async fn a_full_disk_is_a_wait_and_leaves_no_half_row() {
    let house = House::new();
    let limit = |pages: &str| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        house
            .ledger()
            .write(move |tx| tx.db.query_row(&sql, [], |row| row.get::<_, i64>(0)))
    };
    let full = limit("1").await.unwrap();
    let mut filled = None;
    for n in 0..2000 {
        let name = format!("{n}{}", "x".repeat(200));
        if let Err(failure) = house.ledger().claim("inbox", vec![entry(&name)]).await {
            filled = Some(failure);
            break;
        }
    }
    let failure = filled.unwrap();
    assert!(
        failure.is_temporary() && failure.message.contains("full"),
        "{failure}, {full}"
    );
    let rows: i64 = house.sql("SELECT count(*) FROM arrival");
    limit("1073741823").await.unwrap();
    house.claim("again").await;
    assert_eq!(house.sql::<i64>("SELECT count(*) FROM arrival"), rows + 1);
}

#[tokio::test]
async fn a_ledger_whose_file_is_taken_away_stops() {
    let house = House::new();
    std::fs::remove_file(house.dir.path().join(FILE)).unwrap();
    assert!(
        house
            .ledger()
            .claim("inbox", vec![entry("a")])
            .await
            .is_err()
    );
    assert!(matches!(house.ledger().stopped().await, Stop::Io(_)));
    assert!(
        house
            .ledger()
            .claim("inbox", vec![entry("b")])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_log_that_grows_under_load_begins_anew() {
    let house = House::new();
    let arrival = house.claim("large").await;
    let mut longest = 0;
    // Twice what the log may hold, without a rest in which an idle writer would move it.
    let pages = u64::try_from(2 * limits::WAL_PAGES_BUSY).unwrap();
    let page = u64::try_from(limits::LEDGER_PAGE_BYTES).unwrap();
    let chunks = pages * page / limits::CHUNK_BYTES as u64;
    for seq in 0..chunks {
        let seq = u32::try_from(seq).unwrap();
        let bytes = vec![7; limits::CHUNK_BYTES].into();
        house.ledger().chunk(arrival, seq, bytes).await.unwrap();
        let log = house.dir.path().join(format!("{FILE}-wal"));
        longest = longest.max(std::fs::metadata(log).unwrap().len());
    }
    assert!(longest < pages * page * 3 / 4, "{longest}");
    let count: u64 = house.sql("SELECT count(*) FROM chunk");
    assert_eq!(count, chunks);
}

#[tokio::test]
async fn what_a_lane_waits_for_goes_before_everything_else_that_waits() {
    let house = House::new();
    let (go, gate) = std::sync::mpsc::channel::<()>();
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tell = |word: &'static str| {
        let told = Arc::clone(&told);
        move |_: &mut Tx<'_>| {
            told.lock().unwrap().push(word);
            Ok(())
        }
    };
    // The writer is busy until all the others wait.
    let busy = house.ledger().write(move |_| {
        gate.recv().ok();
        Ok(())
    });
    let first = house.ledger().write(tell("first"));
    let second = house.ledger().write(tell("second"));
    let lane = house.ledger().write_first(tell("lane"));
    let release = async { go.send(()).unwrap() };
    let (a, b, c, d, ()) = tokio::join!(busy, first, second, lane, release);
    assert!([a, b, c, d].iter().all(Result::is_ok));
    assert_eq!(*told.lock().unwrap(), ["lane", "first", "second"]);
}
