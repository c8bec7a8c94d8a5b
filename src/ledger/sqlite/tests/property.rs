//! Whatever happens in whatever order: the counters agree with a recount, and what is concluded has
//! nothing open.

use proptest::prelude::*;

use super::*;
use crate::ledger::Change;

#[derive(Debug, Clone)]
enum Move {
    Drop {
        number: u8,
        content: u8,
        action: u8,
        policy: u8,
        hold: bool,
    },
    Reject,
    Send(u8),
    Settle,
    Change(u8),
    Crash,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let drop = (0..3u8, 0..3u8, 0..4u8, 0..3u8, any::<bool>());
    let one = prop_oneof![
        5 => drop.prop_map(|(number, content, action, policy, hold)| {
            Move::Drop { number, content, action, policy, hold }
        }),
        1 => Just(Move::Reject),
        4 => (0..4u8).prop_map(Move::Send),
        2 => Just(Move::Settle),
        2 => (0..4u8).prop_map(Move::Change),
        1 => Just(Move::Crash),
    ];
    prop::collection::vec(one, 1..25)
}

async fn step(house: &mut House, n: usize, step: &Move) {
    let name = format!("f{n}");
    match step {
        Move::Drop {
            number,
            content,
            action,
            policy,
            hold,
        } => {
            let mut one = order(&format!("N{number}"), &content.to_string());
            one.hold = *hold && *content == 0;
            one.action = match action {
                0 | 1 => Action::Create,
                2 => Action::Update,
                _ => Action::Cancel,
            };
            one.on_change = match policy {
                0 => OnChange::Refuse,
                1 => OnChange::Update,
                _ => OnChange::Ignore,
            };
            let other = order(&format!("N{}", (number + 1) % 3), "0");
            house.drop_in(&name, vec![one, other]).await;
        }
        Move::Reject => {
            let (_, file) = house.take(&name).await;
            house.ledger().parsed(vec![rejected(file)]).await.unwrap();
        }
        Move::Send(0) => house.send_all(&delivered()).await,
        Move::Send(1) => house.send_all(&refused()).await,
        Move::Send(2) => house.send_all(&parked("?")).await,
        Move::Send(_) => house.send_all(&again(clock::now())).await,
        Move::Settle => house.settle_all().await,
        Move::Change(what) => change(house, *what).await,
        Move::Crash => {
            if let Some(due) = house.due().await.first() {
                house.attempt(due.delivery).await;
            }
            house.crash();
        }
    }
}

async fn change(house: &House, what: u8) {
    let all = Filter::default();
    let change = match what {
        0 => Change::RetryFiles(all),
        1 => Change::RetryDeliveries(all),
        2 => Change::Release(all),
        _ => Change::Cancel(Filter { limit: 1, ..all }, "why".into()),
    };
    house
        .ledger()
        .change(change, false, &maria())
        .await
        .unwrap();
    // What is to be read again is found to be wrong, so that something remains to be done.
    for due in house
        .ledger()
        .due_parse(far(), FileId(0), 99)
        .await
        .unwrap()
    {
        house
            .ledger()
            .parsed(vec![accepted(due.file, vec![order("N0", "0")])])
            .await
            .unwrap();
    }
}

/// Files whose counters differ from a count of their rows.
const MISCOUNTED: &str = "
SELECT count(*) FROM file f WHERE
  (SELECT count(*) FROM delivery d JOIN orders o ON o.id = d.orders WHERE d.file = f.id
   AND o.reading = f.reading AND d.state IN ('due', 'held', 'parked', 'attempting')) <> f.open
  OR (SELECT count(*) FROM delivery d JOIN orders o ON o.id = d.orders WHERE d.file = f.id
   AND o.reading = f.reading AND d.state = 'cancelled') <> f.cancelled
  OR (SELECT count(*) FROM delivery d JOIN orders o ON o.id = d.orders WHERE d.file = f.id
   AND o.reading = f.reading AND d.state = 'refused') + (f.outcome = 'rejected') <> f.bad";

/// Arrivals with a verdict although something is open, or without although nothing is.
const MISJUDGED: &str = "
SELECT count(*) FROM arrival a JOIN file f ON f.arrival = a.id
WHERE f.state = 'read' AND (a.stage IN ('concluded', 'settled')) <> (f.open = 0)";

/// Open deliveries that no loop would ever find and no person is asked about, and that wait for
/// nothing that is open.
const LOST: &str = "
SELECT count(*) FROM delivery d WHERE d.state IN ('due', 'attempting') AND d.due IS NULL AND
  NOT EXISTS (SELECT 1 FROM delivery b WHERE b.id = d.behind
              AND b.state NOT IN ('delivered', 'repeat', 'refused', 'cancelled'))";

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn counters_and_verdicts_agree_with_a_recount(moves in moves()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut house = House::new();
            for (n, one) in moves.iter().enumerate() {
                step(&mut house, n, one).await;
                for sql in [MISCOUNTED, MISJUDGED, LOST] {
                    assert_eq!(house.sql::<i64>(sql), 0, "{sql}\nafter {one:?}");
                }
            }
        });
    }
}
