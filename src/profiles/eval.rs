//! From a field's value, as its profile writes it, to the text that stands there.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::Value as Jinja;
use minijinja::value::Serde;

use super::calls::Reads;
use super::functions::{TABLES, Tools};
use super::model::{Field, Formula, Profile, Value};
use super::values::trimmed;
use crate::formats::{Cell, CellKind};
use crate::order::Order;

/// The record that is being mapped.
pub(crate) trait Scope {
    /// What a reference stands for in this record: `None` where the layout has no such column;
    /// an empty cell and an element that is not there are empty.
    fn cell(&self, reference: usize) -> Option<Cell<'_>>;

    /// Whether its cells are of kinds. Those of elements and segments are all text.
    fn has_kinds(&self) -> bool {
        false
    }
}

/// A text with where it came from.
#[derive(Debug)]
pub(crate) struct Raw<'s> {
    /// The text, outer blanks taken off, never empty.
    pub(crate) text: Cow<'s, str>,
    /// What kind of cell it was.
    pub(crate) kind: CellKind,
    /// The reference it was read from.
    pub(crate) from: Option<usize>,
    /// Whether it is in canonical form, whatever the layout declares: expressions convert.
    pub(crate) canonical: bool,
    /// Whether it was made up, because the file says nothing.
    pub(crate) made_up: bool,
}

/// What evaluation can see besides the record.
pub(crate) struct Around<'s> {
    /// The profile.
    pub(crate) profile: &'s Profile,
    /// Texts of fields filled earlier.
    pub(crate) memo: &'s [Option<String>],
    /// What `unique()` gives here.
    pub(crate) unique: &'s dyn Fn() -> String,
    /// The order with all its lines, for expressions that wait for them.
    pub(crate) whole: Option<&'s Order>,
    /// The shipment whose goods they see; all shipments' without one.
    pub(crate) shipment: Option<usize>,
}

impl<'s> Raw<'s> {
    fn plain(text: Cow<'s, str>) -> Option<Self> {
        (!text.trim().is_empty()).then_some(Self {
            text,
            kind: CellKind::Text,
            from: None,
            canonical: true,
            made_up: false,
        })
    }
}

/// The text of `field`: its value, looked up and defaulted.
///
/// # Errors
/// Why there is none: the words of an expression or look-up.
#[inline]
pub(crate) fn field<'s>(
    field: &'s Field,
    scope: &'s impl Scope,
    around: &Around<'s>,
) -> Result<Option<Raw<'s>>, String> {
    // Nearly every field is a cell as it stands.
    if let (Value::Reference(reference), None) = (&field.value, &field.lookup)
        && let Some(raw) = referred(*reference, scope)
    {
        return Ok(Some(raw));
    }
    composed(field, scope, around)
}

/// What stands where a reference leads, unless that is nothing.
#[inline]
fn referred(reference: usize, scope: &impl Scope) -> Option<Raw<'_>> {
    let cell = scope.cell(reference)?;
    let text = trimmed(cell.text);
    (!text.is_empty() || cell.kind == CellKind::Uncached).then_some(Raw {
        text: Cow::Borrowed(text),
        kind: cell.kind,
        from: Some(reference),
        canonical: false,
        made_up: false,
    })
}

/// The text of a field that is no mere cell, or whose cell is empty.
fn composed<'s>(
    field: &'s Field,
    scope: &'s impl Scope,
    around: &Around<'s>,
) -> Result<Option<Raw<'s>>, String> {
    let found = value(&field.value, scope, around)?;
    let found = match (found, &field.lookup) {
        (Some(raw), Some(table)) => Some(look_up(raw, table, around.profile, field)?),
        (found, _) => found,
    };
    Ok(match (found, &field.default) {
        (None, Some(default)) => Raw::plain(Cow::Borrowed(default)),
        (found, _) => found,
    })
}

