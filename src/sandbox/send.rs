//! What the partners send by themselves: callbacks and mails. One try each, as far as is known of
//! the partners, and an entry in the log whatever came of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::sync::Semaphore;

use super::call::Outgoing;
use super::kind::Kind;
use super::log::{self, Entry, Log};
use crate::failure::Failure;
use crate::limits;
use crate::mail::smtp::{SmtpMailer, SmtpSettings};
use crate::mail::{Envelope, Mailer, Sent};

/// Sends.
#[derive(Debug)]
pub(super) struct Sender {
    client: reqwest::Client,
    turns: Semaphore,
    waiting: AtomicUsize,
}

/// One thing to send, and what the log says about it.
pub(super) struct Errand {
    pub(super) kind: Kind,
    pub(super) at: String,
    pub(super) smtp: Option<String>,
    pub(super) what: Outgoing,
}

impl Sender {
    pub(super) fn new() -> Result<Self, Failure> {
        // Whoever runs first installs it; a second time changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder()
            .user_agent(concat!("orderdock-sandbox/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(limits::SANDBOX_CALLBACK)
            .build();
        Ok(Self {
            client: client.map_err(|error| Failure::ours("preparing the callbacks", error))?,
            turns: Semaphore::new(limits::SANDBOX_SENDING),
            waiting: AtomicUsize::new(0),
        })
    }

    /// Sends one thing and tells what came of it.
    pub(super) async fn send(&self, errand: Errand, log: &Log) -> Value {
        let mut entry = Entry {
            at: errand.at.clone(),
            kind: Some(errand.kind),
            direction: "out",
            ..Entry::default()
        };
        if self.waiting.fetch_add(1, Ordering::AcqRel) < limits::SANDBOX_SEND_QUEUE {
            // The semaphore is never closed; without a permit it would only be less orderly.
            let turn = self.turns.acquire().await;
            match &errand.what {
                Outgoing::Post { url, headers, body } => {
                    self.post(url, headers, body, &mut entry).await;
                }
                Outgoing::Mail { to, subject, text } => {
                    mail(errand.smtp.as_deref(), [to, subject, text], &mut entry).await;
                }
            }
            drop(turn);
        } else {
            "Dropped: too many callbacks are waiting already.".clone_into(&mut entry.note);
        }
        self.waiting.fetch_sub(1, Ordering::AcqRel);
        let told =
            json!({ "sent": errand.what.shown(), "status": entry.status, "note": entry.note });
        log.add(entry);
        told
    }

    async fn post(
        &self,
        url: &str,
        headers: &[(String, String)],
        body: &bytes::Bytes,
        entry: &mut Entry,
    ) {
        "POST".clone_into(&mut entry.method);
        url.clone_into(&mut entry.target);
        entry.body = log::body(body, "application/json");
        let mut request = self.client.post(url).body(body.clone());
        for (name, value) in headers {
            request = request.header(name, value);
            let shown = log::header(name, value);
            entry.headers.push((name.clone(), shown));
        }
        match request.send().await {
            Ok(answer) => {
                entry.status = Some(answer.status().as_u16());
                if !answer.status().is_success() {
                    "The receiver did not take it; it is not sent again."
                        .clone_into(&mut entry.note);
                }
            }
            Err(error) => {
                entry.note = format!("Nobody took it: {}.", error.without_url());
            }
        }
    }
}

async fn mail(smtp: Option<&str>, [to, subject, text]: [&String; 3], entry: &mut Entry) {
    "MAIL".clone_into(&mut entry.method);
    to.clone_into(&mut entry.target);
    entry.body = log::excerpt(&format!("Subject: {subject}\n\n{text}"));
    let Some(url) = smtp else {
        "Not sent: no mail server is set (smtp).".clone_into(&mut entry.note);
        return;
    };
    let message = format!(
        "From: CargoCONNECT sandbox <noreply@sandbox.invalid>\r\nTo: <{to}>\r\n\
         Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Auto-Submitted: auto-generated\r\n\r\n{}\r\n",
        text.replace('\n', "\r\n")
    );
    let envelope = Envelope {
        return_path: None,
        recipient: to.clone(),
        message: message.into_bytes(),
    };
    let settings = SmtpSettings {
        url: url.to_owned(),
        user: None,
        password: None,
        ca: None,
        hello_name: None,
        allow_plaintext: true,
    };
    let sent = match SmtpMailer::new(&settings) {
        Ok(mailer) => mailer.send(&envelope).await,
        Err(failure) => Err(failure),
    };
    match sent {
        Ok(Sent::Accepted) => entry.status = Some(250),
        Ok(Sent::Refused(why)) => entry.note = format!("The mail server refused it: {why}"),
        Err(failure) => entry.note = failure.to_string(),
    }
}

/// Sends in the background.
pub(super) fn spawn(sender: &Arc<Sender>, log: &Arc<Log>, errand: Errand) {
    let (sender, log) = (Arc::clone(sender), Arc::clone(log));
    tokio::spawn(async move { sender.send(errand, &log).await });
}
