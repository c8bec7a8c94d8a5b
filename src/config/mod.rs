//! The configuration: one TOML file, and the profiles beside it.
//!
//! [`Config::load`] answers typed and checked values, or every mistake at once, each with file, line
//! and the nearest known word. It knows no adapter: `daemon.rs` turns these values into adapters. It
//! never holds a secret's value unless the operator wrote it into the file; secrets are read through
//! [`crate::secret::SecretRef`] when they are used.

use std::path::{Path, PathBuf};
use std::time::Duration;

use toml::de::DeTable;

mod destination;
mod document;
mod error;
mod folders;
mod mail;
mod mailbox;
mod nearest;
mod openid;
mod profiles;
mod report;
mod route;
mod secrets;
mod section;
mod sender;
mod source;
mod token;
mod tracking;
mod values;
mod web;

pub use destination::cargamos::{CargamosConfig, CargamosTrack};
pub use destination::cargoconnect::CargoConnectConfig;
pub use destination::cargooffice::CargoofficeConfig;
pub use destination::contargo::{ContargoConfig, ContargoTrack};
pub use destination::file::{FileConfig, PlaceConfig};
pub use destination::http::{
    Auth, BodyTemplate, Coding, Escape, Hash, HeaderText, HttpConfig, Meaning, PollConfig, Sign,
    Verb,
};
pub use destination::link::{ClientCertificate, LinkConfig};
pub use destination::soap::SoapConfig;
pub use destination::track::{HookConfig, ProofConfig, Waits};
pub use destination::trademax::TrademaxConfig;
pub use destination::{DestinationConfig, DestinationKind, OnUnknown};
pub use error::{ConfigError, Origin};
pub use mail::MailConfig;
pub use nearest::hint;
pub use openid::OpenIdConfig;
pub use profiles::{profile_texts, tables_of};
pub use report::CheckReport;
pub use route::{AnswerConfig, RouteConfig, RouteTo};
pub use sender::{Matches, Policy, SenderConfig};
pub use source::{FtpConfig, ImapConfig, SftpConfig, SourceConfig, SourceKind, StatusTo};
pub use token::TokenConfig;
pub use tracking::TrackingConfig;
pub use values::Rate;
pub use web::{LegacyConfig, WebConfig};

use crate::secret::SecretRef;
use document::Document;
use profiles::{profiles, read_text};
use section::Section;
use values::Size;

/// Where the configuration lies unless `--config` says otherwise.
pub const DEFAULT_PATH: &str = "/etc/orderdock/orderdock.toml";

/// All that the operator decided.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it is from.
    pub path: PathBuf,
    /// Where the ledger and the control socket live.
    pub state_dir: PathBuf,
    /// Free disk below which no new file is taken (default 1 GB).
    pub min_free: u64,
    /// How long the bytes of settled arrivals are kept (default 90 days); keys stay for ever.
    pub retention: Duration,
    /// Mail; without it nobody is mailed and `check` says so.
    pub mail: Option<MailConfig>,
    /// The web side; without it nothing listens.
    pub web: Option<WebConfig>,
    /// What is told of orders after they were sent.
    pub tracking: TrackingConfig,
    /// Processes that read files (default: one a processor, at most 4).
    pub jail_children: usize,
    /// What is logged, and how.
    pub log: LogConfig,
    /// Where files come from.
    pub sources: Vec<SourceConfig>,
    /// Who they are from.
    pub senders: Vec<SenderConfig>,
    /// Where orders go.
    pub destinations: Vec<DestinationConfig>,
    /// Which go where; the first that matches a file counts.
    pub routes: Vec<RouteConfig>,
    /// Texts of `profiles/*.toml` and `profiles/*.csv`, by name of file.
    pub profiles: Vec<(PathBuf, String)>,
    /// What `check` tells although it is allowed.
    pub warnings: Vec<ConfigError>,
}

/// `[log]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogConfig {
    /// From which level on (default info).
    pub level: LogLevel,
    /// In which form (default: by where it goes).
    pub format: LogFormat,
}

