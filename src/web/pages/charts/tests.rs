//! Numbers in pictures.

use super::*;

const HOUR: i64 = 3_600_000;

fn count(hour: i64, what: Counted, name: &str, count: u64) -> Count {
    Count {
        at: Millis(hour * HOUR),
        what,
        name: name.into(),
        count,
    }
}

#[test]
fn bars_stand_at_their_hour_and_hold_what_was_counted() {
    let times = times(Millis(100 * HOUR + 5), 24, 1);
    assert_eq!(times.len(), 24);
    assert_eq!(times.last(), Some(&Millis(100 * HOUR)));
    let delivered = Counted::Orders("delivered".into());
    let counts = [
        count(100, delivered.clone(), "inbox", 7),
        count(100, delivered.clone(), "sftp", 2),
        count(99, Counted::Orders("refused".into()), "inbox", 1),
        count(20, delivered, "inbox", 50),
    ];
    let all = serde_json::to_value(outcomes(&counts, &times, "")).unwrap();
    assert_eq!(
        all["sum"], 10,
        "what is older than the picture is not in it"
    );
    assert_eq!(all["columns"][23]["sum"], 9);
    assert_eq!(all["lines"][2][1], 10);
    let one = serde_json::to_value(outcomes(&counts, &times, "sftp")).unwrap();
    assert_eq!(one["columns"][23]["sum"], 2);
    let sources = serde_json::to_value(by_source(&counts, &times)).unwrap();
    assert_eq!(sources["parts"][0], serde_json::json!(["inbox", "hue0", 7]));
}

#[test]
fn a_latency_is_told_by_the_step_that_holds_it() {
    let counts = [
        count(1, Counted::Took(0), "erp", 60),
        count(1, Counted::Took(3), "erp", 38),
        count(2, Counted::Took(10), "erp", 2),
    ];
    let told = latency(&counts);
    assert_eq!(
        (told[0].half, told[0].most, told[0].count),
        ("0.1 s", "3 s", 100)
    );
}
