//! How bytes become records: one file a format, behind one port.
//!
//! A format reads bytes and tells a [`Records`] sink what it finds, in the order of the file, as it
//! finds it: rows of tables, elements of XML, canonical orders of JSON. It never builds the whole
//! file in memory where its format can be streamed, never panics on data, never looks at anything
//! but its input, and knows nothing of orders' meaning: that is `profiles/`.
//!
//! All of this runs in a child process (`jail/`), never in the daemon's own.

use std::io::{BufRead, Read, Seek};
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

pub mod correction;
pub mod csv;
pub mod edifact;
mod element;
pub mod encoding;
pub mod fixed;
pub mod interchange;
pub mod json;
mod lines;
pub mod records;
pub mod segments;
pub mod sheet;
pub mod show;
pub mod sniff;
pub mod ttm;
pub mod x12;
pub mod xml;

pub use element::{Element, NameParts, XmlName};
pub use interchange::{Group, Interchange, Sent};
pub use segments::{Message, Part, Segment, Separators};

/// Whether the sink wants more. `Break` ends reading at once and is not an error: the sink has
/// said why by itself (a limit reached, enough seen).
pub type Flow = ControlFlow<()>;

/// The formats that orderdock reads. The word is used in config, JSON and SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormatKind {
    /// Delimited text.
    Csv,
    /// XML.
    Xml,
    /// Excel 97 and older (BIFF).
    Xls,
    /// Excel 2007 and later, strict or transitional, with or without macros.
    Xlsx,
    /// Excel binary workbook.
    Xlsb,
    /// OpenDocument spreadsheet.
    Ods,
    /// The canonical order itself.
    Json,
    /// EDIFACT (ISO 9735).
    Edifact,
    /// ASC X12.
    X12,
    /// Track & Trace Mail.
    Ttm,
    /// Text with its fields at fixed places, which only a profile knows.
    Fixed,
}

impl FormatKind {
    /// The word used in config, JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Xls => "xls",
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Json => "json",
            Self::Edifact => "edifact",
            Self::X12 => "x12",
            Self::Ttm => "ttm",
            Self::Fixed => "fixed",
        }
    }

    /// The format of a word from config or the command line.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Csv,
            Self::Xml,
            Self::Xls,
            Self::Xlsx,
            Self::Xlsb,
            Self::Ods,
            Self::Json,
            Self::Edifact,
            Self::X12,
            Self::Ttm,
            Self::Fixed,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == word)
    }

    /// Whether its records are rows of tables, with a header or columns by letter.
    #[must_use]
    pub fn is_table(self) -> bool {
        self == Self::Csv || self.is_sheet()
    }

    /// Whether its records are segments of messages.
    #[must_use]
    pub fn is_message(self) -> bool {
        matches!(self, Self::Edifact | Self::X12)
    }

    /// Whether it is a workbook, where one `sheet` key stands for all kinds.
    #[must_use]
    pub fn is_sheet(self) -> bool {
        matches!(self, Self::Xls | Self::Xlsx | Self::Xlsb | Self::Ods)
    }
}

/// The bytes of a file. In the jail reading asks the parent for the next piece, so that a big file
/// costs a flat amount of memory, and seeking back is cheap.
pub trait Input: BufRead + Seek {
    /// The file's size in bytes.
    fn size(&self) -> u64;
    /// The file's name as a label: a hint for sniffing, never a path.
    fn name(&self) -> &str;
}

/// What the operator declared about a source's files; overrides what the bytes look like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// Encoding label (WHATWG): `utf-8`, `windows-1252`, `utf-16le`, … A declared encoding is
    /// binding: bytes that do not fit it are a problem.
    pub encoding: Option<String>,
    /// csv: the delimiter.
    pub delimiter: Option<char>,
    /// csv: the quote.
    pub quote: Option<char>,
    /// Sheets: what to do with hidden rows, columns and sheets.
    pub hidden: Hidden,
}

/// What to do with rows and sheets that the sender's own screen does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hidden {
    /// A hidden row or column with data is a problem; hidden sheets are left out with a warning.
    #[default]
    Refuse,
    /// Left out with a warning.
    Skip,
    /// Read like the visible ones.
    Read,
}

/// Where a format puts what it reads. Called in file order; every method answers whether to go on.
pub trait Records {
    /// Once, before anything else: what was found out about the bytes.
    fn begin(&mut self, about: &About) -> Flow;

    /// A table starts (a csv file is one; a workbook has one a sheet).
    fn table(&mut self, table: &Table) -> Flow;

    /// The next row of the current table. Empty rows are not reported; row numbers show the gap.
    fn row(&mut self, row: &Row<'_>) -> Flow;

    /// An XML element starts. `path` holds the names from the root to it, itself last. The answer
    /// decides how it is read: descend, or take the whole element as one record.
    fn open(&mut self, path: &[XmlName], attributes: &[(XmlName, String)]) -> Interest;

    /// An element that [`Records::open`] wanted as a record, with all that is in it.
    fn element(&mut self, path: &[XmlName], element: &Element) -> Flow;

    /// Text of a leaf element on the way, outside any record (a header block).
    fn text(&mut self, path: &[XmlName], text: &str) -> Flow;

    /// JSON starts; these are the paths of the keys in its first pages, lists left out
    /// (`orders.billTo.name`). Whether to tell it as elements (`$` is the root's name) instead of as
    /// canonical orders.
    fn json(&mut self, paths: &[String]) -> bool {
        let _ = paths;
        false
    }

    /// A canonical order read from JSON.
    fn order(&mut self, order: Order, place: &str) -> Flow;

    /// A status update read from JSON.
    fn status(&mut self, update: StatusUpdate) -> Flow;

    /// A message starts (EDIFACT, X12); its opening segment is the next one. Sinks that only want
    /// tables or documents leave messages out.
    fn message(&mut self, message: &Message) -> Flow {
        let _ = message;
        ControlFlow::Continue(())
    }

    /// A segment, those of the envelopes included.
    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        let _ = segment;
        ControlFlow::Continue(())
    }

