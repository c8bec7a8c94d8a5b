//! Which events are news.

use super::*;

#[test]
fn only_what_may_be_a_whole_file_is_a_hint() {
    let news = [
        ReadFlags::CLOSE_WRITE,
        ReadFlags::MOVED_TO,
        ReadFlags::ATTRIB,
        ReadFlags::CREATE | ReadFlags::ISDIR,
    ];
    assert!(
        news.into_iter()
            .all(|events| is_hint(events, Some(c"a.csv")))
    );
    for name in [c".orderdock-probe-7", c"a.csv.part", c"a.csv.error.txt"] {
        assert!(
            !news.into_iter().any(|events| is_hint(events, Some(name))),
            "{name:?}"
        );
    }
    assert!(
        !is_hint(ReadFlags::CREATE, Some(c"a.csv")),
        "it is being written"
    );
    assert!(
        is_hint(ReadFlags::DELETE, Some(c"a.csv.part")),
        "it may have another name now"
    );
    assert!(!is_hint(ReadFlags::DELETE, Some(c".orderdock-delete-7")));
    assert!(
        !is_hint(ReadFlags::IGNORED, None),
        "we ended that watch ourselves"
    );
    assert!(
        is_hint(ReadFlags::DELETE_SELF, None),
        "the log should tell it soon"
    );
    assert!(
        is_hint(ReadFlags::QUEUE_OVERFLOW, None),
        "events were lost: the listing tells"
    );
}

#[test]
fn our_own_listing_reading_and_moving_away_is_not_even_asked_for() {
    let ours =
        WatchFlags::ACCESS | WatchFlags::OPEN | WatchFlags::CLOSE_NOWRITE | WatchFlags::MOVED_FROM;
    assert!(!ASKED.intersects(ours));
}