/// From which level on something is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// A person must act.
    Error,
    /// Something was wrong and went right in the end.
    Warn,
    /// What was asked for has happened.
    #[default]
    Info,
    /// How it happened.
    Debug,
    /// All of it.
    Trace,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// For the journal under systemd, else for people.
    #[default]
    Auto,
    /// For people.
    Human,
    /// With priorities, for the journal.
    Journal,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All mistakes that were found, in the order of the text.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let text = read_text(path).map_err(|why| vec![ConfigError::in_file(path, why)])?;
        let (config, _) = Self::parse(path, &text)?;
        Ok(config)
    }

    /// The configuration in `text`, and every key that exists (dotted, `source.path`).
    fn parse(
        path: &Path,
        text: &str,
    ) -> Result<(Self, std::collections::BTreeSet<String>), Vec<ConfigError>> {
        let doc = Document::new(path, text);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            doc.push_error(ConfigError {
                at: doc.origin(error.span().map_or(0, |span| span.start)),
                about: String::new(),
                message: format!("not valid TOML: {}", error.message().trim()),
            });
        }
        // What cannot be read says nothing about what is missing.
        if doc.has_errors() {
            return Err(doc.into_parts().0);
        }
        let mut config = read(doc.root(table.get_ref()), path);
        doc.check_references();
        let (errors, warnings, known) = doc.into_parts();
        if !errors.is_empty() {
            return Err(errors);
        }
        config.warnings.extend(warnings);
        Ok((config, known))
    }

    /// The sender of files from a source: who claims the source, else the source's own name.
    #[must_use]
    pub fn sender_of<'a>(&'a self, source: &'a str) -> &'a str {
        let claims = |sender: &&SenderConfig| sender.matches.sources.iter().any(|s| s == source);
        let sender = self.senders.iter().find(claims);
        sender.map_or(source, |sender| sender.name.as_str())
    }

    /// Every secret the configuration names.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretRef> {
        let mut secrets: Vec<&SecretRef> = Vec::new();
        let mail = self.mail.as_ref();
        secrets.extend(mail.and_then(|mail| mail.password.as_ref()));
        secrets.extend(self.tracking.secret.as_ref());
        secrets.extend(self.sources.iter().flat_map(SourceConfig::secrets));
        for destination in &self.destinations {
            secrets.extend(destination.kind.secrets());
        }
        let web = self.web.as_ref().and_then(|web| web.cargooffice.as_ref());
        secrets.extend(web.map(|open| &open.key));
        let oidc = self.web.as_ref().and_then(|web| web.oidc.as_ref());
        secrets.extend(oidc.and_then(|oidc| oidc.client_secret.as_ref()));
        secrets
    }

    /// The control socket.
    #[must_use]
    pub fn control_socket(&self) -> PathBuf {
        self.state_dir.join("control.sock")
    }
}

fn read(root: Section<'_, '_>, path: &Path) -> Config {
    let tables = |key| root.tables(key);
    let sources: Vec<SourceConfig> = tables("source")
        .into_iter()
        .filter_map(source::read)
        .collect();
    let mut config = Config {
        path: path.to_owned(),
        state_dir: root.need_path("state_dir").unwrap_or_default(),
        min_free: root.or("min_free", Size(1 << 30)).0,
        retention: root.within(
            "retention",
            Duration::from_hours(24 * 90),
            Duration::from_hours(24)..=Duration::from_hours(24 * 3660),
            "from \"1d\" to \"3660d\"",
        ),
        mail: root.table("mail").map(mail::read),
        web: root.table("http").map(web::read),
        tracking: root
            .table("tracking")
            .map(tracking::read)
            .unwrap_or_default(),
        jail_children: jail(&root),
        log: log(&root),
        sources,
        senders: tables("sender").into_iter().map(sender::read).collect(),
        destinations: tables("destination")
            .into_iter()
            .filter_map(destination::read)
            .collect(),
        routes: tables("route").into_iter().map(route::read).collect(),
        profiles: profiles(&root),
        warnings: Vec::new(),
    };
    hooks(&root, &mut config);
    if config.sources.iter().all(|source| source.mailbox.is_none()) {
        without_mailbox(&root, &config);
    }
    if config.mail.is_none() {
        without_mail(&root, &config);
    }
    answers(&root, &config);
    if let Some(ledger) = root.table("ledger") {
        ledger.not_yet(&["url"], "its ledger is SQLite in `state_dir`");
        ledger.finish();
    }
    folders::check(&root, &config);
    tracking::check(&root, &config);
    root.finish();
    config
}

