//! Charts: orders an hour by source and outcome, how long deliveries take, what is found wrong.
//!
//! Drawn on the server from counts that the ledger keeps by the hour, so that a page costs the same
//! after years. Every picture has its numbers in a table beside it.

mod bars;

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use axum::response::Response;
use serde::{Deserialize, Serialize};

use self::bars::Bars;
use super::{Reader, ask};
use crate::clock::{self, Millis};
use crate::control::{Request, Response as Told};
use crate::ledger::{Count, Counted};
use crate::limits;
use crate::web::access::Person;
use crate::web::{Shared, pages};

/// What is asked of the page.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Wanted {
    /// `day` or `week`.
    span: String,
    /// Only orders of this source.
    source: String,
}

#[derive(Serialize)]
struct Page {
    reader: Reader,
    wanted: Wanted,
    sources: Vec<String>,
    outcomes: Bars,
    by_source: Option<Bars>,
    latency: Vec<Latency>,
    found: Vec<Found>,
}

/// How long the deliveries to one destination took.
#[derive(Serialize)]
struct Latency {
    name: String,
    count: u64,
    /// Half of them took no longer.
    half: &'static str,
    /// 95 of a hundred took no longer.
    most: &'static str,
    /// The share of each step, of the largest: heights of a small picture.
    steps: Vec<(&'static str, u64, u64)>,
}

/// How often something was found in one sender's files.
#[derive(Serialize)]
struct Found {
    sender: String,
    code: String,
    count: u64,
    /// Of a hundred, of the largest.
    share: u64,
}

/// Hours that are looked at and hours of a bar.
const DAY: (u32, u32) = (24, 1);
const WEEK: (u32, u32) = (7 * 24, 6);

/// Outcomes in the order in which they lie on each other, and how they are coloured.
const OUTCOMES: [(&str, &str); 4] = [
    ("delivered", "good"),
    ("repeat", "idle"),
    ("withheld", "open"),
    ("refused", "bad"),
];

/// Colours of sources.
const HUES: [&str; limits::CHART_NAMES] = ["hue0", "hue1", "hue2", "hue3", "hue4", "hue5"];

/// What each step of [`Count::STEPS`] is called.
const STEPS: [&str; 11] = [
    "0.1 s", "0.3 s", "1 s", "3 s", "10 s", "30 s", "1 min", "10 min", "1 h", "1 day", "longer",
];

/// The page.
pub(super) async fn page(
    State(site): State<Shared>,
    person: Person,
    Query(wanted): Query<Wanted>,
) -> Response {
    let (hours, span) = if wanted.span == "week" { WEEK } else { DAY };
    let counts = match ask(&site, &person, Request::Counts { hours, span }).await {
        Ok(Told::Counts(counts)) => counts,
        other => return pages::strange(other),
    };
    let times = times(clock::now(), hours, span);
    let page = Page {
        reader: Reader::new(&person, "charts"),
        sources: site.sources(),
        outcomes: outcomes(&counts, &times, &wanted.source),
        by_source: wanted.source.is_empty().then(|| by_source(&counts, &times)),
        latency: latency(&counts),
        found: found(&counts),
        wanted,
    };
    site.views.show("charts.html", page)
}

/// When each bar begins, oldest first.
fn times(now: Millis, hours: u32, span: u32) -> Vec<Millis> {
    const HOUR: i64 = 3_600_000;
    let width = i64::from(span) * HOUR;
    let last = now.0 - now.0.rem_euclid(width);
    let count = i64::from(hours / span.max(1));
    (0..count)
        .map(|back| Millis(last - (count - 1 - back) * width))
        .collect()
}

fn outcomes(counts: &[Count], times: &[Millis], source: &str) -> Bars {
    let of_source = |count: &&Count| source.is_empty() || count.name == source;
    let mut bars = Bars::new(times, &OUTCOMES);
    for count in counts.iter().filter(of_source) {
        if let Counted::Orders(word) = &count.what {
            let place = OUTCOMES.iter().position(|(name, _)| name == word);
            bars.add(count.at, place, count.count);
        }
    }
    bars.drawn()
}

/// Orders that were delivered, by the sources with most of them; the others are one.
fn by_source(counts: &[Count], times: &[Millis]) -> Bars {
    let delivered = || {
        counts
            .iter()
            .filter(|count| matches!(&count.what, Counted::Orders(word) if word == "delivered"))
    };
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for count in delivered() {
        *sums.entry(&count.name).or_default() += count.count;
    }
    let mut names: Vec<(&str, u64)> = sums.into_iter().collect();
    names.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    let more = names.len() > HUES.len();
    let mut parts: Vec<(&str, &str)> = names.iter().map(|(name, _)| *name).zip(HUES).collect();
    if more {
        parts.push(("all others", "idle"));
    }
    let mut bars = Bars::new(times, &parts);
    for count in delivered() {
        let place = parts.iter().position(|(name, _)| *name == count.name);
        bars.add(count.at, place.or(more.then_some(HUES.len())), count.count);
    }
    bars.drawn()
}

fn latency(counts: &[Count]) -> Vec<Latency> {
    let mut by_name: BTreeMap<&str, [u64; STEPS.len()]> = BTreeMap::new();
    for count in counts {
        if let Counted::Took(step) = count.what
            && let Some(sum) = by_name.entry(&count.name).or_default().get_mut(step)
        {
            *sum += count.count;
        }
    }
    let told = by_name.into_iter().map(|(name, steps)| {
        let count = steps.iter().sum();
        let largest = steps.iter().copied().max().unwrap_or(0).max(1);
        Latency {
            name: name.to_owned(),
            count,
            half: within(&steps, count, 50),
            most: within(&steps, count, 95),
            steps: STEPS
                .into_iter()
                .zip(steps)
                .map(|(word, count)| (word, count, (count * 100).div_ceil(largest)))
                .collect(),
        }
    });
    told.collect()
}

/// The step within which so many of a hundred were done.
fn within(steps: &[u64], count: u64, percent: u64) -> &'static str {
    let wanted = (count * percent).div_ceil(100);
    let mut sum = 0;
    for (step, word) in steps.iter().zip(STEPS) {
        sum += step;
        if sum >= wanted {
            return word;
        }
    }
    "longer"
}

fn found(counts: &[Count]) -> Vec<Found> {
    let mut sums: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for count in counts {
        if let Counted::Found(code) = &count.what {
            *sums.entry((&count.name, code)).or_default() += count.count;
        }
    }
    let mut all: Vec<_> = sums.into_iter().collect();
    all.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    all.truncate(limits::WEB_ROWS as usize);
    let largest = all.first().map_or(1, |(_, sum)| *sum).max(1);
    all.into_iter()
        .map(|((sender, code), count)| Found {
            sender: sender.to_owned(),
            code: code.to_owned(),
            count,
            share: (count * 100).div_ceil(largest),
        })
        .collect()
}

#[cfg(test)]
mod tests;
