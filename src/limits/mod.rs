//! Every number that bounds something, with its reason.
//!
//! Each limit on input has its own problem code and is checked before memory is taken.

use std::time::Duration;

mod files;
mod openid;
mod sandbox;
mod trackers;
mod tracking;
mod web;

pub use files::*;
pub use openid::*;
pub use sandbox::*;
pub use trackers::*;
pub use tracking::*;
pub use web::*;

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
/// Largest row of a sheet: one shared text can be told by a thousand cells.
pub const ROW_BYTES: usize = 16 << 20;
/// Largest sum of the shared texts of a workbook; twice that and its offsets fit in a child.
pub const SHARED_TEXT_BYTES: usize = 128 << 20;
/// Largest spreadsheet in a text form (HTML, SYLK), which is held whole to be decoded.
pub const TEXT_SHEET_BYTES: u64 = 64 << 20;
/// Largest list of parts of a workbook that is looked at.
pub const MANIFEST_BYTES: u64 = 4 << 20;
/// Cell styles of a workbook that are looked at. Excel allows 65,490.
pub const STYLES: usize = 65_536;
/// Merged blocks of a sheet that are looked at; one is enough for the warning.
pub const MERGED_RANGES: usize = 10_000;
/// Largest sum of unpacked bytes of one archive or workbook.
pub const UNPACKED_BYTES: u64 = 500 << 20;
/// Largest ratio of unpacked to packed bytes; counts beyond [`UNPACKED_RATIO_FROM`].
pub const UNPACKED_RATIO: u64 = 100;
/// Below this many unpacked bytes any ratio is fine: small sheets of blanks compress very well.
pub const UNPACKED_RATIO_FROM: u64 = 50 << 20;
/// Largest mail: what mail servers let through, encoded as its attachments are.
pub const MAIL_BYTES: u64 = 50 << 20;
/// Deepest nesting of forwarded messages that is looked into. People stop at three.
pub const MAIL_DEPTH: usize = 20;
/// Most headers and addresses kept of one mail: a list server's mail has some sixty.
pub const MAIL_HEADERS: usize = 500;
/// Longest header value that is kept.
pub const MAIL_HEADER_CHARS: usize = 2_000;
/// Text of a mail in which the words of a mail server, or a file packed as text, are looked for.
pub const MAIL_TEXT_BYTES: usize = 256 << 10;
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
/// Element and attribute names that are held once for all that bear them, one a slot: the largest
/// vocabulary in use, UBL, has some 2,500, of which one document uses a hundred.
pub const XML_NAMES: usize = 512;
/// Longest name that is held so: all slots together stay below 64 KB.
pub const XML_NAME_BYTES: usize = 100;
/// Elements, and values of attributes, whose room is kept for the next record. Records of orders have some hundred; with
/// [`XML_SPARE_TEXT`] and [`XML_SPARE_PARTS`] all of them stay below 4 MB.
pub const XML_SPARE_ELEMENTS: usize = 1024;
/// Bytes of text that such an element keeps room for: a line of an address, not a document.
pub const XML_SPARE_TEXT: usize = 256;
/// Children and attributes that such an element keeps room for.
pub const XML_SPARE_PARTS: usize = 24;
/// Deepest nesting of JSON. A canonical order stays below 10.
pub const JSON_DEPTH: usize = 64;
/// Largest JSON order that is held as one (an order with 20,000 lines fits).
pub const JSON_RECORD_BYTES: usize = 64 << 20;
/// Keys of one JSON object that are checked for repetition by comparing each with each; beyond it a
/// set is used.
pub const JSON_KEYS_COMPARED: usize = 16;
/// Largest segment of EDIFACT or X12. The longest of the standards is a free text of 2,560 characters;
/// a file without its terminators is found here.
pub const SEGMENT_BYTES: usize = 1 << 20;
/// Most elements and components of one segment: ten times what the largest of the standards has.
pub const SEGMENT_PIECES: usize = 2_000;
/// Largest message that is held as one (an order with 20,000 lines fits), in bytes of its texts.
pub const MESSAGE_BYTES: usize = 32 << 20;
/// Most segments of such a message.
pub const MESSAGE_SEGMENTS: usize = 500_000;
/// Address space of a jail child. A workbook of 5 M dense cells fits; a bomb does not.
pub const CHILD_ADDRESS_SPACE: u64 = 512 << 20;
/// A child that gives no sign for so long on one file is ended.
pub const CHILD_SILENCE: Duration = Duration::from_secs(10);
/// A child that was just started compiles the profiles, some tens of milliseconds: so long only on a
/// machine that has no time for anybody, which no file is to be blamed for.
pub const CHILD_START: Duration = Duration::from_mins(1);
/// CPU a child may use on a file whatever its size.
pub const CHILD_CPU_BASE: Duration = Duration::from_secs(5);
/// CPU a child may use for each megabyte on top.
pub const CHILD_CPU_PER_MB: Duration = Duration::from_millis(200);
/// A child is replaced after so many files, whatever it looks like. What it holds is looked at after
/// every batch ([`CHILD_KEEP_BYTES`]), so this is for leaks too slow to see; a new child costs as much
/// as reading a hundred small files, so it must be rare.
pub const CHILD_FILES: u32 = 5_000;
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
/// Bytes of names asked for at once while listing a folder: some 1,500 names a system call.
pub const READDIR_BYTES: usize = 64 << 10;
/// Events of a folder read at once: some hundred files of a burst a system call.
pub const EVENT_BYTES: usize = 4 << 10;
/// Files claimed of one listing unless a source says otherwise: a listing of many names costs more than
/// claims do, and every claim is one row.
pub const CLAIMED_NAMES: usize = 10_000;
/// Things left alone that a source names in its log; after so many the operator knows.
pub const NOTICED_NAMES: usize = 1_000;
/// Sub-folders of a source that are watched for events; the others are found by the poll.
pub const WATCHED_FOLDERS: usize = 1_000;
/// Events closer together than this end one wait and not several: a burst of files is one listing.
pub const HINTS_APART: Duration = Duration::from_millis(3);
/// Names tried for a file whose own is taken in done/ or error/.
pub const UNIQUE_NAMES: u32 = 100;
/// Days over which dated folders are searched for a file that an earlier try may have moved.
pub const SETTLED_DAYS: u32 = 32;
/// Times the kernel may ask to resolve a path again because something was renamed on the way.
pub const RENAME_RACES: u32 = 8;
/// Longest file name: what ext4 and NTFS allow.
pub const NAME_BYTES: usize = 255;
/// Problems kept and told for one file; the rest is a count.
pub const PROBLEMS_PER_FILE: usize = 1_000;
/// Warnings of one kind about one column of a file that are told; the rest is counted. Whoever does
/// not mend the first does not read the thousandth.
pub const WARNINGS_ALIKE: u32 = 3;
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
/// Threads that answer people's questions to the ledger; the loops have one of their own.
pub const READERS: usize = 2;
/// Questions that may wait for a reader; beyond it, callers wait.
pub const READER_QUEUE: usize = 256;
/// Longest that one question may take, so that a search through everything cannot hold a reader.
pub const READ: Duration = Duration::from_secs(20);
/// Longest wait for another tool that holds the ledger's lock.
pub const LEDGER_BUSY: Duration = Duration::from_secs(5);
/// Page cache of the ledger's writer: the right edges of all tables and the hot index pages. SQLite
/// walks through all of it at many commits, so that more costs more than it saves.
pub const LEDGER_CACHE_KB: i64 = 16 << 10;
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
/// Largest answer of a partner that says back the order it took, with each of its packages.
pub const ECHO_BYTES: usize = 4 << 20;
/// Characters of a partner's answer kept with an attempt, for people.
pub const ANSWER_CHARS: usize = 300;
/// Characters of a partner's reason told to the sender.
pub const WORDS_CHARS: usize = 500;
/// Findings taken out of one answer of a partner.
pub const WORDS_FINDINGS: usize = 20;
/// Longest id that a partner may give an order; longer ones are no ids.
pub const REMOTE_ID_BYTES: usize = 200;
/// Terminals asked for at once: a page of them fits into [`ANSWER_BYTES`].
pub const LOCATIONS_PAGE: usize = 50;
/// Pages of terminals that are read: many times those that exist.
pub const LOCATIONS_PAGES: usize = 100;
/// How long terminals are believed to stay as they were told.
pub const LOCATIONS_KEPT: Duration = Duration::from_hours(6);
/// A terminal that is not among those told within this time is not asked for again.
pub const LOCATIONS_FRESH: Duration = Duration::from_mins(1);
/// Seals of one container that Contargo takes.
pub const CONTARGO_SEALS: usize = 100;
/// Findings about one order in one partner's form; whoever has mended these sees the rest.
pub const FORM_PROBLEMS: usize = 50;
/// Things that a partner tells of an order which are kept with it: an id, some numbers, the links
/// to a label or two for each package of an ordinary shipment.
pub const FACTS: usize = 64;
/// Longest of them: links to labels carry signatures.
pub const FACT_BYTES: usize = 2_000;
/// Longest for a token server's whole answer.
pub const TOKEN_TOTAL: Duration = Duration::from_secs(30);
/// A token is not used in the last part of its time: it might end on its way.
pub const TOKEN_MARGIN: Duration = Duration::from_mins(2);
/// How long a token lasts whose server does not say.
pub const TOKEN_UNSTATED: Duration = Duration::from_mins(10);
/// Longest that a token is believed to last, whatever its server says.
pub const TOKEN_LONGEST: Duration = Duration::from_hours(24);
/// A token refused within this time of being granted would be refused again.
pub const TOKEN_FRESH: Duration = Duration::from_secs(30);
/// A token server that failed is not asked again before this time.
pub const TOKEN_REST: Duration = Duration::from_secs(10);
/// Shortest secret that is looked for in texts from outside; shorter ones are ordinary words.
pub const REDACTED_CHARS: usize = 4;
/// Largest body rendered by a template: the largest order in a wordy XML form.
pub const BODY_BYTES: usize = 64 << 20;
/// Steps of a template: 20,000 lines with 1,000 steps each.
pub const TEMPLATE_STEPS: u64 = 20_000_000;
/// Longest wait for a connection to a partner, TLS included.
pub const HTTP_CONNECT: Duration = Duration::from_secs(5);
/// Longest wait for the next byte of a partner's answer.
pub const HTTP_RESPONSE: Duration = Duration::from_secs(30);
/// Longest time for one request and its answer, however slowly it drips.
pub const HTTP_TOTAL: Duration = Duration::from_mins(1);
/// An idle connection is closed before the partner closes it (the shortest usual keep-alive, of
/// Node.js and Apache, is 5 s): a request on a closing connection has an unknown outcome.
pub const HTTP_KEEP_ALIVE: Duration = Duration::from_secs(4);
/// Requests at the same time to one destination, unless configured.
pub const HTTP_CONNECTIONS: usize = 16;
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
/// A report that says the same to the same address is not sent again within this time, and who sends
/// a mail without any file hears from us once in it.
pub const REPORT_REPEATED: Duration = Duration::from_hours(24);
/// Largest original that is attached to a report; bigger ones are named.
pub const ATTACHMENT_BYTES: u64 = 10 << 20;
/// Attachments of one report together. With base64 (a third more) and the words it stays below the
/// 10,240,000 bytes that Postfix takes when nobody told it otherwise.
pub const REPORT_BYTES: usize = 7 << 20;
/// Longest that handing one mail to the server may take: ten megabytes over a slow line.
pub const MAIL_SEND: Duration = Duration::from_mins(5);
/// Longest silence of a mail server.
pub const MAIL_SILENCE: Duration = Duration::from_secs(20);
/// Connections to the mail server at a time; reports are few, and servers limit by address.
pub const MAIL_CONNECTIONS: u32 = 4;
/// Characters of a file's name in a subject or sentence.
pub const LABEL_CHARS: usize = 80;
/// Message-IDs named in `References`; the first and the latest, as RFC 5322 readers thread by them.
pub const REFERENCES: usize = 10;
/// Largest file sent back for correction; mail servers take little more.
pub const CORRECTION_BYTES: usize = 10 << 20;
/// Text of the rows held while a correction is made. Workbooks pack to a third or less, so more
/// cannot end below [`CORRECTION_BYTES`].
pub const CORRECTION_TEXT_BYTES: usize = 32 << 20;
/// Cells held while a correction is made: 8 bytes each beside the text.
pub const CORRECTION_CELLS: usize = 2_000_000;
/// Rows from the top among which the titles of a table are looked for.
pub const TITLE_ROWS: u64 = 50;
/// Characters written beside one wrong row: what a cell shows without becoming a page.
pub const MARK_CHARS: usize = 500;
/// Largest configuration or profile file.
pub const CONFIG_BYTES: u64 = 4 << 20;
/// Largest request or answer on the control socket.
pub const CONTROL_BYTES: usize = 64 << 20;
/// Time in which a drain must end after SIGTERM, below systemd's own limit.
pub const DRAIN: Duration = Duration::from_secs(30);
/// Time that sources have to end what is under way, within [`DRAIN`].
pub const DRAIN_SOURCES: Duration = Duration::from_secs(15);
/// Rest between the first looks at two sources, so that five hundred do not connect at once.
pub const LOOK_STAGGER: Duration = Duration::from_millis(20);
/// Longest that one step of a loop may take before the watchdog doubts it: a slow partner's total
/// time-out and the reading of the largest file both end well before.
pub const STEP: Duration = Duration::from_mins(5);
/// Failed looks at a source in a row before the operators are told: one lost connection is no news.
pub const LOOKS_TO_ALERT: u32 = 3;
/// Wait after a failure of the ledger or of a whole batch: long enough not to spin.
pub const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// Wait for something that only an operator can change (no route, no source): a reload looks at once.
pub const WAIT_FOR_OPERATOR: Duration = Duration::from_mins(5);
/// Fetched arrivals stored in one arrow: parsing can begin while the rest is fetched.
pub const FETCHED_BATCH: usize = 256;
/// Small files read together in one child.
pub const TOGETHER_FILES: usize = 64;
/// Bytes of small files read together in one child.
pub const TOGETHER_BYTES: usize = 512 << 10;
/// Deliveries recorded as attempts ahead of their requests, where repeats are recognised.
pub const ATTEMPTS_AHEAD: usize = 2_048;
/// Failures in a row of one destination that open its circuit.
pub const FAILURES_TO_OPEN: u32 = 5;
/// Longest wait of an open circuit: a partner that is back is found within this time.
pub const CIRCUIT_MAX: Duration = Duration::from_secs(30);
/// A destination that has failed for so long is worth an alert; shorter outages mend themselves.
pub const DOWN_TO_ALERT: Duration = Duration::from_mins(10);
/// A move that has failed for so long is worth an alert.
pub const MOVE_TO_ALERT: Duration = Duration::from_hours(1);
/// Most profile files read from beside the configuration: a folder with more is not ours.
pub const PROFILE_FILES: usize = 1_000;
/// Most mistakes told about one configuration; the rest follows from them.
pub const CONFIG_ERRORS: usize = 100;
/// Largest secret. Passwords and keys are small; a bigger file is the wrong file.
pub const SECRET_BYTES: u64 = 64 << 10;
/// Deepest folder a recursive source looks into unless it says otherwise.
pub const FOLDER_DEPTH: usize = 8;
/// Requests in flight to one destination at most: more would only queue at the partner.
pub const CONCURRENCY: usize = 256;
/// Largest request on the control socket: a filter and some ids.
pub const CONTROL_REQUEST_BYTES: usize = 1 << 20;
/// Callers of the control socket served at once; more wait in the kernel's queue.
pub const CONTROL_CALLERS: usize = 16;
/// How long a caller of the control socket may take over one request or answer.
pub const CONTROL_PATIENCE: Duration = Duration::from_secs(30);

