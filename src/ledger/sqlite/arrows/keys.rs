//! Keys of programs, people who come from a provider, and requests that are not to be done twice.

use super::house::record;
use crate::ledger::Who;
use crate::ledger::people::{Known, NewKey, Once, Role};
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;

/// Adds a key; false if there is one of its name.
pub(in crate::ledger::sqlite) fn put(tx: &Tx<'_>, key: &NewKey, who: &Who) -> Sql<bool> {
    let name = key.name.to_lowercase();
    let made = tx.run(
        "INSERT INTO key (name, hash, role, sender, created) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
        (
            &name,
            &key.hash[..],
            key.role.as_str(),
            &key.sender,
            tx.now.0,
        ),
    )?;
    if made == 1 {
        let what = format!("made the key {name} with the role {}", key.role.as_str());
        record(tx, who, None, &what)?;
    }
    Ok(made == 1)
}

/// Removes a key; false if there was none.
pub(in crate::ledger::sqlite) fn remove(tx: &Tx<'_>, name: &str, who: &Who) -> Sql<bool> {
    let found = tx.run("DELETE FROM key WHERE name = ?1", [name])? > 0;
    if found {
        record(tx, who, None, &format!("removed the key {name}"))?;
    }
    Ok(found)
}

/// Somebody whom a provider knows comes in. Whoever has their name already and is another keeps it.
pub(in crate::ledger::sqlite) fn sign_in(
    tx: &Tx<'_>,
    name: &str,
    role: Role,
    subject: &str,
) -> Sql<bool> {
    let taken = tx.first(
        "SELECT 1 FROM person WHERE name = ?1 AND subject IS NOT ?2",
        (name, subject),
        |_| Ok(()),
    )?;
    if taken.is_some() {
        return Ok(false);
    }
    // The provider calls them otherwise than before.
    tx.run(
        "DELETE FROM session WHERE person IN
             (SELECT name FROM person WHERE subject = ?1 AND name <> ?2)",
        (subject, name),
    )?;
    tx.run(
        "DELETE FROM person WHERE subject = ?1 AND name <> ?2",
        (subject, name),
    )?;
    tx.run(
        "INSERT INTO person (name, role, password, created, subject) VALUES (?1, ?2, '', ?3, ?4)
         ON CONFLICT DO UPDATE SET role = excluded.role",
        (name, role.as_str(), tx.now.0, subject),
    )?;
    let who = Who {
        name: name.to_owned(),
        via: "console".to_owned(),
    };
    let issuer = subject.split(' ').next().unwrap_or_default();
    let what = format!("signed in at {issuer} with the role {}", role.as_str());
    record(tx, &who, None, &what)?;
    Ok(true)
}

/// Begins, or tells what became of the request.
pub(in crate::ledger::sqlite) fn begin_once(tx: &Tx<'_>, once: &Once) -> Sql<Known> {
    // What was never answered was cut off; its key is free again after a while.
    tx.run(
        "DELETE FROM answered WHERE at < ?1 OR (status IS NULL AND at < ?2)",
        (
            tx.now.before(limits::IDEMPOTENCY).0,
            tx.now.before(limits::IDEMPOTENCY_UNDER_WAY).0,
        ),
    )?;
    let known = tx.first(
        "SELECT request, status, body FROM answered WHERE asker = ?1 AND key = ?2",
        (&once.asker, &once.key),
        |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get::<_, Option<u16>>(1)?,
                row.get::<_, Option<String>>(2)?,
            ))
        },
    )?;
    Ok(match known {
        None => {
            tx.run(
                "INSERT INTO answered (asker, key, request, at) VALUES (?1, ?2, ?3, ?4)",
                (&once.asker, &once.key, &once.request[..], tx.now.0),
            )?;
            Known::New
        }
        Some((request, ..)) if request != once.request => Known::Other,
        Some((_, Some(status), body)) => Known::Answered(status, body.unwrap_or_default()),
        Some(_) => Known::UnderWay,
    })
}

/// Keeps the answer; without one the request counts as never begun.
pub(in crate::ledger::sqlite) fn end_once(
    tx: &Tx<'_>,
    once: &Once,
    answer: Option<&(u16, String)>,
) -> Sql<()> {
    match answer {
        Some((status, body)) => tx.run(
            "UPDATE answered SET status = ?3, body = ?4 WHERE asker = ?1 AND key = ?2",
            (&once.asker, &once.key, status, body),
        )?,
        None => tx.run(
            "DELETE FROM answered WHERE asker = ?1 AND key = ?2 AND status IS NULL",
            (&once.asker, &once.key),
        )?,
    };
    Ok(())
}
