//! That each server keeps the contract, the crippled one too.

use super::Folder;
use super::contract::{Place, check};
use crate::support::proftpd::Proftpd;
use crate::support::sshd::Sshd;

/// One account of one server.
struct Account {
    folder: Folder,
    port: u16,
    user: &'static str,
    fingerprint: String,
    more: &'static str,
    lets_move: bool,
}

impl Place for Account {
    fn config(&self, port: Option<u16>) -> String {
        format!(
            "kind = \"sftp\"\nurl = \"sftp://{user}@127.0.0.1:{port}/in\"\npassword = \"{user}-secret\"\n\
             host_key = \"{key}\"\n{more}",
            user = self.user,
            port = port.unwrap(),
            key = self.fingerprint,
            more = self.more
        )
    }

    fn port(&self) -> Option<u16> {
        Some(self.port)
    }

    fn put(&self, name: &str, bytes: &[u8], second: u64) {
        self.folder.put(name, bytes, second);
    }

    fn remove(&self, name: &str) {
        self.folder.remove(name);
    }

    fn lies(&self, folder: &str) -> Vec<Vec<u8>> {
        self.folder.lies(folder)
    }

    fn lets_move(&self) -> bool {
        self.lets_move
    }

    fn clear(&self) {
        self.folder.clear();
    }
}

#[test]
fn openssh_keeps_the_contract() {
    let server = Sshd::start();
    check(&Account {
        folder: Folder(server.inbox("pw")),
        port: server.port,
        user: "pw",
        fingerprint: server.fingerprint("ed25519"),
        more: "",
        lets_move: true,
    });
}

#[test]
fn mod_sftp_keeps_the_contract() {
    let server = Proftpd::start();
    assert!(server.ca().exists(), "{}", server.log());
    check(&Account {
        folder: Folder(server.inbox("alice")),
        port: server.sftp,
        user: "alice",
        fingerprint: server.fingerprint("ed25519"),
        more: "",
        lets_move: true,
    });
}

/// It refuses renames, so that the ledger alone must remember.
#[test]
fn a_crippled_server_keeps_what_it_can_of_the_contract() {
    let server = Proftpd::start();
    check(&Account {
        folder: Folder(server.inbox("alice")),
        port: server.crippled,
        user: "alice",
        fingerprint: server.fingerprint("rsa"),
        more: "legacy_algorithms = true\nconnections = 1\n",
        lets_move: false,
    });
}
