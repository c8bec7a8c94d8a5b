//! The daemon's own life: start, reload, end, and what it refuses to start on.

use std::fs;
use std::process::Stdio;

use super::{bad, table};
use crate::support::dock::{Dock, read};
use crate::support::erp::{Absent, Erp};
use crate::support::partner::Answer;

#[test]
fn told_to_end_with_deliveries_in_flight_it_ends_well_and_loses_nothing() {
    let erp = Erp::start();
    erp.script((0..4).map(|_| Answer::Hold(201)));
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let names: Vec<_> = (0..9).map(|n| format!("{n}.csv")).collect();
    for name in &names {
        dock.drop_file(name, table(&[name]));
    }
    erp.wait_for(4);
    daemon.signal("TERM");
    dock.wait_for_log("Ending what is under way");
    erp.release();
    assert_eq!(daemon.ended(), 0);
    assert!(dock.log().contains("Ended."), "{}", dock.log());
    assert!(erp.seen().len() <= 8, "nothing new is begun");
    assert_eq!(dock.once().0, 0);
    erp.has_each_once(&names);
    assert_eq!(dock.names("done"), names);
}

#[test]
fn told_twice_it_ends_at_once_and_the_next_start_goes_on() {
    let erp = Erp::start();
    erp.script([Answer::Silence]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    daemon.signal("INT");
    dock.wait_for_log("Ending what is under way");
    assert_eq!(daemon.stop(), 0);
    assert_eq!(dock.once().0, 0);
    assert_eq!(
        erp.orders_applied()["A-1"],
        2,
        "the same key, as the partner must expect"
    );
}

#[test]
fn a_reload_with_a_wrong_configuration_changes_nothing_and_says_where_it_is_wrong() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.configure(
        &dock
            .config()
            .replace("grace = \"0s\"", "grace = \"0s\"\nstabel = \"1s\""),
    );
    daemon.signal("HUP");
    dock.wait_for_log("The old configuration stays");
    let line = dock
        .config()
        .lines()
        .position(|line| line.starts_with("grace"))
        .unwrap()
        + 2;
    let place = format!("orderdock.toml:{line}");
    assert!(dock.log().contains(&place), "{place}: {}", dock.log());
    assert!(
        dock.log().contains("`stabel`, did you mean `stable`?"),
        "{}",
        dock.log()
    );
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.wait_for("done", "a.csv");

    fs::create_dir(dock.path("second")).unwrap();
    let path = |name: &str| format!("path = \"{}\"", dock.path(name).display());
    dock.configure(&dock.config().replace(&path("inbox"), &path("second")));
    daemon.signal("HUP");
    dock.wait_for_log("The new configuration is in use");
    fs::write(dock.path("second/b.csv"), table(&["B-1"])).unwrap();
    dock.until("the new folder is watched", || {
        dock.path("second/done/b.csv").exists().then_some(())
    });
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["A-1", "B-1"]);
}

#[test]
fn a_reload_lets_what_is_in_flight_end_first() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    daemon.signal("HUP");
    erp.release();
    dock.wait_for_log("The new configuration is in use");
    dock.wait_for("done", "a.csv");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
    assert_eq!(erp.seen().len(), 1);
}

#[test]
fn a_second_daemon_on_the_same_ledger_ends_with_75_and_says_who_has_it() {
    let dock = Dock::new("http://127.0.0.1:1/", "");
    let daemon = dock.start();
    for args in [&["run"][..], &["run", "--once"]] {
        let second = dock.run(args);
        assert_eq!(second.status.code(), Some(75));
        let told = String::from_utf8_lossy(&second.stderr).into_owned();
        assert!(
            told.contains(&format!("process {}", daemon.pid())),
            "{told}"
        );
    }
    assert_eq!(daemon.stop(), 0);
}

#[test]
fn a_damaged_ledger_ends_the_start_with_65_and_stays_as_it_is() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.once();
    let file = dock.path("state/orderdock.db");
    for wal in ["orderdock.db-wal", "orderdock.db-shm"] {
        drop(fs::remove_file(dock.path("state").join(wal)));
    }
    let mut bytes = fs::read(&file).unwrap();
    bytes[..4096].fill(0x5a);
    fs::write(&file, &bytes).unwrap();
    let (code, told) = dock.once();
    assert_eq!(code, 65, "{told}");
    assert!(
        told.contains("is damaged") && told.contains("left as it is"),
        "{told}"
    );
    assert_eq!(fs::read(&file).unwrap(), bytes);

    // Without it, keys made of content keep the partner from applying anything twice.
    fs::remove_file(&file).unwrap();
    dock.drop_file("again.csv", table(&["A-1"]));
    assert_eq!(dock.once().0, 0);
    assert_eq!(erp.orders_applied().len(), 1);
}

#[test]
fn a_wrong_configuration_ends_the_start_with_2() {
    let dock = Dock::new("http://127.0.0.1:1/", "");
    dock.configure(&dock.config().replace("[[route]]", "[[rout]]"));
    let (code, told) = dock.once();
    assert_eq!(code, 2, "{told}");
    assert!(
        told.contains("orderdock.toml:") && told.contains("did you mean `route`?"),
        "{told}"
    );
    assert!(!dock.path("state").exists());
}

#[test]
fn run_once_tells_what_was_rejected_and_what_remains() {
    let absent = Absent::new();
    let dock = Dock::new(&absent.orders(), "");
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    dock.drop_file("bad.csv", bad());
    dock.drop_file("good.csv", table(&["A-1"]));
    let (code, told) = dock.once();
    assert_eq!(code, 1);
    assert!(
        told.contains("rejected  bad.csv: 1 good, 1 withheld"),
        "{told}"
    );
    assert!(
        told.contains("remains   good.csv: 1 delivery is open"),
        "{told}"
    );
    let (code, told) = dock.once();
    assert_eq!(code, 1);
    assert!(!told.contains("bad.csv"), "it was told before: {told}");
    let erp = absent.appear();
    dock.run(&["resume", "erp"]);
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("1 file done."), "{told}");
    erp.has_each_once(&["A-1"]);
}

#[test]
fn run_once_ends_although_the_partner_refuses_us() {
    let erp = Erp::start();
    erp.always(Answer::status(401));
    let dock = Dock::new(&erp.orders(), "");
    let references: Vec<_> = (0..30).map(|n| format!("A-{n}")).collect();
    dock.drop_file("a.csv", table(&references));
    let (code, told) = dock.once();
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("30 deliveries are open"), "{told}");
    assert!(erp.seen().len() <= 4, "{}", erp.seen().len());
}

#[test]
fn the_ledger_taken_away_under_a_running_daemon_ends_it_with_74() {
    let dock = Dock::new("http://127.0.0.1:1/", "");
    let daemon = dock.start();
    fs::remove_file(dock.path("state/orderdock.db")).unwrap();
    dock.drop_file("a.csv", table(&["A-1"]));
    assert_eq!(daemon.ended(), 74, "{}", dock.log());
}

#[test]
fn no_child_process_stays_behind() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let mut command = dock.command(&["run", "--once"]);
    dock.drop_file("a.csv", table(&["A-1"]));
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let group = child.id();
    assert!({ child }.wait().unwrap().success());
    let parents = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| {
            let stat = read(&entry.path().join("stat"));
            stat.rsplit_once(") ")?
                .1
                .split(' ')
                .nth(1)?
                .parse::<u32>()
                .ok()
        });
    assert_eq!(parents.filter(|parent| *parent == group).count(), 0);
}
