//! Files that are left or deleted, and names that are hard to move.

use super::*;

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
