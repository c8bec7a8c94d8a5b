//! That each server keeps the contract, in each mode of protection it has.

use super::Folder;
use super::contract::{Place, check};
use crate::support::ftpd::PASSWORD;
use crate::support::proftpd::Proftpd;
use crate::support::pureftpd::PureFtpd;
use crate::support::vsftpd::{Tls, Vsftpd};

const DAY: u64 = 86_400;

/// One account of one server.
struct Account {
    folder: Folder,
    port: u16,
    user: &'static str,
    password: &'static str,
    /// `ftp`, or `ftps` with what belongs to it.
    kind: &'static str,
    more: String,
    /// Seconds that its listings can tell apart: those of old files have only days.
    step: u64,
    /// Whether the line to it is broken too: only nightly at servers that are slow to greet.
    breaks: bool,
}

impl Place for Account {
    fn config(&self, port: Option<u16>) -> String {
        let Self {
            kind,
            user,
            password,
            more,
            ..
        } = self;
        let port = port.unwrap_or(self.port);
        format!(
            "kind = \"{kind}\"\nurl = \"{kind}://{user}@127.0.0.1:{port}/~/in\"\n\
             password = \"{password}\"\n{more}"
        )
    }

    fn port(&self) -> Option<u16> {
        let all = std::env::var_os("ORDERDOCK_CUTS").is_some();
        (self.breaks || all).then_some(self.port)
    }

    fn put(&self, name: &str, bytes: &[u8], second: u64) {
        self.folder.put(name, bytes, second * self.step);
    }

    fn remove(&self, name: &str) {
        self.folder.remove(name);
    }

    fn lies(&self, folder: &str) -> Vec<Vec<u8>> {
        self.folder.lies(folder)
    }

    fn clear(&self) {
        self.folder.clear();
    }
}

fn secured(ca: &std::path::Path, more: &str) -> String {
    format!("ca = \"{}\"\n{more}", ca.display())
}

fn vsftpd(tls: Tls) {
    let server = Vsftpd::start(tls, "");
    let (kind, more) = match tls {
        Tls::None => ("ftp", String::new()),
        Tls::Explicit => ("ftps", secured(&server.ca(), "")),
        Tls::Implicit => ("ftps", secured(&server.ca(), "tls = \"implicit\"\n")),
    };
    check(&Account {
        folder: Folder(server.inbox()),
        port: server.port,
        user: "anonymous",
        password: "anybody",
        kind,
        more,
        step: DAY,
        breaks: tls == Tls::None,
    });
}

#[test]
fn vsftpd_keeps_the_contract() {
    vsftpd(Tls::None);
}

#[test]
fn vsftpd_under_tls_keeps_the_contract() {
    vsftpd(Tls::Explicit);
}

#[test]
fn vsftpd_under_tls_from_the_first_byte_keeps_the_contract() {
    vsftpd(Tls::Implicit);
}

fn proftpd(port: impl Fn(&Proftpd) -> u16, kind: &'static str, more: &str) {
    let server = Proftpd::start();
    let more = match kind {
        "ftps" => secured(&server.ca(), more),
        _ => more.to_owned(),
    };
    check(&Account {
        folder: Folder(server.inbox("alice")),
        port: port(&server),
        user: "alice",
        password: "alice-secret",
        kind,
        more,
        step: DAY,
        breaks: false,
    });
}

#[test]
fn proftpd_keeps_the_contract() {
    proftpd(|server| server.ftp, "ftp", "");
}

#[test]
fn proftpd_under_tls_keeps_the_contract() {
    proftpd(|server| server.ftp, "ftps", "");
}

#[test]
fn proftpd_with_resumed_sessions_keeps_the_contract() {
    proftpd(|server| server.reuse, "ftps", "");
}

#[test]
fn proftpd_under_tls_from_the_first_byte_keeps_the_contract() {
    proftpd(|server| server.implicit, "ftps", "tls = \"implicit\"\n");
}

#[test]
fn a_server_that_lists_as_windows_does_keeps_the_contract() {
    proftpd(|server| server.dos, "ftp", "");
}

fn pure_ftpd(kind: &'static str) {
    let server = PureFtpd::start(kind == "ftps");
    let more = match kind {
        "ftps" => secured(&server.ca(), ""),
        _ => String::new(),
    };
    check(&Account {
        folder: Folder(server.inbox()),
        port: server.port,
        user: "edi",
        password: PASSWORD,
        kind,
        more,
        step: 1,
        breaks: kind == "ftps",
    });
}

#[test]
fn pure_ftpd_keeps_the_contract() {
    pure_ftpd("ftp");
}

#[test]
fn pure_ftpd_under_tls_keeps_the_contract() {
    pure_ftpd("ftps");
}
