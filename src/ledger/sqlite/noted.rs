//! Which rows the transaction under way has touched: told when it is committed, forgotten when not.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::work::Sql;
use crate::ledger::{News, Told};

/// The rows so far.
pub(super) struct Noted {
    rows: Arc<Mutex<Vec<(Told, i64)>>>,
    news: Arc<News>,
}

impl Noted {
    /// Notes every row that `db` touches from now on, while anybody watches.
    pub(super) fn hook(db: &mut Connection, news: Arc<News>) -> Sql<Self> {
        let rows = Arc::new(Mutex::new(Vec::new()));
        let (into, watched) = (Arc::clone(&rows), Arc::clone(&news));
        db.update_hook(Some(move |_, _: &str, table: &str, id: i64| {
            if !watched.is_watched() {
                return;
            }
            let told = match table {
                "delivery" => Told::Delivery,
                "file" => Told::File,
                "arrival" => Told::Arrival,
                _ => return,
            };
            lock(&into).push((told, id));
        }))?;
        Ok(Self { rows, news })
    }

    /// The transaction is durable.
    pub(super) fn committed(&self) {
        let mut rows = lock(&self.rows);
        if !rows.is_empty() {
            self.news.note(rows.drain(..));
        }
    }

    /// It never happened.
    pub(super) fn rolled_back(&self) {
        lock(&self.rows).clear();
    }
}

fn lock(rows: &Mutex<Vec<(Told, i64)>>) -> MutexGuard<'_, Vec<(Told, i64)>> {
    rows.lock().unwrap_or_else(PoisonError::into_inner)
}
