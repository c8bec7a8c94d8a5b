//! Sums as the sender stated them, against the sums of what is there: differences are warnings.

use rust_decimal::Decimal;

use super::{Findings, Path, amount, measure};
use crate::order::{Goods, Order, Shipment};
use crate::problem::Problem;

pub(super) fn check(order: &Order, findings: &mut Findings<'_>) {
    let shipments = Path::root("shipments");
    for (i, shipment) in order.shipments.iter().enumerate() {
        shipment_totals(shipments.index(i), shipment, findings);
    }
    let Some(totals) = &order.totals else { return };
    let path = Path::root("totals");
    let lines = &order.lines;
    if !lines.is_empty() {
        let count = Decimal::from(lines.len());
        let stated = totals.line_count.map(Decimal::from);
        compare(path.field("line_count"), stated, Some(count), findings);
        let sum = sum(lines.iter().map(|line| line.quantity));
        compare(path.field("quantity"), totals.quantity, sum, findings);
        let sum = self::sum(lines.iter().map(|line| line.amount));
        compare(path.field("amount"), totals.amount, sum, findings);
    }
    let weight = sum(goods(order).map(|goods| goods.weight_kg));
    compare(path.field("weight_kg"), totals.weight_kg, weight, findings);
    let currency = order.currency.as_deref();
    amount(path.field("amount"), totals.amount, currency, findings);
    measure(path.field("quantity"), totals.quantity, findings);
    measure(path.field("weight_kg"), totals.weight_kg, findings);
}

fn goods(order: &Order) -> impl Iterator<Item = &Goods> {
    order.shipments.iter().flat_map(|shipment| &shipment.goods)
}

fn shipment_totals(path: Path<'_>, shipment: &Shipment, findings: &mut Findings<'_>) {
    let Some(totals) = &shipment.totals else {
        return;
    };
    let path = path.field("totals");
    let goods = || shipment.goods.iter();
    for (field, stated, sum) in [
        ("pieces", totals.pieces, sum(goods().map(|g| g.quantity))),
        (
            "weight_kg",
            totals.weight_kg,
            sum(goods().map(|g| g.weight_kg)),
        ),
        (
            "volume_m3",
            totals.volume_m3,
            sum(goods().map(|g| g.volume_m3)),
        ),
        ("pallets", totals.pallets, None),
    ] {
        measure(path.field(field), stated, findings);
        compare(path.field(field), stated, sum, findings);
    }
}

/// The sum, if there is anything to add and every part is known.
fn sum(parts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    let mut parts = parts.peekable();
    parts.peek()?;
    parts.try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part?))
}

fn compare(
    path: Path<'_>,
    stated: Option<Decimal>,
    sum: Option<Decimal>,
    findings: &mut Findings<'_>,
) {
    let (Some(stated), Some(sum)) = (stated, sum) else {
        return;
    };
    if stated != sum {
        let problem = Problem::warning("totals.differ", "The stated total is not the sum.")
            .with_value(&stated.to_string())
            .expecting(sum.to_string());
        findings.add(path, problem);
    }
}
