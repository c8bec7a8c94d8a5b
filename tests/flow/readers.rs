//! Children that die, lie or hang while they read a file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use orderdock::config::Config;
use orderdock::daemon;
use orderdock::flow::Flow;
use orderdock::jail::Jail;
use orderdock::ledger::Ledger;
use orderdock::ledger::sqlite::{Options, SqliteLedger};

use super::{story, table};
use crate::support::dock::{Dock, read};
use crate::support::erp::Erp;
use crate::support::tls;

/// The children of a process.
fn children(pid: u32) -> Vec<String> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let lists = tasks
        .flatten()
        .map(|task| read(&task.path().join("children")));
    lists
        .flat_map(|list| {
            list.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn the_daemon_outlives_its_children_and_gives_up_a_file_that_ends_three_of_them() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let big: Vec<_> = (0..60_000).map(|n| format!("BIG-{n}")).collect();
    dock.drop_file("big.csv", table(&big));
    let mut killed = std::collections::BTreeSet::new();
    dock.until("the file is given up", || {
        for child in children(daemon.pid()) {
            if killed.insert(child.clone()) {
                drop(
                    std::process::Command::new("kill")
                        .args(["-s", "KILL", &child])
                        .status(),
                );
            }
        }
        dock.path("inbox/error/big.csv").exists().then_some(())
    });
    assert!(killed.len() >= 3, "{killed:?}");
    assert!(erp.seen().is_empty());
    let sidecar = read(&dock.path("inbox/error/big.csv.error.txt"));
    assert!(sidecar.contains("not your fault"), "{sidecar}");
    dock.drop_file("next.csv", table(&["NEXT"]));
    dock.wait_for("done", "next.csv");
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["NEXT"]);
    assert_eq!(
        story(&dock, "big.csv")["problems"][0]["code"],
        "file.unreadable"
    );
}

/// Runs everything once with children of `script`.
fn once_with(dock: &Dock, script: &str) {
    let program = dock.path("worker");
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    tls::provider();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let config = Config::load(&dock.path("orderdock.toml")).unwrap();
        let options = Options {
            host: "test.example".to_owned(),
        };
        let ledger = Arc::new(SqliteLedger::open(&config.state_dir, options).unwrap());
        let jail = Jail::new(program, 2, Vec::new());
        let ports = daemon::ports(&config, Arc::clone(&ledger) as Arc<dyn Ledger>, jail, true);
        let flow = Flow::start(ports.unwrap());
        flow.settled().await;
        flow.drain().await;
        ledger.close().await.unwrap();
    });
}

/// Files read by such children end in error/ with this problem and these words.
fn are_given_up(names: &[&str], script: &str, code: &str, words: &str) {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    for name in names {
        dock.drop_file(name, table(&[name]));
    }
    once_with(&dock, script);
    assert_eq!(dock.names("."), [""; 0]);
    for name in names {
        assert_eq!(story(&dock, name)["problems"][0]["code"], code);
        let sidecar = read(&dock.path("inbox/error").join(format!("{name}.error.txt")));
        assert!(sidecar.contains(words), "{sidecar}");
        assert_eq!(read(&dock.path("inbox/error").join(name)), table(&[name]));
    }
    assert!(erp.seen().is_empty());
}

#[test]
fn a_child_that_ends_at_once_is_tried_and_then_given_up() {
    are_given_up(
        &["a.csv", "b.csv"],
        "#!/bin/sh\nexit 3\n",
        "file.unreadable",
        "not your fault",
    );
}

#[test]
fn a_child_that_prints_rubbish_is_not_believed() {
    are_given_up(
        &["a.csv", "b.csv"],
        "#!/bin/sh\nhead -c 4096 /dev/urandom >&0\n",
        "file.unreadable",
        "not your fault",
    );
}

#[test]
fn a_child_that_tells_half_a_result_is_not_believed() {
    // A frame of a hundred bytes that begins a summary, and the end.
    let script = "#!/bin/sh\nprintf 'd\\000\\000\\000D{\"outcome\":\"acc' >&0\n";
    are_given_up(
        &["a.csv", "b.csv"],
        script,
        "file.unreadable",
        "not your fault",
    );
}

#[test]
fn a_child_that_falls_silent_is_ended() {
    // A frame that says it is ready: until then the time is not the file's.
    are_given_up(
        &["a.csv"],
        "#!/bin/sh\nprintf '\\001\\000\\000\\000Y' >&0\nexec sleep 1000\n",
        "file.too-complex",
        "gave no record",
    );
}
