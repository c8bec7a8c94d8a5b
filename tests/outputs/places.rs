//! Files at a folder, a real OpenSSH, a real vsftpd and in a real Postfix mailbox: whole, once, and
//! never over another.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::support::dock::{Dock, read};
use crate::support::postfix::Postfix;
use crate::support::sshd::Sshd;
use crate::support::vsftpd::{Tls, Vsftpd};

pub(super) const MAIL: &str = "[mail]\nurl = \"smtp://127.0.0.1:1\"\nfrom = \"edi@example.com\"\n";

pub(super) fn order() -> String {
    json!({
        "reference": "4711",
        "kind": "purchase",
        "references": {"order_type": "220"},
        "lines": [{"number": "1", "item_id": "A-1", "quantity": "2", "unit": "C62"}],
    })
    .to_string()
}

/// A house whose only destination takes files as `lines` say.
pub(super) fn house(lines: &str, mail: &str) -> Dock {
    let dock = Dock::new("http://127.0.0.1:1/", mail);
    let text = dock
        .config()
        .replace("kind = \"http\"\nurl = \"http://127.0.0.1:1/\"\n", lines);
    dock.configure(&text);
    dock
}

/// The files in a folder.
fn lies(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    files
}

/// What our ledger forgot: as if the process had died before anything of it was on record.
fn forget(dock: &Dock) {
    fs::remove_dir_all(dock.path("state")).unwrap();
}

fn deliver(dock: &Dock) -> i32 {
    dock.drop_file("a.json", order());
    let (code, told) = dock.once();
    assert!(code < 2, "{told}");
    code
}

/// What every place promises.
fn check(dock: &Dock, folder: &Path) {
    assert_eq!(deliver(dock), 0, "{}", dock.log());
    let laid = lies(folder);
    let [file] = &laid[..] else {
        panic!("{laid:?}");
    };
    let name = file.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("4711-") && name.ends_with(".edi"),
        "{name}"
    );
    let text = read(file);
    assert!(text.contains("BGM+220+4711+9'"), "{text}");
    // A repeat whose first try nobody remembers finds its own file.
    let kept = fs::read(file).unwrap();
    forget(dock);
    fs::write(file, &kept).unwrap();
    let part = folder.join(format!(".{name}.part"));
    // What a crash in the middle of writing left.
    fs::remove_file(file).unwrap();
    fs::write(&part, "half a fi").unwrap();
    assert_eq!(deliver(dock), 0, "{}", dock.log());
    assert_eq!(lies(folder), laid, "one file, and nothing half");
    // Another file under the very same name is left alone, and the order waits.
    forget(dock);
    fs::write(file, "of somebody else").unwrap();
    assert_eq!(deliver(dock), 1);
    assert_eq!(read(file), "of somebody else");
}

pub(super) const EDIFACT: &str =
    "format = \"orders-d96a\"\nour_id = \"US:14\"\npartner_id = \"THEM:14\"\n";

#[test]
fn a_folder_gets_each_order_whole_and_once() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().display();
    let dock = house(
        &format!("kind = \"folder\"\npath = \"{path}\"\n{EDIFACT}"),
        MAIL,
    );
    check(&dock, scratch.path());
}

#[test]
fn an_openssh_server_gets_each_order_whole_and_once() {
    let server = Sshd::start();
    let lines = format!(
        "kind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{}/in\"\npassword = \"pw-secret\"\n\
         host_key = \"{}\"\n{EDIFACT}",
        server.port,
        server.fingerprint("ed25519")
    );
    check(&house(&lines, MAIL), &server.inbox("pw"));
}

#[test]
fn a_vsftpd_server_gets_each_order_whole_and_once() {
    let server = Vsftpd::start(Tls::None, "");
    let lines = format!(
        "kind = \"ftp\"\nurl = \"ftp://anonymous@127.0.0.1:{}/~/in\"\npassword = \"anybody\"\n{EDIFACT}",
        server.port
    );
    check(&house(&lines, MAIL), &server.inbox());
}

#[test]
fn under_tls_as_well() {
    let server = Vsftpd::start(Tls::Explicit, "");
    let lines = format!(
        "kind = \"ftps\"\nurl = \"ftps://anonymous@127.0.0.1:{}/~/in\"\npassword = \"anybody\"\n\
         ca = \"{}\"\nformat = \"xlsx\"\n",
        server.port,
        server.ca().display()
    );
    let dock = house(&lines, MAIL);
    assert_eq!(deliver(&dock), 0, "{}", dock.log());
    assert_eq!(lies(&server.inbox()).len(), 1);
}

#[test]
fn a_mailbox_gets_the_file_attached() {
    let postfix = Postfix::start();
    let mail = format!(
        "[mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"EDI <edi@example.com>\"\n",
        postfix.port
    );
    let dock = house(
        "kind = \"mail\"\nto = [\"edi@acme.test\"]\nformat = \"csv\"\nsubject = \"Acme:\"\n",
        &mail,
    );
    assert_eq!(deliver(&dock), 0, "{}", dock.log());
    let mails = postfix.wait_for_mail();
    assert_eq!(mails.len(), 1);
    let text = String::from_utf8_lossy(&mails[0]).into_owned();
    assert!(text.contains("Subject: Acme: Order 4711"), "{text}");
    assert!(text.contains("Message-ID: <order-"), "{text}");
    assert!(text.contains("filename=\"4711-"), "{text}");
}

#[test]
fn a_death_between_write_and_rename_leaves_one_file() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().display();
    let dock = house(
        &format!("kind = \"folder\"\npath = \"{path}\"\n{EDIFACT}"),
        MAIL,
    );
    dock.drop_file("a.json", order());
    let mut command = Command::new("strace");
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=renameat2"]);
    command.args(["-e", "inject=renameat2:signal=SIGKILL:when=1"]);
    command.arg(env!("CARGO_BIN_EXE_orderdock"));
    command.arg("--config").arg(dock.path("orderdock.toml"));
    let ended = command.args(["run", "--once"]).output().unwrap();
    assert!(!ended.status.success(), "{ended:?}");
    let (code, told) = dock.once();
    assert_eq!(code, 0, "{told}");
    let laid = lies(scratch.path());
    assert_eq!(laid.len(), 1, "{laid:?}");
}

#[test]
fn an_order_that_says_more_than_its_file_can_is_refused_where_that_is_asked() {
    let scratch = tempfile::tempdir().unwrap();
    let path = scratch.path().display();
    let dock = house(
        &format!("kind = \"folder\"\npath = \"{path}\"\nformat = \"orders-d96a\"\nstrict = true\n"),
        MAIL,
    );
    let text = order().replace("\"kind\"", "\"service_level\":\"express\",\"kind\"");
    dock.drop_file("a.json", text);
    assert_eq!(dock.once().0, 1);
    let told = read(&dock.path("inbox/error/a.json.error.txt"));
    assert!(told.contains("service_level"), "{told}");
    assert_eq!(lies(scratch.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_pattern_without_the_key_and_a_mail_without_a_server_are_told_at_once() {
    for (lines, mail, words) in [
        (
            "kind = \"folder\"\npath = \"/srv\"\nfile_name = \"{reference}.x\"\n",
            MAIL,
            "{key}",
        ),
        ("kind = \"mail\"\nto = [\"a@b.test\"]\n", "", "[mail]"),
    ] {
        let dock = house(lines, mail);
        let output = dock.run(&["check", "--connect"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(told.contains(words), "{told}");
        assert_ne!(output.status.code(), Some(0));
    }
}
