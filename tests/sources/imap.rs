//! Mailboxes, in which a file is a mail with this content.

use std::sync::Mutex;

use super::contract::{Place, check};
use crate::support::courier::Courier;
use crate::support::cyrus::Cyrus;
use crate::support::dovecot::Dovecot;
use crate::support::imapd::{Client, Mailboxes, PASSWORD};

/// A mailbox, seen past the source by another client.
struct Mailbox<S> {
    server: S,
    client: Mutex<Client>,
}

impl<S: Mailboxes> Mailbox<S> {
    fn new(server: S) -> Self {
        let client = Mutex::new(server.client());
        Self { server, client }
    }

    fn name(&self, folder: &str) -> String {
        match folder {
            "" => "INBOX".to_owned(),
            folder => format!("INBOX{}{folder}", self.server.separator()),
        }
    }

    fn empty(&self, mailbox: &str, which: &str) {
        let mut client = self.client.lock().unwrap();
        if client
            .run(&format!("SELECT \"{mailbox}\""))
            .1
            .starts_with("OK")
        {
            client.run(&format!("STORE {which} +FLAGS.SILENT (\\Deleted)"));
            client.ok("EXPUNGE");
        }
    }
}

/// Mails know no other end of a line.
fn with_crlf(content: &[u8]) -> Vec<u8> {
    let lines = content.split(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    lines.collect::<Vec<_>>().join(b"\r\n".as_slice())
}

impl<S: Mailboxes> Place for Mailbox<S> {
    fn config(&self, port: Option<u16>) -> String {
        format!(
            "kind = \"imap\"\nurl = \"imap://orders%40mail.test@127.0.0.1:{}\"\npassword = \"{PASSWORD}\"\n",
            port.unwrap()
        )
    }

    fn port(&self) -> Option<u16> {
        Some(self.server.port())
    }

    fn put(&self, name: &str, bytes: &[u8], second: u64) {
        let head = format!(
            "From: partner@acme.test\r\nSubject: {name}\r\nMessage-ID: <{name}.{second}@acme.test>\r\n\r\n"
        );
        let mail = [head.into_bytes(), with_crlf(bytes), b"\r\n".to_vec()].concat();
        let second = i64::try_from(1_700_000_000 + second).unwrap();
        let date = jiff::Timestamp::from_second(second).unwrap();
        let date = date.strftime("\"%d-%b-%Y %H:%M:%S +0000\" ").to_string();
        self.client.lock().unwrap().append_at("INBOX", &mail, &date);
    }

    fn remove(&self, name: &str) {
        let mut client = self.client.lock().unwrap();
        client.ok("SELECT INBOX");
        let found = client
            .ok(&format!("SEARCH HEADER Subject \"{name}\""))
            .concat();
        let found = String::from_utf8(found).unwrap();
        let number = found.split_ascii_whitespace().last().unwrap().to_owned();
        drop(client);
        self.empty("INBOX", &number);
    }

    fn lies(&self, folder: &str) -> Vec<Vec<u8>> {
        self.client.lock().unwrap().mails(&self.name(folder))
    }

    fn has_names(&self) -> bool {
        false
    }

    fn holds(&self, fetched: &[u8], content: &[u8]) -> bool {
        let content = with_crlf(content);
        fetched
            .windows(content.len())
            .any(|window| window == content)
    }

    fn clear(&self) {
        for folder in ["", "done", "error"] {
            self.empty(&self.name(folder), "1:*");
        }
    }
}

#[test]
fn dovecot_keeps_the_contract() {
    check(&Mailbox::new(Dovecot::start()));
}

#[test]
fn cyrus_keeps_the_contract() {
    check(&Mailbox::new(Cyrus::start()));
}

#[test]
fn courier_keeps_the_contract() {
    check(&Mailbox::new(Courier::start()));
}
