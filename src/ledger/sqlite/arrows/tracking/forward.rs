//! What is sent about events: frozen with its recipient, in the transaction that marks its events as
//! forwarded. So a crash leaves all of it or none, and a repeat finds it there.

use crate::arrival::OrderId;
use crate::clock::Millis;
use crate::ledger::sqlite::arrows::superseded;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::tracking::{News, NoticeEnd};
use crate::limits;

/// Keeps what is to be sent, and marks the events.
pub(in crate::ledger::sqlite) fn forwarded(tx: &Tx<'_>, events: &[i64], news: &[News]) -> Sql<()> {
    let mut open = Vec::with_capacity(events.len());
    for id in events {
        let marked = tx.run(
            "UPDATE event SET forward = NULL WHERE id = ?1 AND forward IS NOT NULL",
            [id],
        )?;
        open.extend((marked > 0).then_some(*id));
    }
    if open.is_empty() && !events.is_empty() {
        return Ok(());
    }
    for one in news {
        keep(tx, one)?;
    }
    for id in open {
        tx.run(
            "UPDATE follower SET ended = ?2, why = 'The order is finished.'
             WHERE ended IS NULL
               AND identity = (SELECT identity FROM event WHERE id = ?1 AND last = 1)",
            (id, tx.now.0),
        )?;
    }
    Ok(())
}

fn keep(tx: &Tx<'_>, news: &News) -> Sql<()> {
    match news {
        News::Mail {
            message_id,
            recipient,
            message,
        } => mail(tx, message_id, recipient, message),
        News::Url {
            once,
            order,
            url,
            body,
        } => notice(tx, once, *order, ("url", url, None), body),
        News::File {
            once,
            order,
            source,
            name,
            body,
        } => notice(tx, once, *order, ("file", source, Some(name)), body),
        News::Partner {
            once,
            order,
            destination,
            body,
        } => notice(tx, once, *order, ("partner", destination, None), body),
    }
}

/// A mail that is composed already: the outbox sends it as it is.
fn mail(tx: &Tx<'_>, message_id: &str, recipient: &str, message: &[u8]) -> Sql<()> {
    let made = tx.run(
        "INSERT INTO report (kind, state, due, created, message_id, recipient)
         VALUES ('notice', 'due', ?1, ?1, ?2, ?3) ON CONFLICT DO NOTHING",
        (tx.now.0, message_id, recipient),
    )?;
    if made > 0 {
        tx.run(
            "INSERT INTO message (report, bytes) VALUES (?1, ?2)",
            (tx.db.last_insert_rowid(), message),
        )?;
    }
    Ok(())
}

fn notice(
    tx: &Tx<'_>,
    once: &str,
    order: OrderId,
    (kind, target, name): (&str, &str, Option<&String>),
    body: &[u8],
) -> Sql<()> {
    tx.run(
        "INSERT INTO notice (once, identity, kind, target, name, state, due, created, body)
         SELECT ?1, identity, ?3, ?4, ?5, 'due', ?6, ?6, ?7 FROM orders WHERE id = ?2
         ON CONFLICT DO NOTHING",
        (once, order.0, kind, target, name, tx.now.0, body),
    )?;
    Ok(())
}

/// Ends a try.
pub(in crate::ledger::sqlite) fn noticed(tx: &Tx<'_>, id: i64, end: &NoticeEnd) -> Sql<()> {
    let (state, due, detail) = match end {
        NoticeEnd::Sent => ("sent", None, None),
        NoticeEnd::Later(until, why) => ("due", Some(until.0), Some(why)),
        NoticeEnd::GivenUp(why) => ("given_up", None, Some(why)),
    };
    let found = tx.run(
        "UPDATE notice SET state = ?2, due = ?3, detail = ?4, tries = tries + 1,
                ended = CASE WHEN ?3 IS NULL THEN ?5 END
         WHERE id = ?1 AND state = 'due'",
        (id, state, due, detail, tx.now.0),
    )?;
    if found == 0 {
        superseded("noticed", id);
    }
    Ok(())
}

/// Drops some events, news and followers that ended before `before`; true if some remain.
pub(in crate::ledger::sqlite) fn prune(tx: &Tx<'_>, before: Millis) -> Sql<bool> {
    let mut dropped = 0;
    for sql in [
        "DELETE FROM event WHERE id IN (SELECT id FROM event
         WHERE received < ?1 AND forward IS NULL ORDER BY received LIMIT ?2)",
        "DELETE FROM notice WHERE id IN (SELECT id FROM notice
         WHERE state <> 'due' AND created < ?1 ORDER BY id LIMIT ?2)",
        "DELETE FROM follower WHERE id IN (SELECT id FROM follower
         WHERE until < ?1 ORDER BY id LIMIT ?2)",
    ] {
        dropped += tx.run(sql, (before.0, limits::EVENTS_TOGETHER))?;
    }
    Ok(dropped > 0)
}
