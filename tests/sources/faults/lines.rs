//! Lines and servers that die, with a word or without, in the running house.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::cut::Line;
use crate::support::dock::{Daemon, Dock};
use crate::support::dovecot::Dovecot;
use crate::support::erp::Erp;
use crate::support::imapd::{Mailboxes, PASSWORD, USER};
use crate::support::postfix::Postfix;
use crate::support::sshd::Sshd;
use crate::support::world::INSTALL;

pub(super) fn order(reference: &str) -> String {
    format!(
        "order_id,order_date,sku,quantity,unit,unit_price,currency\n\
         {reference},2026-02-01,SKU-1,1,PCE,1.00,EUR\n"
    )
}

/// A source at this port of the account `pw`.
pub(super) fn sftp(server: &Sshd, port: u16, more: &str) -> String {
    format!(
        "[[source]]\nname = \"acme\"\nkind = \"sftp\"\nurl = \"sftp://pw@127.0.0.1:{port}/in\"\n\
         password = \"pw-secret\"\nhost_key = \"{}\"\nstable = \"0s\"\npoll = \"200ms\"\n\
         grace = \"0s\"\n{more}\n[[route]]\ndestination = [\"erp\"]\n\n",
        server.fingerprint("ed25519"),
    )
}

/// A daemon for which the time goes so many times as fast: what it waits for in minutes comes in
/// seconds, and nothing else is another for it.
///
/// The kernel's own waits are not hurried: a daemon that rests until its next time would rest too long.
/// Its inbox is looked at all the time, so that it looks at its clock as well.
fn hurried(dock: &Dock, times: u32) -> Daemon {
    let inbox = "/inbox\"\n";
    dock.configure(
        &dock
            .config()
            .replace(inbox, &format!("{inbox}poll = \"100ms\"\n")),
    );
    let found = Command::new("faketime")
        .args(["-m", "@0", "printenv", "LD_PRELOAD"])
        .output();
    let found = found.unwrap_or_else(|_| panic!("faketime {INSTALL}"));
    let library = String::from_utf8(found.stdout).unwrap();
    let mut command = dock.command(&["run"]);
    command
        .env("LD_PRELOAD", library.trim())
        .env("FAKETIME", format!("+0 x{times}"));
    dock.start_as(&mut command)
}

#[test]
fn a_line_that_dies_without_a_word_is_given_up_and_begun_anew() {
    let server = Sshd::start();
    let erp = Erp::start();
    let line = Line::to(server.port);
    let dock = Dock::new(&erp.orders(), &sftp(&server, line.port, ""));
    let inbox = server.inbox("pw");
    let daemon = hurried(&dock, 10);
    fs::write(inbox.join("one.csv"), order("one")).unwrap();
    erp.wait_for(1);
    line.swallow();
    fs::write(inbox.join("two.csv"), order("two")).unwrap();
    // No end of the connection is ever seen, and still it is noticed: the next one works.
    erp.wait_for(2);
    assert!(dock.log().contains("acme"), "{}", dock.log());
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["one", "two"]);
}

#[test]
fn an_idle_that_died_without_a_word_is_begun_anew_and_the_mail_taken() {
    let server = Dovecot::start();
    let erp = Erp::start();
    let line = Line::to(server.port());
    // A poll beyond the nine minutes after which an IDLE is begun anew.
    let source = format!(
        "[[source]]\nname = \"mailbox\"\nkind = \"imap\"\nurl = \"imap://127.0.0.1:{}/INBOX\"\n\
         user = \"{USER}\"\npassword = \"{PASSWORD}\"\npoll = \"10m\"\n\n\
         [[route]]\nsource = \"mailbox\"\ndestination = [\"erp\"]\n\n",
        line.port
    );
    let dock = Dock::new(&erp.orders(), &source);
    let daemon = hurried(&dock, 60);
    let mail = |name: &'static str| {
        crate::mailbox::Mail::with(name, &[("order.csv", order(name))]).bytes()
    };
    server.deliver(USER, &mail("one"));
    erp.wait_for(1);
    line.swallow();
    server.deliver(USER, &mail("two"));
    erp.wait_for(2);
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["one", "two"]);
}

