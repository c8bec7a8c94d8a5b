//! What is due about events, and what people see of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};

use super::{all, first, maybe, millis};
use crate::arrival::{DeliveryId, FileId, OrderId};
use crate::clock::Millis;
use crate::ledger::sqlite::arrows::from_json;
use crate::ledger::sqlite::work::Sql;
use crate::ledger::tracking::{
    DueNotice, DueSubscription, EventRow, Follower, NoticeRow, NoticeTo, Overdue,
    SubscriptionState, Unforwarded, Way,
};
use crate::limits;
use crate::tracking::TrackingEvent;

/// Events that waited in vain.
pub(in crate::ledger::sqlite) fn overdue(
    db: &Connection,
    now: Millis,
    limit: usize,
) -> Sql<Vec<Overdue>> {
    all(
        db,
        "SELECT id, body, file, since, several FROM waiting
         WHERE due <= ?1 AND look = 0 ORDER BY due, id LIMIT ?2",
        (now.0, limit),
        |row| {
            Ok(Overdue {
                id: row.get(0)?,
                event: from_json(row.get_ref(1)?.as_str()?)?,
                file: row.get::<_, Option<i64>>(2)?.map(FileId),
                since: millis(row, 3)?,
                several: row.get(4)?,
            })
        },
    )
}

/// Subscriptions of one destination to look at.
pub(in crate::ledger::sqlite) fn subscriptions(
    db: &Connection,
    destination: &str,
    now: Millis,
    limit: usize,
) -> Sql<Vec<DueSubscription>> {
    all(
        db,
        "SELECT s.id, s.delivery, d.orders, d.reference, s.state, s.remote_id, s.expires,
                d.remote_id, d.facts, c.bytes, s.tries, s.created,
                EXISTS (SELECT 1 FROM event e WHERE e.identity = o.identity AND e.last = 1),
                EXISTS (SELECT 1 FROM delivery l JOIN orders p ON p.id = l.orders
                        WHERE l.reference = d.reference COLLATE NOCASE
                        AND l.destination = d.destination AND l.state = 'delivered'
                        AND p.identity = o.identity AND l.id > d.id), d.key
         FROM subscription s JOIN delivery d ON d.id = s.delivery JOIN orders o ON o.id = d.orders
              LEFT JOIN content c ON c.orders = o.id
         WHERE s.destination = ?1 AND s.due <= ?2 ORDER BY s.due, s.id LIMIT ?3",
        (destination, now.0, limit),
        |row| {
            Ok(DueSubscription {
                id: row.get(0)?,
                delivery: DeliveryId(row.get(1)?),
                order: OrderId(row.get(2)?),
                reference: row.get(3)?,
                state: SubscriptionState::parse(row.get_ref(4)?.as_str()?),
                remote_id: row.get(5)?,
                expires: maybe(row, 6)?,
                order_id: row.get(7)?,
                facts: match row.get_ref(8)?.as_str_or_null()? {
                    Some(facts) => from_json(facts)?,
                    None => BTreeMap::new(),
                },
                content: row.get::<_, Option<Vec<u8>>>(9)?.map(Into::into),
                tries: row.get(10)?,
                created: millis(row, 11)?,
                last: row.get(12)?,
                superseded: row.get(13)?,
                key: row.get::<_, Option<String>>(14)?.unwrap_or_default(),
            })
        },
    )
}

/// The next of one destination.
pub(in crate::ledger::sqlite) fn next_subscription(
    db: &Connection,
    destination: &str,
    now: Millis,
) -> Sql<Option<Millis>> {
    db.prepare_cached("SELECT min(due) FROM subscription WHERE destination = ?1 AND due > ?2")?
        .query_row((destination, now.0), |row| maybe(row, 0))
}

/// The delivery behind a partner's subscription id.
pub(in crate::ledger::sqlite) fn subscription(
    db: &Connection,
    destination: &str,
    remote_id: &str,
) -> Sql<Option<DeliveryId>> {
    first(
        db,
        "SELECT delivery FROM subscription WHERE destination = ?1 AND remote_id = ?2
         ORDER BY id DESC LIMIT 1",
        (destination, remote_id),
        |row| row.get(0).map(DeliveryId),
    )
}

const FOLLOWER: &str = "
SELECT w.id, w.orders, o.reference, w.target, w.token, w.since, w.until, w.ended, w.why
FROM follower w JOIN orders o ON o.id = w.orders";

