//! Full disks, other file systems, and rights that are missing.

use super::*;

/// Mounts a small file system over `path`; `None` where that is not allowed.
fn mounted(path: &Path) -> Option<Mounted> {
    fs::create_dir_all(path).unwrap();
    let done = sh(
        "mount -t tmpfs -o size=64k orderdock-test \"$1\" 2>/dev/null",
        path,
    );
    done.then(|| Mounted(path.to_owned()))
}

struct Mounted(PathBuf);

impl Drop for Mounted {
    fn drop(&mut self) {
        sh("umount \"$1\"", &self.0);
    }
}

#[tokio::test]
async fn done_on_another_file_system_is_found_by_the_probe() {
    let inbox = Inbox::plain();
    let Some(_mounted) = mounted(&inbox.path("done")) else {
        return;
    };
    let failure = inbox.source.probe(Probe::Start).await.unwrap_err();
    assert!(
        failure.to_string().contains("another file system"),
        "{failure}"
    );
    assert!(!failure.is_temporary());
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    assert!(
        inbox
            .settle(settlement(&entry, Verdict::Done))
            .await
            .is_err()
    );
    assert_eq!(inbox.names().await, ["a.csv"], "nothing is lost");
}

#[tokio::test]
async fn a_full_disk_loses_the_sidecar_and_not_the_file() {
    let inbox = Inbox::plain();
    let Some(_mounted) = mounted(&inbox.path("small")) else {
        return;
    };
    let source = LocalSource::open(inbox.path("small"), pickup()).unwrap();
    inbox.drop("small/a.csv", "x", 0);
    fs::create_dir(inbox.path("small/error")).unwrap();
    let entry = source.list().await.unwrap().entries.remove(0);
    drop(fs::write(inbox.path("small/.filler"), vec![0; 1 << 20]));
    let settled = source.settle(vec![with_sidecar(&entry)]).await;
    assert_eq!(settled, [moved("error/a.csv")]);
    assert_eq!(inbox.tree(), ["small/.filler", "small/error/a.csv"]);
}

/// Runs this test again as a user without rights; as root every file is readable. Answers whether
/// it was done (and so succeeded) there.
fn ran_without_rights(test: &str) -> bool {
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        return false;
    }
    // The capabilities that let root pass every permission, and nothing else, are taken away.
    let status = Command::new("setpriv")
        .args([
            "--bounding-set=-dac_override,-dac_read_search",
            "--inh-caps=-all",
        ])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test])
        .env("ORDERDOCK_WITHOUT_RIGHTS", "1")
        .status()
        .expect("the setpriv command is needed to run these tests as root");
    assert!(status.success(), "{test} failed without rights");
    true
}

fn has_rights() -> bool {
    std::env::var_os("ORDERDOCK_WITHOUT_RIGHTS").is_none()
}

#[tokio::test]
async fn an_unreadable_file_is_the_operators_turn_and_stops_no_other() {
    let name = "source_local::rights::an_unreadable_file_is_the_operators_turn_and_stops_no_other";
    if has_rights() && ran_without_rights(name) {
        return;
    }
    let inbox = Inbox::plain();
    inbox.drop("a.csv", "x", 0);
    inbox.drop("b.csv", "x", 1);
    fs::set_permissions(inbox.path("a.csv"), fs::Permissions::from_mode(0o000)).unwrap();
    let read = inbox.fetch(inbox.list().await).await;
    let Read::Failed(failure) = &read[0].1 else {
        panic!("{read:?}")
    };
    assert!(failure.to_string().contains("reading a.csv") && !failure.is_temporary());
    assert_eq!(read[1].1, Read::Whole(b"x".to_vec()));
}

#[tokio::test]
async fn a_done_folder_without_write_rights_keeps_the_file_where_it_is() {
    let name =
        "source_local::rights::a_done_folder_without_write_rights_keeps_the_file_where_it_is";
    if has_rights() && ran_without_rights(name) {
        return;
    }
    let inbox = Inbox::plain();
    inbox.source.probe(Probe::Start).await.unwrap();
    inbox.drop("a.csv", "x", 0);
    let entry = inbox.only().await;
    for folder in ["done", "error"] {
        fs::set_permissions(inbox.path(folder), fs::Permissions::from_mode(0o555)).unwrap();
    }
    let said = inbox
        .source
        .probe(Probe::Start)
        .await
        .unwrap_err()
        .to_string();
    assert!(said.contains("chmod") && said.contains("done"), "{said}");
    for verdict in [Verdict::Done, Verdict::Error] {
        let settled = inbox
            .settle(Settlement {
                verdict,
                ..with_sidecar(&entry)
            })
            .await;
        assert!(settled.is_err(), "{settled:?}");
    }
    assert_eq!(inbox.tree(), ["a.csv"]);
    fs::set_permissions(inbox.path("done"), fs::Permissions::from_mode(0o755)).unwrap();
    let again = settlement(&entry, Verdict::Done);
    assert_eq!(inbox.settle(again).await, moved("done/a.csv"));
}
