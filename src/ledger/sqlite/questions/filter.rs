//! A person's filter as conditions of SQL. Every value is a parameter; texts are escaped for LIKE.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::few::{self, Few};
use super::{all, first, hits};
use crate::ledger::Filter;
use crate::ledger::sqlite::arrows::to_json;
use crate::ledger::sqlite::work::Sql;
use crate::limits;

/// Conditions that must all hold, with their values in order.
pub(super) struct Conditions {
    texts: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    fn new() -> Self {
        Self {
            texts: vec!["1".into()],
            values: Vec::new(),
        }
    }

    /// Adds one; each `?` of it stands for `value`.
    fn add(&mut self, text: &str, value: impl Into<Value>) {
        let value = value.into();
        for _ in 0..text.matches('?').count() {
            self.values.push(value.clone());
        }
        self.texts.push(text.to_owned());
    }

    fn maybe(&mut self, text: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.add(text, value.clone());
        }
    }

    /// Only rows whose `column` is one of `these`, if they are few: they are looked up. Many are met
    /// soon by reading from the newest on, and compared one by one.
    fn among(&mut self, db: &Connection, column: &str, these: Few) -> Sql<()> {
        if these.are_few(db)? {
            self.is_in(column, these);
        }
        Ok(())
    }

    fn is_in(&mut self, column: &str, these: Few) {
        self.texts.push(format!("{column} IN ({})", these.sql));
        self.values.extend(these.values);
    }

    /// For a WHERE.
    pub(super) fn sql(&self) -> String {
        self.texts.join(" AND ")
    }
}

/// What a list is of, and where its rows say when they were made.
struct Table {
    id: &'static str,
    created: &'static str,
    /// Which column has the order; none where rows are files.
    order: Option<&'static str>,
    /// The table whose rows are numbered in the order of their times.
    name: &'static str,
    column: &'static str,
    by: &'static str,
}

const FILES: Table = Table {
    id: "f.id",
    created: "a.claimed",
    order: None,
    name: "arrival",
    column: "claimed",
    by: "f.arrival",
};
const ORDERS: Table = Table {
    id: "o.id",
    created: "o.created",
    order: Some("o.id"),
    name: "orders",
    column: "created",
    by: "o.id",
};
const DELIVERIES: Table = Table {
    id: "d.id",
    created: "d.created",
    order: Some("d.orders"),
    name: "delivery",
    column: "created",
    by: "d.id",
};

/// How many rows a list shows.
pub(super) fn limit(filter: &Filter) -> u32 {
    match filter.limit {
        0 => limits::ROWS_SHOWN,
        limit => limit.min(limits::ROWS_SHOWN_MAX),
    }
}

