//! Lists for people: files, orders, deliveries, newest first.

use std::collections::BTreeMap;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::due::verdict;
use super::filter::{self, Conditions, limit};
use super::{all, hits, maybe, millis};
use crate::arrival::{ArrivalId, DeliveryId, DeliveryState, FileId, Locator, OrderId, Stage};
use crate::ledger::sqlite::arrows::revise::state;
use crate::ledger::sqlite::work::Sql;
use crate::ledger::{DeliveryRow, FileRow, Filter, OrderRow};

/// The columns of a [`FileRow`].
pub(super) const FILE: &str = "
SELECT f.id, a.id, a.source, f.sender, f.name, f.bytes, f.sha256, f.format, p.name, a.stage,
       a.verdict, f.orders, f.withheld, f.open,
       (SELECT coalesce(sum(count), 0) FROM problem WHERE file = f.id) + f.left_out,
       a.claimed, a.settled, a.settled_to, coalesce(f.waiting, a.why,
       (SELECT CASE count(*) WHEN 0 THEN NULL
               WHEN 1 THEN 'A status waits for an order that is not known yet.'
               ELSE count(*) || ' statuses wait for orders that are not known yet.' END
        FROM waiting w WHERE w.file = f.id)), f.container,
       (SELECT name FROM file WHERE id = f.container)
FROM file f JOIN arrival a ON a.id = f.arrival LEFT JOIN profile p ON p.id = f.profile";

/// The columns of an [`OrderRow`], without its deliveries.
pub(super) const ORDER: &str = "
SELECT o.id, f.id, f.name, f.sender, o.reference, o.kind, o.action, o.created
FROM orders o JOIN file f ON f.id = o.file JOIN arrival a ON a.id = f.arrival";

/// The columns of a [`DeliveryRow`].
pub(super) const DELIVERY: &str = "
SELECT d.id, o.id, o.reference, f.sender, d.destination, d.action, d.state, coalesce(d.key, ''),
       d.attempts, CASE d.state WHEN 'due' THEN d.due END, d.detail, d.remote_id, d.created, d.ended,
       d.facts
FROM delivery d JOIN orders o ON o.id = d.orders JOIN file f ON f.id = d.file
     JOIN arrival a ON a.id = f.arrival";

/// Files.
pub(in crate::ledger::sqlite) fn files(db: &Connection, filter: &Filter) -> Sql<Vec<FileRow>> {
    let found = Found {
        select: FILE,
        id: "f.id",
        index: "file_words",
        upto: "files",
        asked: hits::of_files(filter),
    };
    found.rows(db, &filter::files(db, filter)?, filter, file_row)
}

/// Orders, with their deliveries.
pub(in crate::ledger::sqlite) fn orders(db: &Connection, filter: &Filter) -> Sql<Vec<OrderRow>> {
    let found = Found {
        select: ORDER,
        id: "o.id",
        index: "order_words",
        upto: "orders",
        asked: hits::of_orders(filter).filter(|_| !is_narrow(filter)),
    };
    let mut rows = found.rows(db, &filter::orders(db, filter)?, filter, order_row)?;
    for row in &mut rows {
        row.deliveries = states(db, row.id)?;
    }
    Ok(rows)
}

/// Whether few rows are meant anyway, which are looked up by indexes of their own.
fn is_narrow(filter: &Filter) -> bool {
    let few = ["held", "parked", "due", "attempting"];
    filter.file.is_some()
        || !filter.ids.is_empty()
        || filter.reference.is_some()
        || filter
            .state
            .as_deref()
            .is_some_and(|state| few.contains(&state))
}

/// A list that the index of words may shorten.
struct Found {
    select: &'static str,
    id: &'static str,
    index: &'static str,
    upto: &'static str,
    asked: Option<String>,
}

