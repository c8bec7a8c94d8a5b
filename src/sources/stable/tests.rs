//! When a file has come to rest.

use super::*;
use crate::clock;

const STABLE: Duration = Duration::from_secs(5);
const GRACE: Duration = Duration::from_mins(10);

fn entry(name: &str, size: u64) -> Entry {
    Entry {
        locator: Locator(name.into()),
        version: Version { size, modified: 1 },
    }
}

fn listing(entries: &[(&str, u64)]) -> Listing {
    Listing {
        entries: entries
            .iter()
            .map(|(name, size)| entry(name, *size))
            .collect(),
        cut: false,
    }
}

/// Takes the looks (seconds, listing) in turn and returns what each found at rest.
fn play(tracker: &mut Tracker, looks: &[(u64, &[(&str, u64)])]) -> Vec<Vec<String>> {
    let start = clock::moment();
    looks
        .iter()
        .map(|(second, entries)| {
            tracker
                .look(listing(entries), start.after(Duration::from_secs(*second)))
                .iter()
                .map(|entry| entry.locator.to_string())
                .collect()
        })
        .collect()
}

#[test]
fn a_file_rests_when_two_looks_far_enough_apart_are_equal() {
    type Looks = &'static [(u64, &'static [(&'static str, u64)])];
    let table: &[(&str, Looks, &[&[&str]])] = &[
        (
            "the first look is never enough",
            &[(0, &[("a", 1)])],
            &[&[]],
        ),
        (
            "looks too close together",
            &[(0, &[("a", 1)]), (4, &[("a", 1)])],
            &[&[], &[]],
        ),
        (
            "at rest",
            &[(0, &[("a", 1)]), (5, &[("a", 1)])],
            &[&[], &["a"]],
        ),
        (
            "a change starts the wait again",
            &[
                (0, &[("a", 1)]),
                (4, &[("a", 2)]),
                (8, &[("a", 2)]),
                (9, &[("a", 2)]),
            ],
            &[&[], &[], &[], &["a"]],
        ),
        (
            "gone and back is new",
            &[
                (0, &[("a", 1)]),
                (3, &[]),
                (6, &[("a", 1)]),
                (11, &[("a", 1)]),
            ],
            &[&[], &[], &[], &["a"]],
        ),
        (
            "it stays at rest, in the listing's order, whatever comes",
            &[
                (0, &[("b", 1), ("a", 1)]),
                (5, &[("b", 1), ("a", 1), ("c", 1)]),
            ],
            &[&[], &["b", "a"]],
        ),
        (
            "an empty file waits for grace",
            &[(0, &[("a", 0)]), (5, &[("a", 0)]), (600, &[("a", 0)])],
            &[&[], &[], &["a"]],
        ),
    ];
    for (what, looks, expected) in table {
        let found = play(&mut Tracker::new(STABLE, GRACE), looks);
        assert_eq!(&found, expected, "{what}");
    }
}

#[test]
fn zero_means_the_first_look() {
    let mut tracker = Tracker::new(Duration::ZERO, GRACE);
    assert_eq!(play(&mut tracker, &[(0, &[("a", 1), ("b", 0)])]), [["a"]]);
    let mut tracker = Tracker::new(Duration::ZERO, Duration::ZERO);
    assert_eq!(play(&mut tracker, &[(0, &[("b", 0)])]), [["b"]]);
    assert!(tracker.seen.is_empty());
}

#[test]
fn the_next_look_is_worth_it_when_the_first_file_may_rest() {
    let start = clock::moment();
    let mut tracker = Tracker::new(STABLE, GRACE);
    assert_eq!(tracker.next(), None);
    assert!(
        tracker
            .look(listing(&[("a", 1), ("b", 0)]), start)
            .is_empty()
    );
    assert_eq!(tracker.next(), Some(start.after(STABLE)));
    let found = tracker.look(listing(&[("a", 1), ("b", 0)]), start.after(STABLE));
    assert_eq!(found.len(), 1);
    assert_eq!(tracker.next(), Some(start.after(GRACE)));
    let found = tracker.look(listing(&[("a", 1)]), start.after(GRACE));
    assert_eq!(found.len(), 1);
    assert_eq!(tracker.next(), None);
}

#[test]
fn a_cut_listing_forgets_nothing() {
    let start = clock::moment();
    let mut tracker = Tracker::new(STABLE, GRACE);
    assert!(tracker.look(listing(&[("a", 1)]), start).is_empty());
    let cut = Listing {
        entries: Vec::new(),
        cut: true,
    };
    let found = tracker.look(cut, start.after(Duration::from_secs(3)));
    assert!(found.is_empty());
    let found = tracker.look(listing(&[("a", 1)]), start.after(STABLE));
    assert_eq!(found.len(), 1);
}
