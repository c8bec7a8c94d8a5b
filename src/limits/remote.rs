//! Bounds of what is asked of servers: IMAP, FTP, SFTP.

use std::time::Duration;

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
