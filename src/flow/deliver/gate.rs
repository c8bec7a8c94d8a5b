//! What a lane knows of its destination: whether it may send, how much, and when to look again.
//!
//! *Open*: all connections. *Waiting* after failures in a row (a partner that is down): short waits
//! that double, then one delivery as a probe. *Paused* after wrong credentials or a wrong address:
//! long waits, the operators are told, and one delivery as a probe. Pure but for the clock.

use std::time::Duration;

use crate::backoff;
use crate::clock::{self, Millis, Moment};
use crate::failure::Failure;
use crate::flow::Rate;
use crate::limits;

/// What an attempt says about its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// It answers.
    Good,
    /// It does not do its work: 5xx, 429, network. With what it asked for.
    Trouble(Failure, Option<Duration>),
    /// Its name or its certificate is wrong.
    Unreachable(Failure),
    /// It refuses our credentials or our address.
    Denied(Failure),
}

impl Sign {
    /// Whether it says nothing of the order and of the moment: our credentials, our address.
    pub(super) fn is_about_us(&self) -> bool {
        matches!(self, Self::Denied(_) | Self::Unreachable(_))
    }
}

/// A change worth telling.
#[derive(Debug)]
pub(super) struct News {
    /// For `status` and the log.
    pub(super) words: String,
    /// Why, when it got worse.
    pub(super) failure: Option<Failure>,
    /// Whether the operators are to be told.
    pub(super) alert: bool,
}

pub(super) struct Gate {
    /// Closed until then; `None` is open.
    closed: Option<Moment>,
    paused: bool,
    /// Failures in a row.
    failures: u32,
    /// Of these, those of name or certificate.
    unreachable: u32,
    /// How often in a row it was closed.
    closings: u32,
    /// Since when nothing worked.
    down: Option<Moment>,
    told: bool,
    bucket: Option<Bucket>,
}

impl Gate {
    pub(super) fn new(rate: Option<Rate>) -> Self {
        Self {
            closed: None,
            paused: false,
            failures: 0,
            unreachable: 0,
            closings: 0,
            down: None,
            told: false,
            bucket: rate.map(Bucket::new),
        }
    }

    /// Whether anything may be sent.
    pub(super) fn is_open(&self, now: Moment) -> bool {
        self.closed.is_none_or(|until| now >= until)
    }

    /// When it opens; now, if it is open.
    pub(super) fn opens_at(&self) -> Millis {
        let now = clock::now();
        self.closed
            .map_or(now, |until| now.after(until.since(clock::moment())))
    }

    /// How many requests may be in flight: one, to find out whether it works again.
    pub(super) fn places(&self, concurrency: usize) -> usize {
        if self.closed.is_some() {
            1
        } else {
            concurrency.max(1)
        }
    }

    /// Takes a place in the rate; false if none is free.
    pub(super) fn take(&mut self, now: Moment) -> bool {
        self.bucket.as_mut().is_none_or(|bucket| bucket.take(now))
    }

    /// How long until the rate has a place.
    pub(super) fn next_token(&self, now: Moment) -> Option<Duration> {
        self.bucket.as_ref().and_then(|bucket| bucket.next(now))
    }

    /// A failure of our own ledger: a short wait that says nothing about the destination.
    pub(super) fn pause_for_us(&mut self) {
        self.closed = Some(clock::moment().after(limits::PAUSE_AFTER_FAILURE));
    }

    /// A person has resumed the lane, or the configuration was changed: find out at once.
    pub(super) fn open_now(&mut self) {
        if self.closed.is_some() {
            self.closed = Some(clock::moment());
        }
    }

    /// Learns from an attempt; tells what changed.
    pub(super) fn learn(&mut self, sign: &Sign) -> Option<News> {
        match sign {
            Sign::Good => self.works(),
            Sign::Trouble(failure, asked) => self.trouble(failure, *asked),
            Sign::Unreachable(failure) => {
                self.unreachable += 1;
                if self.unreachable < limits::CONNECT_FAILURES_TO_PAUSE {
                    return self.trouble(failure, None);
                }
                self.pause(failure, "not reachable; paused")
            }
            Sign::Denied(failure) => self.pause(failure, "refuses us; paused"),
        }
    }

    fn works(&mut self) -> Option<News> {
        self.failures = 0;
        self.unreachable = 0;
        self.closings = 0;
        self.down = None;
        self.paused = false;
        self.told = false;
        self.closed.take()?;
        Some(News {
            words: "delivers again".to_owned(),
            failure: None,
            alert: false,
        })
    }

