//! How often may be asked: by one address, and about one number from wherever.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{self, Moment};
use crate::limits;

/// Tries so far.
#[derive(Default)]
pub(in crate::web) struct Tries {
    counts: Mutex<HashMap<Who, Count>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Who {
    Peer(IpAddr),
    Number(String),
}

impl Who {
    fn most(&self) -> (u32, Duration) {
        match self {
            Self::Peer(_) => (limits::TRACK_BY_PEER, Duration::from_mins(1)),
            Self::Number(_) => (limits::TRACK_BY_NUMBER, Duration::from_hours(1)),
        }
    }
}

struct Count {
    tries: u32,
    since: Moment,
}

impl Tries {
    /// Counts a try; false where there were too many.
    pub(super) fn take(&self, peer: IpAddr, number: &str) -> bool {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() + 2 > limits::TRACK_COUNTED {
            counts.retain(|who, count| count.since.elapsed() < who.most().1);
        }
        let number: String = number.trim().chars().take(limits::NUMBER_CHARS).collect();
        // An address that asks too often does not use up the tries of a number.
        [Who::Peer(network(peer)), Who::Number(number.to_uppercase())]
            .into_iter()
            .all(|who| one(&mut counts, who))
    }
}

fn one(counts: &mut HashMap<Who, Count>, who: Who) -> bool {
    let (most, span) = who.most();
    if counts.len() >= limits::TRACK_COUNTED && !counts.contains_key(&who) {
        return false;
    }
    let count = counts.entry(who).or_insert_with(|| Count {
        tries: 0,
        since: clock::moment(),
    });
    if count.since.elapsed() >= span {
        *count = Count {
            tries: 0,
            since: clock::moment(),
        };
    }
    count.tries = count.tries.saturating_add(1);
    count.tries <= most
}

/// A household has a whole IPv6 network of 64 bits, and tries from all over it.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(six) => match six.to_ipv4_mapped() {
            Some(four) => IpAddr::V4(four),
            None => IpAddr::V6((six.to_bits() & (u128::MAX << 64)).into()),
        },
    }
}
