//! Rows that are few among many: found by an index that leads to them, and by nothing else.
//!
//! A list is read from the newest row on until its page is full, which is quick where many rows fit
//! and slow where few or none do. So what might be few is counted first, up to [`limits::ROWS_FEW`]
//! and no further; few are looked up. Either way every condition is compared with the rows
//! themselves: what is here only shortens the way.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::hits;
use crate::ledger::Filter;
use crate::ledger::sqlite::work::Sql;
use crate::limits;

/// Rows by a question of their own.
pub(super) struct Few {
    /// One column: their numbers.
    pub(super) sql: String,
    /// Its parameters.
    pub(super) values: Vec<Value>,
}

impl Few {
    /// Rows of a question without parameters.
    pub(super) fn of(sql: &str) -> Self {
        Self {
            sql: sql.to_owned(),
            values: Vec::new(),
        }
    }

    /// Whether they are.
    pub(super) fn are_few(&self, db: &Connection) -> Sql<bool> {
        let most = limits::ROWS_FEW;
        let sql = format!(
            "SELECT count(*) <= {most} FROM (SELECT 1 FROM ({}) LIMIT {most} + 1)",
            self.sql
        );
        db.prepare_cached(&sql)?
            .query_row(params_from_iter(&self.values), |row| row.get(0))
    }

    /// The orders of these files.
    pub(super) fn orders(self) -> Self {
        Self {
            sql: orders_in(&format!("IN ({})", self.sql)),
            values: self.values,
        }
    }

    /// The files of these orders.
    pub(super) fn files(self) -> Self {
        Self {
            sql: format!("SELECT file FROM orders WHERE id IN ({})", self.sql),
            values: self.values,
        }
    }
}

/// The orders of files, by what the batches say in which they were written.
fn orders_in(file: &str) -> String {
    format!(
        "SELECT w.id FROM span s CROSS JOIN orders w ON w.id BETWEEN s.first AND s.last
         WHERE s.file {file}"
    )
}

/// The orders of one file.
pub(super) fn orders_of_files(which: &str, file: i64) -> Few {
    Few {
        sql: orders_in(&format!("= {which}")),
        values: vec![file.into()],
    }
}

/// The files that the index of words names for a filter's name, and those it does not reach yet.
pub(super) fn files_named(db: &Connection, filter: &Filter) -> Sql<Option<Few>> {
    let asked = Filter {
        name: filter.name.clone(),
        ..Filter::default()
    };
    let Some(asked) = hits::of_files(&asked) else {
        return Ok(None);
    };
    let upto = hits::upto(db, "files")?;
    Ok(Some(Few {
        sql: format!(
            "SELECT rowid FROM file_words WHERE file_words MATCH ?
             UNION ALL SELECT id FROM file WHERE id > {upto}"
        ),
        values: vec![asked.into()],
    }))
}

/// The orders that the index of words names for a filter, and those it does not reach yet.
pub(super) fn orders_with(db: &Connection, filter: &Filter) -> Sql<Option<Few>> {
    let Some(asked) = hits::of_orders(filter) else {
        return Ok(None);
    };
    let upto = hits::upto(db, "orders")?;
    Ok(Some(Few {
        sql: format!(
            "SELECT rowid FROM order_words WHERE order_words MATCH ?
             UNION ALL SELECT id FROM orders WHERE id > {upto}"
        ),
        values: vec![asked.into()],
    }))
}

/// A column of the deliveries in a state that an index holds apart.
pub(super) fn deliveries_that_are(column: &str, state: &str) -> Option<Few> {
    let these: &[(&str, &str)] = match state {
        "held" | "parked" => &[("delivery_person", "person IS NOT NULL")],
        "due" | "attempting" => &[
            ("delivery_due", "due IS NOT NULL"),
            ("delivery_behind", "behind IS NOT NULL"),
        ],
        "refused" | "cancelled" | "repeat" => &[(
            "delivery_ended_badly",
            "state IN ('refused', 'cancelled', 'repeat')",
        )],
        _ => return None,
    };
    let each = these.iter().map(|(index, fits)| {
        format!("SELECT {column} FROM delivery INDEXED BY {index} WHERE {fits} AND state = ?")
    });
    Some(Few {
        sql: each.collect::<Vec<_>>().join(" UNION ALL "),
        values: vec![state.to_owned().into(); these.len()],
    })
}
