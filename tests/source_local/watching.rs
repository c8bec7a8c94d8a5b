//! What ends a wait before the poll would.

use super::*;

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