fn look_up<'s>(
    mut raw: Raw<'s>,
    table: &str,
    profile: &'s Profile,
    field: &'s Field,
) -> Result<Raw<'s>, String> {
    let rows = profile.tables.get(table);
    let found = rows.and_then(|rows| rows.there(&raw.text));
    match (found, &field.default) {
        (Some(text), _) => {
            raw.text = Cow::Borrowed(text);
            raw.kind = CellKind::Text;
            Ok(raw)
        }
        (None, Some(text)) => {
            raw.text = Cow::Borrowed(text);
            raw.kind = CellKind::Text;
            Ok(raw)
        }
        (None, None) => Err(format!(
            "“{}” is not in the look-up table “{table}”.",
            raw.text
        )),
    }
}

/// The text of a value; `None` where it is empty.
pub(crate) fn value<'s>(
    value: &'s Value,
    scope: &'s impl Scope,
    around: &Around<'s>,
) -> Result<Option<Raw<'s>>, String> {
    match value {
        Value::Reference(reference) => Ok(referred(*reference, scope)),
        Value::Literal(text) => Ok(Raw::plain(Cow::Borrowed(text))),
        Value::Earlier(slot) => {
            let text = around.memo.get(*slot).cloned().flatten();
            Ok(text.and_then(|text| Raw::plain(Cow::Owned(text))))
        }
        Value::First(values) => {
            for inner in values {
                if let Some(raw) = self::value(inner, scope, around)? {
                    return Ok(Some(raw));
                }
            }
            Ok(None)
        }
        Value::Text(pieces) => {
            let mut text = String::new();
            for piece in pieces {
                let Some(raw) = self::value(piece, scope, around)? else {
                    return Ok(None);
                };
                text.push_str(&raw.text);
            }
            Ok(Raw::plain(Cow::Owned(text)))
        }
        Value::Expression(formula) => expression(formula, scope, around),
    }
}

/// A cell without a value: the field says what is wrong with it.
fn unusable<'s>(formula: &'s Formula, scope: &'s impl Scope) -> Option<Raw<'s>> {
    formula.references.iter().find_map(|reference| {
        let cell = scope.cell(*reference)?;
        matches!(cell.kind, CellKind::Error | CellKind::Uncached).then_some(Raw {
            text: Cow::Borrowed(cell.text),
            kind: cell.kind,
            from: Some(*reference),
            canonical: false,
            made_up: false,
        })
    })
}

/// What a tree reads: the record and the fields before.
struct Sight<'a, 's, S> {
    formula: &'s Formula,
    scope: &'s S,
    memo: &'a [Option<String>],
    /// The first reference that gave a text: the place of the value.
    from: std::cell::Cell<Option<usize>>,
}

impl<'s, S: Scope> Reads<'s> for Sight<'_, 's, S> {
    fn reference(&self, number: usize) -> Cow<'s, str> {
        let reference = self.formula.references.get(number).copied();
        let cell = reference.and_then(|reference| self.scope.cell(reference));
        let text = cell.map_or("", |cell| trimmed(cell.text));
        if !text.is_empty() && self.from.get().is_none() {
            self.from.set(reference);
        }
        Cow::Borrowed(text)
    }

    fn earlier(&self, number: usize) -> Cow<'s, str> {
        let slot = self.formula.earlier.get(number);
        let text = slot
            .and_then(|slot| self.memo.get(*slot))
            .cloned()
            .flatten();
        Cow::Owned(text.unwrap_or_default())
    }
}

