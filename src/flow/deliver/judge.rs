//! What becomes of a delivery after what the partner said.

use std::time::Duration;

use super::gate::Sign;
use crate::backoff;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::{AttemptResult, DueDelivery};
use crate::partners::Outcome;

/// A partner's answer, judged.
pub(super) struct Judged {
    /// What becomes of the delivery.
    pub(super) result: AttemptResult,
    /// What it says about the destination.
    pub(super) sign: Sign,
    /// For people.
    pub(super) detail: String,
}

/// Judges `outcome` of the attempt of `delivery` that began at `started`. `solvable`: a lost answer
/// needs no person, because a repeat does no harm or the partner can be asked.
pub(super) fn judge(
    delivery: &DueDelivery,
    outcome: Outcome,
    started: Millis,
    solvable: bool,
    give_up_after: Duration,
) -> Judged {
    let again = |failure: &Failure, asked: Option<Duration>, unknown: bool| {
        let first = delivery.first_attempt.unwrap_or(started);
        if first.until(clock::now()) >= give_up_after {
            let hours = give_up_after.as_secs() / 3600;
            let why = format!("Given up after {hours} hours: {failure}");
            return AttemptResult::Parked { why, unknown };
        }
        let wait = asked.map(backoff::asked);
        let wait =
            wait.unwrap_or_else(|| backoff::default_wait(delivery.attempts + 1, jitter(delivery)));
        AttemptResult::Later {
            until: clock::now().after(wait),
            unknown,
        }
    };
    match outcome {
        Outcome::Accepted(receipt) => Judged {
            result: AttemptResult::Delivered {
                remote_id: receipt.remote_id,
                facts: receipt.facts,
                track: None,
            },
            sign: Sign::Good,
            detail: receipt.answer,
        },
        Outcome::Refused(refusal) => Judged {
            detail: format!("{}: {}", refusal.code, refusal.words),
            result: AttemptResult::Refused {
                code: refusal.code,
                words: refusal.words,
            },
            sign: Sign::Good,
        },
        Outcome::Later {
            after,
            failure,
            destination,
        } => Judged {
            result: again(&failure, after, false),
            detail: failure.to_string(),
            sign: if destination {
                Sign::Trouble(failure, after)
            } else {
                Sign::Good
            },
        },
        Outcome::Unknown(failure) => Judged {
            result: if solvable {
                again(&failure, None, true)
            } else {
                let why = format!(
                    "The answer was lost, so it is not known whether the partner has the order: {failure}"
                );
                AttemptResult::Parked { why, unknown: true }
            },
            detail: format!("Outcome unknown. {failure}"),
            sign: Sign::Trouble(failure, None),
        },
        // Not the order's fault: it is due again as soon as the lane is.
        Outcome::Denied(failure) => later_with(Sign::Denied(failure.clone()), &failure),
        Outcome::Unreachable(failure) => later_with(Sign::Unreachable(failure.clone()), &failure),
        Outcome::Parked(failure) => Judged {
            result: AttemptResult::Parked {
                why: failure.to_string(),
                unknown: false,
            },
            detail: failure.to_string(),
            sign: Sign::Good,
        },
    }
}

fn later_with(sign: Sign, failure: &Failure) -> Judged {
    let result = AttemptResult::Later {
        until: clock::now(),
        unknown: false,
    };
    Judged {
        result,
        sign,
        detail: failure.to_string(),
    }
}

/// Spreads waits by the key, which is as good as random and needs no generator.
fn jitter(delivery: &DueDelivery) -> u8 {
    let at = delivery
        .key
        .len()
        .saturating_sub(2 + delivery.attempts as usize % 16);
    let digits = delivery.key.get(at..at + 2).unwrap_or("80");
    u8::from_str_radix(digits, 16).unwrap_or(128)
}
