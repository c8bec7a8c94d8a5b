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
    /// The server: `smtp://` or `smtps://`; never with a password.
    pub url: String,
    /// Whom we log in as; wins over the user of the URL.
    pub user: Option<String>,
    /// The password.
    pub password: Option<SecretRef>,
    /// The name said in EHLO (default: the machine's own).
    pub hello_name: Option<String>,
    /// Whether mail may go out unencrypted to another machine that offers nothing else.
    pub allow_plaintext: bool,
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
    /// Where delivery reports about our mails are read: an address whose sub-addresses arrive at a
    /// watched mailbox. Without it our mails ask for none.
    pub bounces: Option<String>,
}

pub(super) fn read(section: Section<'_, '_>) -> MailConfig {
    let allow_plaintext = section.or("allow_plaintext", false);
    let url = server(&section, allow_plaintext);
    let user: Option<String> = section.get("user");
    let password = secret(&section, "password");
    let has_user = user.is_some() || url.as_ref().is_some_and(|url| url.has_user);
    if has_user != section.has("password") {
        section.error("user", "`user` and `password` belong together");
    }
    let from: String = section.need("from").unwrap_or_default();
    if section.has("from") && !is_mailbox(&from) {
        section.error(
            "from",
            "`from` must be written as \"EDI desk <edi@example.com>\"",
        );
    }
    let mail = MailConfig {
        url: url.map(|url| url.text).unwrap_or_default(),
        user,
        password,
        hello_name: section.get("hello_name"),
        allow_plaintext,
        ca: super::destination::file(&section, "ca"),
        from,
        operators: addresses(&section, "operators"),
        daily_summary: section.get("daily_summary"),
        time_zone: time_zone(&section).unwrap_or_else(|| "UTC".to_owned()),
        own_addresses: addresses(&section, "own_addresses"),
        bounces: super::source::address(&section, "bounces"),
    };
    section.finish();
    mail
}

/// Without `allow_plaintext` STARTTLS is demanded of other machines.
fn server(section: &Section<'_, '_>, allow_plaintext: bool) -> Option<Url> {
    let url: Url = section.need("url")?;
    match url.scheme.as_str() {
        "smtp" if allow_plaintext && !url.is_loopback() => section.warn(
            "url",
            format!(
                "PLAINTEXT: mail and its password may travel unencrypted to {}",
                url.host
            ),
        ),
        "smtp" | "smtps" => {}
        _ => section.error("url", "`url` must begin with smtp:// or smtps://"),
    }
    if url.has_password {
        section.error(
            "url",
            "`url` must not hold a password: write `password` beside it",
        );
    }
    Some(url)
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
