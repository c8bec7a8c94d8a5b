//! Where they go: nothing overwritten, nothing moved twice.

use super::*;

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
