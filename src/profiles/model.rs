//! A compiled profile: what its text says, checked, with every name resolved.
//!
//! Built by `text`, run by `table` and `xml`. Never changes after it was built.

use std::collections::BTreeSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::calls::Tree;
use super::codes::CodeTables;
use super::fixed::Fixed;
use super::path::Path;
use super::segments::selector::{Selector, Step};
use super::segments::tree::Groups;
use super::target::{FieldType, Level, Target};
use super::values::{Dates, Numbers};
use super::{MaxBadOrders, OnBadRow, ProfileUse};
use crate::expression::Expression;
use crate::formats::FormatKind;
use crate::order::{Action, Kind};
use crate::revision::OnChange;

/// Which formats a profile reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// Delimited text.
    Csv,
    /// Workbooks.
    Sheet,
    /// Both.
    Table,
    /// XML.
    Xml,
    /// JSON of others.
    Json,
    /// Track & Trace Mail, whose blocks are elements as well.
    Ttm,
    /// EDIFACT.
    Edifact,
    /// X12.
    X12,
    /// Fixed width text.
    Fixed,
}

impl Reads {
    /// The word in profiles.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Sheet => "sheet",
            Self::Table => "table",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Ttm => "ttm",
            Self::Edifact => "edifact",
            Self::X12 => "x12",
            Self::Fixed => "fixed",
        }
    }

    /// Whether its records are groups of segments.
    pub(crate) fn is_message(self) -> bool {
        matches!(self, Self::Edifact | Self::X12)
    }

    /// Whether its records may be rows of tables.
    pub(crate) fn is_table(self) -> bool {
        matches!(self, Self::Csv | Self::Sheet | Self::Table)
    }

    /// Whether it reads `format`.
    pub(crate) fn fits(self, format: FormatKind) -> bool {
        match self {
            Self::Csv => format == FormatKind::Csv,
            Self::Sheet => format.is_sheet(),
            Self::Table => format.is_table(),
            Self::Xml => format == FormatKind::Xml,
            Self::Json => format == FormatKind::Json,
            Self::Ttm => format == FormatKind::Ttm,
            Self::Edifact => format == FormatKind::Edifact,
            Self::X12 => format == FormatKind::X12,
            Self::Fixed => format == FormatKind::Fixed,
        }
    }
}

/// Which sheets of a workbook hold orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sheets {
    /// The first that looks like it.
    First,
    /// The one of this name.
    Named(String),
    /// The nth, from 1.
    Nth(usize),
    /// All that look like it.
    All,
}

/// Which row names the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Header {
    /// The first that is not empty.
    First,
    /// The first that has the wanted headers.
    Find,
    /// This one, as a spreadsheet numbers it.
    Row(u64),
    /// None: columns are letters.
    None,
    /// None either: the whole sheet is labels with their values beside or below them.
    Keys,
}

/// What is done with the rows of a table beside reading them.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Rows whose first filled cell is like one of these are left out: totals, notes.
    pub(crate) skip: Vec<String>,
    /// The table ends at such a row.
    pub(crate) end: Vec<String>,
    /// The table ends at an empty row.
    pub(crate) end_at_gap: bool,
    /// Behind its end the next header is looked for.
    pub(crate) blocks: bool,
    /// Only rows for which this is true.
    pub(crate) only: Option<Value>,
    /// What tells the kind of a row where each kind has columns of its own.
    pub(crate) kind: Option<Value>,
}

/// Another table, in a sheet before this one, whose rows are found by a key.
#[derive(Debug)]
pub(crate) struct Join {
    /// Its sheet, normalised.
    pub(crate) sheet: String,
    /// The header of its key, normalised.
    pub(crate) key: String,
    /// What this table calls the same.
    pub(crate) by: Value,
}

/// What a profile demands of an order beyond what every order must satisfy.
#[derive(Debug)]
pub(crate) struct Rule {
    /// Must hold. Sees `order`, and `line`, `goods` or `shipment` where it is asked of each.
    pub(crate) check: Expression,
    /// Asked of each part of this level.
    pub(crate) each: Option<Level>,
    /// What the sender is told.
    pub(crate) say: String,
    /// The field, inside its level, that the finding points at.
    pub(crate) field: String,
    /// Whether the order goes on nevertheless.
    pub(crate) warning: bool,
}

