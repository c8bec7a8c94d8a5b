//! What every order must satisfy, whatever its profile and destination.
//!
//! Each finding's place is the canonical path of its field, `lines[2].quantity` or
//! `shipments[0].delivery.party.country`, indexes counted from 0 as in the order's JSON; whoever
//! knows where the field came from puts the sender's own place there instead. A good order costs no
//! allocation: paths and words are made when something is wrong.
//!
//! Errors withhold the order: what is missing, unknown or impossible. Warnings tell what a real
//! file merely gets wrong about itself: check digits, totals.

mod check_digits;
mod goods;
mod lines;
mod path;
#[cfg(test)]
mod tests;
mod text;
mod totals;

use path::Path;
use rust_decimal::Decimal;

use super::{Action, Kind, Money, Order, Party, Role, codes};
use crate::limits;
use crate::problem::{Place, Problem};

/// All findings about `order`, each at the canonical path of its field.
#[must_use]
pub fn validate(order: &Order) -> Vec<Problem> {
    validate_next(order, &mut Warned::default())
}

/// The same for one of many orders of a file: a warning that was made often enough is only counted.
pub fn validate_next(order: &Order, warned: &mut Warned) -> Vec<Problem> {
    let mut findings = Findings {
        found: Vec::new(),
        warned,
    };
    reference(order, &mut findings);
    text::check(order, &mut findings);
    if order.action != Action::Cancel {
        header(order, &mut findings);
        lines::check(order, &mut findings);
        goods::check(order, &mut findings);
        totals::check(order, &mut findings);
    }
    findings.found
}

/// Which warnings a file had so far, by code. A file may have one in every line, and few of them are
/// ever shown: their words and places are not worth making.
#[derive(Debug, Default)]
pub struct Warned {
    made: Vec<(&'static str, u32)>,
    left_out: u64,
}

impl Warned {
    /// Warnings that were only counted.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Whether another one is to be made; counts it if not.
    fn may(&mut self, code: &'static str) -> bool {
        let made = self.made.iter_mut().find(|(known, _)| *known == code);
        match made {
            None => self.made.push((code, 1)),
            Some((_, made)) if *made < limits::WARNINGS_MADE => *made += 1,
            Some(_) => {
                self.left_out += 1;
                return false;
            }
        }
        true
    }
}

/// Where checks put what they find.
struct Findings<'a> {
    found: Vec<Problem>,
    warned: &'a mut Warned,
}

impl Findings<'_> {
    #[cold]
    fn add(&mut self, path: Path<'_>, problem: Problem) {
        self.found.push(problem.at(Place::path(path.to_string())));
    }

    /// A warning that a file may have in every line.
    fn warn(
        &mut self,
        path: Path<'_>,
        code: &'static str,
        more: impl FnOnce(&'static str) -> Problem,
    ) {
        if self.warned.may(code) {
            self.add(path, more(code));
        }
    }

    /// `code` at `path` unless `is_known`.
    fn code(
        &mut self,
        path: Path<'_>,
        value: Option<&String>,
        is_known: fn(&str) -> bool,
        unknown: fn() -> Problem,
    ) {
        if let Some(value) = value
            && !is_known(value)
        {
            self.add(path, unknown().with_value(value));
        }
    }
}

/// The order number: the one thing that no order can do without.
fn reference(order: &Order, findings: &mut Findings<'_>) {
    let path = Path::root("reference");
    if order.reference.trim().is_empty() {
        let problem = Problem::error("order.reference.missing", "The order has no order number.")
            .with_hint("Fill in the order number.");
        findings.add(path, problem);
    } else if order.reference.len() > limits::REFERENCE_CHARS
        && order.reference.chars().count() > limits::REFERENCE_CHARS
    {
        let problem = Problem::error("order.reference.too-long", "The order number is too long.")
            .with_value(&order.reference)
            .expecting(format!("at most {} characters", limits::REFERENCE_CHARS));
        findings.add(path, problem);
    }
}

fn header(order: &Order, findings: &mut Findings<'_>) {
    let is_empty = order.lines.is_empty()
        && !order
            .shipments
            .iter()
            .any(|s| !s.goods.is_empty() || !s.equipment.is_empty() || s.totals.is_some());
    if is_empty && order.action == Action::Create && needs_content(order.kind) {
        let problem = Problem::error("order.empty", "The order asks for nothing.")
            .expecting("at least one order line, goods line or container");
        findings.add(Path::root("lines"), problem);
    }
    findings.code(
        Path::root("currency"),
        order.currency.as_ref(),
        codes::is_currency,
        unknown_currency,
    );
    let currency = order.currency.as_deref();
    money(Path::root("cod"), order.cod.as_ref(), currency, findings);
    money(
        Path::root("freight"),
        order.freight.as_ref(),
        currency,
        findings,
    );
    let parties = Path::root("parties");
    for (role, who) in &order.parties {
        party(parties.field(role_word(*role)), who, findings);
    }
    let notify = Path::root("notify");
    for (i, target) in order.notify.iter().enumerate() {
        if !text::is_url(target) && !text::is_email(target) {
            let problem = Problem::error("notify.unusable", "Nobody can be told there.")
                .with_value(target)
                .expecting("a mail address, or a URL with https:// or http://");
            findings.add(notify.index(i), problem);
        }
    }
}

