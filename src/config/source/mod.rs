//! `[[source]]`: a place watched for order files. One file a kind; what all kinds share is here.

use std::path::{Path, PathBuf};
use std::time::Duration;

use encoding_rs::Encoding;

use super::folders::folder;
use super::section::Section;
use super::values::Size;
use crate::flow::address::Mailbox;
use crate::formats::{Hidden, ReadOptions};
use crate::limits;
use crate::secret::SecretRef;
use crate::sources::{After, Pickup};

pub(super) mod ftp;
mod imap;
mod local;
mod pins;
pub(super) mod sftp;
mod upload;
mod url;

pub use ftp::FtpConfig;
pub use imap::ImapConfig;
pub use sftp::SftpConfig;

/// One source.
#[derive(Debug, Clone)]
pub struct SourceConfig {
    /// Its name.
    pub name: String,
    /// Where it is and how it is reached.
    pub kind: SourceKind,
    /// What is taken, when, and where it goes.
    pub pickup: Pickup,
    /// How its files are to be read.
    pub read: ReadOptions,
    /// Who hears about errors where a drop has no sender with a contact.
    pub contact: Option<String>,
    /// Whether its orders wait for a person's review (default no).
    pub hold: bool,
    /// How people see names that are not UTF-8.
    pub name_encoding: &'static Encoding,
    /// Whether its senders are mailed about errors (default yes; sidecars are written either way).
    pub reports: bool,
    /// How mails among its arrivals are taken.
    pub mailbox: Option<Mailbox>,
    /// Whether zip archives are opened, also those in a mail (default no).
    pub unpack_zip: bool,
    /// Where it finds the news of its orders (default: nowhere).
    pub status_to: Option<StatusTo>,
}

/// A folder for news of orders.
#[derive(Debug, Clone)]
pub struct StatusTo {
    /// The folder.
    pub folder: PathBuf,
    /// As csv; else as JSON.
    pub csv: bool,
}

/// Where a source is and how it is reached: one variant a kind.
#[derive(Debug, Clone)]
pub enum SourceKind {
    /// A folder on this machine.
    Local {
        /// The folder watched.
        path: PathBuf,
    },
    /// A folder on an FTP server, under TLS or not.
    Ftp(FtpConfig),
    /// A folder on an SFTP server.
    Sftp(Box<SftpConfig>),
    /// A mailbox.
    Imap(Box<ImapConfig>),
    /// The console and the API of `[http]`.
    Upload,
}

impl SourceConfig {
    /// The folder on this machine that is watched; `None` for a source elsewhere.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.kind {
            SourceKind::Local { path } => Some(path),
            SourceKind::Ftp(_) | SourceKind::Sftp(_) | SourceKind::Imap(_) | SourceKind::Upload => {
                None
            }
        }
    }

    /// Where it is, in words for people: a path or a URL without secrets.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.kind {
            SourceKind::Local { path } => path.display().to_string(),
            SourceKind::Ftp(ftp) => ftp.place(),
            SourceKind::Sftp(sftp) => sftp.place(),
            SourceKind::Imap(imap) => imap.place(),
            SourceKind::Upload => "uploads".to_owned(),
        }
    }

    /// The secrets it needs.
    pub(super) fn secrets(&self) -> Vec<&SecretRef> {
        match &self.kind {
            SourceKind::Local { .. } | SourceKind::Upload => Vec::new(),
            SourceKind::Ftp(ftp) => ftp.password.iter().collect(),
            SourceKind::Sftp(sftp) => sftp.secrets(),
            SourceKind::Imap(imap) => imap.secrets(),
        }
    }

    /// Files it needs beside its secrets, with the key that names each.
    pub(super) fn files(&self) -> Vec<(&'static str, &Path)> {
        match &self.kind {
            SourceKind::Local { .. } | SourceKind::Upload => Vec::new(),
            SourceKind::Ftp(ftp) => ftp.files(),
            SourceKind::Sftp(sftp) => sftp.files(),
            SourceKind::Imap(imap) => imap.files(),
        }
    }
}

/// The kinds of sources.
const KINDS: [&str; 6] = ["local", "sftp", "ftp", "ftps", "imap", "upload"];

/// How often a kind is looked at, how long its files must rest and how large they may be, unless
/// configured.
struct Pace {
    stable: Duration,
    poll: Duration,
    most: u64,
}

impl Pace {
    /// How long a file may still be growing unless configured. What is at rest at once never does.
    fn grace(&self) -> Duration {
        if self.stable.is_zero() {
            Duration::ZERO
        } else {
            Duration::from_mins(10)
        }
    }
}

