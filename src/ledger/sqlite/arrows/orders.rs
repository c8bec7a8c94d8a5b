//! Orders as they enter the ledger: visible at once, or staged with a plan of what they owe.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::conclude::Books;
use super::counts;
use super::revise::{Weighed, on_change_word, weigh};
use super::{to_json, tracking};
use crate::arrival::DeliveryState;
use crate::ledger::StagedOrder;
use crate::ledger::sqlite::work::{Sql, Tx};
use crate::limits;
use crate::order::{Action, ContentHash, Identity};
use crate::problem::Problem;
use crate::revision::OnChange;

/// The file that orders come from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    pub(super) file: i64,
    pub(super) arrival: i64,
    pub(super) reading: i64,
}

/// What an order owes, and to whom.
pub(super) struct Owed<'a> {
    pub(super) action: Action,
    pub(super) content: ContentHash,
    pub(super) source: [u8; 32],
    pub(super) on_change: OnChange,
    pub(super) reference: &'a str,
    pub(super) identity: Identity,
    pub(super) hold: bool,
    pub(super) destinations: &'a [String],
    pub(super) refused: &'a [(String, Problem)],
}

impl<'a> From<&'a StagedOrder> for Owed<'a> {
    fn from(order: &'a StagedOrder) -> Self {
        Self {
            action: order.action,
            content: order.content_hash,
            source: order.source_hash,
            on_change: order.on_change,
            reference: &order.reference,
            identity: order.identity,
            hold: order.hold,
            destinations: &order.destinations,
            refused: &order.refused,
        }
    }
}

/// What staged orders owe until they are promoted.
#[derive(Serialize, Deserialize)]
pub(super) struct Plan<'a> {
    pub(super) destinations: Cow<'a, [String]>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub(super) refused: Cow<'a, [(String, Problem)]>,
}

/// Writes orders that nobody sees yet, with what they owe: one plan for all that owe the same.
pub(super) fn stage(tx: &Tx<'_>, origin: Origin, orders: &[StagedOrder]) -> Sql<()> {
    let same = |one: &StagedOrder, other: &StagedOrder| {
        one.destinations == other.destinations && one.refused == other.refused
    };
    for alike in orders.chunk_by(same) {
        let Some(order) = alike.first() else {
            continue;
        };
        let plan = Plan {
            destinations: Cow::Borrowed(&order.destinations),
            refused: Cow::Borrowed(&order.refused),
        };
        let plan = to_json(&plan)?;
        insert(tx, origin, alike, Some(&plan))?;
    }
    Ok(())
}

/// Writes orders, and that they belong together; the row of the first, which the others follow.
pub(super) fn insert(
    tx: &Tx<'_>,
    origin: Origin,
    orders: &[StagedOrder],
    plan: Option<&str>,
) -> Sql<i64> {
    let mut row = tx.db.prepare_cached(
        "INSERT INTO orders (file, reading, identity, seq, created, action, kind, on_change, hold,
                             reference, content_hash, source_hash, origin, search)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?;
    let mut content = tx
        .db
        .prepare_cached("INSERT INTO content (orders, bytes) VALUES (?1, ?2)")?;
    let mut last = 0;
    // Nothing else writes orders meanwhile, so that their rows follow each other.
    for order in orders {
        last = row.insert((
            origin.file,
            origin.reading,
            &order.identity.0,
            order.seq,
            tx.now.0,
            order.action.as_str(),
            order.kind,
            on_change_word(order.on_change),
            order.hold,
            &order.reference,
            &order.content_hash.0,
            &order.source_hash,
            &order.origin,
            &order.search,
        ))?;
        content.execute((last, &order.content[..]))?;
        tracking::numbers::keep(tx, last, &order.numbers)?;
    }
    let count = i64::try_from(orders.len()).unwrap_or(i64::MAX);
    let first = last - count + 1;
    if count > 0 {
        tx.run(
            "INSERT INTO span (file, first, last, reading, plan) VALUES (?1, ?2, ?3, ?4, ?5)",
            (origin.file, first, last, origin.reading, plan),
        )?;
    }
    Ok(first)
}

