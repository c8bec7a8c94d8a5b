//! Bounds of the sandboxes and the demo: they run for people who try things out.

use std::time::Duration;

/// Clients of the demo's SFTP server at a time: the demo itself, and a few windows of its reader.
pub const DEMO_SESSIONS: usize = 16;
/// Files and folders that one of them may have open: twice what our own source opens.
pub const DEMO_OPEN: usize = 64;
/// Largest request that a sandbox reads: a dispatch of some thousand packages.
pub const SANDBOX_BODY_BYTES: usize = 8 << 20;
/// Requests that a sandbox's log keeps; older ones make room. A rehearsal of a thousand orders fits, with
/// what is asked beside them.
pub const SANDBOX_LOG: usize = 4_000;
/// Bytes of a request or answer that a sandbox's log shows.
pub const SANDBOX_EXCERPT: usize = 32 << 10;
/// Things of one sort (orders, tokens, subscriptions) that a sandbox holds, so that a test that
/// never ends does not fill the machine.
pub const SANDBOX_THINGS: usize = 200_000;
/// Fault rules in force at a time.
pub const SANDBOX_RULES: usize = 100;
/// Longest that a sandbox delays an answer: beyond every caller's own patience.
pub const SANDBOX_SLOW: Duration = Duration::from_mins(10);
/// Longest that a sandbox waits for the receiver of a callback.
pub const SANDBOX_CALLBACK: Duration = Duration::from_secs(10);
/// Callbacks and mails that a sandbox sends at a time; more wait their turn.
pub const SANDBOX_SENDING: usize = 16;
/// Callbacks and mails that may wait their turn; more are dropped, and the log says so.
pub const SANDBOX_SEND_QUEUE: usize = 10_000;
/// Events that a slow reader of a stream may be behind before it is hung up on.
pub const SANDBOX_STREAM: usize = 1_024;
/// Silence after which a stream shows that it is alive.
pub const SANDBOX_STREAM_ALIVE: Duration = Duration::from_secs(15);
/// Rest after a connection that could not be accepted, usually for want of descriptors.
pub const SANDBOX_ACCEPT_PAUSE: Duration = Duration::from_millis(100);