/// Writers elsewhere are slower than those on this machine, and looks cost a connection.
const REMOTE: Pace = Pace {
    stable: Duration::from_secs(15),
    poll: Duration::from_mins(1),
    most: limits::FILE_BYTES,
};

/// Reads the `kind` of a section. `None`: it is unknown, which has been said, and the rest of the
/// section is not worth reading.
pub(super) fn kind(section: &Section<'_, '_>, kinds: &[&str]) -> Option<()> {
    section.need::<String>("kind")?;
    let words: Vec<(&str, ())> = kinds.iter().map(|word| (*word, ())).collect();
    section.word("kind", &words)
}

pub(super) fn read(section: Section<'_, '_>) -> Option<SourceConfig> {
    let name = section.name("source").unwrap_or_default();
    kind(&section, &KINDS)?;
    let (kind, root, pace) = match section.get::<String>("kind").as_deref() {
        Some("sftp") => {
            let sftp = sftp::read(&section);
            let root = PathBuf::from(&sftp.path);
            (SourceKind::Sftp(Box::new(sftp)), root, REMOTE)
        }
        Some("ftp" | "ftps") => {
            let ftp = ftp::read(&section);
            let root = PathBuf::from(&ftp.path);
            (SourceKind::Ftp(ftp), root, REMOTE)
        }
        Some("imap") => {
            let (imap, root) = imap::read(&section);
            (SourceKind::Imap(Box::new(imap)), root, imap::PACE)
        }
        Some("upload") => upload::read(&section),
        _ => local::read(&section),
    };
    let source = SourceConfig {
        pickup: pickup(&section, name.clone(), &root, &pace),
        name,
        read: read_options(&section),
        contact: address(&section, "contact"),
        hold: section.or("hold", false),
        name_encoding: encoding(&section, "name_encoding")
            .map_or(encoding_rs::UTF_8, |(_, encoding)| encoding),
        reports: section.or("reports", true),
        mailbox: super::mailbox::read(&section, matches!(kind, SourceKind::Imap(_))),
        unpack_zip: section.or("unpack_zip", false),
        status_to: status_to(&section, &kind),
        kind,
    };
    section.finish();
    Some(source)
}

/// Where a source finds the news of its orders: beside its folder, or below it where it does not look.
fn status_to(section: &Section<'_, '_>, kind: &SourceKind) -> Option<StatusTo> {
    let formats = [("csv", true), ("json", false)];
    let csv = section.word("status_format", &formats).unwrap_or(true);
    let to: String = section.get("status_to")?;
    let (folder, root) = match kind {
        SourceKind::Local { path } => (path.join(to), None),
        SourceKind::Sftp(sftp) => (on_server(&sftp.path, &to), Some(&sftp.path)),
        SourceKind::Ftp(ftp) => (on_server(&ftp.path, &to), Some(&ftp.path)),
        SourceKind::Imap(_) | SourceKind::Upload => {
            section.error(
                "status_to",
                "`status_to` is for sources with folders: \"local\", \"sftp\", \"ftp\" and \"ftps\"",
            );
            return None;
        }
    };
    // As in `folders::check`, which looks at folders of this machine only.
    let recursive = section.or("recursive", false);
    let within = |root: &String| {
        let root = on_server(root, "");
        folder == root || recursive && folder.starts_with(root)
    };
    if root.is_some_and(within) {
        section.error(
            "status_to",
            "`status_to` lies where this source looks for new files",
        );
        return None;
    }
    Some(StatusTo { folder, csv })
}

/// A folder on a server beside or below another, with `..` taken back by the words: not every server
/// does.
fn on_server(path: &str, to: &str) -> PathBuf {
    let mut folder = if to.starts_with('/') {
        PathBuf::new()
    } else {
        Path::new(path).components().collect()
    };
    for part in Path::new(to).components() {
        match part {
            std::path::Component::ParentDir if folder.parent().is_some() => drop(folder.pop()),
            std::path::Component::ParentDir | std::path::Component::CurDir => {}
            part => folder.push(part),
        }
    }
    folder
}