fn follower_row(row: &Row<'_>) -> Sql<Follower> {
    Ok(Follower {
        id: row.get(0)?,
        order: OrderId(row.get(1)?),
        reference: row.get(2)?,
        target: row.get(3)?,
        token: row.get(4)?,
        since: millis(row, 5)?,
        until: millis(row, 6)?,
        ended: maybe(row, 7)?,
        why: row.get(8)?,
    })
}

/// The follower with this token.
pub(in crate::ledger::sqlite) fn follower(db: &Connection, token: &str) -> Sql<Option<Follower>> {
    first(
        db,
        &format!("{FOLLOWER} WHERE w.token = ?1"),
        [token],
        follower_row,
    )
}

/// All that follow an order or did.
pub(super) fn followers(db: &Connection, identity: &[u8]) -> Sql<Vec<Follower>> {
    all(
        db,
        &format!("{FOLLOWER} WHERE w.identity = ?1 ORDER BY w.id"),
        [identity],
        follower_row,
    )
}

/// The history of an order, as it happened.
pub(super) fn history(db: &Connection, identity: &[u8]) -> Sql<Vec<EventRow>> {
    let mut events = all(
        db,
        "SELECT e.body, e.happened, e.received, e.last, e.file,
                EXISTS (SELECT 1 FROM event n WHERE n.identity = e.identity AND n.key = e.key
                        AND n.id > e.id), e.id
         FROM event e WHERE e.identity = ?1 ORDER BY e.id DESC LIMIT ?2",
        (identity, limits::EVENTS_SHOWN),
        |row| Ok((row.get::<_, i64>(6)?, event_row(row)?)),
    )?;
    events.sort_by_key(|(id, event)| (event.happened, *id));
    Ok(events.into_iter().map(|(_, event)| event).collect())
}

/// Body, happened, received, last, file, corrected.
fn event_row(row: &Row<'_>) -> Sql<EventRow> {
    let event: TrackingEvent = from_json(row.get_ref(0)?.as_str()?)?;
    Ok(EventRow {
        at: event.at,
        happened: millis(row, 1)?,
        received: millis(row, 2)?,
        code: event.code,
        text: event.text,
        place: event.place,
        by: event.teller.by.name().to_owned(),
        channel: event.teller.channel,
        id: event.id,
        shipment: event.about.shipment,
        tracking: event.about.tracking,
        file: row.get::<_, Option<i64>>(4)?.map(FileId),
        last: row.get(3)?,
        corrected: row.get(5)?,
    })
}

/// News of an order, the latest.
pub(super) fn notices(db: &Connection, identity: &[u8]) -> Sql<Vec<NoticeRow>> {
    all(
        db,
        "SELECT kind, target || coalesce('/' || name, ''), state, tries, created, ended, detail
         FROM notice WHERE identity = ?1 ORDER BY id DESC LIMIT ?2",
        (identity, limits::EVENTS_SHOWN),
        |row| {
            Ok(NoticeRow {
                kind: row.get(0)?,
                to: row.get(1)?,
                state: row.get(2)?,
                tries: row.get(3)?,
                created: millis(row, 4)?,
                ended: maybe(row, 5)?,
                detail: row.get(6)?,
            })
        },
    )
}

/// Who an order wants to be told; the rest of it is not read.
#[derive(serde::Deserialize)]
struct Notified {
    #[serde(default)]
    notify: Vec<String>,
}