/// A pattern for a part of a text.
fn part(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// What all three lists share: ids, sender, source, name, since, before. `f` and `a` are joined.
fn common(db: &Connection, filter: &Filter, table: &Table) -> Sql<Conditions> {
    let Table { id, created, .. } = table;
    let mut conditions = Conditions::new();
    if !filter.ids.is_empty() {
        let ids = to_json(&filter.ids)?;
        conditions.add(&format!("{id} IN (SELECT value FROM json_each(?))"), ids);
    }
    if let Some(file) = filter.file {
        conditions.add("f.id = ?", file.0);
        if let Some(column) = table.order {
            conditions.among(db, column, few::orders_of_files("?", file.0))?;
        }
    }
    conditions.maybe("f.sender = ?", filter.sender.as_ref());
    conditions.maybe("a.source = ?", filter.source.as_ref());
    if let Some(name) = &filter.name {
        conditions.add("f.name LIKE ? ESCAPE '\\'", part(name));
        if let (Some(column), Some(files)) = (table.order, few::files_named(db, filter)?)
            && files.are_few(db)?
        {
            conditions.is_in(column, files.orders());
        }
    }
    if let Some(since) = filter.since {
        conditions.add(&format!("{created} >= ?"), since.0);
        let from = hits::since(db, table.name, table.column, since.0)?;
        conditions.add(&format!("{} >= ?", table.by), from);
        if table.name == "arrival" {
            let sql = "SELECT coalesce(min(id), 0) FROM file WHERE arrival >= ?1";
            let from: Option<i64> = first(db, sql, [from], |row| row.get(0))?;
            conditions.add("f.id >= ?", from.unwrap_or(0));
        }
    }
    if let Some(before) = filter.before {
        conditions.add(&format!("{id} < ?"), before);
    }
    Ok(conditions)
}

/// How a reference is looked up: a number that exists is meant by itself, so is a beginning; only
/// what is neither is searched for within all of them. Answers the orders it leads to, if there is a
/// way to them.
fn reference(db: &Connection, conditions: &mut Conditions, reference: &str) -> Sql<Option<Few>> {
    let exists = |sql: &str, value: &str| -> Sql<bool> { db.prepare_cached(sql)?.exists([value]) };
    let exact = "reference = ? COLLATE NOCASE";
    let begin = "(reference >= ? COLLATE NOCASE
                  AND reference < ? || char(1114111) COLLATE NOCASE)";
    let any = |condition: &str| {
        format!(
            "SELECT 1 FROM delivery WHERE {} LIMIT 1",
            condition.replace('?', "?1")
        )
    };
    let these = |condition: &str| {
        let count = condition.matches('?').count();
        Few {
            sql: format!("SELECT orders FROM delivery WHERE {condition}"),
            values: vec![reference.to_owned().into(); count],
        }
    };
    if exists(&any(exact), reference)? {
        let on_orders = exact.replace("reference", "o.reference");
        conditions.add(&on_orders, reference.to_owned());
        return Ok(Some(these(exact)));
    }
    if exists(&any(begin), reference)? {
        // Few are looked up; of many the newest are met at once.
        let on_orders = begin.replace("reference", "o.reference");
        conditions.add(&on_orders, reference.to_owned());
        return Ok(Some(these(begin)));
    }
    conditions.add("o.reference LIKE ? ESCAPE '\\'", part(reference));
    let asked = Filter {
        text: Some(reference.to_owned()),
        ..Filter::default()
    };
    few::orders_with(db, &asked)
}

/// Conditions on orders `o` on top of the common ones, and the orders that a number leads to.
fn on_orders(db: &Connection, conditions: &mut Conditions, filter: &Filter) -> Sql<Option<Few>> {
    let numbered = match &filter.reference {
        Some(number) => reference(db, conditions, number)?,
        None => None,
    };
    if let Some(text) = &filter.text {
        if text.chars().count() < 3 {
            // Nothing to look up: the newest are read.
            let newest: Option<i64> =
                first(db, "SELECT coalesce(max(id), 0) FROM orders", [], |row| {
                    row.get(0)
                })?;
            let from = newest.unwrap_or(0) - limits::ROWS_READ;
            conditions.add("o.id > ?", from);
        }
        conditions.add(
            "(o.search || ' ' || lower(o.reference)) LIKE ? ESCAPE '\\'",
            part(&text.to_lowercase()),
        );
    }
    Ok(numbered)
}

/// Which files.
pub(super) fn files(db: &Connection, filter: &Filter) -> Sql<Conditions> {
    let mut conditions = common(db, filter, &FILES)?;
    let mut inner = Conditions::new();
    let numbered = on_orders(db, &mut inner, filter)?;
    inner.maybe(
        "EXISTS (SELECT 1 FROM delivery d WHERE d.orders = o.id AND d.destination = ?)",
        filter.destination.as_ref(),
    );
    if inner.texts.len() > 1 {
        for these in [numbered, few::orders_with(db, &words_of_orders(filter))?] {
            if let Some(these) = these
                && these.are_few(db)?
            {
                conditions.is_in("f.id", these.files());
            }
        }
        conditions.texts.push(format!(
            "EXISTS (SELECT 1 FROM span s JOIN orders o ON o.id BETWEEN s.first AND s.last
                     WHERE s.file = f.id AND s.plan IS NULL AND {})",
            inner.sql()
        ));
        conditions.values.append(&mut inner.values);
    }
    match filter.state.as_deref() {
        None => {}
        Some(word @ ("pending" | "claimed" | "fetched" | "due" | "concluded")) => {
            let these = "SELECT id FROM arrival WHERE settled IS NULL";
            conditions.among(db, "f.arrival", Few::of(these))?;
            conditions.texts.push("a.settled IS NULL".into());
            if word != "pending" {
                conditions.add("a.stage = ?", word.to_owned());
            }
        }
        Some("error") => {
            let these = "SELECT id FROM arrival WHERE verdict = 'error'";
            conditions.among(db, "f.arrival", Few::of(these))?;
            conditions.texts.push("a.verdict = 'error'".into());
        }
        Some(word @ ("partial" | "rejected")) => {
            let these = "SELECT id FROM file WHERE outcome IN ('partial', 'rejected')";
            conditions.among(db, "f.id", Few::of(these))?;
            conditions.add("f.outcome = ?", word.to_owned());
        }
        Some("waiting") => conditions.texts.push("f.waiting IS NOT NULL".into()),
        Some(word) => conditions.add(
            "(a.stage = ? OR a.verdict = ? OR f.outcome = ?)",
            word.to_owned(),
        ),
    }
    Ok(conditions)
}