/// A wish to be told of a consignment moves nothing itself.
fn needs_content(kind: Kind) -> bool {
    kind != Kind::Tracking
}

fn money(
    path: Path<'_>,
    money: Option<&Money>,
    currency: Option<&str>,
    findings: &mut Findings<'_>,
) {
    let Some(money) = money else { return };
    findings.code(
        path.field("currency"),
        money.currency.as_ref(),
        codes::is_currency,
        unknown_currency,
    );
    let currency = money.currency.as_deref().or(currency);
    if currency.is_none() {
        let problem = Problem::error("currency.missing", "The amount has no currency.")
            .with_value(&money.amount.to_string())
            .expecting("an ISO 4217 code of three letters, such as EUR");
        findings.add(path.field("currency"), problem);
    }
    if money.amount.is_sign_negative() && !money.amount.is_zero() {
        let problem = Problem::error("amount.negative", "The amount is negative.")
            .with_value(&money.amount.to_string())
            .expecting("an amount of 0 or more");
        findings.add(path.field("amount"), problem);
    }
    amount(path.field("amount"), Some(money.amount), currency, findings);
}

/// An amount has no more decimals than its currency has coins for. Unit prices are no amounts.
fn amount(
    path: Path<'_>,
    amount: Option<Decimal>,
    currency: Option<&str>,
    findings: &mut Findings<'_>,
) {
    let (Some(amount), Some(currency)) = (amount, currency) else {
        return;
    };
    let Some(decimals) = codes::minor_unit(currency) else {
        return;
    };
    if amount.scale() > decimals && amount.normalize().scale() > decimals {
        let problem = Problem::error(
            "amount.decimals",
            format!("No amount in {currency} has that many decimals."),
        )
        .with_value(&amount.to_string())
        .expecting(format!("at most {decimals} decimals"))
        .with_hint("Round the amount, or correct the currency.");
        findings.add(path, problem);
    }
}

fn party(path: Path<'_>, party: &Party, findings: &mut Findings<'_>) {
    findings.code(
        path.field("country"),
        party.country.as_ref(),
        codes::is_country,
        || {
            Problem::error("country.unknown", "There is no such country.")
                .expecting("an ISO 3166 code of two letters, such as NL")
        },
    );
    if let Some(email) = party.contact.as_ref().and_then(|c| c.email.as_ref())
        && !text::is_email(email)
    {
        let problem = Problem::warning("email.malformed", "This is not a mail address.")
            .with_value(email)
            .expecting("an address such as name@example.com");
        findings.add(path.field("contact").field("email"), problem);
    }
}

fn unknown_currency() -> Problem {
    Problem::error("currency.unknown", "There is no such currency.")
        .expecting("an ISO 4217 code of three letters, such as EUR")
}

fn unknown_unit() -> Problem {
    Problem::error("unit.unknown", "There is no such unit.")
        .expecting("a UN/ECE Rec 20 code such as C62 or KGM")
}

fn unknown_package() -> Problem {
    Problem::error("package.unknown", "There is no such type of package.")
        .expecting("a UN/ECE Rec 21 code such as PX or CT")
}

/// The word that a role has in JSON and in paths.
fn role_word(role: Role) -> &'static str {
    match role {
        Role::Buyer => "buyer",
        Role::Seller => "seller",
        Role::Payer => "payer",
        Role::Consignor => "consignor",
        Role::Consignee => "consignee",
        Role::Carrier => "carrier",
        Role::Terminal => "terminal",
    }
}

/// A number of things: more than none, not absurdly many, and whole where things are counted.
fn quantity(path: Path<'_>, quantity: Decimal, is_counted: bool, findings: &mut Findings<'_>) {
    let problem = if quantity <= Decimal::ZERO {
        Problem::error("quantity.not-positive", "The quantity is not more than 0.")
            .expecting("a number greater than 0")
    } else if quantity >= Decimal::from(limits::QUANTITY_BELOW) {
        Problem::error("quantity.too-large", "The quantity is absurdly large.")
            .expecting(format!("less than {}", limits::QUANTITY_BELOW))
            .with_hint("If this is an id or a telephone number, it stands in the wrong column.")
    } else if is_counted && quantity.scale() > 0 && !quantity.is_integer() {
        Problem::error("quantity.fraction", "There is no fraction of a piece.")
            .expecting("a whole number")
            .with_hint("If it is measured, give its unit, such as KGM or MTR.")
    } else {
        return;
    };
    findings.add(path, problem.with_value(&quantity.to_string()));
}

/// A weight, volume or length: not negative, not absurdly large.
fn measure(path: Path<'_>, value: Option<Decimal>, findings: &mut Findings<'_>) {
    let Some(value) = value else { return };
    let problem = if value < Decimal::ZERO {
        Problem::error("measure.negative", "The measure is negative.").expecting("0 or more")
    } else if value >= Decimal::from(limits::QUANTITY_BELOW) {
        Problem::error("measure.too-large", "The measure is absurdly large.")
            .expecting(format!("less than {}", limits::QUANTITY_BELOW))
    } else {
        return;
    };
    findings.add(path, problem.with_value(&value.to_string()));
}