/// Partners that call us must reach us, and one that is told where must be told by what name.
fn hooks(root: &Section<'_, '_>, config: &mut Config) {
    let public = config.web.as_ref().map(|web| web.public_url.clone());
    for destination in &mut config.destinations {
        let name = crate::problem::excerpt(&destination.name);
        let told = matches!(destination.kind, DestinationKind::CargoConnect(_));
        let Some(hook) = destination.kind.hook_mut() else {
            continue;
        };
        let lacks = match &public {
            None => "[http]",
            Some(None) if told => "[http] public_url",
            Some(base) => {
                hook.base.clone_from(base);
                continue;
            }
        };
        root.error(
            "destination",
            format!(
                "destination \"{name}\": its `hook` needs {lacks}, by which the partner reaches us"
            ),
        );
    }
}

/// Answers that could be laid nowhere.
fn answers(root: &Section<'_, '_>, config: &Config) {
    for route in &config.routes {
        let Some(answer) = &route.answer else {
            continue;
        };
        let of_to = |to: &String| config.destinations.iter().find(|one| one.name == *to);
        let source = route.source.as_ref();
        let source = source.and_then(|name| config.sources.iter().find(|one| one.name == *name));
        let folders = |source: &SourceConfig| {
            !matches!(source.kind, SourceKind::Imap(_) | SourceKind::Upload)
        };
        match &answer.to {
            Some(to) if of_to(to).is_some_and(|one| !matches!(one.kind, DestinationKind::File(_))) => {
                root.error(
                    "route",
                    format!(
                        "`answer` to destination \"{to}\": answers are laid where files are taken: a \
                         destination of kind folder, sftp, ftp, ftps or mail"
                    ),
                );
            }
            None if source.is_some_and(|source| !folders(source)) => root.error(
                "route",
                "`answer` without `to` is laid in a folder at the source, and this source has no \
                 folders: set `to`",
            ),
            None if source.is_some_and(|source| source.pickup.depth > 0) => root.error(
                "route",
                "`answer` without `to` is laid in a folder at the source, and this source looks into \
                 folders and would take it for an order: set `to`",
            ),
            _ => {}
        }
    }
}

/// Orders that are to be mailed, where no mail is.
fn without_mail(root: &Section<'_, '_>, config: &Config) {
    for destination in &config.destinations {
        if let DestinationKind::File(file) = &destination.kind
            && matches!(file.place, PlaceConfig::Mail { .. })
        {
            let name = &destination.name;
            root.error(
                "mail",
                format!(
                    "destination \"{name}\" mails orders, and there is no [mail] to mail them by"
                ),
            );
        }
    }
}

/// What only mails can use, where no source has any.
fn without_mailbox(root: &Section<'_, '_>, config: &Config) {
    if config
        .mail
        .as_ref()
        .is_some_and(|mail| mail.bounces.is_some())
    {
        root.warn(
            "mail",
            "no source reads mails, so nobody reads what comes back to `bounces`",
        );
    }
    let by_mail = |matches: &Matches| {
        matches.sources.is_empty()
            && (!matches.addresses.is_empty() || !matches.customers.is_empty())
    };
    for sender in config
        .senders
        .iter()
        .filter(|sender| by_mail(&sender.matches))
    {
        let name = crate::problem::excerpt(&sender.name);
        root.warn(
            "sender",
            format!("sender \"{name}\": no source reads mails, so its `match` finds nothing"),
        );
    }
}

fn jail(root: &Section<'_, '_>) -> usize {
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let children = cpus.min(4);
    let Some(table) = root.table("jail") else {
        return children;
    };
    let children = table.within("children", children, 1..=64, "from 1 to 64");
    table.finish();
    children
}

fn log(root: &Section<'_, '_>) -> LogConfig {
    let Some(table) = root.table("log") else {
        return LogConfig::default();
    };
    let levels = [
        ("error", LogLevel::Error),
        ("warn", LogLevel::Warn),
        ("info", LogLevel::Info),
        ("debug", LogLevel::Debug),
        ("trace", LogLevel::Trace),
    ];
    let formats = [
        ("auto", LogFormat::Auto),
        ("human", LogFormat::Human),
        ("journal", LogFormat::Journal),
        ("json", LogFormat::Json),
    ];
    let log = LogConfig {
        level: table.word("level", &levels).unwrap_or_default(),
        format: table.word("format", &formats).unwrap_or_default(),
    };
    table.finish();
    log
}

#[cfg(test)]
mod tests;
