//! One time for one version of a file, where a server tells two: LIST in minutes and a zone of its
//! own, MDTM in seconds.
//!
//! A version is known by the time that LIST shows. MDTM serves to see what LIST cannot: a file that
//! was written over within the same minute and has the same size. Such a version is given a time of
//! its own, a few nanoseconds later, and keeps it as long as it lies there.

use std::collections::HashMap;

use crate::limits;

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
            None => known.exact = Some(exact.to_vec()),
            Some(before) if before == exact => {}
            Some(_) => return None,
        }
        Some(known.listed + known.later)
    }

    /// After a listing was asked because [`Times::of`] did not know: the version's time.
    pub(super) fn learn(&mut self, path: &[u8], size: u64, listed: i64, exact: &[u8]) -> i64 {
        let before = self.known.get(path);
        let same = before.filter(|known| (known.size, known.listed) == (size, listed));
        let later = match same {
            Some(known) if known.exact.as_deref().is_none_or(|before| before == exact) => known.later,
            Some(known) => known.later + 1,
            None => 0,
        };
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
