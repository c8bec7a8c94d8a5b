//! Disks, folders and people that get in the way.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::{states, table, wait_for_states};
use crate::support::dock::{Dock, read};
use crate::support::erp::Erp;
use crate::support::partner::Answer;

#[test]
fn a_file_renamed_by_its_sender_while_it_is_delivered_is_a_repeat_under_its_new_name() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    fs::rename(dock.path("inbox/a.csv"), dock.path("inbox/b.csv")).unwrap();
    erp.release();
    dock.wait_for("done", "b.csv");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
    assert_eq!(states(&dock), "delivered=1 repeat=1");
}

/// A sync that fails leaves nobody knowing what is on the disk: it is never tried again.
#[test]
fn a_writer_that_pauses_and_goes_on_is_waited_for() {
    use std::io::Write;
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.configure(&dock.config().replace("grace = \"0s\"", "grace = \"1h\""));
    let whole = include_bytes!("../../fixtures/demo/bakery-order.xml");
    let (first, rest) = whole.split_at(whole.len() / 2);
    let daemon = dock.start();
    // It rests for longer than files have to, in the middle of an element.
    dock.drop_file("slow.xml", first);
    dock.wait_for_log("it is given time to grow");
    let mut slow = fs::File::options()
        .append(true)
        .open(dock.path("inbox/slow.xml"))
        .unwrap();
    slow.write_all(rest).unwrap();
    drop(slow);
    let done = dock.wait_for("done", "slow.xml");
    assert_eq!(fs::read(done).unwrap(), whole);
    assert_eq!(daemon.stop(), 0);
    assert_eq!(erp.orders_applied().values().collect::<Vec<_>>(), [&1]);
    assert!(dock.names("error").is_empty());
}

/// More happens in the inbox than the kernel keeps to tell of (inotify(7), IN_Q_OVERFLOW), and no
/// poll comes to help.
#[test]
fn files_all_arrive_although_the_kernel_stops_telling_of_them() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let config = dock.config().replace(
        "grace = ",
        "poll = \"1d\"\nexclude = [\"noise*\"]\ngrace = ",
    );
    dock.configure(&config);
    let daemon = dock.start();
    dock.drop_file("first.csv", table(&["first"]));
    dock.wait_for("done", "first.csv");
    let most = read(std::path::Path::new(
        "/proc/sys/fs/inotify/max_queued_events",
    ));
    let most: usize = most.trim().parse().unwrap();
    daemon.signal("STOP");
    for n in 0..most.min(20_000) {
        fs::write(dock.path("inbox").join(format!("noise-{}", n % 10_000)), "").unwrap();
    }
    let names: Vec<_> = (0..200).map(|n| format!("A-{n}")).collect();
    for batch in names.chunks(20) {
        dock.drop_file(&format!("{}.csv", batch[0]), table(batch));
    }
    daemon.signal("CONT");
    for batch in names.chunks(20) {
        dock.wait_for("done", &format!("{}.csv", batch[0]));
    }
    assert_eq!(daemon.stop(), 0);
    let all: Vec<_> = names.iter().map(String::as_str).chain(["first"]).collect();
    erp.has_each_once(&all);
}

#[test]
fn a_failed_sync_ends_the_daemon_with_74_and_the_next_start_goes_on() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let mut daemon = dock.start();
    let mut strace = Command::new("strace");
    strace.args([
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        "trace=fsync,fdatasync",
    ]);
    strace.args([
        "-e",
        "inject=fsync,fdatasync:error=EIO:when=3+",
        "-p",
        &daemon.pid().to_string(),
    ]);
    let mut strace = strace
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    crate::support::events::traced(daemon.pid());
    dock.drop_file("a.csv", table(&["A-1"]));
    assert_eq!(daemon.wait().code(), Some(74), "{}", dock.log());
    strace.wait().unwrap();
    assert!(
        dock.log().contains("The ledger has stopped"),
        "{}",
        dock.log()
    );
    assert_eq!(dock.once().0, 0);
    assert_eq!(dock.names("done"), ["a.csv"]);
    assert_eq!(erp.orders_applied().len(), 1);
}

/// Somebody looks into the ledger with a tool of their own and holds its lock.
#[test]
fn a_ledger_locked_by_another_tool_is_waited_for() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let other = rusqlite::Connection::open(dock.path("state/orderdock.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.wait_for_log("could not be looked at");
    other.execute_batch("COMMIT").unwrap();
    dock.run(&["resume", "inbox"]);
    dock.wait_for("done", "a.csv");
    assert_eq!(daemon.stop(), 0, "{}", dock.log());
    erp.has_each_once(&["A-1"]);
}

#[test]
fn an_inbox_that_goes_away_and_comes_back_is_watched_again() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    dock.configure(&dock.config().replace("grace = ", "poll = \"1s\"\ngrace = "));
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    dock.wait_for("done", "a.csv");
    fs::rename(dock.path("inbox"), dock.path("away")).unwrap();
    dock.wait_for_log("could not be looked at");
    fs::create_dir(dock.path("inbox")).unwrap();
    dock.drop_file("b.csv", table(&["B-1"]));
    dock.wait_for("done", "b.csv");
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["A-1", "B-1"]);
}

