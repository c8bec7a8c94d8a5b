//! Shipments: places, time windows, goods, containers.

use jiff::civil::Date;

use super::{Findings, Path, check_digits, codes, measure, party, quantity, unknown_package};
use crate::limits;
use crate::order::{Dangerous, Equipment, Goods, Order, Shipment, Stop};
use crate::problem::Problem;

pub(super) fn check(order: &Order, findings: &mut Findings<'_>) {
    let shipments = Path::root("shipments");
    for (i, shipment) in order.shipments.iter().enumerate() {
        let path = shipments.index(i);
        stop(path.field("pickup"), shipment.pickup.as_ref(), findings);
        stop(path.field("delivery"), shipment.delivery.as_ref(), findings);
        days(path, shipment, findings);
        if shipment.goods.len() > limits::LINES_PER_ORDER {
            let problem = Problem::error("order.too-many-lines", "There are too many goods lines.")
                .with_value(&shipment.goods.len().to_string())
                .expecting(format!("at most {}", limits::LINES_PER_ORDER));
            findings.add(path.field("goods"), problem);
            continue;
        }
        let list = path.field("goods");
        for (k, goods) in shipment.goods.iter().enumerate() {
            one(list.index(k), goods, findings);
        }
        let list = path.field("equipment");
        for (k, unit) in shipment.equipment.iter().enumerate() {
            equipment(list.index(k), unit, findings);
        }
    }
}

fn stop(path: Path<'_>, stop: Option<&Stop>, findings: &mut Findings<'_>) {
    let Some(stop) = stop else { return };
    if let Some(who) = &stop.party {
        party(path.field("party"), who, findings);
    }
    if let (Some(from), Some(to)) = (stop.from, stop.to)
        && from > to
    {
        let problem = Problem::error("window.reversed", "The time window ends before it begins.")
            .with_value(&format!("{from} to {to}"))
            .expecting("a time from that is not after the time to");
        findings.add(path.field("to"), problem);
    }
}

/// Goods cannot arrive before they leave.
fn days(path: Path<'_>, shipment: &Shipment, findings: &mut Findings<'_>) {
    let day = |stop: &Option<Stop>| -> Option<Date> { stop.as_ref()?.date };
    if let (Some(pickup), Some(delivery)) = (day(&shipment.pickup), day(&shipment.delivery))
        && pickup > delivery
    {
        let problem = Problem::error(
            "window.reversed",
            "The delivery is to take place before the pickup.",
        )
        .with_value(&delivery.to_string())
        .expecting(format!("{pickup} or later"));
        findings.add(path.field("delivery").field("date"), problem);
    }
}

fn one(path: Path<'_>, goods: &Goods, findings: &mut Findings<'_>) {
    let package = goods.package_type.as_deref();
    if let Some(count) = goods.quantity {
        let is_counted = package.is_none_or(codes::is_counted_package);
        quantity(path.field("quantity"), count, is_counted, findings);
    }
    findings.code(
        path.field("package_type"),
        goods.package_type.as_ref(),
        codes::is_package,
        unknown_package,
    );
    for (field, value) in [
        ("weight_kg", goods.weight_kg),
        ("volume_m3", goods.volume_m3),
        ("length_cm", goods.length_cm),
        ("width_cm", goods.width_cm),
        ("height_cm", goods.height_cm),
        ("loading_metres", goods.loading_metres),
    ] {
        measure(path.field(field), value, findings);
    }
    dangerous(path.field("dangerous"), goods.dangerous.as_ref(), findings);
    if let Some(sscc) = &goods.sscc
        && !check_digits::is_sscc(sscc)
    {
        findings.warn(path.field("sscc"), "sscc.check-digit", |code| {
            Problem::warning(code, "The SSCC's check digit is wrong.")
                .with_value(sscc)
                .expecting("18 digits, the last of them the check digit")
        });
    }
    let contents = path.field("contents");
    for (i, content) in goods.contents.iter().enumerate() {
        if let Some(count) = content.quantity {
            quantity(contents.index(i).field("quantity"), count, false, findings);
        }
    }
}

fn dangerous(path: Path<'_>, dangerous: Option<&Dangerous>, findings: &mut Findings<'_>) {
    let Some(number) = dangerous.and_then(|d| d.un_no.as_ref()) else {
        return;
    };
    let digits = number.trim_start_matches(['U', 'N', ' ']);
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let problem = Problem::warning("dangerous.un-number", "This is not a UN number.")
            .with_value(number)
            .expecting("four digits such as 1203");
        findings.add(path.field("un_no"), problem);
    }
}

fn equipment(path: Path<'_>, unit: &Equipment, findings: &mut Findings<'_>) {
    if let Some(number) = &unit.number
        && check_digits::is_container(number) == Some(false)
    {
        findings.warn(path.field("number"), "container.check-digit", |code| {
            Problem::warning(code, "The container number's check digit is wrong.")
                .with_value(number)
                .expecting("four letters and seven digits, the last of them the check digit")
                .with_hint("Compare it with the number on the container.")
        });
    }
    for (field, value, known) in [
        (
            "loading_state",
            &unit.loading_state,
            ["full", "empty", "unknown"],
        ),
        ("condition", &unit.condition, ["ok", "damaged", "unknown"]),
    ] {
        if let Some(value) = value
            && !known.contains(&value.as_str())
        {
            let problem = Problem::error("equipment.state.unknown", "This state is not known.")
                .with_value(value)
                .expecting(known.join(", "));
            findings.add(path.field(field), problem);
        }
    }
    dangerous(path.field("dangerous"), unit.dangerous.as_ref(), findings);
    let seals = path.field("seals");
    for (i, seal) in unit.seals.iter().enumerate() {
        const KNOWN: [&str; 3] = ["operator", "customs", "unknown"];
        if let Some(who) = &seal.party
            && !KNOWN.contains(&who.as_str())
        {
            let problem = Problem::error("seal.party.unknown", "Nobody of that name sets seals.")
                .with_value(who)
                .expecting(KNOWN.join(", "));
            findings.add(seals.index(i).field("party"), problem);
        }
    }
}
