//! seen ▸ claimed ▸ fetched ▸ due.

use bytes::Bytes;

use super::*;
use crate::arrival::{Stage, Verdict};
use crate::limits;

#[tokio::test]
async fn an_unsettled_arrival_is_not_claimed_again_but_another_version_is() {
    let house = House::new();
    let first = house.claim("a.csv").await;
    let again = house
        .ledger()
        .claim("inbox", vec![entry("a.csv")])
        .await
        .unwrap();
    assert!(again.is_empty());
    let mut newer = entry("a.csv");
    newer.version.modified = 2;
    let other = house.ledger().claim("inbox", vec![newer]).await.unwrap();
    assert_eq!(other.len(), 1);
    let elsewhere = house
        .ledger()
        .claim("other", vec![entry("a.csv")])
        .await
        .unwrap();
    assert_eq!(elsewhere.len(), 1);
    house
        .ledger()
        .unclaimed(vec![(first, "gone".into())])
        .await
        .unwrap();
    let after = house
        .ledger()
        .claim("inbox", vec![entry("a.csv")])
        .await
        .unwrap();
    assert_eq!(after.len(), 1);
}

#[tokio::test]
async fn claims_are_due_in_claim_order_above_the_cursor() {
    let house = House::new();
    let (a, b) = (house.claim("a").await, house.claim("b").await);
    let due = house
        .ledger()
        .due_fetch(far(), ArrivalId(0), &[], 10)
        .await
        .unwrap();
    assert_eq!(
        due.iter().map(|due| due.arrival).collect::<Vec<_>>(),
        [a, b]
    );
    assert_eq!(due[0].entry, entry("a"));
    let rest = house.ledger().due_fetch(far(), a, &[], 10).await.unwrap();
    assert_eq!(rest.len(), 1);
}