/// Events that are not forwarded yet.
pub(in crate::ledger::sqlite) fn unforwarded(
    db: &Connection,
    limit: usize,
) -> Sql<Vec<Unforwarded>> {
    let found = all(
        db,
        "SELECT e.body, e.happened, e.received, e.last, e.file, 0,
                e.id, o.id, o.reference, f.sender, a.source, c.bytes, o.identity,
                f.name, f.format, p.name
         FROM event e JOIN orders o ON o.id = e.orders JOIN file f ON f.id = o.file
              JOIN arrival a ON a.id = f.arrival LEFT JOIN content c ON c.orders = o.id
              LEFT JOIN profile p ON p.id = f.profile
         WHERE e.forward IS NOT NULL ORDER BY e.forward, e.id LIMIT ?1",
        [limit],
        |row| {
            let content: Option<Notified> = row
                .get_ref(11)?
                .as_blob_or_null()?
                .and_then(|bytes| serde_json::from_slice(bytes).ok());
            let one = Unforwarded {
                id: row.get(6)?,
                event: event_row(row)?,
                order: OrderId(row.get(7)?),
                reference: row.get(8)?,
                sender: row.get(9)?,
                source: row.get(10)?,
                way: Way {
                    source: row.get(10)?,
                    sender: row.get(9)?,
                    name: row.get(13)?,
                    format: row.get(14)?,
                    profile: row.get(15)?,
                },
                notify: content.map(|content| content.notify).unwrap_or_default(),
                followers: Vec::new(),
                destinations: Vec::new(),
                known_as: BTreeMap::new(),
            };
            Ok((one, row.get::<_, Vec<u8>>(12)?))
        },
    )?;
    found
        .into_iter()
        .map(|(mut one, identity)| {
            one.followers = followers(db, &identity)?;
            one.known_as = all(
                db,
                "SELECT d.destination, d.remote_id FROM orders r JOIN delivery d ON d.orders = r.id
                 WHERE r.identity = ?1 AND d.remote_id IS NOT NULL ORDER BY d.id",
                [&identity],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?
            .into_iter()
            .collect();
            one.destinations = all(
                db,
                "SELECT DISTINCT destination FROM delivery WHERE orders = ?1 AND attempts > 0",
                [one.order.0],
                |row| row.get(0),
            )?;
            Ok(one)
        })
        .collect()
}

/// News to send.
pub(in crate::ledger::sqlite) fn due_notices(
    db: &Connection,
    now: Millis,
    limit: usize,
) -> Sql<Vec<DueNotice>> {
    all(
        db,
        "SELECT id, once, kind, target, name, body, tries, created FROM notice
         WHERE due <= ?1 ORDER BY due, id LIMIT ?2",
        (now.0, limit),
        |row| {
            let target: String = row.get(3)?;
            Ok(DueNotice {
                id: row.get(0)?,
                once: row.get(1)?,
                to: match row.get_ref(2)?.as_str()? {
                    "url" => NoticeTo::Url(target),
                    "partner" => NoticeTo::Partner(target),
                    _ => NoticeTo::File {
                        source: target,
                        name: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
                    },
                },
                body: row.get::<_, Option<Vec<u8>>>(5)?.unwrap_or_default().into(),
                tries: row.get(6)?,
                created: millis(row, 7)?,
            })
        },
    )
}

/// The earliest time after `now` at which something waits to be told or sent; `now` itself where
/// events are to be forwarded or looked at.
pub(in crate::ledger::sqlite) fn next(db: &Connection, now: Millis) -> Sql<Option<Millis>> {
    first(
        db,
        "SELECT min(due) FROM (SELECT min(due) AS due FROM waiting WHERE due > ?1
         UNION ALL SELECT min(due) FROM notice WHERE due > ?1
         UNION ALL SELECT min(forward) FROM event WHERE forward > ?1)",
        [now.0],
        |row| maybe(row, 0),
    )
    .map(Option::flatten)
}

/// The newest revisions of the orders that go by a number.
pub(in crate::ledger::sqlite) fn by_number(db: &Connection, number: &str) -> Sql<Vec<OrderId>> {
    all(
        db,
        "SELECT max(id) FROM (
         SELECT o.identity, o.id FROM delivery d JOIN orders o ON o.id = d.orders
         WHERE d.reference = ?1 COLLATE NOCASE
         UNION ALL
         SELECT o.identity, o.id FROM number n JOIN orders o ON o.id = n.orders
         WHERE n.value = ?1 AND EXISTS (SELECT 1 FROM delivery WHERE orders = o.id))
         GROUP BY identity ORDER BY 1 DESC LIMIT ?2",
        (number, limits::NUMBER_MATCHES),
        |row| row.get(0).map(OrderId),
    )
}

/// Where the reading of a partner's events stands.
pub(in crate::ledger::sqlite) fn cursor(db: &Connection, name: &str) -> Sql<Option<String>> {
    first(
        db,
        "SELECT value FROM cursor WHERE name = ?1",
        [name],
        |row| row.get(0),
    )
}

/// Whether there is anything to do.
pub(in crate::ledger::sqlite) fn any_due(db: &Connection, now: Millis) -> Sql<bool> {
    db.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM event WHERE forward IS NOT NULL)
             OR EXISTS (SELECT 1 FROM waiting WHERE look = 1)
             OR EXISTS (SELECT 1 FROM waiting WHERE due <= ?1)
             OR EXISTS (SELECT 1 FROM notice WHERE due <= ?1)",
    )?
    .query_row([now.0], |row| row.get(0))
}