impl Found {
    /// The newest rows that fit: first what is newer than the index, then what the index names.
    fn rows<T>(
        &self,
        db: &Connection,
        conditions: &Conditions,
        filter: &Filter,
        map: fn(&Row<'_>) -> Sql<T>,
    ) -> Sql<Vec<T>> {
        let (id, fits) = (self.id, conditions.sql());
        let Some(asked) = &self.asked else {
            let sql = page(self.select, id, &fits, filter);
            return all(db, &sql, params_from_iter(&conditions.values), map);
        };
        let upto = hits::upto(db, self.upto)?;
        let newer = page(
            self.select,
            id,
            &format!("{id} > {upto} AND {fits}"),
            filter,
        );
        let mut rows = all(db, &newer, params_from_iter(&conditions.values), map)?;
        let most = limit(filter) as usize;
        if rows.len() < most {
            let index = self.index;
            let before = filter
                .before
                .map_or(i64::MAX, |before| before.saturating_sub(1))
                .min(upto);
            // CROSS: the index leads, from the newest on, and stops when the page is full.
            let leads = format!("\nFROM {index} CROSS JOIN ");
            let select = self.select.replacen("\nFROM ", &leads, 1);
            let sql = format!(
                "{select} WHERE {id} = {index}.rowid AND {index} MATCH ? AND {index}.rowid <= ?
                 AND {fits} ORDER BY {index}.rowid DESC LIMIT {}",
                most - rows.len()
            );
            let mut values = vec![Value::from(asked.clone()), Value::from(before)];
            values.extend(conditions.values.iter().cloned());
            rows.extend(all(db, &sql, params_from_iter(&values), map)?);
        }
        Ok(rows)
    }
}

/// Deliveries.
pub(in crate::ledger::sqlite) fn deliveries(
    db: &Connection,
    filter: &Filter,
) -> Sql<Vec<DeliveryRow>> {
    let conditions = filter::deliveries(db, filter)?;
    all(
        db,
        &page(DELIVERY, "d.id", &conditions.sql(), filter),
        params_from_iter(&conditions.values),
        delivery_row,
    )
}

/// The files with these numbers, as JSON, and those of these arrivals.
pub(in crate::ledger::sqlite) fn files_touched(
    db: &Connection,
    arrivals: &str,
    files: &str,
) -> Sql<Vec<FileRow>> {
    let sql = format!(
        "{FILE} WHERE f.id IN (SELECT value FROM json_each(?2)
                      UNION SELECT t.id FROM json_each(?1) j JOIN file t ON t.arrival = j.value)
         ORDER BY f.id"
    );
    all(db, &sql, [arrivals, files], file_row)
}

/// The deliveries with these numbers, as JSON.
pub(in crate::ledger::sqlite) fn deliveries_touched(
    db: &Connection,
    deliveries: &str,
) -> Sql<Vec<DeliveryRow>> {
    let sql = format!(
        "{DELIVERY} WHERE d.id IN (SELECT value FROM json_each(?1)) AND d.state != 'staged'
         ORDER BY d.id"
    );
    all(db, &sql, [deliveries], delivery_row)
}

fn page(from: &str, id: &str, conditions: &str, filter: &Filter) -> String {
    format!(
        "{from} WHERE {conditions} ORDER BY {id} DESC LIMIT {}",
        limit(filter)
    )
}

/// A row of [`FILE`].
pub(super) fn file_row(row: &Row<'_>) -> Sql<FileRow> {
    Ok(FileRow {
        id: FileId(row.get(0)?),
        arrival: ArrivalId(row.get(1)?),
        source: row.get(2)?,
        sender: row.get(3)?,
        name: row.get(4)?,
        bytes: row.get(5)?,
        sha256: hex::encode(row.get_ref(6)?.as_blob()?),
        format: row.get(7)?,
        profile: row.get(8)?,
        stage: Stage::parse(row.get_ref(9)?.as_str()?).unwrap_or(Stage::Claimed),
        verdict: row.get_ref(10)?.as_str_or_null()?.map(verdict),
        orders: row.get(11)?,
        withheld: row.get(12)?,
        open: row.get(13)?,
        problems: row.get(14)?,
        claimed: millis(row, 15)?,
        settled: maybe(row, 16)?,
        settled_to: row
            .get::<_, Option<Vec<u8>>>(17)?
            .map(|place| Locator(place).to_string()),
        waiting: row.get(18)?,
        container: row.get::<_, Option<i64>>(19)?.map(FileId),
        container_name: row.get(20)?,
    })
}

/// A row of [`ORDER`].
pub(super) fn order_row(row: &Row<'_>) -> Sql<OrderRow> {
    Ok(OrderRow {
        id: OrderId(row.get(0)?),
        file: FileId(row.get(1)?),
        file_name: row.get(2)?,
        sender: row.get(3)?,
        reference: row.get(4)?,
        kind: row.get(5)?,
        action: row.get(6)?,
        deliveries: Vec::new(),
        created: millis(row, 7)?,
    })
}

/// The states of an order's deliveries by destination.
pub(super) fn states(db: &Connection, order: OrderId) -> Sql<Vec<(String, DeliveryState)>> {
    all(
        db,
        "SELECT destination, state FROM delivery WHERE orders = ?1 ORDER BY id",
        [order.0],
        |row| Ok((row.get(0)?, state(row, 1)?)),
    )
}

/// A row of [`DELIVERY`].
pub(super) fn delivery_row(row: &Row<'_>) -> Sql<DeliveryRow> {
    Ok(DeliveryRow {
        id: DeliveryId(row.get(0)?),
        order: OrderId(row.get(1)?),
        reference: row.get(2)?,
        sender: row.get(3)?,
        destination: row.get(4)?,
        action: row.get(5)?,
        state: state(row, 6)?,
        key: row.get(7)?,
        attempts: row.get(8)?,
        due: maybe(row, 9)?,
        detail: row.get(10)?,
        remote_id: row.get(11)?,
        created: millis(row, 12)?,
        ended: maybe(row, 13)?,
        facts: facts(row, 14)?,
    })
}

/// What a partner told. Written by us, so that what cannot be read is nothing worse than missing.
fn facts(row: &Row<'_>, column: usize) -> Sql<BTreeMap<String, String>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    Ok(text
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default())
}