/// A place outside the rows of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Beside {
    /// Beside or below this label (normalised, as written), or behind it in the same cell.
    Label(String, String),
    /// The cell in this column and row, from 0 and from 1.
    Cell(usize, u64),
}

/// What a layout must look like to be taken for this profile's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Recognise {
    /// Whether the profile says anything; without, it is only used where the configuration names it.
    pub(crate) declared: bool,
    /// Headers that must all be there, normalised, with their own spelling.
    pub(crate) required: Vec<(String, String)>,
    /// Headers of which one must be there, normalised.
    pub(crate) any: Vec<(String, String)>,
    /// Local names of the root element.
    pub(crate) root: Vec<String>,
    /// Namespaces of the root element, `*` for any run of characters.
    pub(crate) namespace: Vec<String>,
    /// xml: local names of elements whose children are whole documents: what stands there and is
    /// no order is refused by its name.
    pub(crate) envelope: Vec<String>,
    /// JSON: paths of keys that must all be there, lists left out: `orders.billTo.name`.
    pub(crate) keys: Vec<String>,
    /// Messages: `ORDERS`, `ORDERS:D:96A*`, `850`.
    pub(crate) message: Vec<String>,
}

/// One value of a field, as the profile writes it.
#[derive(Debug)]
pub(crate) enum Value {
    /// A constant.
    Literal(String),
    /// A column or path: an index into [`Profile::references`].
    Reference(usize),
    /// An earlier field: an index into the memo.
    Earlier(usize),
    /// Constants and earlier fields side by side.
    Text(Vec<Value>),
    /// The first of these that is not empty.
    First(Vec<Value>),
    /// An expression over columns, paths and earlier fields.
    Expression(Box<Formula>),
}

/// An expression with what its placeholders stand for.
#[derive(Debug)]
pub(crate) struct Formula {
    /// The compiled text.
    pub(crate) expression: Expression,
    /// `r0`, `r1`, … are these references.
    pub(crate) references: Vec<usize>,
    /// `f0`, `f1`, … are these memo slots.
    pub(crate) earlier: Vec<usize>,
    /// Whether it looks at lines or goods, and so waits for the end of its order.
    pub(crate) late: bool,
    /// Whether it makes up a value, which deserves a warning.
    pub(crate) unique: bool,
    /// The same as a tree, where no engine is needed.
    pub(crate) tree: Option<Tree>,
}

/// Where a value is read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// The column of this header (normalised, as written).
    Header(String, String),
    /// The column of exactly this header.
    Exact(String),
    /// The column at this place, from 0.
    Letter(usize),
    /// An element or attribute.
    Path(Path),
    /// Outside the rows: above the header, or on another sheet (normalised).
    Beside(Option<String>, Beside),
    /// The column (normalised, as written) of the joined row: an index into [`Profile::joins`].
    Joined(usize, String, String),
    /// A component of a segment of a message.
    Segment(Selector),
}

/// One field of a profile.
pub(crate) struct Field {
    /// Its path inside its level, for messages and places.
    pub(crate) name: String,
    /// Where it goes.
    pub(crate) target: Target,
    /// Its type.
    pub(crate) ty: FieldType,
    /// What it is filled with.
    pub(crate) value: Value,
    /// The same as the profile writes it.
    pub(crate) written: String,
    /// Whether an empty value is a problem.
    pub(crate) required: bool,
    /// How its numbers are written.
    pub(crate) numbers: Numbers,
    /// How its dates are written.
    pub(crate) dates: Dates,
    /// The look-up table its text goes through.
    pub(crate) lookup: Option<String>,
    /// What an empty value becomes.
    pub(crate) default: Option<String>,
    /// Where its text is kept for later fields.
    pub(crate) memo: Option<usize>,
    /// Rows of different kinds: read from rows of these kinds instead of its level's.
    pub(crate) rows: Vec<String>,
}

/// The fields of one level and how its records are found.
#[derive(Default)]
pub(crate) struct LevelOf {
    /// In the order of the profile's text.
    pub(crate) fields: Vec<Field>,
    /// xml: the elements of this level below its parent, the first path that finds any counts.
    pub(crate) each: Vec<Path>,
    /// Messages: the segments of this level below its parent, the first way that leads to any.
    pub(crate) each_segment: Vec<Vec<Step>>,
    /// Tables: rows of one order belong to the same shipment while these are equal.
    pub(crate) by: Vec<usize>,
    /// Tables: further sets of the same fields from other columns of the same row.
    pub(crate) again: Vec<Vec<Field>>,
    /// Tables: one cell that holds several parts, and the sign between them.
    pub(crate) split: Option<(Value, String)>,
    /// Where the piece of such a cell is kept.
    pub(crate) piece: Option<usize>,
    /// Rows of different kinds: the kinds that this level is read from.
    pub(crate) rows: Vec<String>,
}