/// Longest wait for a partner's answer to an errand: whoever waits for it hears before the socket's own
/// patience ends that it may have been done.
pub const ERRAND_PATIENCE: Duration = Duration::from_secs(25);
/// Rows in one answer of the control socket: a screen is never more, and `before` leads on.
pub const CONTROL_ROWS: u32 = 10_000;
/// Rest between two steps of pruning, so that the day's work goes first.
pub const PRUNE_REST: Duration = Duration::from_millis(200);
/// Steps that one expression may take: a thousand times what a mapping or a condition needs.
pub const EXPRESSION_FUEL: u64 = 100_000;
/// Longest text of one expression: the compiler goes one call deeper for every operator in a row.
pub const EXPRESSION_BYTES: usize = 4_000;
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
/// Mails taken from the outbox in one go.
pub const MAILS_TOGETHER: usize = 32;
/// After so long an undeliverable mail is given up; RFC 5321 4.5.4.1 asks for 4 to 5 days.
pub const MAIL_GIVE_UP: Duration = Duration::from_hours(5 * 24);
/// The span in which [`REPORTS_PER_ADDRESS_AND_HOUR`] counts.
pub const REPORTS_WINDOW: Duration = Duration::from_hours(1);
/// A source is looked at for at most this share of the time: a listing of ten thousand files costs
/// tens of milliseconds, and every arrival that is moved gives a hint.
pub const LOOK_SHARE: u32 = 5;
/// Longest rest that [`LOOK_SHARE`] asks for.
pub const LOOK_REST: Duration = Duration::from_secs(1);
/// Answers that a lane may have in hand and not in the ledger: a crash repeats so many requests,
/// under their keys, at most. Fewer would make every lane wait for the disk.
pub const OUTCOMES_BEHIND: usize = 128;
/// Codes of one look-up table: more articles than any customer orders from.
pub const CODES: usize = 200_000;
/// Longest text that a function pads to: no field of any partner is wider.
pub const PADDED_CHARS: usize = 400;
/// Memory of one compiled pattern: hundreds of times what patterns of mappings need.
pub const REGEX_BYTES: usize = 1 << 20;
/// Compiled patterns that a thread keeps; a profile rarely has ten.
pub const REGEXES: usize = 100;
/// Rows of one header: two or three are usual in merged headings.
pub const HEADER_LINES: usize = 5;
/// Text of sheets and tables that are kept because others refer to them: 100,000 rows of heads.
pub const KEPT_BYTES: usize = 16 << 20;
/// Most groups of columns side by side that are one part each (`Article1`, `Article2`, …).
pub const REPEATS: usize = 100;
/// Pieces of one packed cell.
pub const PIECES: usize = 1_000;
/// Files a profile's own folder of samples may hold.
pub const SAMPLES: usize = 200;
/// Records that are looked at to suggest a profile.
pub const SUGGEST_ROWS: usize = 500;
/// Different columns or paths that a suggestion speaks about.
pub const SUGGEST_PATHS: usize = 1_000;
/// Values of one field that an explanation lists before it counts them.
pub const EXPLAINED_FIELDS: usize = 50_000;
/// Different paths in the first [`HEAD_BYTES`] of a JSON document that are looked at.
pub const JSON_PATHS: usize = 500;
/// Longest for a connection to an IMAP server, TLS and greeting included.
pub const IMAP_CONNECT: Duration = Duration::from_secs(20);
/// Longest silence of an IMAP server while it answers.
pub const IMAP_SILENCE: Duration = Duration::from_secs(30);
/// Longest for one IMAP command, however slowly its answer drips; each asks for a bounded slice.
pub const IMAP_COMMAND: Duration = Duration::from_mins(2);
/// Longest wait for an IMAP server's goodbye: whatever it says, we are gone.
pub const IMAP_GOODBYE: Duration = Duration::from_secs(2);
/// An IDLE is begun anew after this time: below the 29 minutes of RFC 2177, and below the time
/// after which firewalls forget a silent connection (10 minutes are common).
pub const IMAP_IDLE: Duration = Duration::from_mins(9);
/// Rest after a connection that broke while waiting: a server that always closes is not stormed.
pub const IMAP_REST: Duration = Duration::from_secs(5);
/// Read from an IMAP server at once while nothing larger is on its way.
pub const IMAP_READ_BYTES: usize = 4 << 10;
/// Largest ordinary response of an IMAP server: a mail's Message-ID may fill a header of its own.
pub const IMAP_ANSWER_BYTES: usize = 64 << 10;
/// Largest answer to a search: [`LISTING_NAMES`] numbers of up to ten digits, and the commas.
pub const IMAP_SEARCH_BYTES: usize = 4 << 20;
/// Bytes of a mail asked for at once: a turn on the line for each, held in memory for each.
pub const IMAP_SLICE_BYTES: usize = 512 << 10;
/// Mails of up to so many bytes are asked for together.
pub const IMAP_SMALL_BYTES: u64 = 128 << 10;
/// Mails named in one IMAP command: the line stays below the 8,000 bytes that servers take (RFC 7162, 4).
pub const IMAP_TOGETHER: usize = 200;
/// Connections that one batch of mails may use up, where a mail takes its connection with it.
pub const IMAP_CONNECTIONS: u32 = 5;
/// Abilities of an IMAP server that are kept; real ones name some fifty.
pub const IMAP_ABILITIES: usize = 256;
/// Deepest nesting in an IMAP response; what we ask for has two levels.
pub const IMAP_NESTING: usize = 8;
/// Mails of about the same size and day that are looked at to find one again in done or error.
pub const IMAP_CANDIDATES: usize = 5_000;
/// Longest wait for a connection to an FTP server, its greeting and TLS included: old servers look up
/// our name first.
pub const FTP_CONNECT: Duration = Duration::from_secs(30);
/// Longest wait for an answer of an FTP server, or for the next bytes of a transfer.
pub const FTP_SILENCE: Duration = Duration::from_secs(30);
/// Longest that one listing of an FTP folder may take: 200,000 names over a slow line.
pub const FTP_LISTING: Duration = Duration::from_mins(2);
/// Longest that one transfer may take, however it drips: the largest file at 1 Mbit/s.
pub const FTP_TRANSFER: Duration = Duration::from_mins(40);
/// Longest wait for an FTP server's goodbye; nothing depends on it.
pub const FTP_GOODBYE: Duration = Duration::from_secs(2);
/// Longest line of an FTP answer or listing: the longest path that Linux takes, and room for facts.
pub const FTP_LINE_BYTES: usize = 8 << 10;
/// Lines of one FTP answer; long greetings have a hundred.
pub const FTP_REPLY_LINES: usize = 1_000;
/// Bytes asked for at once of an FTP data connection.
pub const FTP_PIECE_BYTES: usize = 64 << 10;
/// Lines of a listing that are no names (totals, blanks, other systems' words) before it is cut.
pub const FTP_STRAY_LINES: usize = 10_000;
/// Files whose listed times an FTP source remembers, to tell them from the finer ones of MDTM.
pub const FTP_TIMES: usize = 20_000;
/// TLS sessions kept for one server; over FTP each transfer uses one up and brings another.
pub const TLS_SESSIONS: usize = 32;
/// Certificates read from one file of authorities, or of the system: it has some 150.
pub const CA_CERTIFICATES: usize = 2_000;
/// Pieces of one remote file that wait to be taken on: enough to keep the line busy.
pub const REMOTE_PIECES: usize = 4;
/// Connections to file servers open for work at a time, over all sources: half of the 1,024 open
/// files that a process may have where nobody raised it, so that five hundred sources can share them.
pub const REMOTE_CONNECTIONS: usize = 256;
/// Idle sessions kept between two looks, over all sources; more are ended and begun anew.
pub const REMOTE_KEPT: usize = 200;
/// Connections to one file server unless configured: partners count them.
pub const REMOTE_CONNECTIONS_EACH: usize = 4;
/// Most connections to one file server that may be configured.
pub const REMOTE_CONNECTIONS_EACH_MAX: usize = 16;
/// An idle session is kept for so long, until its server turns out to end them earlier.
pub const REMOTE_IDLE: Duration = Duration::from_mins(5);
/// Longest time from the first packet to a session that is logged in.
pub const REMOTE_CONNECT: Duration = Duration::from_secs(20);
/// Longest wait for the answer to one request of a file server.
pub const REMOTE_ANSWER: Duration = Duration::from_secs(30);
/// Longest wait for a goodbye.
pub const REMOTE_GOODBYE: Duration = Duration::from_secs(2);
/// Files that one session fetches in one go, so that several sessions share a batch.
pub const REMOTE_FILES_TOGETHER: usize = 64;
/// Bytes that one session fetches in one go.
pub const REMOTE_BYTES_TOGETHER: u64 = 8 << 20;
/// Files from which a further session is worth its log-in when they are moved.
pub const REMOTE_MOVES_TOGETHER: usize = 32;
/// Sources that `check --connect` tries at a time.
pub const PROBES: usize = 16;
/// A difference of the server's clock that `check --connect` points out.
pub const CLOCK_DIFFERENCE: Duration = Duration::from_mins(1);
/// Longest file name or path on a file server that is sent to it.
pub const REMOTE_PATH_BYTES: usize = 4_096;
/// Silence of an SSH server after which it is asked for a sign of life: below the minute after which
/// many firewalls forget a connection.
pub const SSH_KEEPALIVE: Duration = Duration::from_secs(15);
/// Unanswered signs of life after which a connection is dead.
pub const SSH_KEEPALIVES: usize = 3;
/// Silence after which an SSH connection is dead whatever was asked.
pub const SSH_INACTIVITY: Duration = Duration::from_secs(90);
/// Rounds of one log-in: key, password and questions, each once more after a part was taken.
pub const SSH_LOGIN_ROUNDS: usize = 6;
/// Rounds of questions and answers within a log-in.
pub const SSH_QUESTIONS: usize = 5;
/// Largest packet of SFTP that is read: OpenSSH sends up to 256 KB, and some servers list more.
pub const SFTP_PACKET_BYTES: usize = 1 << 20;
/// Bytes of answers held while requests are being written.
pub const SFTP_INBOX_BYTES: usize = 8 << 20;
/// Bytes asked for in one read: what every server gives (draft-ietf-secsh-filexfer-02, 3).
pub const SFTP_READ_BYTES: u32 = 32 << 10;
/// Requests on their way at a time: two megabytes of answers, which fill 1 Gbit/s over 16 ms.
pub const SFTP_REQUESTS: usize = 64;
/// Files open at a time in one session: servers allow a hundred or more.
pub const SFTP_FILES: usize = 32;
/// Requests for names on their way at a time.
pub const SFTP_NAME_REQUESTS: usize = 4;
/// Bytes written at a time: small enough for servers with a small window.
pub const SFTP_WRITE_BYTES: usize = 16 << 10;
/// Uploads at once: each holds at most two pieces of [`CHUNK_BYTES`] in memory.
pub const UPLOADS: usize = 16;
/// Largest file that is tried without being kept: it is held in memory meanwhile.
pub const TRY_BYTES: usize = 16 << 20;
/// Files tried at once.
pub const TRIES: usize = 2;
/// Keys and addresses whose requests are counted.
pub const KEYS_COUNTED: usize = 10_000;
/// How long an answer is kept for the same Idempotency-Key.
pub const IDEMPOTENCY: Duration = Duration::from_hours(24);
/// Longest Idempotency-Key.
pub const IDEMPOTENCY_CHARS: usize = 128;
/// How long a request that is under way keeps its Idempotency-Key: longer than any may take.
pub const IDEMPOTENCY_UNDER_WAY: Duration = Duration::from_mins(30);
/// Most live event streams at once.
pub const STREAMS: usize = 512;
/// How often the streams look for news; all share one look.
pub const STREAM_LOOK: Duration = Duration::from_millis(250);
/// How long a stream may be gone and yet be told everything when it comes back.
pub const STREAM_LINGER: Duration = Duration::from_mins(10);
/// How long a stream goes on: then its reader connects again, and shows its key again.
pub const STREAM_LIFE: Duration = Duration::from_mins(15);
/// Rows read for the streams at one look; the others wait for the next.
pub const STREAM_ROWS: usize = 1_000;
/// News kept for those who come back: some minutes of a busy house.
pub const STREAM_KEPT: usize = 8_192;
/// The same in bytes.
pub const STREAM_KEPT_BYTES: usize = 8 << 20;
/// News handed to a stream at once, so that a slow one holds little.
pub const STREAM_PIECE: usize = 128;
/// Touched rows noted for the streams; beyond that they are told of a gap.
pub const NEWS_NOTED: usize = 100_000;
/// Rows read one by one where a search has too few letters for the index.
pub const ROWS_READ: i64 = 20_000;
/// Rows that are looked up one by one rather than met by reading from the newest on.
pub const ROWS_FEW: i64 = 1_000;
/// Rows of a sheet that is all labels and values.
pub const KEY_ROWS: usize = 1_000;