/// Decides for every destination and makes the deliveries.
pub(super) fn owe(
    tx: &mut Tx<'_>,
    origin: Origin,
    order: i64,
    owed: &Owed<'_>,
    books: &mut Books,
) -> Sql<()> {
    for destination in owed.destinations {
        let refused = owed.refused.iter().filter(|(name, _)| name == destination);
        let refused: Vec<&Problem> = refused.map(|(_, problem)| problem).collect();
        if let [first, ..] = refused[..] {
            withhold(tx, origin, order, owed, (destination, first))?;
            for problem in &refused {
                problems(tx, origin.file, std::slice::from_ref(*problem))?;
            }
            books.made(origin.file, DeliveryState::Refused);
            counts::made(tx, origin.arrival, DeliveryState::Refused)?;
            continue;
        }
        let fate = weigh(
            tx,
            &Weighed {
                destination,
                reference: owed.reference,
                identity: owed.identity,
                arrival: origin.arrival,
                action: owed.action,
                content: owed.content,
                source: owed.source,
                on_change: owed.on_change,
                before: None,
            },
        )?;
        let made = fate.made(owed.action, owed.hold, tx.now.0);
        tx.db
            .prepare_cached(
                "INSERT INTO delivery (orders, file, state, destination, action, due, created, ended,
                                       key, behind, person, code, detail, reference)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
            )?
            .execute((
                order,
                origin.file,
                made.state.as_str(),
                destination,
                made.action.as_str(),
                made.due,
                tx.now.0,
                made.ended,
                &made.key,
                made.behind,
                made.person,
                made.code,
                made.detail,
                owed.reference,
            ))?;
        tx.memo.blockers.extend(made.behind);
        books.made(origin.file, made.state);
        counts::made(tx, origin.arrival, made.state)?;
    }
    tracking::appeared(tx, order, owed.reference)
}

/// The destination's own check found the order unfit: it is never sent there.
fn withhold(
    tx: &Tx<'_>,
    origin: Origin,
    order: i64,
    owed: &Owed<'_>,
    (destination, problem): (&str, &Problem),
) -> Sql<()> {
    tx.run(
        "INSERT INTO delivery (orders, file, state, destination, action, created, ended, code,
                               detail, reference)
         VALUES (?1, ?2, 'refused', ?3, ?4, ?5, ?5, ?6, ?7, ?8)",
        (
            order,
            origin.file,
            destination,
            owed.action.as_str(),
            tx.now.0,
            &*problem.code,
            problem.to_string(),
            owed.reference,
        ),
    )
    .map(drop)
}

/// Adds findings to a file's, up to [`limits::PROBLEMS_PER_FILE`]; the rest is counted.
pub(super) fn problems(tx: &Tx<'_>, file: i64, problems: &[Problem]) -> Sql<()> {
    if problems.is_empty() {
        return Ok(());
    }
    let next: Option<usize> = tx.first(
        "SELECT n + count FROM problem WHERE file = ?1 ORDER BY n DESC LIMIT 1",
        [file],
        |row| row.get(0),
    )?;
    let next = next.unwrap_or(0);
    let room = limits::PROBLEMS_PER_FILE.saturating_sub(next);
    let kept = problems.get(..room).unwrap_or(problems);
    if !kept.is_empty() {
        tx.run(
            "INSERT INTO problem (file, n, count, body) VALUES (?1, ?2, ?3, ?4)",
            (file, next, kept.len(), to_json(&kept)?),
        )?;
    }
    let over = problems.len() - kept.len();
    if over > 0 {
        tx.run(
            "UPDATE file SET left_out = left_out + ?2 WHERE id = ?1",
            (file, over),
        )?;
    }
    Ok(())
}