#[test]
fn a_hundred_files_at_once_next_to_a_partner_that_stumbles_all_arrive_once() {
    let erp = Erp::start();
    let stumbles = [
        Answer::status(500),
        Answer::ResetBefore,
        Answer::status(503),
        Answer::ResetAfter,
    ];
    erp.script(
        stumbles
            .into_iter()
            .flat_map(|answer| [answer, Answer::status(201)]),
    );
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    let names: Vec<_> = (100..200).map(|n| format!("{n}.csv")).collect();
    for name in &names {
        dock.drop_file(name, table(&[name]));
    }
    for name in &names {
        dock.wait_for("done", name);
    }
    assert_eq!(daemon.stop(), 0);
    let applied = erp.orders_applied();
    assert_eq!(
        applied.keys().collect::<Vec<_>>(),
        names.iter().collect::<Vec<_>>()
    );
    assert_eq!(
        applied.values().sum::<usize>(),
        101,
        "only the lost answer was applied twice"
    );
}

#[test]
fn a_move_that_fails_is_tried_again_and_nothing_is_sent_twice() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    // A file where the folder was: not even root can move something into it.
    fs::remove_dir(dock.path("inbox/done")).unwrap();
    fs::write(dock.path("inbox/done"), "").unwrap();
    erp.release();
    dock.wait_for_log("Not moved; trying again");
    fs::remove_file(dock.path("inbox/done")).unwrap();
    dock.wait_for("done", "a.csv");
    wait_for_states(&dock, "delivered=1");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
    assert_eq!(erp.seen().len(), 1);
}

#[test]
fn a_file_taken_away_while_it_is_delivered_is_delivered_and_said_to_have_vanished() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    fs::remove_file(dock.path("inbox/a.csv")).unwrap();
    erp.release();
    dock.wait_for_log("Taken away while it was processed");
    wait_for_states(&dock, "delivered=1");
    daemon.stop();
    erp.has_each_once(&["A-1"]);
}

#[test]
fn a_file_overwritten_while_it_is_delivered_counts_as_two_versions_and_both_arrive() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    let second = table(&["A-2", "A-3"]);
    fs::write(dock.path("second"), &second).unwrap();
    fs::rename(dock.path("second"), dock.path("inbox/a.csv")).unwrap();
    erp.release();
    let moved = dock.wait_for("done", "a.csv");
    daemon.stop();
    assert_eq!(
        read(&moved),
        second,
        "the version that is there is the one that is moved"
    );
    erp.has_each_once(&["A-1", "A-2", "A-3"]);
}

#[test]
fn a_full_disk_stops_intake_and_nothing_is_lost() {
    let erp = Erp::start();
    let dock = Dock::new(&erp.orders(), "");
    let state = dock.path("state");
    fs::create_dir(&state).unwrap();
    let small = Mount::tmpfs(&state, "4m");
    let daemon = dock.start();
    dock.drop_file("before.csv", table(&["BEFORE"]));
    dock.wait_for("done", "before.csv");

    let filler = state.join("filler");
    fill(&filler);
    let names: Vec<_> = (0..3).map(|n| format!("full-{n}.csv")).collect();
    for name in &names {
        dock.drop_file(name, table(&[name]));
    }
    dock.wait_for_log("Intake has stopped");
    assert_eq!(dock.names("."), names, "they wait where they are");
    assert_eq!(erp.seen().len(), 1);

    fs::remove_file(&filler).unwrap();
    dock.run(&["resume", "inbox"]);
    for name in &names {
        dock.wait_for("done", name);
    }
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["BEFORE", "full-0.csv", "full-1.csv", "full-2.csv"]);
    drop(small);
}

/// The outcome stays in memory until it can be recorded: no second request.
#[test]
fn an_answer_that_comes_while_the_disk_is_full_is_not_lost() {
    let erp = Erp::start();
    erp.script([Answer::Hold(201)]);
    let dock = Dock::new(&erp.orders(), "");
    dock.configure(
        &dock
            .config()
            .replace("min_free = \"1MB\"", "min_free = \"1KB\""),
    );
    let state = dock.path("state");
    fs::create_dir(&state).unwrap();
    let small = Mount::tmpfs(&state, "4m");
    let daemon = dock.start();
    dock.drop_file("a.csv", table(&["A-1"]));
    erp.wait_for(1);
    let filler = state.join("filler");
    fill(&filler);
    erp.release();
    dock.wait_for_log("Outcomes could not be recorded");
    dock.drop_file("b.csv", table(&["B-1"]));
    fs::remove_file(&filler).unwrap();
    dock.run(&["resume", "inbox"]);
    for name in ["a.csv", "b.csv"] {
        dock.wait_for("done", name);
    }
    assert_eq!(daemon.stop(), 0, "{}", dock.log());
    erp.has_each_once(&["A-1", "B-1"]);
    drop(small);
}

/// Writes until nothing more fits.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = fs::File::create(path).unwrap();
    for size in [64 << 10, 4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

/// A file system that goes when dropped.
struct Mount<'a>(&'a Path);

impl<'a> Mount<'a> {
    fn tmpfs(path: &'a Path, size: &str) -> Self {
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(path);
        assert!(command.status().unwrap().success(), "mounting needs root");
        Self(path)
    }
}

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(self.0).status());
    }
}
