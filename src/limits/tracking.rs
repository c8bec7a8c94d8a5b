//! Bounds of tracking: what is told about orders, and who hears of it.

use std::time::Duration;

/// Longest code, place, time, id or number of an event. The longest id in use is a UUID with a
/// prefix; an EDIFACT place has 70.
pub const EVENT_WORD_CHARS: usize = 200;
/// Longest text of an event: an EDIFACT free text, five lines of 512.
pub const EVENT_TEXT_CHARS: usize = 2_560;
/// Events taken in one step, so that a transaction stays short.
pub const EVENTS_TOGETHER: usize = 500;
/// Events of one order that are shown, the latest; a parcel has some ten, a container some fifty.
pub const EVENTS_SHOWN: usize = 1_000;
/// Numbers by which one order is found beside its reference: shipments, tracking numbers.
pub const NUMBERS_PER_ORDER: usize = 100;
/// Longest number by which an order is found: EDIFACT's longest reference (RFF 1154, an..70).
pub const NUMBER_CHARS: usize = 70;
/// Orders compared to tell whether a number names one order or several.
pub const NUMBER_MATCHES: usize = 50;
/// How long an event waits for an order that is not known yet, unless configured.
pub const STATUS_GRACE: Duration = Duration::from_hours(24);
/// Events that wait which are handled in one step.
pub const WAITING_TOGETHER: usize = 200;
/// Followers of one order by mail: what the partners of our partners allow as well.
pub const FOLLOWERS_BY_MAIL: usize = 5;
/// Followers of one order by URL: their own system, which can tell whom it likes.
pub const FOLLOWERS_BY_URL: usize = 1;
/// Longest wait for the answer to a callback: who takes longer has not understood that it is news.
pub const CALLBACK_TOTAL: Duration = Duration::from_secs(15);
/// Hosts called at once.
pub const CALLBACK_HOSTS: usize = 8;
/// News sent in one round.
pub const NOTICES_TOGETHER: usize = 100;
/// News that found no open door for so long are given up; the history has them.
pub const NOTICE_GIVE_UP: Duration = Duration::from_hours(72);
/// How long somebody follows an order at most, unless configured: longer than a sea freight.
pub const FOLLOW_FOR: Duration = Duration::from_hours(24 * 90);
/// Shortest secret that signs links and callbacks.
pub const SIGNING_SECRET_CHARS: usize = 24;
/// Most letters of a URL or mail address that follows an order.
pub const FOLLOWER_CHARS: usize = 500;
/// Addresses in the `notify` of one order that are looked at; more than five of them do not follow.
pub const NOTIFIED: usize = 20;
/// How long an answer of the public page takes, whatever it found: longer than finding takes.
pub const TRACK_ANSWER: Duration = Duration::from_millis(400);
/// Look-ups on the public page by one address in a minute: a person types slower.
pub const TRACK_BY_PEER: u32 = 10;
/// Look-ups of one number in an hour, from wherever: postcodes are few, and must not be tried out.
pub const TRACK_BY_NUMBER: u32 = 20;
/// Addresses and numbers that are counted at once.
pub const TRACK_COUNTED: usize = 20_000;
