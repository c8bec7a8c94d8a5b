//! How the bytes of an arrival become files: mails, zip archives and `winmail.dat`, behind one port.
//!
//! A container is pure: bytes in, files and problems out. It never panics on data, never takes more
//! memory than [`crate::limits`] says, and knows nothing of formats or orders. Adapters do not know each
//! other: what lies packed in a mail is opened here, by [`unpack`], one level deep. A name from
//! inside is a label ([`name`]) and never a path.
//!
//! All of this runs in a child process (`jail/`), never in the daemon's own.

use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};

use crate::formats::{Input, sniff};
use crate::letter::Letter;
use crate::problem::{Place, Problem};

mod mail;
pub mod name;
mod tnef;
mod walk;
mod zip;

/// The kinds of containers. The word is used in JSON and SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A mail (RFC 5322, MIME).
    Mail,
    /// A zip archive that is no workbook.
    Zip,
    /// `winmail.dat`: what Outlook makes of a mail in rich text (MS-OXTNEF).
    Tnef,
}

impl Kind {
    /// The word used in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Zip => "zip",
            Self::Tnef => "tnef",
        }
    }
}

/// What may be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Opening {
    /// Mails.
    pub mail: Mails,
    /// Zip archives, also those in a mail.
    pub zip: bool,
    /// A `winmail.dat` that did not come in a mail.
    pub tnef: bool,
}

/// Which files are opened as mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mails {
    /// None.
    #[default]
    Never,
    /// Those that look like one.
    Likely,
    /// All, whatever they look like: they came out of a mailbox.
    Surely,
}

/// Where a container puts what it holds, in its order.
pub trait Files {
    /// Once, before anything else: what it is, and for mails what the headers say.
    fn opened(&mut self, kind: Kind, letter: Option<&Letter>);
    /// The next file. `aside` marks what was attached and is no order file by its kind (a picture).
    fn file(&mut self, name: &str, aside: bool);
    /// More bytes of the file.
    fn bytes(&mut self, bytes: &[u8]);
    /// A finding.
    fn problem(&mut self, problem: Problem);
}

/// A kind of container: bytes in, parts out.
///
/// # Errors
/// `unpack` answers the problem that ended it; the parts before it were told.
trait Container {
    /// Tells `parts` what is in `input`.
    fn unpack(&self, input: &mut dyn Input, parts: &mut dyn Parts) -> Result<(), Problem>;
}

/// Where one adapter puts what it finds.
trait Parts {
    /// What the headers of a mail say: before its first part.
    fn letter(&mut self, letter: Letter);
    /// A whole part.
    fn part(&mut self, part: Part<'_>) -> Result<(), Problem>;
    /// A part that is unpacked as it is read; at most `size` bytes come.
    fn stream(&mut self, name: &str, from: &mut dyn Read) -> Result<(), Problem>;
    /// A finding.
    fn problem(&mut self, problem: Problem);
}

/// A part as an adapter found it.
struct Part<'a> {
    name: String,
    bytes: &'a [u8],
    aside: bool,
}

/// Opens `input` if it is a container that may be opened; whether it was one.
///
/// # Errors
/// The problem that ended it; what was found before was told to `files`.
pub fn unpack(
    input: &mut dyn Input,
    opening: Opening,
    files: &mut dyn Files,
) -> Result<bool, Problem> {
    let Some(kind) = kind(input, opening) else {
        return Ok(false);
    };
    if kind != Kind::Mail {
        files.opened(kind, None);
    }
    let mut walk = walk::Walk::new(files, opening, kind);
    adapter(kind).unpack(input, &mut walk)?;
    Ok(true)
}

fn adapter(kind: Kind) -> &'static dyn Container {
    match kind {
        Kind::Mail => &mail::Mail,
        Kind::Zip => &zip::Zip,
        Kind::Tnef => &tnef::Tnef,
    }
}

/// Which container `input` is, if it is one and may be opened. The sniffer of formats knows what is
/// none of them and names the rest.
fn kind(input: &mut dyn Input, opening: Opening) -> Option<Kind> {
    if opening.mail == Mails::Surely {
        return Some(Kind::Mail);
    }
    let code = sniff::sniff(input, None).err()?.code;
    match &*code {
        "file.is-mail" if opening.mail == Mails::Likely => Some(Kind::Mail),
        "file.is-zip" | "zip.truncated" if opening.zip => Some(Kind::Zip),
        "file.is-tnef" if opening.tnef => Some(Kind::Tnef),
        _ => None,
    }
}

/// The problem of a container in which nothing is an order file.
#[must_use]
pub fn nothing_inside(kind: Kind) -> Problem {
    let (code, message) = match kind {
        Kind::Mail => ("mail.no-file", "No order file is attached to the mail."),
        Kind::Zip => ("zip.no-file", "The archive holds no file."),
        Kind::Tnef => ("tnef.no-file", "The winmail.dat holds no file."),
    };
    Problem::error(code, message).with_hint(
        "Attach the orders as a file: csv, xml, xls, xlsx or json. The text of a mail is not read.",
    )
}

/// What was attached beside the order files, as a finding: explained, and of no consequence.
#[must_use]
pub fn left_aside(name: &str) -> Problem {
    Problem::warning(
        "mail.aside",
        "This attachment is no order file by its kind; it was left alone.",
    )
    .at(Place {
        member: Some(name.to_owned()),
        ..Place::default()
    })
}

/// A whole input in memory, bounded.
fn whole(input: &mut dyn Input, most: u64, code: &'static str) -> Result<Vec<u8>, Problem> {
    if input.size() > most {
        let shown = format!("{} MB", input.size() >> 20);
        return Err(Problem::error(code, "This is too large to be opened.")
            .with_value(&shown)
            .expecting(format!("at most {} MB", most >> 20))
            .with_hint("Send the order files in smaller portions."));
    }
    let mut bytes = Vec::new();
    input.take(most).read_to_end(&mut bytes).map_err(|error| {
        Problem::error("file.unreadable", "The file could not be read to its end.")
            .with_value(&error.to_string())
    })?;
    Ok(bytes)
}

/// Reads numbers and spans out of bytes that may end anywhere.
struct Reader<'b>(Cursor<&'b [u8]>);

impl<'b> Reader<'b> {
    fn new(bytes: &'b [u8]) -> Self {
        Self(Cursor::new(bytes))
    }

    fn rest(&self) -> &'b [u8] {
        let at = usize::try_from(self.0.position()).unwrap_or(usize::MAX);
        self.0.get_ref().get(at..).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let span = self.rest().get(..length)?;
        self.0.set_position(self.0.position() + length as u64);
        Some(span)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }
}
