//! One time for one version of a file, where a server tells two: LIST in minutes and a zone of its
//! own, MDTM in seconds.
//!
//! A version is known by the time that LIST shows. MDTM serves to see what LIST cannot: a file that
//! was written over within the same minute and has the same size. Such a version is given a time of
//! its own, a few nanoseconds later, and keeps it as long as it lies there.

use std::collections::HashMap;

use super::listing::dates;
use crate::limits;

const MINUTE: i64 = 60 * 1_000_000_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// What is known of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    size: u64,
    listed: i64,
    /// MDTM's digits, once they were asked for.
    exact: Option<Vec<u8>>,
    /// Versions seen under the same size and listed time, before this one.
    later: i64,
}

/// What is known of the files of one server. Forgetting costs a listing of one file.
#[derive(Debug, Default)]
pub(super) struct Times {
    known: HashMap<Vec<u8>, Known>,
    /// How much later the zone of LIST is than UTC, which MDTM tells, once it was seen.
    zone: Option<i64>,
}

impl Times {
    /// A listing showed this; its time as the rest of the program is to see it.
    pub(super) fn listed(&mut self, path: &[u8], size: u64, listed: i64) -> i64 {
        if let Some(known) = self.known.get(path)
            && (known.size, known.listed) == (size, listed)
        {
            return listed + known.later;
        }
        self.room();
        let known = Known {
            size,
            listed,
            exact: None,
            later: 0,
        };
        self.known.insert(path.to_vec(), known);
        listed
    }

    /// The time of a version that SIZE and MDTM tell; `None` if only a listing can tell it.
    pub(super) fn of(&mut self, path: &[u8], size: u64, exact: &[u8]) -> Option<i64> {
        let known = self.known.get_mut(path)?;
        if known.size != size {
            return None;
        }
        match &known.exact {
            None if is_same_moment(known.listed, exact, self.zone) => {
                known.exact = Some(exact.to_vec());
            }
            Some(before) if before == exact => {}
            _ => return None,
        }
        Some(known.listed + known.later)
    }

    /// After a listing was asked because [`Times::of`] did not know: the version's time.
    pub(super) fn learn(&mut self, path: &[u8], size: u64, listed: i64, exact: &[u8]) -> i64 {
        let before = self.known.get(path);
        let same = before.filter(|known| (known.size, known.listed) == (size, listed));
        let later = match same {
            Some(known) if known.exact.as_deref().is_none_or(|before| before == exact) => {
                known.later
            }
            Some(known) => known.later + 1,
            None => 0,
        };
        self.zone = zone(listed, exact).or(self.zone);
        self.room();
        let known = Known {
            size,
            listed,
            exact: Some(exact.to_vec()),
            later,
        };
        self.known.insert(path.to_vec(), known);
        listed + later
    }

    /// A file keeps its times where it goes.
    pub(super) fn moved(&mut self, from: &[u8], to: &[u8]) {
        if let Some(known) = self.known.remove(from) {
            self.known.insert(to.to_vec(), known);
        }
    }

    fn room(&mut self) {
        if self.known.len() >= limits::FTP_TIMES {
            self.known.clear();
        }
    }
}

/// How much later the zone of the listed time is, where both times are of one version. Zones differ by
/// quarters of an hour. A listed midnight may be all that is told of an older file's day.
fn zone(listed: i64, exact: &[u8]) -> Option<i64> {
    let exact = dates::stamp(exact)?;
    let later = listed - exact.div_euclid(MINUTE) * MINUTE;
    let plausible = later % (15 * MINUTE) == 0 && later.abs() <= 15 * 60 * MINUTE;
    (plausible && listed % DAY != 0).then_some(later)
}

/// Whether LIST shows the exact time so, in minutes or in days.
fn is_same_moment(listed: i64, exact: &[u8], zone: Option<i64>) -> bool {
    let (Some(exact), Some(zone)) = (dates::stamp(exact), zone) else {
        return false;
    };
    let local = exact + zone;
    [MINUTE, DAY]
        .iter()
        .any(|unit| local.div_euclid(*unit) * unit == listed)
}
