//! COPYUID (RFC 4315, 3): which mail got which number in its new mailbox.
//!
//! Pure. The only proof that a mail was moved by this command: a server answers OK as well for a
//! mail that was gone already.

use std::collections::HashMap;
use std::num::NonZeroU32;

use super::super::session::command::uids;
use super::super::wire::reply::Status;
use crate::limits;

/// New numbers by old ones, under the UIDVALIDITY of the new mailbox.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Copied {
    numbers: HashMap<u32, (NonZeroU32, NonZeroU32)>,
}

impl Copied {
    /// Takes in what a status says.
    pub(super) fn hear(&mut self, status: &Status) {
        if status.has("COPYUID") {
            let text = std::str::from_utf8(&status.arguments).ok();
            self.numbers
                .extend(text.and_then(pairs).into_iter().flatten());
        }
    }

    /// UIDVALIDITY and UID that the mail has got.
    pub(super) fn of(&self, uid: NonZeroU32) -> Option<(NonZeroU32, NonZeroU32)> {
        self.numbers.get(&uid.get()).copied()
    }
}

type Pair = (u32, (NonZeroU32, NonZeroU32));

fn pairs(text: &str) -> Option<Vec<Pair>> {
    let mut words = text.split_ascii_whitespace();
    let validity = words.next()?.parse().ok()?;
    let mut set = || uids(words.next()?, limits::IMAP_TOGETHER);
    let (from, to) = (set()?, set()?);
    if from.len() != to.len() {
        return None;
    }
    let pairs = from.into_iter().zip(to);
    pairs
        .map(|(from, to)| Some((from, (validity, NonZeroU32::new(to)?))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_in_the_order_of_both_sets() {
        let found = pairs("38505 304,319:320 3956:3958").unwrap();
        let found: Vec<(u32, u32)> = found
            .iter()
            .map(|(from, (_, to))| (*from, to.get()))
            .collect();
        assert_eq!(found, [(304, 3956), (319, 3957), (320, 3958)]);
        for wrong in [
            "",
            "1 2",
            "1 2:3 4",
            "0 1 1",
            "1 1 0",
            "1 1:4000000000 1:4000000000",
        ] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }
}
