//! A ledger with many orders: rows written by SQL as the arrows would have left them.

use std::path::Path;
use std::time::Duration;

use orderdock::clock::now;
use orderdock::ledger::sqlite::FILE;

const CITIES: [&str; 8] = [
    "rotterdam",
    "antwerpen",
    "duisburg",
    "hamburg",
    "gdańsk",
    "valencia",
    "trieste",
    "köln",
];

/// `orders` orders, five to a file, over the last 90 days; senders from common to rare.
pub(crate) fn fill(folder: &Path, orders: i64) {
    let mut db = rusqlite::Connection::open(folder.join(FILE)).unwrap();
    let start = now().before(Duration::from_hours(24 * 90)).0;
    let step = 90 * 86_400_000 / orders;
    for first in (1..=orders).step_by(10_000) {
        let tx = db.transaction().unwrap();
        for id in first..(first + 10_000).min(orders + 1) {
            row(&tx, id, start + id * step);
        }
        tx.commit().unwrap();
    }
}

fn row(tx: &rusqlite::Connection, id: i64, at: i64) {
    let file = (id - 1) / 5 + 1;
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        tx.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    let sender = match file % 1000 {
        0 => "rare".to_owned(),
        n => format!("sender-{}", n % 20),
    };
    let verdict = if file % 50 == 0 { "error" } else { "done" };
    if (id - 1) % 5 == 0 {
        run(
            "INSERT INTO arrival (id, source, locator, size, modified, claimed, stage, verdict, settled)
             VALUES (?1, 'inbox', ?2, 1000, 1, ?3, 'settled', ?4, ?3)",
            &[&file, &file.to_string().into_bytes(), &at, &verdict],
        );
        run(
            "INSERT INTO file (id, arrival, state, sender, name, bytes, sha256, outcome, format, orders)
             VALUES (?1, ?1, 'read', ?2, ?3, 1000, x'00', 'accepted', 'csv', 5)",
            &[&file, &sender, &format!("orders-{file:07}.csv")],
        );
        run(
            "INSERT INTO span (file, first, last, reading) VALUES (?1, ?2, ?3, 0)",
            &[&file, &id, &(id + 4)],
        );
    }
    let city = CITIES[(id % 8) as usize];
    let search = format!(" customer {} {city} {:04} ab", id % 5000, id % 10_000);
    run(
        "INSERT INTO orders (id, file, reading, seq, created, action, kind, hold, reference, identity,
                             content_hash, source_hash, origin, search)
         VALUES (?1, ?2, 0, 0, ?3, 'create', 'transport', 0, ?4, randomblob(16), randomblob(32),
                 randomblob(32), '{}', ?5)",
        &[&id, &file, &at, &format!("PO-{id:08}"), &search],
    );
    let state = match id % 1000 {
        1 => "refused",
        _ if id % 200_000 == 7 => "parked",
        _ => "delivered",
    };
    let person = (state == "parked").then_some(at);
    let lane = if id % 10_000 == 3 { "seldom" } else { "erp" };
    run(
        "INSERT INTO delivery (orders, file, state, destination, action, created, attempts, started, ended,
                               reference, key, person)
         VALUES (?1, ?2, ?3, ?4, 'create', ?5, 1, ?5, ?5, ?6, 'od1-x', ?7)",
        &[&id, &file, &state, &lane, &at, &format!("PO-{id:08}"), &person],
    );
}

/// What stands in the ledger beside the rows that lists are made of: contents and bytes of every
/// thousandth order and its file, and the counts of nine busy days, which are all that is kept by the hour. Written again for each run, since charts
/// look back from now.
pub(crate) fn dress(folder: &Path, orders: i64) {
    let mut db = rusqlite::Connection::open(folder.join(FILE)).unwrap();
    let tx = db.transaction().unwrap();
    for id in (1..=orders).step_by(usize::try_from(EVERY).unwrap()) {
        contents(&tx, id);
    }
    let hour = now().0 / 3_600_000;
    for hour in (hour - 9 * 24)..=hour {
        counts(&tx, hour);
    }
    tx.commit().unwrap();
}

/// Orders from one with contents to the next.
pub(crate) const EVERY: i64 = 1_000;

fn contents(tx: &rusqlite::Connection, id: i64) {
    let file = (id - 1) / 5 + 1;
    let lines: Vec<_> = (1..=20)
        .map(|n| serde_json::json!({ "number": n.to_string(), "item_id": format!("SKU-{n}"), "quantity": "2",
            "description": "Cordless drill, 18 V, with two batteries", "unit": "C62", "unit_price": "12.50" }))
        .collect();
    let party = |name: &str| {
        serde_json::json!({ "name": name, "street": "Domplatz", "house_no": "7",
            "postcode": format!("{:04} AB", id % 10_000), "city": "Köln", "country": "DE" })
    };
    let order = serde_json::json!({ "reference": format!("PO-{id:08}"), "kind": "transport", "lines": lines,
        "parties": { "buyer": party("Acme Tools B.V."), "consignee": party("Jansen & Söhne GmbH") } });
    let run = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        tx.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    run(
        "INSERT OR REPLACE INTO content (orders, bytes) VALUES (?1, ?2)",
        &[&id, &order.to_string().into_bytes()],
    );
    let mut csv = String::from("order_id,order_date,sku,quantity,unit,unit_price,currency\n");
    for id in id..id + 5 {
        for n in 1..=20 {
            csv.push_str(&format!("PO-{id:08},2026-02-01,SKU-{n},2,C62,12.50,EUR\n"));
        }
    }
    run(
        "INSERT OR REPLACE INTO body (file, bytes) VALUES (?1, ?2)",
        &[&file, &csv.clone().into_bytes()],
    );
    run(
        "UPDATE file SET bytes = ?2 WHERE id = ?1",
        &[&file, &csv.len()],
    );
}

/// One hour: eight sources, twenty senders with five findings each, two destinations.
fn counts(tx: &rusqlite::Connection, hour: i64) {
    let put = |what: &str, name: &str, count: i64| {
        let sql = "INSERT OR REPLACE INTO tally (hour, what, name, count) VALUES (?1, ?2, ?3, ?4)";
        let mut statement = tx.prepare_cached(sql).unwrap();
        statement.execute((hour, what, name, count)).unwrap();
    };
    for source in 0..8 {
        for outcome in ["delivered", "repeat", "withheld", "refused"] {
            put(
                &format!("orders.{outcome}"),
                &format!("source-{source}"),
                7 + hour % 5,
            );
        }
    }
    for sender in 0..20 {
        for code in [
            "number.invalid",
            "date.ambiguous",
            "csv.ragged-row",
            "order.line.missing",
            "party.missing",
        ] {
            put(
                &format!("found.{code}"),
                &format!("sender-{sender}"),
                1 + hour % 3,
            );
        }
    }
    for lane in ["erp", "seldom"] {
        for step in 0..=10 {
            put(&format!("took.{step}"), lane, 11 - step);
        }
    }
}
