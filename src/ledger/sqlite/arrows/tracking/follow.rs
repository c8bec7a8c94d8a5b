//! Who hears of an order: they come by themselves or are named by the order, and leave by a link, at
//! the order's last event, or when their time is over.

use crate::ledger::sqlite::questions::tracking as asked;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::tracking::{Followed, Follower, NewFollower};
use crate::limits;

/// Lets somebody follow.
pub(in crate::ledger::sqlite) fn follow(tx: &Tx<'_>, new: &NewFollower) -> Sql<Followed> {
    let identity = tx.first(
        "SELECT identity FROM orders WHERE id = ?1",
        [new.order.0],
        |row| row.get::<_, [u8; 16]>(0),
    )?;
    let Some(identity) = identity else {
        return Ok(Followed::Missing);
    };
    let known = tx.first(
        "SELECT id, ended IS NULL FROM follower WHERE identity = ?1 AND target = ?2",
        (&identity, &new.target),
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)),
    )?;
    if known.is_some_and(|(_, follows)| follows || !new.again) {
        return Ok(Followed::Known);
    }
    if is_full(tx, &identity, &new.target)? {
        return Ok(Followed::Full);
    }
    tx.run(
        "INSERT INTO follower (identity, orders, target, token, since, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (identity, target) DO UPDATE SET ended = NULL, why = NULL,
             orders = excluded.orders, since = excluded.since, until = excluded.until",
        (
            &identity,
            new.order.0,
            &new.target,
            &new.token,
            tx.now.0,
            new.until.0,
        ),
    )?;
    Ok(Followed::New)
}

fn is_full(tx: &Tx<'_>, identity: &[u8; 16], target: &str) -> Sql<bool> {
    let is_url = target.contains("://");
    let others: usize = tx
        .first(
            "SELECT count(*) FROM follower
             WHERE identity = ?1 AND ended IS NULL AND until > ?2
               AND (instr(target, '://') > 0) = ?3",
            (identity, tx.now.0, is_url),
            |row| row.get(0),
        )?
        .unwrap_or(0);
    let most = if is_url {
        limits::FOLLOWERS_BY_URL
    } else {
        limits::FOLLOWERS_BY_MAIL
    };
    Ok(others >= most)
}

/// A follower leaves. Twice is the same as once.
pub(in crate::ledger::sqlite) fn unfollow(tx: &Tx<'_>, token: &str) -> Sql<Option<Follower>> {
    tx.run(
        "UPDATE follower SET ended = ?2, why = 'They asked for it.'
         WHERE token = ?1 AND ended IS NULL",
        (token, tx.now.0),
    )?;
    asked::follower(tx.db, token)
}
