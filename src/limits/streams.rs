//! Bounds of what the console and the API keep and tell.

use std::time::Duration;

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
