//! What we ask partners to tell: wanted ▸ open ▸ ended.

use std::time::Duration;

use crate::arrival::DeliveryId;
use crate::clock::Millis;
use crate::ledger::sqlite::arrows::step;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::tracking::{Stirred, SubscriptionEnd};

/// A delivery is tracked from now on. One that is sent again keeps its subscription.
pub(in crate::ledger::sqlite::arrows) fn want(
    tx: &Tx<'_>,
    delivery: DeliveryId,
    destination: &str,
    due: Millis,
) -> Sql<()> {
    tx.run(
        "INSERT INTO subscription (delivery, destination, state, due, created)
         VALUES (?1, ?2, 'wanted', ?3, ?4) ON CONFLICT DO NOTHING",
        (delivery.0, destination, due.0, tx.now.0),
    )?;
    Ok(())
}

/// The last event of an order has come: what listens for it at its teller is looked at.
pub(super) fn heard_last(tx: &Tx<'_>, order: i64, destination: &str) -> Sql<()> {
    tx.run(
        "UPDATE subscription SET due = ?3 WHERE destination = ?2 AND state <> 'ended'
         AND delivery IN (SELECT id FROM delivery WHERE orders = ?1)",
        (order, destination, tx.now.0),
    )?;
    Ok(())
}

/// Something has happened to some of them, or may have happened to any.
pub(super) fn stir(tx: &Tx<'_>, stirred: &Stirred) -> Sql<()> {
    for mark in &stirred.marks {
        tx.run(
            "UPDATE subscription SET due = ?3
             WHERE destination = ?1 AND remote_id = ?2 AND state <> 'ended' AND due > ?3",
            (&stirred.destination, mark, stirred.due.0),
        )?;
    }
    if let Some(others) = stirred.others {
        let millis = |span: Duration| i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        tx.run(
            "UPDATE subscription SET due = max(due - ?3, ?2)
             WHERE destination = ?1 AND due > ?2 + ?4 AND (?5 = 0 OR remote_id = '')",
            (
                &stirred.destination,
                stirred.due.0,
                millis(others.earlier),
                millis(others.rest),
                others.unnamed,
            ),
        )?;
    }
    Ok(())
}

/// What became of subscriptions.
pub(in crate::ledger::sqlite) fn subscribed(
    tx: &Tx<'_>,
    ends: &[(i64, SubscriptionEnd)],
) -> Sql<()> {
    for (id, end) in ends {
        match end {
            SubscriptionEnd::Open {
                remote_id,
                expires,
                due,
            } => tx.run(
                "UPDATE subscription SET state = 'open', remote_id = coalesce(?2, remote_id),
                        expires = ?3, due = ?4, tries = 0, detail = NULL
                 WHERE id = ?1 AND state <> 'ended'",
                (id, remote_id, expires.map(|at| at.0), due.map(|at| at.0)),
            )?,
            SubscriptionEnd::Later { until, why } => tx.run(
                "UPDATE subscription SET due = ?2, detail = ?3, tries = tries + 1
                 WHERE id = ?1 AND state <> 'ended'",
                (id, until.0, why),
            )?,
            SubscriptionEnd::Ended(why) => {
                tx.run(
                    "UPDATE subscription SET detail = ?2 WHERE id = ?1",
                    (id, why),
                )?;
                usize::from(step(
                    tx,
                    "subscribed",
                    "UPDATE subscription SET state = 'ended', due = NULL WHERE id = ?1",
                    *id,
                )?)
            }
        };
    }
    Ok(())
}