#[test]
fn dead_servers_of_every_kind_delay_no_other() {
    // Takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap().port();
    let _taking = Line::to(silent);
    let server = Sshd::start();
    let erp = Erp::start();
    let mut dead = String::new();
    for (kind, url, more) in [
        (
            "sftp",
            "sftp://dead@",
            "host_key = \"SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU\"\n",
        ),
        ("ftp", "ftp://dead@", ""),
        ("imap", "imap://dead@", ""),
    ] {
        dead += &format!(
            "[[source]]\nname = \"dead-{kind}\"\nkind = \"{kind}\"\nurl = \"{url}127.0.0.1:{silent}/in\"\n\
             password = \"dead-secret\"\npoll = \"200ms\"\n{more}\n"
        );
    }
    let dock = Dock::new(
        &erp.orders(),
        &format!("{dead}{}", sftp(&server, server.port, "")),
    );
    let daemon = dock.start();
    for name in ["one", "two"] {
        fs::write(server.inbox("pw").join(format!("{name}.csv")), order(name)).unwrap();
        dock.drop_file(
            &format!("local-{name}.csv"),
            order(&format!("local-{name}")),
        );
        dock.wait_for("done", &format!("local-{name}.csv"));
    }
    erp.wait_for(4);
    // They are to be seen, although nothing ever came from them.
    let status = String::from_utf8(dock.run(&["status"]).stdout).unwrap();
    for name in ["dead-sftp", "dead-ftp", "dead-imap"] {
        assert!(status.contains(name), "{status}");
    }
    // Nor do they hold up the end.
    assert_eq!(daemon.stop(), 0);
    erp.has_each_once(&["local-one", "local-two", "one", "two"]);
}

/// Asserts that exactly one of the mails has these words in its subject.
fn told_once(mails: &[Vec<u8>], subject: &str) {
    let texts: Vec<_> = mails
        .iter()
        .map(|mail| String::from_utf8_lossy(mail))
        .collect();
    let count = texts.iter().filter(|text| text.contains(subject)).count();
    assert_eq!(count, 1, "“{subject}” in {texts:?}");
}

#[test]
fn operators_hear_once_that_a_server_is_gone_and_once_that_it_is_back() {
    let mut server = Sshd::start();
    let (erp, postfix) = (Erp::start(), Postfix::start());
    let mail = format!(
        "[mail]\nurl = \"smtp://127.0.0.1:{}\"\nfrom = \"desk@acme.test\"\n\
         operators = [\"ops@acme.test\"]\n",
        postfix.port
    );
    let source = sftp(&server, server.port, "");
    let dock = Dock::new(&erp.orders(), &format!("{source}{mail}"));
    let inbox = server.inbox("pw");
    fs::write(inbox.join("one.csv"), order("one")).unwrap();
    let daemon = dock.start();
    wait_for(&inbox, "done/one.csv", &dock);
    server.stop();
    told_once(
        &postfix.wait_for_mails(1),
        "Nothing is taken from source acme",
    );
    fs::write(inbox.join("two.csv"), order("two")).unwrap();
    server.run();
    wait_for(&inbox, "done/two.csv", &dock);
    let mails = postfix.wait_for_mails(2);
    told_once(&mails, "Nothing is taken from source acme");
    told_once(&mails, "Source acme works again");
    assert_eq!(daemon.stop(), 0);
    assert_eq!(postfix.mails().len(), 2);
    erp.has_each_once(&["one", "two"]);
}

/// Waits until the file lies there.
pub(super) fn wait_for(folder: &Path, name: &str, dock: &Dock) {
    let path = folder.join(name);
    crate::support::events::until(folder, || path.exists().then_some(()))
        .unwrap_or_else(|| panic!("never came: {}\n{}", path.display(), dock.log()));
}