/// Which orders.
pub(super) fn orders(db: &Connection, filter: &Filter) -> Sql<Conditions> {
    let mut conditions = common(db, filter, &ORDERS)?;
    // What is staged has none yet.
    let visible = "EXISTS (SELECT 1 FROM delivery d WHERE d.orders = o.id)";
    conditions.texts.push(visible.into());
    if let Some(these) = on_orders(db, &mut conditions, filter)? {
        conditions.among(db, "o.id", these)?;
    }
    conditions.maybe(
        "EXISTS (SELECT 1 FROM delivery d WHERE d.orders = o.id AND d.destination = ?)",
        filter.destination.as_ref(),
    );
    if let Some(state) = &filter.state {
        conditions.add(
            "EXISTS (SELECT 1 FROM delivery d WHERE d.orders = o.id AND d.state = ?)",
            state.clone(),
        );
        if let Some(these) = few::deliveries_that_are("orders", state) {
            conditions.among(db, "o.id", these)?;
        }
    }
    Ok(conditions)
}

/// What a filter says that orders are found by.
fn words_of_orders(filter: &Filter) -> Filter {
    Filter {
        text: filter.text.clone(),
        destination: filter.destination.clone(),
        ..Filter::default()
    }
}

/// Which deliveries.
pub(super) fn deliveries(db: &Connection, filter: &Filter) -> Sql<Conditions> {
    let mut conditions = common(db, filter, &DELIVERIES)?;
    if let Some(these) = on_orders(db, &mut conditions, filter)? {
        conditions.among(db, "d.orders", these)?;
    }
    let words = Filter {
        sender: filter.sender.clone(),
        source: filter.source.clone(),
        ..words_of_orders(filter)
    };
    if let Some(these) = few::orders_with(db, &words)? {
        conditions.among(db, "d.orders", these)?;
    }
    conditions.maybe("d.destination = ?", filter.destination.as_ref());
    if let Some(state) = &filter.state {
        conditions.add("d.state = ?", state.clone());
        if let Some(these) = few::deliveries_that_are("id", state) {
            conditions.among(db, "d.id", these)?;
        }
    }
    Ok(conditions)
}

/// The files a change is about: as many as the filter allows, all if it does not say.
pub(in crate::ledger::sqlite) fn file_ids(db: &Connection, filter: &Filter) -> Sql<Vec<i64>> {
    let conditions = files(db, filter)?;
    let from = "SELECT f.id FROM file f JOIN arrival a ON a.id = f.arrival";
    ids(db, from, "f.id", &conditions, filter)
}

/// The deliveries a change is about.
pub(in crate::ledger::sqlite) fn delivery_ids(
    db: &Connection,
    filter: &Filter,
    states: &[&str],
) -> Sql<Vec<i64>> {
    let mut conditions = deliveries(db, filter)?;
    conditions.add(
        "d.state IN (SELECT value FROM json_each(?))",
        to_json(&states)?,
    );
    let from = "SELECT d.id FROM delivery d JOIN orders o ON o.id = d.orders
                JOIN file f ON f.id = d.file JOIN arrival a ON a.id = f.arrival";
    ids(db, from, "d.id", &conditions, filter)
}

fn ids(
    db: &Connection,
    from: &str,
    id: &str,
    conditions: &Conditions,
    filter: &Filter,
) -> Sql<Vec<i64>> {
    let limit = match filter.limit {
        0 => -1,
        limit => i64::from(limit),
    };
    all(
        db,
        &format!(
            "{from} WHERE {} ORDER BY {id} LIMIT {limit}",
            conditions.sql()
        ),
        params_from_iter(&conditions.values),
        |row| row.get(0),
    )
}
