//! Every number that bounds something, with its reason.
//!
//! Each limit on input has its own problem code and is checked before memory is taken.

use std::time::Duration;

mod files;
mod formats;
mod openid;
mod remote;
mod sandbox;
mod streams;
mod trackers;
mod tracking;
mod web;

pub use files::*;
pub use formats::*;
pub use openid::*;
pub use remote::*;
pub use sandbox::*;
pub use streams::*;
pub use trackers::*;
pub use tracking::*;
pub use web::*;

/// Largest order file. Bigger ones are data transfers, not orders.
pub const FILE_BYTES: u64 = 256 << 20;
/// Largest number of orders in one file.
pub const ORDERS_PER_FILE: u64 = 200_000;
/// Largest number of lines (or goods lines) in one order.
pub const LINES_PER_ORDER: usize = 20_000;
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
/// Warnings of one kind of a file, whatever their columns, that are made at all; the rest is counted.
pub const WARNINGS_MADE: u32 = 10 * WARNINGS_ALIKE;
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
/// The same once it holds what a lane waits for.
pub const TRANSACTION_URGENT: Duration = Duration::from_millis(5);
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
/// Page of a new ledger: of orders some ten rows, of bytes half as many calls of the kernel as in pages of
/// 4 KB. Larger ones would make the sync of a single order dearer.
pub const LEDGER_PAGE_BYTES: i64 = 8 << 10;
/// Prepared statements kept by a connection: more than there are different ones.
pub const STATEMENTS: usize = 256;
/// Pages in the write-ahead log from which an idle writer moves them to the ledger's file.
pub const WAL_PAGES_IDLE: i32 = 500;
/// Without work for so long, a writer is idle.
pub const WAL_REST: Duration = Duration::from_millis(20);
/// Pages in the write-ahead log from which they are moved beside the commits. Rarer is cheaper, since
/// a page that changed often is moved once.
pub const WAL_PAGES_MOVED: i32 = 4_000;
/// Pages in the write-ahead log from which a busy writer waits until the rest was moved, so that the log
/// begins anew: 64 MB, since a start reads what is left in it.
pub const WAL_PAGES_BUSY: i32 = 8_000;
/// Size to which the write-ahead log is cut after it was moved.
pub const WAL_KEEP_BYTES: u64 = 96 << 20;
/// Free pages given back to the file system in one step of retention.
pub const VACUUM_PAGES: u32 = 500;
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
/// Answers that a busy lane records in one arrow: as many again may come in meanwhile. One by one, most
/// of the time would go into commits, and into loops that are told of each.
pub const OUTCOMES_TOGETHER: usize = OUTCOMES_BEHIND / 2;
/// Longest that an answer waits for others to be recorded with.
pub const OUTCOMES_WAIT: Duration = Duration::from_millis(5);
/// After a hint, what follows a delivery (move, mail, answer, events) waits so long for more of them: one look
/// does for all. Nobody waits for these.
pub const HINTS_TOGETHER: Duration = Duration::from_millis(10);
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