fn expression<'s>(
    formula: &'s Formula,
    scope: &'s impl Scope,
    around: &Around<'s>,
) -> Result<Option<Raw<'s>>, String> {
    if scope.has_kinds()
        && let Some(raw) = unusable(formula, scope)
    {
        return Ok(Some(raw));
    }
    let (text, from) = if let Some(tree) = &formula.tree {
        let sight = Sight {
            formula,
            scope,
            memo: around.memo,
            from: std::cell::Cell::new(None),
        };
        let tools = Tools {
            tables: &around.profile.tables,
        };
        let text = tree.text(&sight, &tools);
        let text = text.map_err(|why| format!("invalid operation: {why}"))?;
        (text, sight.from.get())
    } else {
        let mut references = formula.references.iter().copied();
        let filled = |cell: Cell<'_>| !trimmed(cell.text).is_empty();
        let from = references.find(|reference| scope.cell(*reference).is_some_and(filled));
        let context = context(formula, scope, around);
        let text = formula.expression.text(Jinja::from(context));
        (Cow::Owned(text.map_err(|error| error.to_string())?), from)
    };
    Ok(Raw::plain(text).map(|raw| Raw {
        from,
        made_up: formula.unique,
        ..raw
    }))
}

/// What the engine is given.
fn context<'s>(
    formula: &'s Formula,
    scope: &'s impl Scope,
    around: &Around<'s>,
) -> BTreeMap<String, Jinja> {
    let mut context: BTreeMap<String, Jinja> = BTreeMap::new();
    for (number, reference) in formula.references.iter().enumerate() {
        let text = scope.cell(*reference).map_or("", |cell| trimmed(cell.text));
        context.insert(format!("r{number}"), Jinja::from(text));
    }
    for (number, slot) in formula.earlier.iter().enumerate() {
        let text = around.memo.get(*slot).cloned().flatten();
        context.insert(format!("f{number}"), Jinja::from(text.unwrap_or_default()));
    }
    if formula.unique {
        let made = (around.unique)();
        let number = unique_number(&made);
        context.insert(
            "unique".to_owned(),
            Jinja::from_function(move || made.clone()),
        );
        context.insert(
            "unique_number".to_owned(),
            Jinja::from_function(move || number.clone()),
        );
    }
    context.insert(
        TABLES.to_owned(),
        Jinja::from_dyn_object(Arc::clone(&around.profile.tables)),
    );
    if let (true, Some(order)) = (formula.late, around.whole) {
        let goods: Vec<_> = order
            .shipments
            .iter()
            .enumerate()
            .filter(|(at, _)| around.shipment.is_none_or(|only| only == *at))
            .flat_map(|(_, shipment)| &shipment.goods)
            .collect();
        context.insert("lines".to_owned(), Jinja::from(Serde(&order.lines)));
        context.insert("goods".to_owned(), Jinja::from(Serde(&goods)));
    }
    context
}

/// Digits alone from a made-up name: eight of the file's hash, six of the order's place in it.
fn unique_number(made: &str) -> String {
    let (hash, ordinal) = made.rsplit_once('-').unwrap_or((made, "0"));
    let hash = u64::from_str_radix(hash, 16).unwrap_or_default() % 100_000_000;
    let ordinal: u64 = ordinal.parse().unwrap_or_default();
    format!("{hash:08}{ordinal:06}")
}

impl Value {
    /// Calls `each` with every reference in it.
    pub(crate) fn references(&self, each: &mut dyn FnMut(usize)) {
        match self {
            Self::Reference(reference) => each(*reference),
            Self::First(values) | Self::Text(values) => {
                for value in values {
                    value.references(each);
                }
            }
            Self::Expression(formula) => formula.references.iter().copied().for_each(each),
            Self::Literal(_) | Self::Earlier(_) => {}
        }
    }

    /// Whether it waits for the end of its order.
    #[inline]
    pub(crate) fn is_late(&self) -> bool {
        match self {
            Self::First(values) | Self::Text(values) => values.iter().any(Self::is_late),
            Self::Expression(formula) => formula.late,
            _ => false,
        }
    }

    /// Whether it can be something although no column is there.
    pub(crate) fn stands_alone(&self) -> bool {
        match self {
            Self::Reference(_) => false,
            Self::First(values) => values.iter().any(Self::stands_alone),
            Self::Literal(text) => !text.is_empty(),
            Self::Text(_) | Self::Earlier(_) => true,
            Self::Expression(formula) => formula.references.is_empty(),
        }
    }
}
