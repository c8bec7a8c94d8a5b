//! A file was written under its temporary name and renamed, and nobody hears the answer: the line breaks,
//! or the daemon dies. Afterwards one file lies there, nothing half beside it, and its order was delivered
//! once.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::places::{EDIFACT, MAIL, house, order};
use crate::support::cut::Line;
use crate::support::dock::Dock;
use crate::support::sshd::Sshd;
use crate::support::vsftpd::{Tls, Vsftpd};

/// Everything in a folder, hidden names too.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| entry.unwrap());
    let files = files.filter(|entry| entry.path().is_file());
    let names = files.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.collect()
}

/// Whether a file lies there under its own name.
fn lies_whole(folder: &Path) -> bool {
    let there = names(folder);
    !there.is_empty() && there.iter().all(|name| !name.starts_with('.'))
}

fn delivery(dock: &Dock) -> Value {
    let rows = dock.json(&["deliveries", "list", "--json"]);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

/// One file, whole, and the order delivered.
fn check(dock: &Dock, folder: &Path) {
    let there = names(folder);
    assert_eq!(there.len(), 1, "{there:?}");
    assert!(lies_whole(folder), "{there:?}");
    let text = fs::read_to_string(folder.join(&there[0])).unwrap();
    assert!(text.contains("BGM+220+4711+9'"), "{text}");
    assert_eq!(delivery(dock)["state"], "delivered");
    assert_eq!(dock.names("done"), ["a.json"]);
}

/// The daemon is killed while it waits to hear that its rename was done.
fn killed(line: &Line, folder: PathBuf, lines: &str) {
    let dock = house(lines, MAIL);
    let seen = folder.clone();
    line.lose_answer(false, move || lies_whole(&seen));
    let daemon = dock.start();
    dock.drop_file("a.json", order());
    dock.until("the answer to the rename is lost", || {
        line.has_lost().then_some(())
    });
    daemon.kill();
    assert_eq!(dock.names("done"), [""; 0]);
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    check(&dock, &folder);
}

/// The line breaks instead, and the daemon goes on.
fn cut(line: &Line, folder: PathBuf, lines: &str) {
    let dock = house(lines, MAIL);
    let seen = folder.clone();
    line.lose_answer(true, move || lies_whole(&seen));
    let daemon = dock.start();
    dock.drop_file("a.json", order());
    dock.wait_for("done", "a.json");
    assert_eq!(daemon.stop(), 0);
    assert!(line.has_lost());
    check(&dock, &folder);
}

fn openssh() -> (Sshd, Line, PathBuf, String) {
    let server = Sshd::start();
    let line = Line::to(server.port);
    let lines = format!(
        "kind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\npassword = \"pw-secret\"\n\
         host_key = \"{}\"\n{EDIFACT}",
        line.port,
        server.fingerprint("ed25519")
    );
    let folder = server.inbox("pw");
    (server, line, folder, lines)
}

fn vsftpd() -> (Vsftpd, Line, PathBuf, String) {
    let server = Vsftpd::start(Tls::None, "");
    let line = Line::to(server.port);
    let lines = format!(
        "kind = \"ftp\"\nurl = \"ftp://anonymous@127.0.0.1:{}/~/in\"\npassword = \"anybody\"\n{EDIFACT}",
        line.port
    );
    let folder = server.inbox();
    (server, line, folder, lines)
}

#[test]
fn killed_after_the_rename_at_an_openssh_server_one_file_lies_there() {
    let (_server, line, folder, lines) = openssh();
    killed(&line, folder, &lines);
}

#[test]
fn killed_after_the_rename_at_a_vsftpd_server_one_file_lies_there() {
    let (_server, line, folder, lines) = vsftpd();
    killed(&line, folder, &lines);
}

#[test]
fn cut_off_after_the_rename_at_an_openssh_server_one_file_lies_there() {
    let (_server, line, folder, lines) = openssh();
    cut(&line, folder, &lines);
}

#[test]
fn cut_off_after_the_rename_at_a_vsftpd_server_one_file_lies_there() {
    let (_server, line, folder, lines) = vsftpd();
    cut(&line, folder, &lines);
}

#[test]
fn a_file_that_was_half_written_when_the_daemon_died_is_written_anew() {
    let (_server, line, folder, lines) = openssh();
    let dock = house(&lines, MAIL);
    let seen = folder.clone();
    // The first answer once the temporary name is there.
    line.lose_answer(false, move || !names(&seen).is_empty());
    let daemon = dock.start();
    dock.drop_file("a.json", order());
    dock.until("the answer to the writing is lost", || {
        line.has_lost().then_some(())
    });
    daemon.kill();
    assert!(names(&folder).iter().all(|name| name.starts_with('.')));
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    check(&dock, &folder);
}
