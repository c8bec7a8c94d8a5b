//! What is not about one arrival: pauses, kept profiles, the clean end.

use crate::clock::Millis;
use crate::ledger::Who;
use crate::ledger::sqlite::work::{Sql, Tx};

/// Stops or starts a source or a lane by name; `why` set means stop.
pub(in crate::ledger::sqlite) fn pause(
    tx: &mut Tx<'_>,
    name: &str,
    why: Option<&str>,
    who: &Who,
) -> Sql<()> {
    if let Some(why) = why {
        tx.run(
            "INSERT INTO pause (name, since, who, why) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET why = excluded.why",
            (name, tx.now.0, &who.name, why),
        )?;
        tx.memo.paused.insert(name.to_owned());
        record(tx, who, None, &format!("paused {name}: {why}"))
    } else {
        tx.run("DELETE FROM pause WHERE name = ?1", [name])?;
        tx.memo.paused.remove(name);
        // Somebody says that it works again: what waits after failures need not wait any longer.
        tx.run(
            "UPDATE delivery SET due = ?2 WHERE destination = ?1 AND state = 'due' AND due > ?2",
            (name, tx.now.0),
        )?;
        record(tx, who, None, &format!("resumed {name}"))
    }
}

/// Keeps what a person did.
pub(in crate::ledger::sqlite) fn record(
    tx: &Tx<'_>,
    who: &Who,
    file: Option<i64>,
    what: &str,
) -> Sql<()> {
    record_at(tx, tx.now, who, file, what)
}

/// The same of what they did at another time than now.
pub(super) fn record_at(
    tx: &Tx<'_>,
    at: Millis,
    who: &Who,
    file: Option<i64>,
    what: &str,
) -> Sql<()> {
    tx.run(
        "INSERT INTO action (at, who, via, file, what) VALUES (?1, ?2, ?3, ?4, ?5)",
        (at.0, &who.name, &who.via, file, what),
    )?;
    Ok(())
}

/// Keeps a profile's text by its hash.
pub(in crate::ledger::sqlite) fn keep_profile(tx: &Tx<'_>, hash: &str, text: &str) -> Sql<()> {
    tx.run(
        "INSERT OR IGNORE INTO profile_text (hash, text) VALUES (?1, ?2)",
        (hash, text),
    )?;
    Ok(())
}

/// The next start may trust what was under way.
pub(in crate::ledger::sqlite) fn close(tx: &Tx<'_>) -> Sql<()> {
    tx.run("UPDATE house SET clean = 1", [])?;
    Ok(())
}
