//! Which files lie there: order, names, markers, sub-folders.

use super::*;

#[tokio::test]
async fn the_oldest_file_comes_first_and_ties_go_by_name() {
    let inbox = Inbox::plain();
    for (name, second) in [("c.csv", 1), ("b.csv", 2), ("a.csv", 2), ("d.csv", 0)] {
        inbox.drop(name, "x", second);
    }
    assert_eq!(inbox.names().await, ["d.csv", "c.csv", "a.csv", "b.csv"]);
    let d = &inbox.list().await[0];
    let expected = Version {
        size: 1,
        modified: 1_700_000_000_000_000_000,
    };
    assert_eq!(d.version, expected);
}

#[tokio::test]
async fn unfinished_files_sidecars_and_settled_ones_are_not_orders() {
    let inbox = Inbox::new(Pickup {
        depth: 3,
        ..pickup()
    });
    for name in [
        ".hidden",
        "a.part",
        "a.csv~",
        "~$a.xlsx",
        "a.csv.error.txt",
        "a.csv.error.json",
        "done/x.csv",
        "error/x.csv",
        ".git/x.csv",
        "done/2026/x.csv",
    ] {
        inbox.drop(name, "x", 0);
    }
    assert_eq!(inbox.names().await, [""; 0]);
}

#[tokio::test]
async fn only_plain_files_are_taken() {
    let inbox = Inbox::plain();
    inbox.drop("good.csv", "x", 0);
    inbox.drop("folder.csv/below.csv", "x", 0);
    symlink(inbox.path("good.csv"), inbox.path("link.csv")).unwrap();
    symlink("/etc/passwd", inbox.path("passwd.csv")).unwrap();
    assert!(sh("mkfifo \"$1\"/pipe.csv", inbox.folder.path()));
    let _socket = std::os::unix::net::UnixListener::bind(inbox.path("socket.csv")).unwrap();
    for _ in 0..2 {
        assert_eq!(inbox.names().await, ["good.csv"]);
    }
}

#[tokio::test]
async fn a_pipe_or_link_laid_in_a_files_place_is_neither_read_nor_waited_for() {
    let inbox = Inbox::plain();
    for (name, script) in [
        ("a.csv", "mkfifo \"$1\""),
        ("b.csv", "ln -s /etc/passwd \"$1\""),
    ] {
        inbox.drop(name, "x", 0);
        let entry = inbox.only().await;
        fs::remove_file(inbox.path(name)).unwrap();
        assert!(sh(script, &inbox.path(name)));
        assert_eq!(inbox.fetch(vec![entry.clone()]).await, [(1, Read::Gone)]);
        let settled = inbox.settle(settlement(&entry, Verdict::Done)).await;
        assert_eq!(settled, Ok(Settled::Superseded));
    }
}

#[tokio::test]
async fn a_file_where_a_folder_of_ours_belongs_is_no_order() {
    let inbox = Inbox::plain();
    for name in ["done", "error", "other"] {
        inbox.drop(name, "x", 0);
    }
    assert_eq!(inbox.names().await, ["other"]);
}

#[tokio::test]
async fn patterns_decide_which_names_are_taken() {
    let inbox = Inbox::new(Pickup {
        include: vec!["*.csv".into(), "acme/*.xml".into()],
        exclude: vec!["test*".into()],
        depth: 1,
        min_bytes: 1,
        ..pickup()
    });
    for (second, name) in (0..).zip([
        "a.CSV",
        "a.xml",
        "test1.csv",
        "acme/b.xml",
        "acme/b.csv",
        "x/b.xml",
    ]) {
        inbox.drop(name, "x", second);
    }
    inbox.drop("small.csv", "", 9);
    assert_eq!(inbox.names().await, ["a.CSV", "acme/b.xml", "acme/b.csv"]);
    let wrong = Pickup {
        include: vec!["[".into()],
        ..pickup()
    };
    assert!(LocalSource::open("/tmp".into(), wrong).is_err());
}

#[tokio::test]
async fn a_marker_says_that_its_file_is_complete_and_goes_with_it() {
    let inbox = Inbox::new(Pickup {
        marker: Some("{name}.ok".into()),
        ..pickup()
    });
    inbox.drop("a.csv", "x", 0);
    inbox.drop("b.csv", "x", 0);
    inbox.drop("b.csv.ok", "", 0);
    inbox.drop("orphan.csv.ok", "", 0);
    let entry = inbox.only().await;
    assert_eq!(
        inbox.settle(settlement(&entry, Verdict::Done)).await,
        moved("done/b.csv")
    );
    assert_eq!(
        inbox.tree(),
        ["a.csv", "done/b.csv", "done/b.csv.ok", "orphan.csv.ok"]
    );
}

#[tokio::test]
async fn sub_folders_are_looked_into_as_deep_as_configured_and_kept_under_done() {
    let inbox = Inbox::new(Pickup {
        depth: 2,
        done: "done/%Y".into(),
        ..pickup()
    });
    for (second, name) in (0..).zip(["1.csv", "a/2.csv", "a/b/3.csv", "a/b/c/4.csv"]) {
        inbox.drop(name, "x", second);
    }
    let entries = inbox.list().await;
    assert_eq!(inbox.names().await, ["1.csv", "a/2.csv", "a/b/3.csv"]);
    let settled = inbox.settle(settlement(&entries[2], Verdict::Error)).await;
    assert_eq!(settled, moved("error/a/b/3.csv"));
    let Ok(Settled::Moved(to)) = inbox.settle(settlement(&entries[1], Verdict::Done)).await else {
        panic!("not moved")
    };
    let to = to.to_string();
    assert!(
        to.starts_with("done/20") && to.ends_with("/a/2.csv"),
        "{to}"
    );
    assert_eq!(inbox.names().await, ["1.csv"]);
    let endless = Pickup {
        depth: 1,
        done: "%Y/done".into(),
        ..pickup()
    };
    assert!(LocalSource::open("/tmp".into(), endless).is_err());
}
