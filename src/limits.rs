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
/// Largest sum of unpacked bytes of one archive or workbook.
pub const UNPACKED_BYTES: u64 = 500 << 20;
/// Largest ratio of unpacked to packed bytes; counts beyond [`UNPACKED_RATIO_FROM`].
pub const UNPACKED_RATIO: u64 = 100;
/// Below this many unpacked bytes any ratio is fine: small sheets of blanks compress very well.
pub const UNPACKED_RATIO_FROM: u64 = 50 << 20;
/// Largest number of members in an archive or workbook.
pub const ARCHIVE_MEMBERS: usize = 2_000;
/// Deepest XML nesting. Real orders stay below 20.
pub const XML_DEPTH: usize = 100;
/// Most attributes of one XML element.
pub const XML_ATTRIBUTES: usize = 256;
/// Largest XML element that is held as one record (an order with 20,000 lines fits).
pub const XML_RECORD_BYTES: usize = 64 << 20;
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
/// Threads that answer people's questions to the ledger; the loops have one of their own.
pub const READERS: usize = 2;
/// Questions that may wait for a reader; beyond it, callers wait.
pub const READER_QUEUE: usize = 256;
/// Longest that one question may take, so that a search through everything cannot hold a reader.
pub const READ: Duration = Duration::from_secs(20);
/// Longest wait for another tool that holds the ledger's lock.
pub const LEDGER_BUSY: Duration = Duration::from_secs(5);
/// Page cache of the ledger's writer: the right edges of all tables and the hot index pages.
pub const LEDGER_CACHE_KB: i64 = 64 << 10;
/// Prepared statements kept by a connection: more than there are different ones.
pub const STATEMENTS: usize = 256;
/// Pages (4 KB) in the write-ahead log from which an idle writer moves them to the ledger's file.
pub const WAL_PAGES_IDLE: i32 = 1_000;
/// Pages in the write-ahead log from which also a busy writer does: 64 MB. Rarer is cheaper, since
/// a page that changed often is moved once; but a start reads what is left in it.
pub const WAL_PAGES_BUSY: i32 = 16_000;
/// Size to which the write-ahead log is cut after it was moved.
pub const WAL_KEEP_BYTES: u64 = 96 << 20;
/// Free pages given back to the file system in one step of retention.
pub const VACUUM_PAGES: u32 = 1_000;
/// Rows shown where nobody says how many.
pub const ROWS_SHOWN: u32 = 100;
/// Most rows in one answer.
pub const ROWS_SHOWN_MAX: u32 = 10_000;
/// Equal alerts within this time are one.
pub const ALERT_WINDOW: Duration = Duration::from_hours(1);
/// A move that fails for so long needs a person.
pub const SETTLE_PATIENCE: Duration = Duration::from_hours(1);
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