    /// The message that started last is whole: its trailer was told and checked.
    fn message_end(&mut self) -> Flow {
        ControlFlow::Continue(())
    }

    /// A finding about the bytes. An error-severity problem without a row or element withholds the
    /// whole file; one with a row withholds the order that the row belongs to.
    fn problem(&mut self, problem: Problem) -> Flow;
}

/// What was found out about the bytes before the first record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// What it really is, by content.
    pub format: FormatKind,
    /// The encoding's WHATWG name (text formats).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// csv: how it is delimited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<Dialect>,
    /// EDIFACT, X12: what structures the first interchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub separators: Option<Separators>,
}

/// How a csv file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// `,` `;` tab or `|`; whatever was declared; rarely `:` or the control character 1.
    pub delimiter: char,
    /// `"` or `'`.
    pub quote: char,
    /// `LF`, `CRLF`, `CR`, or `mixed`.
    pub line_ends: String,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The sheet's name; empty for csv.
    pub name: String,
    /// Whether the sender's screen does not show it.
    pub hidden: bool,
    /// Its place among the tables, from 0.
    pub index: usize,
}

/// One row. Cells stand at their column: an empty cell is there as empty text.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The row as a spreadsheet numbers it (records, not lines: a quoted line break does not count),
    /// from 1, empty rows counted.
    pub number: u64,
    /// The line of text it starts on (csv); 0 for sheets.
    pub line: u64,
    /// The cells, from column A on.
    pub cells: &'a [Cell<'a>],
}

/// One cell's text and what kind of cell it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The value as text: numbers with a decimal point and never in exponent form, dates
    /// `YYYY-MM-DD`, date-times `YYYY-MM-DDTHH:MM:SS`, times `HH:MM:SS`, booleans `true`/`false`.
    pub text: &'a str,
    /// What it was.
    pub kind: CellKind,
}

/// What kind of value a cell held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// Text, also every csv cell and every empty one.
    Text,
    /// A number of a sheet.
    Number,
    /// A date, time or both, by its number format.
    Date,
    /// A truth value.
    Boolean,
    /// An error value; `text` is its name, such as `#REF!`.
    Error,
    /// A formula whose result the file does not hold.
    Uncached,
    /// A number of more than 15 digits: the spreadsheet has lost digits already.
    Imprecise,
}

impl<'a> Cell<'a> {
    /// A text cell.
    #[must_use]
    pub fn text(text: &'a str) -> Self {
        Self {
            text,
            kind: CellKind::Text,
        }
    }
}

/// What a sink wants of an XML element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interest {
    /// Look at its children one by one.
    Descend,
    /// Give it as one [`Element`].
    Record,
    /// Leave it and all below it out.
    Skip,
    /// Stop reading.
    Stop,
}

/// Reads `input` as `format` into `records`.
///
/// # Errors
/// The problem that ended reading: what came before it has been told to `records`, and the whole
/// file is to be withheld.
pub fn read(
    format: FormatKind,
    input: &mut dyn Input,
    options: &ReadOptions,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    match format {
        FormatKind::Csv => csv::read(input, options, records),
        FormatKind::Xml => xml::read(input, options, records),
        FormatKind::Json => json::read(input, options, records),
        FormatKind::Edifact => edifact::read(input, options, records),
        FormatKind::X12 => x12::read(input, options, records),
        FormatKind::Ttm => ttm::read(input, options, records),
        FormatKind::Fixed => fixed::read(input, options, records),
        FormatKind::Xls | FormatKind::Xlsx | FormatKind::Xlsb | FormatKind::Ods => {
            sheet::read(format, input, options, records)
        }
    }
}

/// Whether JSON with keys of these paths is meant as canonical orders or status updates.
#[must_use]
pub fn is_canonical(paths: &[String]) -> bool {
    json::is_canonical(paths)
}

/// A file in memory as an [`Input`].
#[derive(Debug)]
pub struct Bytes<'a> {
    name: &'a str,
    cursor: std::io::Cursor<&'a [u8]>,
}

impl<'a> Bytes<'a> {
    /// `bytes` under `name`.
    #[must_use]
    pub fn new(name: &'a str, bytes: &'a [u8]) -> Self {
        Self {
            name,
            cursor: std::io::Cursor::new(bytes),
        }
    }
}

impl Read for Bytes<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.cursor.read(buf)
    }
}

impl BufRead for Bytes<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.cursor.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.cursor.consume(amount);
    }
}

impl Seek for Bytes<'_> {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.cursor.seek(to)
    }
}

impl Input for Bytes<'_> {
    fn size(&self) -> u64 {
        self.cursor.get_ref().len() as u64
    }

    fn name(&self) -> &str {
        self.name
    }
}