fn pickup(section: &Section<'_, '_>, name: String, path: &Path, pace: &Pace) -> Pickup {
    let day = Duration::from_hours(24);
    let (done, error) = (
        folder(section, "done", path),
        folder(section, "error", path),
    );
    if done == error {
        section.error("error", "`done` and `error` must be different folders");
    }
    let after = [
        ("move", After::Move),
        ("delete", After::Delete),
        ("leave", After::Leave),
    ];
    let most = Size(limits::FILE_BYTES);
    let pickup = Pickup {
        name,
        stable: section.within(
            "stable",
            pace.stable,
            Duration::ZERO..=Duration::from_hours(1),
            "from \"0s\" to \"1h\"",
        ),
        poll: section.within(
            "poll",
            pace.poll,
            Duration::from_millis(100)..=day,
            "from \"100ms\" to \"1d\"",
        ),
        grace: section.within(
            "grace",
            pace.grace(),
            Duration::ZERO..=day * 7,
            "from \"0s\" to \"7d\"",
        ),
        include: globs(section, "include"),
        exclude: globs(section, "exclude"),
        marker: marker(section),
        min_bytes: section.or("min_size", Size(0)).0,
        max_bytes: section
            .within(
                "max_size",
                Size(pace.most),
                Size(1)..=most,
                "from 1 byte to \"256MB\"",
            )
            .0,
        depth: depth(section),
        batch: section.within(
            "batch",
            limits::CLAIMED_NAMES,
            1..=limits::LISTING_NAMES,
            "from 1 to 200000",
        ),
        done,
        error,
        after: section.word("after", &after).unwrap_or_default(),
    };
    if pickup.min_bytes > pickup.max_bytes {
        section.error("min_size", "`min_size` is larger than `max_size`");
    }
    pickup
}

/// Levels of folders looked into; `recursive` switches it on.
fn depth(section: &Section<'_, '_>) -> usize {
    let recursive = section.or("recursive", false);
    let depth = section.within("depth", limits::FOLDER_DEPTH, 1..=64, "from 1 to 64");
    if section.has("depth") && !recursive {
        section.error("depth", "`depth` needs `recursive = true`");
    }
    if recursive { depth } else { 0 }
}

/// An encoding by any of its names, and that name.
fn encoding(section: &Section<'_, '_>, key: &'static str) -> Option<(String, &'static Encoding)> {
    let label: String = section.get(key)?;
    let encoding = Encoding::for_label(label.as_bytes());
    if encoding.is_none() {
        section.error(
            key,
            format!("`{key}` must be a name such as \"utf-8\", \"windows-1252\" or \"utf-16le\""),
        );
    }
    Some((label, encoding?))
}

fn read_options(section: &Section<'_, '_>) -> ReadOptions {
    let hidden = [
        ("refuse", Hidden::Refuse),
        ("skip", Hidden::Skip),
        ("read", Hidden::Read),
    ];
    let options = ReadOptions {
        encoding: encoding(section, "encoding").map(|(label, _)| label),
        delimiter: section.get("delimiter"),
        quote: section.get("quote"),
        hidden: section.word("hidden", &hidden).unwrap_or_default(),
    };
    let plain = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '\n' && c != '\r';
    for (key, value) in [("delimiter", options.delimiter), ("quote", options.quote)] {
        if value.is_some_and(|c| !plain(c)) {
            section.error(
                key,
                format!("`{key}` must be a sign such as \";\" or \"\\t\""),
            );
        }
    }
    if options.delimiter.is_some() && options.delimiter == options.quote {
        section.error("quote", "`delimiter` and `quote` must be different signs");
    }
    options
}

fn marker(section: &Section<'_, '_>) -> Option<String> {
    let marker: String = section.get("marker")?;
    if marker.is_empty() || marker == "{name}" || marker.contains(['/', '\0']) || marker == ".." {
        section.error(
            "marker",
            "`marker` must be a file name such as \"{name}.ok\" (one for each file) or \"ready\" (one for all)",
        );
    }
    Some(marker)
}

/// File name patterns.
pub(super) fn globs(section: &Section<'_, '_>, key: &'static str) -> Vec<String> {
    let patterns: Vec<String> = section.or(key, Vec::new());
    for pattern in &patterns {
        if let Err(error) = globset::Glob::new(pattern) {
            let shown = crate::problem::excerpt(pattern);
            section.error(
                key,
                format!("`{key}`: \"{shown}\" is not a pattern: {}", error.kind()),
            );
        }
    }
    patterns
}

/// A mail address.
pub(super) fn address(section: &Section<'_, '_>, key: &'static str) -> Option<String> {
    let address: String = section.get(key)?;
    if !is_address(&address) {
        section.error(
            key,
            format!("`{key}` must be a mail address such as \"orders@acme.example\""),
        );
    }
    Some(address)
}

/// local@domain without anything that could leave a header.
pub(super) fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>,;\"()".contains(c);
    match text.rsplit_once('@') {
        Some((local, domain)) => !local.is_empty() && !domain.is_empty() && text.chars().all(plain),
        None => false,
    }
}
