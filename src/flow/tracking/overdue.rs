//! Events that waited in vain for their order: a problem of the file that told them, else an alert.

use super::super::Shared;
use crate::clock::Millis;
use crate::failure::Failure;
use crate::ledger::tracking::Overdue;
use crate::limits;
use crate::problem::Problem;

/// Tells a person of some; whether there were any.
pub(super) async fn tell(shared: &Shared, now: Millis) -> Result<bool, Failure> {
    let overdue = shared
        .ledger()
        .overdue(now, limits::WAITING_TOGETHER)
        .await?;
    let mut told = Vec::with_capacity(overdue.len());
    for one in &overdue {
        let problem = problem(shared, one);
        if one.file.is_none() {
            alert(shared, one, &problem).await;
        }
        told.push((one.id, problem));
    }
    if told.is_empty() {
        return Ok(false);
    }
    shared.ledger().given_up(told).await?;
    Ok(true)
}

/// What is wrong, for the sender.
fn problem(shared: &Shared, one: &Overdue) -> Problem {
    let about = one.event.about.words();
    if about.is_empty() {
        return Problem::error(
            "status.no-number",
            "A status names no order, shipment or tracking number.",
        )
        .with_value(&one.event.text)
        .with_hint("Put the number of the order beside each status.");
    }
    if one.several {
        return Problem::error(
            "status.several-orders",
            "A status names a number by which several of your orders go, so that it is not clear which \
             of them is meant.",
        )
        .with_value(&about)
        .with_hint("Send it again with the shipment or tracking number as well.");
    }
    let hours = shared.ports.tracking.grace.as_secs() / 3600;
    let waited = match hours {
        0 => "a while".to_owned(),
        1 => "an hour".to_owned(),
        hours => format!("{hours} hours"),
    };
    Problem::error(
        "status.unknown-order",
        format!("A status is about an order that we do not know, after we waited {waited} for it."),
    )
    .with_value(&about)
    .expecting("the number of an order that you have sent us, or that you carry")
    .with_hint("Correct the number, or send the order first, and send the status again.")
}

/// Nobody sent it as a file: the operators hear it.
async fn alert(shared: &Shared, one: &Overdue, problem: &Problem) {
    let name = one.event.teller.by.name();
    let subject = format!("{name} tells of an order that is not known");
    let text = format!(
        "{problem}\n\nIt said “{}{}” on {}. The event is kept, should the order still come.\n",
        one.event
            .code
            .as_ref()
            .map(|code| format!("{code} "))
            .unwrap_or_default(),
        one.event.text,
        one.since,
    );
    shared
        .alert(&format!("tracking/{name}"), &subject, &text)
        .await;
}
