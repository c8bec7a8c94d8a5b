//! The folders: made, proven, and where they may lie.

use super::*;

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
