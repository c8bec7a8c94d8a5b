//! From nothing to a connection that is protected as configured, and logged in.
//!
//! Nothing is said before the protection stands but STARTTLS itself. Refused: a server that no
//! longer offers it (somebody on the way may have taken the offer out), one that counts us as logged
//! in before it, and one that has said more in clear than its answer (RFC 8314, RFC 3501 6.2.1).

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::super::settings::{Encryption, ImapSettings};
use super::command::Command;
use super::{Fault, Kind, Reply, Session, Stream, Wire};
use crate::clients::tls;
use crate::failure::{Failure, Turn};
use crate::limits;

impl Session {
    /// A session that is logged in.
    pub(in crate::sources::imap) async fn open(
        settings: &ImapSettings,
        security: Option<&Arc<ClientConfig>>,
    ) -> Result<Self, Failure> {
        let during = format!("connecting to {}:{}", settings.host, settings.port);
        let connecting = protected(settings, security, &during);
        let connected = tokio::time::timeout(limits::IMAP_CONNECT, connecting).await;
        let mut session =
            connected.unwrap_or_else(|_| Err(Failure::temporary(during, "no answer in time")))?;
        let logging_in = session.log_in(settings);
        let during = format!("logging in at {}", settings.host);
        match tokio::time::timeout(limits::IMAP_COMMAND, logging_in).await {
            Ok(logged_in) => logged_in?,
            Err(_) => return Err(Failure::temporary(during, "no answer in time")),
        }
        Ok(session)
    }

    /// Reads the greeting; whether it says that we are logged in already.
    async fn greeted(&mut self) -> Result<bool, Fault> {
        let until = Self::until(limits::IMAP_SILENCE);
        match self.reply(until, limits::IMAP_ANSWER_BYTES).await? {
            Reply::Status(status) => match status.kind {
                Kind::Ok => Ok(false),
                Kind::Preauth => Ok(true),
                _ => Err(Fault::Refused(status)),
            },
            _ => Err(Fault::Broken("the server does not speak IMAP".to_owned())),
        }
    }

    pub(super) async fn ask_abilities(&mut self) -> Result<(), Fault> {
        self.run(&Command::new("CAPABILITY"), |_| ()).await?;
        Ok(())
    }
}

/// A connection with its greeting read.
async fn protected(
    settings: &ImapSettings,
    security: Option<&Arc<ClientConfig>>,
    during: &str,
) -> Result<Session, Failure> {
    let failed = |error: std::io::Error| Failure::temporary(during, error);
    let address = (settings.host.as_str(), settings.port);
    let stream = TcpStream::connect(address).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let stream: Box<dyn Stream> = match settings.encryption {
        Encryption::FromStart => encrypted(Box::new(stream), settings, security, during).await?,
        _ => Box::new(stream),
    };
    let mut session = Session::new(Wire::new(stream));
    let fault = |fault: Fault| fault.failure(during);
    let known = session.greeted().await.map_err(fault)?;
    let demanded = settings.encryption == Encryption::StartTls;
    if demanded && known {
        return Err(stripped(
            during,
            "the server counts us as logged in before the connection is encrypted",
        ));
    }
    if session.abilities.is_empty() {
        session.ask_abilities().await.map_err(fault)?;
    }
    let starts = matches!(
        settings.encryption,
        Encryption::StartTls | Encryption::IfOffered
    );
    if starts && session.can("STARTTLS") {
        return start_tls(session, settings, security, during).await;
    }
    if demanded {
        return Err(stripped(during, "the server does not offer STARTTLS"));
    }
    if known {
        session.abilities.insert(super::login::PREAUTH.to_owned());
    }
    Ok(session)
}

async fn start_tls(
    mut session: Session,
    settings: &ImapSettings,
    security: Option<&Arc<ClientConfig>>,
    during: &str,
) -> Result<Session, Failure> {
    let answered = session.run(&Command::new("STARTTLS"), |_| ()).await;
    answered.map_err(|fault| fault.failure(during))?;
    let Some(stream) = session.wire.into_bare() else {
        return Err(stripped(
            during,
            "the server went on talking before the connection was encrypted",
        ));
    };
    let stream = encrypted(stream, settings, security, during).await?;
    // Whatever was told in clear does not count.
    let mut session = Session::new(Wire::new(stream));
    let asked = session.ask_abilities().await;
    asked.map_err(|fault| fault.failure(during))?;
    Ok(session)
}

async fn encrypted(
    stream: Box<dyn Stream>,
    settings: &ImapSettings,
    security: Option<&Arc<ClientConfig>>,
    during: &str,
) -> Result<Box<dyn Stream>, Failure> {
    let name = ServerName::try_from(settings.host.clone()).map_err(|_| {
        Failure::operator(during, "the host is no name that a certificate can have")
    })?;
    let Some(security) = security else {
        return Err(Failure::ours(during, "TLS was asked for and not prepared"));
    };
    let connector = TlsConnector::from(Arc::clone(security));
    match connector.connect(name, stream).await {
        Ok(stream) => Ok(Box::new(stream)),
        Err(error) => Err(tls::failure(during, &error)),
    }
}

fn stripped(during: &str, what: &str) -> Failure {
    Failure {
        turn: Turn::Operator,
        ..Failure::operator(
            during,
            format!(
                "{what}: somebody on the way may be reading along. No password was sent. Use \
                 imaps://, or look at the server."
            ),
        )
    }
}
