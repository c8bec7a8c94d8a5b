//! Proving who we are: LOGIN, AUTHENTICATE PLAIN, XOAUTH2 and OAUTHBEARER.
//!
//! One proof is tried, the best that the server offers, and a refused password is not tried in
//! another form: servers lock accounts. Nothing secret is ever part of a message.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};

use super::super::settings::{ImapSettings, Login};
use super::command::Command;
use super::{Answer, Fault, Running, Session};
use crate::failure::Failure;
use crate::limits;

/// Noted among the abilities of a server that logged us in by its greeting.
pub(super) const PREAUTH: &str = "[PREAUTH]";

/// What a client says of itself (RFC 2971). Some providers let nobody select a mailbox who does not.
const ID: &str = concat!(
    "ID (\"name\" \"orderdock\" \"version\" \"",
    env!("CARGO_PKG_VERSION"),
    "\")"
);

impl Session {
    /// Logs in and learns what the server can do now.
    pub(super) async fn log_in(&mut self, settings: &ImapSettings) -> Result<(), Failure> {
        let during = || format!("logging in at {} as {}", settings.host, settings.user);
        if !self.can(PREAUTH) {
            match &settings.login {
                Login::Password(password) => self.by_password(&settings.user, password).await,
                Login::Token(tokens) => {
                    let token = tokens.get().await?;
                    let mut proved = self.by_token(settings, token.secret()).await;
                    if matches!(proved, Err(Fault::Refused(_))) && !token.is_fresh() {
                        // Withdrawn before its time: one new one is asked for.
                        tokens.refused(&token).await;
                        let token = tokens.get().await?;
                        proved = self.by_token(settings, token.secret()).await;
                    }
                    proved
                }
            }
            .map_err(|fault| denied(&fault, during(), &settings.login))?;
        }
        let prepared = async {
            self.ask_abilities().await?;
            if self.can("ID") {
                match self.run(&Command::new(ID), |_| ()).await {
                    // A courtesy; a server that does not like it says so and goes on.
                    Ok(_) | Err(Fault::Refused(_)) => {}
                    Err(fault) => return Err(fault),
                }
            }
            Ok(())
        };
        let prepared: Result<(), Fault> = prepared.await;
        prepared.map_err(|fault| fault.failure(during()))
    }

    async fn by_password(&mut self, user: &str, password: &SecretString) -> Result<(), Fault> {
        let password = password.expose_secret();
        if self.can("AUTH=PLAIN") {
            return self
                .authenticate("PLAIN", &format!("\0{user}\0{password}"))
                .await;
        }
        if self.can("LOGINDISABLED") {
            return Err(Fault::Unfit(
                "the server takes no password over this connection; it may want TLS, or tokens \
                 (`oauth`)"
                    .to_owned(),
            ));
        }
        let command = Command::new("LOGIN").text(user).text(password);
        self.run(&command, |_| ()).await.map(drop)
    }

    async fn by_token(
        &mut self,
        settings: &ImapSettings,
        token: &SecretString,
    ) -> Result<(), Fault> {
        let ImapSettings {
            user, host, port, ..
        } = settings;
        let token = token.expose_secret();
        if self.can("AUTH=OAUTHBEARER") {
            // RFC 7628, 3.1: in the user's name “,” and “=” are escaped (RFC 5801, 4).
            let escaped = user.replace('=', "=3D").replace(',', "=2C");
            let proof = format!(
                "n,a={escaped},\u{1}host={host}\u{1}port={port}\u{1}auth=Bearer {token}\u{1}\u{1}"
            );
            return self.authenticate("OAUTHBEARER", &proof).await;
        }
        if self.can("AUTH=XOAUTH2") {
            let proof = format!("user={user}\u{1}auth=Bearer {token}\u{1}\u{1}");
            return self.authenticate("XOAUTH2", &proof).await;
        }
        Err(Fault::Unfit(
            "the server takes no access tokens: it offers neither OAUTHBEARER nor XOAUTH2"
                .to_owned(),
        ))
    }

    /// One exchange (RFC 3501, 6.2.2): the proof at once where the server takes that (RFC 4959).
    async fn authenticate(&mut self, mechanism: &str, proof: &str) -> Result<(), Fault> {
        let proof = STANDARD.encode(proof);
        let mut command = Command::new(format!("AUTHENTICATE {mechanism}"));
        let at_once = self.can("SASL-IR");
        if at_once {
            command = command.words(&proof);
        }
        let running = self.begin(&command).await?;
        if !at_once {
            self.go_ahead(&running).await?;
            self.send(format!("{proof}\r\n").as_bytes()).await?;
        }
        self.proved(&running).await
    }

    /// A server that refuses a token says why in a challenge, which is answered by nothing: then
    /// comes its NO (RFC 7628, 3.2.3).
    async fn proved(&mut self, running: &Running) -> Result<(), Fault> {
        loop {
            match self.reply(running.until, limits::IMAP_ANSWER_BYTES).await? {
                super::Reply::More(_) => self.send(b"\r\n").await?,
                super::Reply::Done(tag, status) if tag.as_ref() == running.tag.as_bytes() => {
                    return match status.kind {
                        super::Kind::Ok => Ok(()),
                        _ => Err(Fault::Refused(status)),
                    };
                }
                _ => {}
            }
        }
    }
}

/// What a failed login means (codes of RFC 5530).
fn denied(fault: &Fault, during: String, login: &Login) -> Failure {
    let Fault::Refused(status) = fault else {
        return fault.failure(during);
    };
    let passing = ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"];
    if passing.iter().any(|code| status.has(code)) {
        return fault.failure(during);
    }
    let advice = match login {
        Login::Password(_) => {
            "Check `user` and `password`. Microsoft 365 and Google take no passwords here any \
             more: use `oauth`, or a password for apps."
        }
        Login::Token(_) => {
            "Check `user`, and that the application in `oauth` may read this mailbox by IMAP."
        }
    };
    Failure::operator(during, format!("the server said {status}. {advice}"))
}

impl Answer {
    /// The data of this word.
    pub(in crate::sources::imap) fn data(&self, word: &str) -> Option<&super::Data> {
        match self {
            Self::Data(data) if data.word == word => Some(data),
            _ => None,
        }
    }
}
