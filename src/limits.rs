//! Every number that bounds something, with its reason.
//!
//! Each limit on input has its own problem code and is checked before memory is taken.

use std::time::Duration;

/// Largest order file. Bigger ones are data transfers, not orders.
pub const FILE_BYTES: u64 = 256 << 20;
/// Largest number of orders in one file.
pub const ORDERS_PER_FILE: u64 = 200_000;
/// Largest number of lines (or goods lines) in one order.
pub const LINES_PER_ORDER: usize = 20_000;
/// Largest number of rows in a table: twice Excel's own limit, rounded down.
pub const ROWS: u64 = 2_000_000;
/// Largest number of columns. Excel allows 16,384, but no order layout comes near.
pub const COLUMNS: usize = 1_000;
/// Largest number of cells read as a stream (csv, xlsx, xlsb).
pub const CELLS_STREAMED: u64 = 20_000_000;
/// Largest number of cells where the library holds all of them in memory (xls, ods).
pub const CELLS_DENSE: u64 = 5_000_000;
/// Largest single cell or text node.
pub const CELL_BYTES: usize = 1 << 20;
/// Largest csv row: wide enough for a thousand columns of eight kilobytes each.
pub const CSV_ROW_BYTES: usize = 8 << 20;
/// Text from which the delimiter and quote of a csv file are guessed.
pub const CSV_SAMPLE_BYTES: usize = 32 << 10;
/// Rows from which the delimiter and quote of a csv file are guessed.
pub const CSV_SAMPLE_ROWS: usize = 200;
/// Bytes that are looked at to tell what a file is, and the size of the pieces of a text.
pub const HEAD_BYTES: usize = 64 << 10;
/// Largest sum of unpacked bytes of one archive or workbook.
pub const UNPACKED_BYTES: u64 = 500 << 20;
/// Largest ratio of unpacked to packed bytes; counts beyond [`UNPACKED_RATIO_FROM`].
pub const UNPACKED_RATIO: u64 = 100;
/// Below this many unpacked bytes any ratio is fine: small sheets of blanks compress very well.
pub const UNPACKED_RATIO_FROM: u64 = 50 << 20;
/// Largest number of members in an archive or workbook.
pub const ARCHIVE_MEMBERS: usize = 2_000;
/// Most of a zip file's directory that is looked at to tell what it is.
pub const ZIP_DIRECTORY_BYTES: usize = 1 << 20;
/// Deepest XML nesting. Real orders stay below 20.
pub const XML_DEPTH: usize = 100;
/// Most attributes of one XML element.
pub const XML_ATTRIBUTES: usize = 256;
/// Largest XML element that is held as one record (an order with 20,000 lines fits).
pub const XML_RECORD_BYTES: usize = 64 << 20;
/// Largest single tag, comment or text of XML before it is understood: room for
/// [`XML_ATTRIBUTES`] long attributes, no room for a gigabyte without an angle bracket.
pub const XML_TOKEN_BYTES: usize = 4 << 20;
/// Most XML namespaces whose names are shared between elements. Real documents use five.
pub const XML_NAMESPACES: usize = 64;
/// Deepest nesting of JSON. A canonical order stays below 10.
pub const JSON_DEPTH: usize = 64;
/// Largest JSON order that is held as one (an order with 20,000 lines fits).
pub const JSON_RECORD_BYTES: usize = 64 << 20;
/// Keys of one JSON object that are checked for repetition by comparing each with each; beyond it a
/// set is used.
pub const JSON_KEYS_COMPARED: usize = 16;
/// Address space of a jail child. A workbook of 5 M dense cells fits; a bomb does not.
pub const CHILD_ADDRESS_SPACE: u64 = 512 << 20;
/// A child that gives no sign for so long on one file is ended.
pub const CHILD_SILENCE: Duration = Duration::from_secs(10);
/// CPU a child may use on a file whatever its size.
pub const CHILD_CPU_BASE: Duration = Duration::from_secs(5);
/// CPU a child may use for each megabyte on top.
pub const CHILD_CPU_PER_MB: Duration = Duration::from_millis(200);
/// A child is replaced after so many files, so that a leak in a library stays small.
pub const CHILD_FILES: u32 = 500;
/// A child whose resident memory outgrew this after a file is replaced.
pub const CHILD_KEEP_BYTES: u64 = 96 << 20;
/// An idle child is let go after this time.
pub const CHILD_IDLE: Duration = Duration::from_secs(10);
/// Largest frame between parent and child.
pub const FRAME_BYTES: usize = 32 << 20;
/// Deaths of a child over one file, the file running alone, before the file is given up.
pub const CHILD_DEATHS: u32 = 3;
/// Names read from one listing; more are left for the next look, and the log says so.
pub const LISTING_NAMES: usize = 200_000;
/// Longest file name: what ext4 and NTFS allow.
pub const NAME_BYTES: usize = 255;
/// Problems kept and told for one file; the rest is a count.
pub const PROBLEMS_PER_FILE: usize = 1_000;
/// Problems listed in one mail; the sidecar has all that are kept.
pub const PROBLEMS_PER_MAIL: usize = 100;
/// Characters of a value shown in a problem.
pub const EXCERPT_CHARS: usize = 40;
/// Most digits of a number: what a 96-bit decimal always holds exactly.
pub const NUMBER_DIGITS: u32 = 28;
/// First year of a date. Older ones are typing errors or a spreadsheet's zero (1900-01-00).
pub const YEAR_FIRST: i16 = 1900;
/// Longest order reference, as EDIFACT's longest document number (BGM 1004, an..70).
pub const REFERENCE_CHARS: usize = 70;
/// Quantities and measures from here on are typing errors or ids in the wrong column.
pub const QUANTITY_BELOW: i64 = 1_000_000_000;
/// Size of the pieces in which bytes lie in the ledger: small enough to stream, few enough rows.
pub const CHUNK_BYTES: usize = 1 << 20;
/// Bytes that one hand-over between loops may hold in memory.
pub const BATCH_BYTES: usize = 8 << 20;
/// Arrivals in one batch of an arrow.
pub const BATCH_ARRIVALS: usize = 512;
/// Orders in one batch of the staging arrow, so that a transaction stays short.
pub const BATCH_ORDERS: usize = 1_000;
/// Longest that the writer collects arrows for one transaction.
pub const TRANSACTION: Duration = Duration::from_millis(50);
/// Arrows that may wait for the writer; beyond it, callers wait.
pub const WRITER_QUEUE: usize = 1_024;
/// Largest answer read from a partner; the classifying words are at its start.
pub const ANSWER_BYTES: usize = 64 << 10;
/// Longest wait a partner may ask for with Retry-After.
pub const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);
/// Longest single wait of a back-off.
pub const BACKOFF_MAX: Duration = Duration::from_mins(30);
/// First wait of a back-off.
pub const BACKOFF_BASE: Duration = Duration::from_secs(1);
/// First probe of a paused lane.
pub const PROBE_BASE: Duration = Duration::from_mins(1);
/// Failures in a row of DNS or TLS that pause a lane.
pub const CONNECT_FAILURES_TO_PAUSE: u32 = 5;
/// Reports an hour to one address; the rest goes to the operators.
pub const REPORTS_PER_ADDRESS_AND_HOUR: u32 = 10;
/// Largest original that is attached to a report; bigger ones are named.
pub const ATTACHMENT_BYTES: u64 = 10 << 20;
/// Largest configuration or profile file.
pub const CONFIG_BYTES: u64 = 4 << 20;
/// Largest request or answer on the control socket.
pub const CONTROL_BYTES: usize = 64 << 20;
/// Time in which a drain must end after SIGTERM, below systemd's own limit.
pub const DRAIN: Duration = Duration::from_secs(30);
/// Steps that one expression may take: a thousand times what a mapping or a condition needs.
pub const EXPRESSION_FUEL: u64 = 100_000;
/// Nesting of calls in one expression.
pub const EXPRESSION_DEPTH: usize = 50;
/// Bad orders that `skip-orders` tolerates where nothing else is said.
pub const BAD_ORDERS: u64 = 10;
/// Rows looked at for the header where a profile says `header = "find"`.
pub const HEADER_ROWS: u64 = 50;
/// Extra columns or elements kept on one order; more is a file of another kind.
pub const EXTRAS_PER_ORDER: usize = 1_000;
/// Headers or elements named in one message.
pub const NAMES_IN_MESSAGE: usize = 20;
