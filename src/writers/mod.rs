//! Orders and answers as files: the formats that we write.
//!
//! Pure: the same order, marks and time give the same bytes. What a format has no place for is told
//! beside the bytes ([`Made::lost`], by canonical path) and never left out in silence; what its
//! standard allows only shorter is cut there and told as well. Each format writes what the built-in
//! profile of the same format reads, so that an order that was written and read again is the same
//! order in the fields that the format carries (`docs/partners/files.md` lists them).
//!
//! Never here: where a file goes, or what it is called there.

use crate::clock::Millis;
use crate::failure::Failure;
use crate::order::Order;

pub mod answers;
mod edifact;
mod flat;
mod parcels;
mod segments;
mod table;
mod ubl;
mod workbook;
pub(crate) mod xml;

/// The forms in which an order can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The canonical order as JSON: everything.
    #[default]
    Json,
    /// A table with a row for each line, comma separated (RFC 4180).
    Csv,
    /// The same table as a workbook.
    Xlsx,
    /// A UBL 2.1 Order, `OrderChange` or `OrderCancellation`.
    Ubl,
    /// An EDIFACT purchase order (ORDERS).
    Orders(Directory),
    /// An EDIFACT forwarding instruction (IFTMIN).
    Iftmin(Directory),
    /// A workbook of deliveries to people's doors, a row a parcel, with Cargamos' names.
    Parcels,
}

/// The edition of the EDIFACT directories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Directory {
    /// D.96A, which EANCOM and most partners use.
    #[default]
    D96A,
    /// D.01B.
    D01B,
}

impl Directory {
    /// As UNH names it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::D96A => "96A",
            Self::D01B => "01B",
        }
    }
}

impl Format {
    /// The usual ending of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Xlsx | Self::Parcels => "xlsx",
            Self::Ubl => "xml",
            Self::Orders(_) | Self::Iftmin(_) => "edi",
        }
    }
}

/// What an order does not tell and an interchange needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    /// Who we are to the partner: `4012345000009:14`.
    pub ours: String,
    /// Who the partner is.
    pub theirs: String,
    /// The number of the interchange.
    pub control: String,
    /// When it is made.
    pub at: Millis,
}

/// A file, and what of the order it does not say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// Canonical paths of what could not be said, or only in part; sorted, none twice.
    pub lost: Vec<String>,
}

impl Made {
    fn new(bytes: Vec<u8>, mut lost: Vec<String>) -> Self {
        lost.sort();
        lost.dedup();
        Self { bytes, lost }
    }
}

/// Writes `order` as `format`.
///
/// # Errors
/// A failure of ours, never the sender's.
pub fn write(format: Format, order: &Order, marks: &Marks) -> Result<Made, Failure> {
    match format {
        Format::Json => json(order),
        Format::Csv => table::csv(order),
        Format::Xlsx => table::xlsx(order),
        Format::Ubl => Ok(ubl::write(order)),
        Format::Orders(directory) => Ok(edifact::orders::write(order, directory, marks)),
        Format::Iftmin(directory) => Ok(edifact::iftmin::write(order, directory, marks)),
        Format::Parcels => parcels::write(order),
    }
}

fn json(order: &Order) -> Result<Made, Failure> {
    let bytes = serde_json::to_vec(order);
    let bytes = bytes.map_err(|error| Failure::ours("writing an order as JSON", error))?;
    Ok(Made::new(bytes, Vec::new()))
}

/// A decimal in its shortest form: `2.1`, `55`.
#[must_use]
pub fn shortest(number: rust_decimal::Decimal) -> String {
    number.normalize().to_string()
}
