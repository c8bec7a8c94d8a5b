//! concluded ▸ settled, and moves that fail.

use super::superseded;
use crate::arrival::{ArrivalId, Settled};
use crate::clock::Millis;
use crate::ledger::sqlite::work::{Sql, Tx};

/// The source was told.
pub(in crate::ledger::sqlite) fn settled(tx: &mut Tx<'_>, all: &[(ArrivalId, Settled)]) -> Sql<()> {
    for (arrival, how) in all {
        let (word, place) = match how {
            Settled::Moved(place) => ("moved", Some(&place.0)),
            Settled::Already(place) => ("already", Some(&place.0)),
            Settled::Superseded => ("superseded", None),
            Settled::Vanished => ("vanished", None),
            Settled::Finished => ("finished", None),
            Settled::Left => ("left", None),
        };
        let found = tx.first(
            "SELECT source, verdict FROM arrival WHERE id = ?1 AND stage = 'concluded'",
            [arrival.0],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        match found {
            Some((source, verdict)) if verdict == "done" => tx.tally("done", &source, 1),
            Some((source, _)) => tx.tally("error", &source, 1),
            None => {
                superseded("settled", arrival.0);
                continue;
            }
        }
        tx.run(
            "UPDATE arrival SET stage = 'settled', due = NULL, settled = ?2, settled_as = ?3,
                    settled_to = ?4, why = NULL
             WHERE id = ?1",
            (arrival.0, tx.now.0, word, place),
        )?;
    }
    Ok(())
}

/// The move failed and is tried again.
pub(in crate::ledger::sqlite) fn unsettled(
    tx: &Tx<'_>,
    arrival: ArrivalId,
    until: Millis,
    why: &str,
) -> Sql<()> {
    let found = tx.run(
        "UPDATE arrival SET due = ?2, why = ?3, tries = tries + 1
         WHERE id = ?1 AND stage = 'concluded'",
        (arrival.0, until.0, why),
    )?;
    if found == 0 {
        superseded("unsettled", arrival.0);
    }
    Ok(())
}