    fn trouble(&mut self, failure: &Failure, asked: Option<Duration>) -> Option<News> {
        let now = clock::moment();
        self.failures += 1;
        let down = *self.down.get_or_insert(now);
        // Requests that were under way when it closed say nothing new.
        if !self.is_open(now) {
            return None;
        }
        if self.closed.is_none() && self.failures < limits::FAILURES_TO_OPEN && asked.is_none() {
            return None;
        }
        self.closings += 1;
        let wait = backoff::wait(
            limits::BACKOFF_BASE,
            limits::CIRCUIT_MAX,
            self.closings,
            255,
        );
        let wait = asked.map_or(wait, |asked| backoff::asked(asked).max(wait));
        self.closed = Some(now.after(wait));
        let alert = !self.told && now.since(down) > limits::DOWN_TO_ALERT;
        self.told |= alert;
        let words = format!("failing; next try in {} s", wait.as_secs().max(1));
        Some(News {
            words,
            failure: Some(failure.clone()),
            alert,
        })
    }

    fn pause(&mut self, failure: &Failure, what: &str) -> Option<News> {
        let now = clock::moment();
        if self.paused && !self.is_open(now) {
            return None;
        }
        self.closings = if self.paused { self.closings + 1 } else { 1 };
        self.paused = true;
        let wait = backoff::wait(limits::PROBE_BASE, limits::BACKOFF_MAX, self.closings, 255);
        self.closed = Some(now.after(wait));
        let alert = !std::mem::replace(&mut self.told, true);
        let words = format!("{what}; next try in {} min", wait.as_secs().div_ceil(60));
        Some(News {
            words,
            failure: Some(failure.clone()),
            alert,
        })
    }
}

/// A token bucket that holds at most one second's worth, so that a rest earns no burst.
struct Bucket {
    per_second: f64,
    held: f64,
    at: Moment,
}

impl Bucket {
    fn new(rate: Rate) -> Self {
        let per_second = f64::from(rate.count.max(1)) / rate.per.as_secs_f64().max(0.001);
        Self {
            per_second,
            held: 1.0,
            at: clock::moment(),
        }
    }

    fn filled(&self, now: Moment) -> f64 {
        let most = self.per_second.max(1.0);
        (self.held + now.since(self.at).as_secs_f64() * self.per_second).min(most)
    }

    fn take(&mut self, now: Moment) -> bool {
        let filled = self.filled(now);
        if filled < 1.0 {
            return false;
        }
        self.held = filled - 1.0;
        self.at = now;
        true
    }

    fn next(&self, now: Moment) -> Option<Duration> {
        let missing = 1.0 - self.filled(now);
        (missing > 0.0).then(|| Duration::from_secs_f64(missing / self.per_second))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble() -> Sign {
        Sign::Trouble(Failure::temporary("sending", "503"), None)
    }

    #[test]
    fn one_failure_does_not_close_the_gate_and_five_do() {
        let mut gate = Gate::new(None);
        for _ in 1..limits::FAILURES_TO_OPEN {
            assert!(gate.learn(&trouble()).is_none());
            assert_eq!(gate.places(16), 16);
        }
        assert!(gate.learn(&trouble()).is_some());
        assert_eq!(gate.places(16), 1);
        assert!(!gate.is_open(clock::moment()));
    }

    #[test]
    fn requests_under_way_when_it_closed_do_not_lengthen_the_wait() {
        let mut gate = Gate::new(None);
        (0..limits::FAILURES_TO_OPEN).for_each(|_| drop(gate.learn(&trouble())));
        let opens = gate.closed;
        (0..20).for_each(|_| assert!(gate.learn(&trouble()).is_none()));
        assert_eq!(gate.closed, opens);
    }

    #[test]
    fn a_success_opens_it_again_and_says_so_once() {
        let mut gate = Gate::new(None);
        (0..limits::FAILURES_TO_OPEN).for_each(|_| drop(gate.learn(&trouble())));
        assert!(
            gate.learn(&Sign::Good)
                .is_some_and(|news| news.failure.is_none())
        );
        assert!(gate.learn(&Sign::Good).is_none());
        assert_eq!(gate.places(16), 16);
    }

    #[test]
    fn wrong_credentials_pause_at_once_and_alert_once() {
        let mut gate = Gate::new(None);
        let denied = Sign::Denied(Failure::operator("sending", "401"));
        assert!(gate.learn(&denied).is_some_and(|news| news.alert));
        assert!(gate.learn(&denied).is_none());
        gate.open_now();
        assert!(gate.is_open(clock::moment()));
        assert!(gate.learn(&denied).is_some_and(|news| !news.alert));
    }

    #[test]
    fn a_rate_gives_no_burst_beyond_a_second() {
        let rate = Rate {
            count: 10,
            per: Duration::from_secs(1),
        };
        let mut gate = Gate::new(Some(rate));
        let later = clock::moment().after(Duration::from_mins(1));
        assert_eq!((0..100).filter(|_| gate.take(later)).count(), 10);
        assert!(
            gate.next_token(later)
                .is_some_and(|wait| wait <= Duration::from_millis(100))
        );
    }
}
