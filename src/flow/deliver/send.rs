//! One attempt: its request, and what came back.

use bytes::Bytes;

use super::judge::{Judged, judge};
use crate::arrival::DeliveryId;
use crate::clock::{self, Millis};
use crate::flow::Lane;
use crate::ledger::{AttemptEnd, AttemptResult, DueDelivery};
use crate::measure;
use crate::partners::{Found, Outcome, Request};

/// A delivery whose attempt is recorded.
pub(super) struct Ready {
    due: DueDelivery,
    started: Millis,
}

impl Ready {
    pub(super) fn new(mut due: DueDelivery, rendered: Option<Bytes>) -> Self {
        due.body = due.body.or(rendered);
        Self {
            due,
            started: Millis::default(),
        }
    }

    pub(super) fn delivery(&self) -> DeliveryId {
        self.due.delivery
    }

    pub(super) fn reference(&self) -> &str {
        &self.due.reference
    }

    /// The row that records how the attempt ended.
    pub(super) fn end(&self, result: AttemptResult, detail: String) -> AttemptEnd {
        AttemptEnd {
            delivery: self.due.delivery,
            started: self.started,
            ended: clock::now(),
            result,
            detail,
        }
    }
}

/// Sends once and judges the answer. Where an earlier answer was lost and the partner cannot
/// recognise a repeat, it is asked instead of sent to again, unless a person has said to send.
pub(super) async fn send(lane: &Lane, mut ready: Ready) -> (Ready, Judged) {
    ready.started = clock::now();
    let due = &ready.due;
    let request = Request {
        key: due.key.clone(),
        action: due.action,
        reference: due.reference.clone(),
        body: due.body.clone().unwrap_or_else(|| due.content.clone()),
        remote_id: due.remote_id.clone(),
        repeated: due.unknown,
    };
    let repeatable = lane.partner.recognises_repeats(due.action);
    let began = clock::moment();
    let outcome = if due.unknown && !due.insisted && !repeatable {
        look_up(lane, &request).await
    } else {
        lane.partner.deliver(&request).await
    };
    measure::ATTEMPTS.of(&lane.name).waited(began);
    let solvable = repeatable || lane.partner.looks_up();
    let mut judged = judge(due, outcome, ready.started, solvable, lane.give_up_after);
    if let AttemptResult::Delivered { track, .. } = &mut judged.result {
        *track = lane.track(due.action, clock::now());
    }
    (ready, judged)
}

async fn look_up(lane: &Lane, request: &Request) -> Outcome {
    match lane.partner.look_up(request).await {
        Some(Found::There(receipt)) => Outcome::Accepted(receipt),
        Some(Found::NotThere) => lane.partner.deliver(request).await,
        Some(Found::Unclear(outcome)) => outcome,
        None => Outcome::Unknown(crate::failure::Failure::temporary(
            "asking whether the partner has the order",
            "the attempt before was cut off, and this partner cannot tell",
        )),
    }
}