/// All levels.
#[derive(Default)]
pub(crate) struct Levels {
    all: [LevelOf; 6],
}

impl Levels {
    /// One of them.
    pub(crate) fn get(&self, level: Level) -> &LevelOf {
        &self.all[level as usize]
    }

    /// One of them, to be filled.
    pub(crate) fn get_mut(&mut self, level: Level) -> &mut LevelOf {
        &mut self.all[level as usize]
    }
}

/// What a profile is called and which layouts it is for: all that lists and the choice among
/// profiles need, so that nothing else of a profile must be compiled before it is chosen.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    /// Name, version and hash.
    pub(crate) known_as: ProfileUse,
    /// For lists and messages.
    pub(crate) title: String,
    /// Whether it came with the product: the operator's own profiles are tried first.
    pub(crate) built_in: bool,
    /// What it reads.
    pub(crate) reads: Reads,
    /// What its layouts look like.
    pub(crate) recognise: Recognise,
    /// The zone of its times.
    pub(crate) time_zone: Option<String>,
    /// Whether every column that no field names is matched by its synonym.
    pub(crate) synonyms: bool,
    /// Sheets.
    pub(crate) sheets: Sheets,
    /// Header row.
    pub(crate) header: Header,
    /// How many rows make the header; the titles above each other are joined.
    pub(crate) header_rows: usize,
}

/// A compiled profile.
pub(crate) struct Profile {
    /// What it is called and which layouts it is for.
    pub(crate) heading: Heading,
    /// The kind of orders it makes, unless a field says.
    pub(crate) kind: Kind,
    /// What is to be done with them, unless a field says.
    pub(crate) action: Action,
    /// The layout's own policy.
    pub(crate) on_bad_row: Option<OnBadRow>,
    /// The layout's own tolerance.
    pub(crate) max_bad_orders: Option<MaxBadOrders>,
    /// The layout's own answer to changed orders.
    pub(crate) on_change: Option<OnChange>,
    /// A goods or line quantity that means: take this line out.
    pub(crate) delete_on: Option<Decimal>,
    /// Sheets: whether an empty header cell ends the table to the right.
    pub(crate) ends_at_gap: bool,
    /// Tables: rows belong to the same order while these fields of the head are equal.
    pub(crate) group_by: Vec<usize>,
    /// xml: the path of an order's element from the root.
    pub(crate) record: Option<Path>,
    /// Messages: which segments belong to the group that a segment opens.
    pub(crate) groups: Groups,
    /// Fixed width: where the columns stand.
    pub(crate) fixed: Fixed,
    /// Headers (normalised) or element paths that are left out without a word.
    pub(crate) ignore: BTreeSet<String>,
    /// How numbers are written unless a field says.
    pub(crate) numbers: Numbers,
    /// How dates are written unless a field says.
    pub(crate) dates: Dates,
    /// The fields.
    pub(crate) levels: Levels,
    /// Everything that fields read.
    pub(crate) references: Vec<Reference>,
    /// How many earlier fields are remembered.
    pub(crate) memos: usize,
    /// Look-up tables.
    pub(crate) tables: Arc<CodeTables>,
    /// Rows.
    pub(crate) rows: Rows,
    /// Other tables that this one refers to.
    pub(crate) joins: Vec<Join>,
    /// What orders must satisfy.
    pub(crate) rules: Vec<Rule>,
}

impl Profile {
    /// Whether it refers to a sheet of this name (normalised) beside its own.
    pub(crate) fn wants_sheet(&self, normal: &str) -> bool {
        self.other_sheets().any(|sheet| sheet == normal)
    }

    /// Whether it refers to any other sheet.
    pub(crate) fn refers_to_sheets(&self) -> bool {
        self.other_sheets().next().is_some()
    }

    fn other_sheets(&self) -> impl Iterator<Item = &str> {
        let joined = self.joins.iter().map(|join| join.sheet.as_str());
        let beside = self.references.iter().filter_map(|it| match it {
            Reference::Beside(sheet, _) => sheet.as_deref(),
            _ => None,
        });
        joined.chain(beside)
    }
}
