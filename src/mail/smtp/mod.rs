//! Mail by SMTP: one message, one recipient. The envelope sender is null (RFC 3834 section 3.3), so
//! that nothing bounces back and loops, unless delivery reports are read.
//!
//! Encryption: `smtps://` from the first byte. `smtp://` demands STARTTLS, unless `allow_plaintext`
//! makes it "if offered". To a loopback address without a `ca`, plain: there is nobody to hear it,
//! and the certificate of a local mail server is rarely made for that name. Certificates are
//! verified, always. The crypto provider is the process's own, installed at start.
//!
//! A refusal of this message is told apart from a server or password that refuses everything by
//! asking the server once more without a message: only the first may end a mail.

mod settings;

#[cfg(test)]
mod tests;

use std::fmt;

use async_trait::async_trait;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{
    Certificate, CertificateStore, Tls, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, Error};
use lettre::{Address, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret as _;

use crate::failure::{Failure, Turn};
use crate::limits;

use super::{Envelope, Mailer, Posted};

pub use settings::SmtpSettings;
use settings::{Encryption, Server};

/// Sends mail over one server.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// For messages: the server without credentials.
    server: Server,
}

impl fmt::Debug for SmtpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpMailer")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl SmtpMailer {
    /// A mailer for `settings`. Connects to nothing yet.
    ///
    /// # Errors
    /// A failure of the operator that names what is wrong in the settings.
    pub fn new(settings: &SmtpSettings) -> Result<Self, Failure> {
        let server = settings.server()?;
        let during = "setting up the mail server";
        let tls = match server.encryption {
            Encryption::None => Tls::None,
            Encryption::IfOffered => Tls::Opportunistic(parameters(&server, settings)?),
            Encryption::StartTls => Tls::Required(parameters(&server, settings)?),
            Encryption::FromStart => Tls::Wrapper(parameters(&server, settings)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&server.host)
            .port(server.port)
            .tls(tls)
            .timeout(Some(limits::MAIL_SILENCE))
            .pool_config(PoolConfig::new().max_size(limits::MAIL_CONNECTIONS));
        if let Some(name) = &settings.hello_name {
            builder = builder.hello_name(ClientId::Domain(name.clone()));
        }
        if let (Some(user), Some(password)) = (&server.user, &settings.password) {
            builder = builder.credentials(Credentials::new(
                user.clone(),
                password.expose_secret().to_owned(),
            ));
        } else if server.user.is_some() != settings.password.is_some() {
            return Err(Failure::operator(
                during,
                "The mail server has a user without a password or a password without a user.",
            ));
        }
        Ok(Self {
            transport: builder.build(),
            server,
        })
    }

    /// Asks the server without a message, on a connection of its own.
    async fn ask(&self) -> Result<(), Failure> {
        let asked = tokio::time::timeout(limits::MAIL_SEND, self.transport.test_connection());
        match asked.await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(self.temporary("The server closed the connection.")),
            Ok(Err(error)) => Err(self.failure(&error)),
            Err(_) => Err(self.temporary("The server did not answer in time.")),
        }
    }

    /// What an error means when it is not about one message.
    fn failure(&self, error: &Error) -> Failure {
        let words = words(error);
        let settled = error.is_permanent() || error.is_client() || is_tls(error);
        self.temporary(if settled {
            format!("{words} Please check url, user, password and ca under [mail].")
        } else {
            words
        })
    }

    /// Always to be tried again, and always the operator's turn: it is their server.
    fn temporary(&self, message: impl fmt::Display) -> Failure {
        Failure {
            turn: Turn::Operator,
            ..Failure::temporary(format!("sending mail by {}", self.server), message)
        }
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn post(&self, envelope: &Envelope) -> Posted {
        let to: Address = match envelope.recipient.parse() {
            Ok(to) => to,
            Err(_) => {
                return Posted::Refused(format!(
                    "“{}” is not a mail address.",
                    crate::problem::excerpt(&envelope.recipient)
                ));
            }
        };
        let wire = match wire(envelope, to) {
            Ok(wire) => wire,
            Err(failure) => return Posted::NotTaken(failure),
        };
        let sending = self.transport.send_raw(&wire, &envelope.message);
        let error = match tokio::time::timeout(limits::MAIL_SEND, sending).await {
            Ok(Ok(_)) => return Posted::Accepted,
            Ok(Err(error)) => error,
            Err(_) => {
                let late = "The server did not take the message in time.";
                return Posted::Unknown(self.temporary(late));
            }
        };
        if may_have_it(&error) {
            return Posted::Unknown(self.failure(&error));
        }
        if !may_be_about_message(&error) || is_about_server(&error) {
            return Posted::NotTaken(self.failure(&error));
        }
        match self.ask().await {
            Ok(()) => Posted::Refused(words(&error)),
            Err(failure) => Posted::NotTaken(failure),
        }
    }

    async fn probe(&self) -> Result<(), Failure> {
        self.ask().await
    }
}

fn wire(envelope: &Envelope, to: Address) -> Result<lettre::address::Envelope, Failure> {
    let path = envelope.return_path.as_deref();
    let path = path.map(str::parse::<Address>).transpose();
    let path = path.map_err(|error| Failure::operator("reading [mail] bounces", error))?;
    lettre::address::Envelope::new(path, vec![to])
        .map_err(|error| Failure::ours("sending mail", error))
}

/// Whether the server may have the message: the connection broke once it stood. Every answer with a
/// code says that it has not; a connection that never stood is told apart by the library in its
/// words alone.
fn may_have_it(error: &Error) -> bool {
    let said_no = error.is_permanent() || error.is_transient();
    let never_left = error.is_client() || is_tls(error) || error.is_transport_shutdown();
    !said_no && !never_left && !error.to_string().starts_with("Connection error")
}

fn parameters(server: &Server, settings: &SmtpSettings) -> Result<TlsParameters, Failure> {
    let mut builder: TlsParametersBuilder =
        TlsParameters::builder(server.host.clone()).certificate_store(CertificateStore::Default);
    if let Some(ca) = &settings.ca {
        let pem = settings::read_ca(ca)?;
        let certificate = Certificate::from_pem(&pem).map_err(|error| {
            Failure::operator(
                format!("reading {}", ca.display()),
                format!("This is not a PEM file of certificates ({error})."),
            )
        })?;
        builder = builder.add_root_certificate(certificate);
    }
    builder
        .build_rustls()
        .map_err(|error| Failure::operator("setting up TLS for mail", error))
}

/// Whether TLS failed: the library calls most of these errors of the connection, with the reason
/// somewhere among the causes.
fn is_tls(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let wrapped = inner
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<rustls::Error>);
        if wrapped || inner.is::<rustls::Error>() {
            return true;
        }
        cause = inner.source();
    }
    error.is_tls()
}

/// A definite no, or something our side cannot say to this server (an address in UTF-8).
fn may_be_about_message(error: &Error) -> bool {
    error.is_permanent() || error.is_client()
}

/// A definite no that every message would get: authentication wanted (530, 534, 535, 538 of RFC
/// 4954), no service (521), or no relaying for us.
fn is_about_server(error: &Error) -> bool {
    let code = error.status().map(u16::from);
    matches!(code, Some(521 | 530 | 534 | 535 | 538))
        || words(error).to_lowercase().contains("relay")
}

/// What was said, on one line and without our library's prefix. Holds no secret: a server is never
/// quoted on what we sent, only on its answer.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let said = inner.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = inner.source();
    }
    let clean: String = words
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(limits::LABEL_CHARS * 4)
        .collect();
    format!("{}.", clean.trim().trim_end_matches('.'))
}
