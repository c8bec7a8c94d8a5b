//! When a destination that does not answer is asked again.

use std::time::Duration;

use crate::backoff;
use crate::clock::{self, Millis};
use crate::flow::Shared;
use crate::limits;
use crate::partners::Outcome;

/// What is known of a destination's state, for one task.
#[derive(Default)]
pub(super) struct Patience {
    fails: u32,
    until: Option<Millis>,
}

impl Patience {
    /// The time before which nothing is asked.
    pub(super) fn until(&self) -> Option<Millis> {
        self.until.filter(|until| *until > clock::now())
    }

    /// It answers.
    pub(super) fn good(&mut self) {
        (self.fails, self.until) = (0, None);
    }

    /// A person has resumed it.
    pub(super) fn forget_wait(&mut self) {
        self.until = None;
    }

    /// It does not: how long to wait, and whether the operators have to be told.
    pub(super) fn bad(&mut self, outcome: &Outcome) {
        self.fails = self.fails.saturating_add(1);
        let asked = match outcome {
            Outcome::Later { after, .. } => after.map(backoff::asked),
            _ => None,
        };
        let wait = asked.unwrap_or_else(|| self.wait(outcome));
        self.until = Some(clock::now().after(wait));
    }

    fn wait(&self, outcome: &Outcome) -> Duration {
        match outcome {
            Outcome::Denied(_) | Outcome::Unreachable(_) | Outcome::Parked(_) => backoff::wait(
                limits::WAIT_FOR_OPERATOR,
                limits::BACKOFF_MAX,
                self.fails,
                limits::MIDDLE_JITTER,
            ),
            _ => backoff::default_wait(self.fails, limits::MIDDLE_JITTER),
        }
    }
}

/// Whether `outcome` is about the destination and not about one order.
pub(super) fn is_general(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Later { destination, .. } => *destination,
        Outcome::Unknown(_) | Outcome::Denied(_) | Outcome::Unreachable(_) => true,
        Outcome::Accepted(_) | Outcome::Refused(_) | Outcome::Parked(_) => false,
    }
}

/// What came instead of an answer, in words.
pub(super) fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(receipt) => receipt.answer.clone(),
        Outcome::Refused(refusal) => format!("{}: {}", refusal.code, refusal.words),
        Outcome::Later { failure, .. }
        | Outcome::Unknown(failure)
        | Outcome::Denied(failure)
        | Outcome::Unreachable(failure)
        | Outcome::Parked(failure) => failure.to_string(),
    }
}

/// Logs that a destination does not tell; where only an operator can help, they hear it.
pub(super) async fn tell(shared: &Shared, destination: &str, outcome: &Outcome) {
    let why = words(outcome);
    tracing::warn!(
        destination,
        "What became of its orders cannot be heard: {why}"
    );
    if !matches!(outcome, Outcome::Denied(_) | Outcome::Unreachable(_)) {
        return;
    }
    let subject = format!("Destination {destination} does not tell what became of its orders");
    let text = format!(
        "{why}\n\nIt is asked again by itself, and at once after:\n\n    orderdock resume {destination}\n"
    );
    let fold = format!("hearing/{destination}");
    shared.alert(&fold, &subject, &text).await;
}
