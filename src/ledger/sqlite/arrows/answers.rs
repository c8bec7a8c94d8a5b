//! Answers: owed when a file was read, made once, laid until they lie there.

use crate::arrival::AnswerId;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::ledger::{AnswerEnd, OwedAnswer};

/// Owes an answer. What an earlier reading of the file owed and nobody made yet is forgotten: it
/// would tell what no longer holds.
pub(in crate::ledger::sqlite) fn owe(tx: &Tx<'_>, owed: &OwedAnswer) -> Sql<()> {
    tx.run(
        "DELETE FROM answer WHERE file = ?1 AND state IN ('owed', 'due') AND name IS NULL",
        [owed.file.0],
    )?;
    tx.run(
        "INSERT INTO answer (file, arrival, state, format, place, ours, theirs, created)
         VALUES (?1, ?2, 'owed', ?3, ?4, ?5, ?6, ?7)",
        (
            owed.file.0,
            owed.arrival.0,
            &owed.format,
            &owed.place,
            &owed.ours,
            &owed.theirs,
            tx.now.0,
        ),
    )?;
    Ok(())
}

/// The control number of an answer: the next of its place, and the same when asked again.
pub(in crate::ledger::sqlite) fn number(tx: &Tx<'_>, answer: AnswerId) -> Sql<u64> {
    let found = tx.first(
        "SELECT number, place FROM answer WHERE id = ?1",
        [answer.0],
        |row| Ok((row.get::<_, Option<u64>>(0)?, row.get::<_, String>(1)?)),
    )?;
    let Some((given, place)) = found else {
        super::superseded("number", answer.0);
        return Ok(0);
    };
    if let Some(number) = given {
        return Ok(number);
    }
    tx.run(
        "INSERT INTO control (series, number) VALUES (?1, 1)
         ON CONFLICT (series) DO UPDATE SET number = number + 1",
        [&place],
    )?;
    let number = tx.first(
        "SELECT number FROM control WHERE series = ?1",
        [&place],
        |row| row.get::<_, u64>(0),
    )?;
    let number = number.unwrap_or(1);
    tx.run(
        "UPDATE answer SET number = ?2 WHERE id = ?1",
        (answer.0, number),
    )?;
    Ok(number)
}

/// Freezes name and bytes.
pub(in crate::ledger::sqlite) fn made(
    tx: &Tx<'_>,
    answer: AnswerId,
    name: &str,
    bytes: &[u8],
) -> Sql<()> {
    let found = tx.run(
        "UPDATE answer SET name = ?2 WHERE id = ?1 AND state = 'due' AND name IS NULL",
        (answer.0, name),
    )?;
    if found == 0 {
        super::superseded("made", answer.0);
        return Ok(());
    }
    tx.run(
        "INSERT OR REPLACE INTO answer_body (answer, bytes) VALUES (?1, ?2)",
        (answer.0, bytes),
    )?;
    Ok(())
}

/// Ends a try.
pub(in crate::ledger::sqlite) fn answered(
    tx: &Tx<'_>,
    answer: AnswerId,
    end: &AnswerEnd,
) -> Sql<()> {
    let (state, due, laid, detail) = match end {
        AnswerEnd::Laid(words) => ("laid", None, Some(tx.now.0), words),
        AnswerEnd::Later(until, why) => ("due", Some(until.0), None, why),
        AnswerEnd::Dropped(why) => ("dropped", None, None, why),
    };
    let found = tx.run(
        "UPDATE answer SET state = ?2, due = ?3, laid = ?4, detail = ?5, tries = tries + 1
         WHERE id = ?1 AND state = 'due'",
        (answer.0, state, due, laid, detail),
    )?;
    if found == 0 {
        super::superseded("answered", answer.0);
    }
    Ok(())
}
