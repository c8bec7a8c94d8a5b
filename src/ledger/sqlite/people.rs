//! People, sessions: few rows, written one at a time.

use async_trait::async_trait;

use super::arrows::house::record;
use super::arrows::keys;
use super::work::Sql;
use super::{Result, SqliteLedger};
use crate::clock::Millis;
use crate::ledger::Who;
use crate::ledger::people::{Key, Known, NewKey, Once, People, Role, Session, User};

#[async_trait]
impl People for SqliteLedger {
    async fn users(&self) -> Result<Vec<User>> {
        self.search(|db| {
            db.prepare_cached(&format!("{PERSON} ORDER BY name"))?
                .query_map([], person)?
                .collect()
        })
        .await
    }

    async fn user(&self, name: &str) -> Result<Option<User>> {
        let name = name.to_lowercase();
        self.search(move |db| {
            let mut statement = db.prepare_cached(&format!("{PERSON} WHERE name = ?1"))?;
            let mut rows = statement.query([name])?;
            rows.next()?.map(person).transpose()
        })
        .await
    }

    async fn sign_in(&self, name: &str, role: Role, subject: &str) -> Result<bool> {
        let (name, subject) = (name.to_lowercase(), subject.to_owned());
        self.write(move |tx| keys::sign_in(tx, &name, role, &subject))
            .await
    }

    async fn put_user(&self, name: &str, role: Role, password: &str, who: &Who) -> Result<()> {
        let (name, password, who) = (name.to_lowercase(), password.to_owned(), who.clone());
        self.write(move |tx| {
            tx.run("DELETE FROM session WHERE person = ?1", [&name])?;
            tx.run(
                "INSERT INTO person (name, role, password, created) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT DO UPDATE SET role = excluded.role, password = excluded.password,
                                           subject = NULL",
                (&name, role.as_str(), &password, tx.now.0),
            )?;
            let what = format!("gave {name} the role {} and a password", role.as_str());
            record(tx, &who, None, &what)
        })
        .await
    }

    async fn remove_user(&self, name: &str, who: &Who) -> Result<bool> {
        let (name, who) = (name.to_lowercase(), who.clone());
        self.write(move |tx| {
            tx.run("DELETE FROM session WHERE person = ?1", [&name])?;
            let found = tx.run("DELETE FROM person WHERE name = ?1", [&name])? > 0;
            if found {
                record(tx, &who, None, &format!("removed the person {name}"))?;
            }
            Ok(found)
        })
        .await
    }

    async fn open_session(
        &self,
        token: [u8; 32],
        user: &str,
        csrf: &str,
        until: Millis,
    ) -> Result<()> {
        let (user, csrf) = (user.to_lowercase(), csrf.to_owned());
        self.write(move |tx| {
            tx.run(
                "UPDATE person SET seen = ?2 WHERE name = ?1",
                (&user, tx.now.0),
            )?;
            tx.run(
                "INSERT INTO session (token, person, csrf, until)
                 SELECT ?1, name, ?3, ?4 FROM person WHERE name = ?2",
                (&token[..], &user, &csrf, until.0),
            )?;
            Ok(())
        })
        .await
    }

    async fn session(&self, token: [u8; 32], now: Millis) -> Result<Option<Session>> {
        self.search(move |db| {
            let mut statement = db.prepare_cached(
                "SELECT p.name, p.role, s.csrf, s.until FROM session s JOIN person p ON p.name = s.person
                 WHERE s.token = ?1 AND s.until > ?2",
            )?;
            let mut rows = statement.query((&token[..], now.0))?;
            rows.next()?.map(session).transpose()
        })
        .await
    }

    async fn close_session(&self, token: [u8; 32]) -> Result<()> {
        self.write(move |tx| {
            tx.run("DELETE FROM session WHERE token = ?1", [&token[..]])?;
            Ok(())
        })
        .await
    }

    async fn prune_sessions(&self, now: Millis) -> Result<()> {
        self.write(move |tx| {
            tx.run("DELETE FROM session WHERE until <= ?1", [now.0])?;
            Ok(())
        })
        .await
    }

    async fn keys(&self) -> Result<Vec<Key>> {
        self.search(|db| {
            db.prepare_cached(&format!("{KEY} ORDER BY name"))?
                .query_map([], key)?
                .collect()
        })
        .await
    }

    async fn key(&self, hash: [u8; 32]) -> Result<Option<Key>> {
        self.search(move |db| {
            let mut statement = db.prepare_cached(&format!("{KEY} WHERE hash = ?1"))?;
            let mut rows = statement.query([&hash[..]])?;
            rows.next()?.map(key).transpose()
        })
        .await
    }

    async fn put_key(&self, key: NewKey, who: &Who) -> Result<bool> {
        let who = who.clone();
        self.write(move |tx| keys::put(tx, &key, &who)).await
    }

    async fn remove_key(&self, name: &str, who: &Who) -> Result<bool> {
        let (name, who) = (name.to_lowercase(), who.clone());
        self.write(move |tx| keys::remove(tx, &name, &who)).await
    }

    async fn key_used(&self, name: &str) -> Result<()> {
        let name = name.to_lowercase();
        self.write(move |tx| {
            tx.run(
                "UPDATE key SET seen = ?2 WHERE name = ?1",
                (&name, tx.now.0),
            )?;
            Ok(())
        })
        .await
    }

    async fn begin_once(&self, once: Once) -> Result<Known> {
        self.write(move |tx| keys::begin_once(tx, &once)).await
    }

    async fn end_once(&self, once: Once, answer: Option<(u16, String)>) -> Result<()> {
        self.write(move |tx| keys::end_once(tx, &once, answer.as_ref()))
            .await
    }
}

const KEY: &str = "SELECT name, role, sender, created, seen FROM key";

fn key(row: &rusqlite::Row<'_>) -> Sql<Key> {
    Ok(Key {
        name: row.get(0)?,
        role: role(row, 1)?,
        sender: row.get(2)?,
        created: Millis(row.get(3)?),
        seen: row.get::<_, Option<i64>>(4)?.map(Millis),
    })
}

const PERSON: &str = "SELECT name, role, password, created, seen, subject IS NOT NULL FROM person";

fn person(row: &rusqlite::Row<'_>) -> Sql<User> {
    Ok(User {
        name: row.get(0)?,
        role: role(row, 1)?,
        password: row.get(2)?,
        created: Millis(row.get(3)?),
        seen: row.get::<_, Option<i64>>(4)?.map(Millis),
        provider: row.get(5)?,
    })
}

fn session(row: &rusqlite::Row<'_>) -> Sql<Session> {
    Ok(Session {
        user: row.get(0)?,
        role: role(row, 1)?,
        csrf: row.get(2)?,
        until: Millis(row.get(3)?),
    })
}

/// A word that no version wrote gives the least there is.
fn role(row: &rusqlite::Row<'_>, index: usize) -> Sql<Role> {
    Ok(Role::parse(row.get_ref(index)?.as_str()?).unwrap_or(Role::Viewer))
}
