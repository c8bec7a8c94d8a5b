//! `[mail]`: the mail that goes out, to senders and operators.

use std::path::PathBuf;

use super::secrets::secret;
use super::section::Section;
use super::source::is_address;
use super::values::Url;
use crate::secret::SecretRef;

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The server's name.
    pub host: String,
    /// Its port (default 25 for smtp, 465 for smtps).
    pub port: u16,
    /// How the way there is protected.
    pub protection: Protection,
    /// Whom we log in as, and how; not at all without.
    pub login: Option<(String, SecretRef)>,
    /// A certificate authority of the server's own, PEM.
    pub ca: Option<PathBuf>,
    /// The sender line: `EDI desk <edi@example.com>`.
    pub from: String,
    /// Who hears about failures.
    pub operators: Vec<String>,
    /// When the daily summary goes out; never without.
    pub daily_summary: Option<jiff::civil::Time>,
    /// The zone of that time and of times in mails (default UTC).
    pub time_zone: String,
    /// Further addresses that are ours: mail from them is never answered.
    pub own_addresses: Vec<String>,
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte (`smtps`).
    Tls,
    /// STARTTLS, and no mail without it.
    StartTls,
    /// STARTTLS where it is offered: on this machine, or with `allow_plaintext`.
    StartTlsIfOffered,
}

pub(super) fn read(section: Section<'_, '_>) -> MailConfig {
    section.not_yet(&["bounces"], "delivery reports are read from a mailbox");
    let url: Option<Url> = section.need("url");
    let allow_plaintext = section.or("allow_plaintext", false);
    let (host, port, protection) = server(&section, url, allow_plaintext);
    let from: String = section.need("from").unwrap_or_default();
    if section.has("from") && !is_mailbox(&from) {
        section.error(
            "from",
            "`from` must be written as \"EDI desk <edi@example.com>\"",
        );
    }
    let mail = MailConfig {
        host,
        port,
        protection,
        login: login(&section),
        ca: super::http::file(&section, "ca"),
        from,
        operators: addresses(&section, "operators"),
        daily_summary: section.get("daily_summary"),
        time_zone: time_zone(&section).unwrap_or_else(|| "UTC".to_owned()),
        own_addresses: addresses(&section, "own_addresses"),
    };
    section.finish();
    mail
}

fn server(
    section: &Section<'_, '_>,
    url: Option<Url>,
    allow_plaintext: bool,
) -> (String, u16, Protection) {
    let Some(url) = url else {
        return (String::new(), 25, Protection::StartTls);
    };
    let (port, protection) = match url.scheme.as_str() {
        "smtps" => (465, Protection::Tls),
        "smtp" if url.is_loopback() => (25, Protection::StartTlsIfOffered),
        "smtp" if allow_plaintext => {
            section.warn(
                "url",
                format!(
                    "PLAINTEXT: mail and its password may travel unencrypted to {}",
                    url.host
                ),
            );
            (25, Protection::StartTlsIfOffered)
        }
        "smtp" => (25, Protection::StartTls),
        _ => {
            section.error("url", "`url` must begin with smtp:// or smtps://");
            (25, Protection::StartTls)
        }
    };
    if url.has_user {
        section.error(
            "url",
            "`url` must not hold a user: write `user` and `password` beside it",
        );
    }
    (url.host.clone(), url.port.unwrap_or(port), protection)
}

fn login(section: &Section<'_, '_>) -> Option<(String, SecretRef)> {
    let user: Option<String> = section.get("user");
    let password = secret(section, "password");
    if section.has("user") != section.has("password") {
        section.error("user", "`user` and `password` belong together");
    }
    user.zip(password)
}

fn addresses(section: &Section<'_, '_>, key: &'static str) -> Vec<String> {
    let addresses: Vec<String> = section.or(key, Vec::new());
    for address in addresses.iter().filter(|address| !is_address(address)) {
        let shown = crate::problem::excerpt(address);
        section.error(key, format!("`{key}`: \"{shown}\" is not a mail address"));
    }
    addresses
}

/// A name of the time zone database.
pub(super) fn time_zone(section: &Section<'_, '_>) -> Option<String> {
    let name: String = section.get("time_zone")?;
    if jiff::tz::TimeZone::get(&name).is_err() {
        section.error(
            "time_zone",
            "`time_zone` must be a name such as \"Europe/Amsterdam\" or \"UTC\"",
        );
    }
    Some(name)
}

/// `Name <address>` or a bare address.
fn is_mailbox(text: &str) -> bool {
    if text.chars().any(char::is_control) {
        return false;
    }
    match text
        .strip_suffix('>')
        .and_then(|text| text.rsplit_once('<'))
    {
        Some((_, address)) => is_address(address),
        None => is_address(text),
    }
}
