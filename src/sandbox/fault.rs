//! Fault switches: what goes wrong, where, and how often.
//!
//! A rule is one line: `[KIND] [METHOD] [PATH] = FAULT[, times=N][, after=N]`. A request fits when
//! its kind and method are those named and its path ends with PATH, in which `*` stands for
//! anything. The first rule that fits decides.

use std::str::FromStr;
use std::time::Duration;

use globset::{Glob, GlobMatcher};

use super::kind::Kind;
use super::time;
use crate::clock::Millis;
use crate::limits;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// An error of the partner's own, before it looked at the request; with a `Retry-After`.
    Status(u16, Option<u64>),
    /// The request is answered properly, but late.
    Slow(Duration),
    /// The connection is reset before the partner looked at the request.
    Reset,
    /// The request is carried out, then the connection is reset instead of an answer.
    CommitThenDrop,
    /// An error of the partner's own that comes with the status 200.
    ErrorUnder200,
}

/// One rule, and how often it fitted.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    text: String,
    kind: Option<Kind>,
    method: Option<String>,
    path: Option<GlobMatcher>,
    effect: Effect,
    times: Option<u32>,
    after: u32,
    fitted: u32,
}

#[derive(Debug, Clone)]
enum Effect {
    Fault(Fault),
    /// So many requests in a window pass.
    Limit {
        most: u32,
        window: Duration,
        from: Millis,
        count: u32,
    },
}

/// All rules in force.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Vec<Rule>,
}

impl Faults {
    /// One more rule, behind the others.
    pub(super) fn add(&mut self, rule: Rule) -> Result<(), String> {
        if self.rules.len() >= limits::SANDBOX_RULES {
            return Err("there are too many rules; clear them first".to_owned());
        }
        self.rules.push(rule);
        Ok(())
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
    }

    /// The rules as they were written, and how often each fitted.
    pub(super) fn shown(&self) -> Vec<(String, u32)> {
        let shown = self
            .rules
            .iter()
            .map(|rule| (rule.text.clone(), rule.fitted));
        shown.collect()
    }

    /// What goes wrong with this request, if anything, and the rule that says so.
    pub(super) fn of(
        &mut self,
        kind: Kind,
        method: &str,
        path: &str,
        now: Millis,
    ) -> Option<(Fault, String)> {
        let mut fitting = self.rules.iter_mut();
        fitting.find_map(|rule| {
            if rule.fits(kind, method, path) {
                Some((rule.fire(now)?, rule.text.clone()))
            } else {
                None
            }
        })
    }
}

impl Rule {
    fn fits(&self, kind: Kind, method: &str, path: &str) -> bool {
        self.kind.is_none_or(|wanted| wanted == kind)
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_ref().is_none_or(|glob| glob.is_match(path))
    }

    /// Counts a request that fits; `None` where the rule has had its turns or they are not here yet.
    fn fire(&mut self, now: Millis) -> Option<Fault> {
        let spent = self
            .times
            .is_some_and(|times| self.fitted >= self.after.saturating_add(times));
        if spent {
            return None;
        }
        self.fitted = self.fitted.saturating_add(1);
        if self.fitted <= self.after {
            return None;
        }
        match &mut self.effect {
            Effect::Fault(fault) => Some(*fault),
            Effect::Limit {
                most,
                window,
                from,
                count,
            } => {
                if from.until(now) >= *window || *from > now {
                    (*from, *count) = (now, 0);
                }
                *count = count.saturating_add(1);
                let rest = now.until(from.after(*window));
                let seconds = rest.as_secs() + u64::from(rest.subsec_nanos() > 0);
                (count > most).then_some(Fault::Status(429, Some(seconds)))
            }
        }
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (place, effect) = text.split_once('=').ok_or_else(|| {
            format!("{text:?} has no `=`; write `[KIND] [METHOD] [PATH] = FAULT`")
        })?;
        let mut parts = effect.split(',').map(str::trim);
        let mut rule = Self {
            text: text.trim().to_owned(),
            kind: None,
            method: None,
            path: None,
            effect: parts.next().unwrap_or_default().parse()?,
            times: None,
            after: 0,
            fitted: 0,
        };
        for part in parts {
            let number = |value: &str| {
                let number: Result<u32, _> = value.trim().parse();
                number.map_err(|_| format!("{part:?}: that is no number"))
            };
            match part.split_once('=') {
                Some(("times", value)) => rule.times = Some(number(value)?),
                Some(("after", value)) => rule.after = number(value)?,
                _ => return Err(format!("{part:?} is neither times=N nor after=N")),
            }
        }
        for word in place.split_whitespace() {
            if word.starts_with(['/', '*']) {
                let glob = Glob::new(&format!("*{word}"));
                rule.path = Some(glob.map_err(|error| error.to_string())?.compile_matcher());
            } else if word.chars().all(|c| c.is_ascii_uppercase()) {
                rule.method = Some(word.to_owned());
            } else {
                rule.kind = Some(word.parse()?);
            }
        }
        Ok(rule)
    }
}

impl FromStr for Effect {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (word, argument) = match text.split_once(':') {
            Some((word, argument)) => (word.trim(), Some(argument.trim())),
            None => (text, None),
        };
        let fault = match (word, argument) {
            ("reset", None) => Fault::Reset,
            ("commit-then-drop", None) => Fault::CommitThenDrop,
            ("error-under-200", None) => Fault::ErrorUnder200,
            ("slow", Some(wait)) => {
                let wait = time::span(wait)?;
                if wait > limits::SANDBOX_SLOW {
                    return Err(format!("{text:?} is longer than any caller waits"));
                }
                Fault::Slow(wait)
            }
            ("rate-limit", Some(rate)) => return limit(rate),
            (status, after) => return self::status(status, after).ok_or_else(|| unknown(text)),
        };
        Ok(Self::Fault(fault))
    }
}

fn limit(rate: &str) -> Result<Effect, String> {
    let wrong = || format!("{rate:?} is no rate; write one like 10/1s");
    let (most, window) = rate.split_once('/').ok_or_else(wrong)?;
    Ok(Effect::Limit {
        most: most.trim().parse().map_err(|_| wrong())?,
        window: time::span(window)?,
        from: Millis::default(),
        count: 0,
    })
}

fn status(status: &str, after: Option<&str>) -> Option<Effect> {
    let status: u16 = status.parse().ok()?;
    let after = after.map(str::parse).transpose().ok()?;
    (400..600)
        .contains(&status)
        .then_some(Effect::Fault(Fault::Status(status, after)))
}

fn unknown(text: &str) -> String {
    format!(
        "{text:?} is no fault; there are STATUS[:RETRY_AFTER] (500, 503:30), slow:SPAN, reset, \
         commit-then-drop, error-under-200 and rate-limit:N/SPAN"
    )
}