#[tokio::test]
async fn what_is_postponed_waits_and_says_why() {
    let house = House::new();
    let (arrival, file) = house.take("a").await;
    let later = clock::now().after(std::time::Duration::from_mins(5));
    house
        .ledger()
        .postponed(arrival, later, "No room.")
        .await
        .unwrap();
    let now = clock::now();
    assert!(
        house
            .ledger()
            .due_parse(now, FileId(0), 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        house.ledger().next_due(now).await.unwrap().intake,
        Some(later)
    );
    assert_eq!(house.row(file).await.waiting.as_deref(), Some("No room."));
    assert_eq!(
        house
            .ledger()
            .due_parse(later, FileId(0), 9)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test]
async fn a_small_file_comes_with_its_bytes() {
    let house = House::new();
    let (_, file) = house.take("a").await;
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert_eq!(due[0].body.as_deref(), Some(&b"abc"[..]));
    let tail = house.ledger().bytes(file, 1, 9).await.unwrap();
    assert_eq!(tail.as_deref(), Some(&b"bc"[..]));
    let end = house.ledger().bytes(file, 3, 9).await.unwrap();
    assert_eq!(end.as_deref(), Some(&b""[..]));
}

#[tokio::test]
async fn pieces_of_a_large_file_are_read_across_their_borders_whatever_their_sizes() {
    let house = House::new();
    let arrival = house.claim("big").await;
    for (seq, piece) in (0u32..).zip([&b"abcd"[..], b"ef", b"ghijk"]) {
        house
            .ledger()
            .chunk(arrival, seq, Bytes::from_static(piece))
            .await
            .unwrap();
    }
    let mut whole = fetched(arrival, "big");
    whole.file.body = None;
    whole.file.bytes = 11;
    house.ledger().fetched(vec![whole]).await.unwrap();
    let file = house.ledger().file_of(arrival).await.unwrap().unwrap();
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert_eq!(due[0].body, None);
    for offset in 0..=11 {
        let span = house
            .ledger()
            .bytes(file, offset, 5)
            .await
            .unwrap()
            .unwrap();
        let from = usize::try_from(offset).unwrap();
        assert_eq!(&span[..], &b"abcdefghijk"[from..(from + 5).min(11)]);
    }
}

#[tokio::test]
async fn a_large_body_in_one_piece_is_stored_in_chunks() {
    let house = House::new();
    let arrival = house.claim("big").await;
    let mut whole = fetched(arrival, "big");
    whole.file.body = Some(Bytes::from(vec![1; limits::CHUNK_BYTES + 5]));
    house.ledger().fetched(vec![whole]).await.unwrap();
    let file = house.ledger().file_of(arrival).await.unwrap().unwrap();
    let tail = house
        .ledger()
        .bytes(file, limits::CHUNK_BYTES as u64, 99)
        .await
        .unwrap();
    assert_eq!(tail.unwrap().len(), 5);
}

#[tokio::test]
async fn a_file_that_may_be_cut_off_is_fetched_once_more_under_the_same_number() {
    let house = House::new();
    let (arrival, file) = house.take("a").await;
    house.ledger().refetch(arrival, clock::now()).await.unwrap();
    assert_eq!(house.ledger().bytes(file, 0, 9).await.unwrap(), None);
    assert_eq!(
        house
            .ledger()
            .due_fetch(far(), ArrivalId(0), &[], 9)
            .await
            .unwrap()
            .len(),
        1
    );
    house
        .ledger()
        .fetched(vec![fetched(arrival, "a")])
        .await
        .unwrap();
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert_eq!((due[0].file, due[0].grace_over), (file, true));
}

#[tokio::test]
async fn deaths_are_counted_and_the_file_is_read_alone() {
    let house = House::new();
    let (_, file) = house.take("a").await;
    assert_eq!(house.ledger().died(file).await.unwrap(), 1);
    assert_eq!(house.ledger().died(file).await.unwrap(), 2);
    let due = house.ledger().due_parse(far(), FileId(0), 9).await.unwrap();
    assert!(due[0].alone);
    assert_eq!(due[0].deaths, 2);
}

#[tokio::test]
async fn a_rejected_file_is_concluded_with_its_problems_and_one_report() {
    let house = House::new();
    let (arrival, file) = house.take("bad.csv").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let settle = house.ledger().due_settle(far(), &[], 9).await.unwrap();
    assert_eq!(
        (settle[0].arrival, settle[0].verdict),
        (arrival, Verdict::Error)
    );
    let mails = house.ledger().due_reports(far(), 9).await.unwrap();
    assert_eq!(mails.len(), 1);
    assert_eq!(
        mails[0].message_id,
        format!("<report-{arrival}.0707070707070707@edi.example>")
    );
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(story.problems[0].code, "csv.ragged-row");
    assert_eq!(story.summary.unwrap(), summary(Outcome::Rejected, 0));
    assert_eq!(
        (story.file.stage, story.file.problems),
        (Stage::Concluded, 1)
    );
}

#[tokio::test]
async fn a_withheld_order_makes_the_verdict_error_after_the_good_ones_are_sent() {
    let house = House::new();
    let (_, file) = house.take("partial.csv").await;
    let mut parsed = accepted(file, vec![order("A", "")]);
    parsed.summary.outcome = Outcome::Partial;
    parsed.summary.withheld = 1;
    house.ledger().parsed(vec![parsed]).await.unwrap();
    assert!(
        house
            .ledger()
            .due_settle(far(), &[], 9)
            .await
            .unwrap()
            .is_empty()
    );
    house.send_all(&delivered()).await;
    let settle = house.ledger().due_settle(far(), &[], 9).await.unwrap();
    assert_eq!(settle[0].verdict, Verdict::Error);
}

#[tokio::test]
async fn an_order_that_its_destination_finds_unfit_is_refused_with_its_problem_kept() {
    let house = House::new();
    let (_, file) = house.take("a.csv").await;
    let mut unfit = order("A", "");
    unfit.refused = vec![("erp".into(), Problem::error("erp.too-long", "Too long."))];
    house
        .ledger()
        .parsed(vec![accepted(file, vec![unfit])])
        .await
        .unwrap();
    let story = house.ledger().file(file).await.unwrap().unwrap();
    assert_eq!(story.problems[0].code, "erp.too-long");
    assert!(story.refusals.is_empty());
    assert_eq!(story.file.verdict, Some(Verdict::Error));
    assert_eq!(house.states().await, [DeliveryState::Refused]);
}

#[tokio::test]
async fn a_file_without_a_destination_waits_and_is_read_again_on_request() {
    let house = House::new();
    let (_, file) = house.take("a.csv").await;
    let mut nowhere = order("A", "");
    nowhere.destinations.clear();
    house
        .ledger()
        .parsed(vec![accepted(file, vec![nowhere])])
        .await
        .unwrap();
    let row = house.row(file).await;
    assert_eq!((row.stage, row.verdict), (Stage::Due, None));
    assert!(row.waiting.unwrap().contains("order A"));
    assert_eq!(house.ledger().status().await.unwrap().attention.len(), 1);
    let waiting = Filter {
        state: Some("waiting".into()),
        ..Filter::default()
    };
    let retry = crate::ledger::Change::RetryFiles(waiting);
    assert_eq!(
        house
            .ledger()
            .change(retry, false, &maria())
            .await
            .unwrap()
            .len(),
        1
    );
    house
        .ledger()
        .parsed(vec![accepted(file, vec![order("A", "")])])
        .await
        .unwrap();
    assert_eq!(house.due().await.len(), 1);
    assert_eq!(house.row(file).await.waiting, None);
}

#[tokio::test]
async fn what_was_left_at_its_source_is_not_taken_again_until_it_changes() {
    let house = House::new();
    let (arrival, file) = house.take("a").await;
    house.ledger().parsed(vec![rejected(file)]).await.unwrap();
    let left = vec![(arrival, crate::arrival::Settled::Left)];
    house.ledger().settled(left).await.unwrap();
    let again = house.ledger().claim("inbox", vec![entry("a")]).await;
    assert!(again.unwrap().is_empty());
    let mut newer = entry("a");
    newer.version.modified += 1;
    let other = house.ledger().claim("inbox", vec![newer]).await.unwrap();
    assert_eq!(other.len(), 1);
}
