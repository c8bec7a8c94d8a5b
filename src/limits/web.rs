//! Bounds of the web side: connections, people, keys, search.

use std::time::Duration;

/// Browsers and programs connected to the web side at once: 200 consoles with room to spare.
pub const WEB_CONNECTIONS: usize = 1_024;
/// How long a web client may take over its handshake or the headers of a request: a slow one holds
/// a place and nothing else.
pub const WEB_HEADERS: Duration = Duration::from_secs(10);
/// Largest headers of a web request; cookies and addresses of ours are far smaller.
pub const WEB_HEADER_BYTES: u32 = 16 << 10;
/// Requests of one HTTP/2 connection at once: a page has a handful of assets.
pub const WEB_STREAMS: u32 = 64;
/// Largest form of the console.
pub const WEB_FORM_BYTES: usize = 256 << 10;
/// How long somebody stays logged in: one working day.
pub const SESSION: Duration = Duration::from_hours(12);
/// Passwords checked at once: each takes 19 MiB.
pub const PASSWORD_CHECKS: usize = 2;
/// Shortest password: NIST SP 800-63B 5.1.1.2 asks for at least 8; the ledger opens many doors.
pub const PASSWORD_LETTERS: usize = 10;
/// Longest password: more only costs the time of its hash.
pub const PASSWORD_LETTERS_MOST: usize = 1_000;
/// Wrong passwords before a name or an address has to wait.
pub const LOGIN_TRIES: u32 = 5;
/// The first wait; each further wrong password doubles it.
pub const LOGIN_WAIT: Duration = Duration::from_secs(5);
/// The longest wait.
pub const LOGIN_WAIT_MOST: Duration = Duration::from_mins(15);
/// Names and addresses whose wrong passwords are remembered.
pub const LOGIN_NAMES: usize = 10_000;
/// Rows on one page of a list: a screenful or two, and small enough to be there at once.
pub const WEB_ROWS: u32 = 50;
/// Largest body of a request to the API that is no upload: an order with thousands of lines.
pub const API_BYTES: usize = 4 << 20;
/// Longest text to search for: six of them, in letters of four bytes, fit in an address.
pub const ASKED_LETTERS: usize = 100;
/// Longest reason that a program gives for what it does: a paragraph for whoever looks later.
pub const WHY_LETTERS: usize = 1_000;
/// Names that waits are measured by; a house has some dozens of destinations.
pub const MEASURED_NAMES: usize = 500;
/// How long the old signature of a Cargooffice client goes on after its first use: a client that asks
/// several times in one second has one signature for all.
pub const LEGACY_BURST: Duration = Duration::from_secs(5);
/// Signatures remembered so that none is used again: ten a second for both halves of the window.
pub const LEGACY_SIGNATURES: usize = 20_000;
/// The widest window for their times.
pub const LEGACY_WINDOW_MOST: Duration = Duration::from_hours(1);
/// Orders that are compared with a shipment's id and postcode: an id is rarely used more than twice.
pub const LEGACY_CANDIDATES: u32 = 20;
/// Longest silence of a client within a request's body.
pub const WEB_SILENCE: Duration = Duration::from_secs(20);
/// Slowest upload after its first [`WEB_SILENCE`], in bytes a second: a slower one only holds a place.
pub const UPLOAD_SLOWEST: u64 = 2 << 10;
/// Longest time from a request's headers to its answer, uploads and streams apart.
pub const WEB_ANSWER: Duration = Duration::from_secs(30);
/// Files in one form of the upload page.
pub const UPLOAD_FILES: usize = 200;
/// Requests of one key in a minute, and as many at once after a rest: a program that asks more often
/// asks for the same again and again.
pub const KEY_REQUESTS: usize = 600;
/// The most that a configuration may allow: no limit worth its name.
pub const KEY_REQUESTS_MOST: usize = 1_000_000;
/// How often the last use of a key is written down.
pub const KEY_SEEN: Duration = Duration::from_mins(5);
/// Orders and files made findable in one step: some 20 ms of the one writer.
pub const INDEX_ROWS: i64 = 400;
/// How long new rows wait for others before the index takes them up.
pub const INDEX_BEHIND: Duration = Duration::from_secs(5);
/// The rest between two steps of the index: the arrows keep four fifths of the writer.
pub const INDEX_REST: Duration = Duration::from_millis(80);
/// Hours that a chart looks back: a week, in rows that are few by design.
pub const CHART_HOURS: i64 = 7 * 24;
/// Hours whose counts are kept apart: what charts look back, and two days for clocks and zones.
pub const TALLIED_HOURS: i64 = CHART_HOURS + 48;
/// Hours whose counts become one in one step: some thousand rows of the one writer.
pub const FOLDED_HOURS: i64 = 48;
/// Names that a chart tells apart; the others are one.
pub const CHART_NAMES: usize = 6;
/// Rows, segments or elements of an original that its page shows: its beginning, and what lies about
/// the findings.
pub const SHOWN_ROWS: usize = 400;
/// Rows of its beginning.
pub const SHOWN_HEAD: usize = 25;
/// Rows before and behind a finding.
pub const SHOWN_ABOUT: u64 = 2;
/// Cells of a row that are shown: wider tables are for a spreadsheet.
pub const SHOWN_CELLS: usize = 60;
/// Characters of a cell or text that are shown.
pub const SHOWN_CHARS: usize = 120;
/// Findings whose places are looked for in an original.
pub const SHOWN_MARKS: usize = 200;
/// Bytes of what a child shows of an original.
pub const SHOWN_BYTES: usize = 2 << 20;
/// Largest sample that travels with a draft of a profile: such a page holds it in Base64.
pub const SAMPLE_BYTES: usize = 1 << 20;
/// Orders of a sample whose fields are explained on a page.
pub const EXPLAINED_ORDERS: usize = 5;
/// Letters of a profile's name that is given in the console.
pub const PROFILE_NAME: usize = 60;
/// Characters of a request or a mail that a page shows; all of it is in the evidence.
pub const SHOWN_TEXT: usize = 20_000;
/// Pieces of an archive of evidence between its maker and a slow reader.
pub const EVIDENCE_PIECES: usize = 2;
/// How long an invitation into the console is good.
pub const INVITATION: Duration = Duration::from_hours(1);
/// A next look that is worth telling: one that somebody may wait for.
pub const SOON: Duration = Duration::from_hours(1);
