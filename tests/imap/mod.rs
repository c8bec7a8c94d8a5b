//! A mailbox as a source: real servers, and one that follows a script.

mod hostile;
mod login;
mod servers;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use orderdock::arrival::{ArrivalId, Entry, Settled, Verdict};
use orderdock::clients::tls::Trust;
use orderdock::failure::Failure;
use orderdock::sources::imap::{Encryption, ImapSettings, ImapSource, Login};
use orderdock::sources::{After, Pickup, Piece, Settlement, Source};
use tokio::sync::mpsc;

use crate::support::imapd::{PASSWORD, USER};

pub(crate) fn pickup() -> Pickup {
    Pickup {
        name: "mailbox".into(),
        stable: Duration::ZERO,
        poll: Duration::from_secs(60),
        grace: Duration::ZERO,
        include: Vec::new(),
        exclude: Vec::new(),
        marker: None,
        min_bytes: 0,
        max_bytes: 50 << 20,
        depth: 0,
        batch: 100,
        done: "done".into(),
        error: "error".into(),
        after: After::Move,
    }
}

/// In clear, at a port of this machine.
pub(crate) fn settings(port: u16) -> ImapSettings {
    ImapSettings {
        host: "127.0.0.1".into(),
        port,
        encryption: Encryption::None,
        tls: Trust::default(),
        user: USER.into(),
        login: Login::Password(PASSWORD.to_owned().into()),
        mailbox: "INBOX".into(),
    }
}

pub(crate) fn trust(ca: &Path) -> Trust {
    Trust {
        authorities: Some(std::fs::read(ca).unwrap()),
        pins: Vec::new(),
    }
}

pub(crate) fn source(settings: ImapSettings, pickup: Pickup) -> ImapSource {
    crate::support::tls::provider();
    ImapSource::open(settings, pickup).unwrap()
}

/// A mail of this subject and body.
pub(crate) fn mail(subject: &str, body: &str) -> Vec<u8> {
    format!(
        "From: partner@acme.test\r\nTo: {USER}\r\nSubject: {subject}\r\n\
         Message-ID: <{subject}@acme.test>\r\n\r\n{body}\r\n"
    )
    .into_bytes()
}

/// How a fetch ended.
#[derive(Debug, PartialEq)]
pub(crate) enum Read {
    Whole(Vec<u8>),
    Gone,
    Failed(Failure),
}

pub(crate) async fn fetch(source: &Arc<ImapSource>, entries: Vec<Entry>) -> Vec<(i64, Read)> {
    let entries = (1..).map(ArrivalId).zip(entries).collect();
    let (sender, mut pieces) = mpsc::channel(1);
    let reader = Arc::clone(source);
    let reading = tokio::spawn(async move { reader.fetch(entries, sender).await });
    let mut found = Vec::new();
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Bytes(_, piece) => bytes.extend_from_slice(&piece),
            Piece::Complete(id) => found.push((id.0, Read::Whole(std::mem::take(&mut bytes)))),
            Piece::Gone(id) => found.push((id.0, Read::Gone)),
            Piece::Failed(id, failure) => {
                bytes.clear();
                found.push((id.0, Read::Failed(failure)));
            }
        }
    }
    reading.await.unwrap();
    found
}

pub(crate) fn settlement(entry: &Entry, verdict: Verdict) -> Settlement {
    Settlement {
        arrival: ArrivalId(17),
        locator: entry.locator.clone(),
        version: entry.version,
        verdict,
        sidecars: Vec::new(),
    }
}

pub(crate) async fn settle(source: &ImapSource, entry: &Entry, verdict: Verdict) -> Settled {
    let settlements = vec![settlement(entry, verdict)];
    source.settle(settlements).await.remove(0).unwrap()
}
