//! `[[destination]]` of the kinds that take files: `folder`, `sftp`, `ftp`, `ftps`, `mail`.

use std::path::PathBuf;

use super::super::section::Section;
use super::super::source::{FtpConfig, SftpConfig, ftp, sftp};
use crate::secret::SecretRef;
use crate::writers::{Directory, Format};

/// A destination that takes files.
#[derive(Debug, Clone)]
pub struct FileConfig {
    /// Where they are laid.
    pub place: PlaceConfig,
    /// How orders are written (default: as JSON).
    pub format: Format,
    /// What files are called.
    pub file_name: String,
    /// Whether orders are refused that say more than the format can carry.
    pub strict: bool,
    /// Who we are in interchanges and answers: `4012345000009:14`.
    pub our_id: String,
    /// Who the partner is there.
    pub partner_id: String,
}

/// Where files are laid.
#[derive(Debug, Clone)]
pub enum PlaceConfig {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A folder on an SFTP server.
    Sftp(Box<SftpConfig>),
    /// A folder on an FTP or FTPS server.
    Ftp(Box<FtpConfig>),
    /// Mailboxes; each file is attached to a mail.
    Mail {
        /// Who gets them.
        to: Vec<String>,
        /// What stands before each subject.
        subject: Option<String>,
    },
}

impl FileConfig {
    /// What is there, for people.
    pub(super) fn place(&self) -> String {
        match &self.place {
            PlaceConfig::Folder(path) => format!("the folder {}", path.display()),
            PlaceConfig::Sftp(sftp) => format!("the folder {}", sftp.place()),
            PlaceConfig::Ftp(ftp) => format!("the folder {}", ftp.place()),
            PlaceConfig::Mail { to, .. } => format!("mails to {}", to.join(", ")),
        }
    }

    pub(super) fn secrets(&self) -> Vec<&SecretRef> {
        match &self.place {
            PlaceConfig::Sftp(sftp) => sftp.secrets(),
            PlaceConfig::Ftp(ftp) => ftp.password.iter().collect(),
            PlaceConfig::Folder(_) | PlaceConfig::Mail { .. } => Vec::new(),
        }
    }

    pub(super) fn files(&self) -> Vec<(&'static str, &PathBuf)> {
        match &self.place {
            PlaceConfig::Sftp(sftp) => sftp
                .known_hosts
                .iter()
                .map(|path| ("known_hosts", path))
                .collect(),
            PlaceConfig::Ftp(ftp) => ftp.ca.iter().map(|path| ("ca", path)).collect(),
            PlaceConfig::Folder(_) | PlaceConfig::Mail { .. } => Vec::new(),
        }
    }
}

/// The formats by their words.
const FORMATS: [(&str, Format); 9] = [
    ("json", Format::Json),
    ("csv", Format::Csv),
    ("xlsx", Format::Xlsx),
    ("ubl", Format::Ubl),
    ("orders-d96a", Format::Orders(Directory::D96A)),
    ("orders-d01b", Format::Orders(Directory::D01B)),
    ("iftmin-d96a", Format::Iftmin(Directory::D96A)),
    ("iftmin-d01b", Format::Iftmin(Directory::D01B)),
    ("cargamos-xlsx", Format::Parcels),
];

pub(super) fn read(section: &Section<'_, '_>, kind: &str) -> FileConfig {
    let place = match kind {
        "sftp" => PlaceConfig::Sftp(Box::new(sftp::read(section))),
        "ftp" | "ftps" => PlaceConfig::Ftp(Box::new(ftp::read(section))),
        "mail" => PlaceConfig::Mail {
            to: mailboxes(section),
            subject: section.get("subject"),
        },
        _ => PlaceConfig::Folder(section.need_path("path").unwrap_or_default()),
    };
    FileConfig {
        place,
        format: section.word("format", &FORMATS).unwrap_or_default(),
        file_name: section.or("file_name", "{reference}{action}-{key}.{ext}".to_owned()),
        strict: section.or("strict", false),
        our_id: section.or("our_id", String::new()),
        partner_id: section.or("partner_id", String::new()),
    }
}

fn mailboxes(section: &Section<'_, '_>) -> Vec<String> {
    let to: Vec<String> = section.or("to", Vec::new());
    if to.is_empty() {
        section.missing("to");
    }
    let mut addresses = Vec::with_capacity(to.len());
    for one in to {
        match crate::mail::report::check_address(&one) {
            Ok(address) => addresses.push(address),
            Err(failure) => section.error("to", failure.message),
        }
    }
    addresses
}
