//! How a mailbox is reached.

use std::sync::Arc;

use secrecy::SecretString;

use crate::clients::tls::Trust;
use crate::token::Tokens;

/// A mailbox and the way to it.
#[derive(Debug, Clone)]
pub struct ImapSettings {
    /// The server's name or address; certificates are verified against it.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub encryption: Encryption,
    /// Whom we believe.
    pub tls: Trust,
    /// Whom we log in as.
    pub user: String,
    /// How we prove it.
    pub login: Login,
    /// The mailbox that is watched, as people write it, parts separated by `/`.
    pub mailbox: String,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// TLS from the first byte.
    FromStart,
    /// STARTTLS, and nothing is said before it.
    StartTls,
    /// STARTTLS where it is offered; otherwise everybody on the way can read along.
    IfOffered,
    /// None: the server is on this machine.
    None,
}

/// How we prove who we are.
#[derive(Debug, Clone)]
pub enum Login {
    /// By a password.
    Password(SecretString),
    /// By access tokens (XOAUTH2, RFC 7628).
    Token(Arc<Tokens>),
}
