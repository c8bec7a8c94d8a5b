//! Correcting an order that waits for a person.

use super::Desk;
use crate::arrival::{DeliveryState, OrderId};
use crate::failure::Failure;
use crate::ledger::{Correction, Filter, OrderStory, Who};
use crate::order::{Brief, Identity, Order, content_hash, validate};
use crate::problem::{Place, Problem};

/// How a correction ended.
#[derive(Debug)]
pub enum Edited {
    /// It is recorded. Warnings, if there are any.
    Done(Vec<Problem>),
    /// What is wrong with it: nothing was changed.
    Wrong(Vec<Problem>),
    /// There is no such order.
    Missing,
    /// It no longer waits for a person, or somebody else has changed it; in a sentence.
    TooLate(String),
    /// The ledger does not answer.
    Failed(Failure),
}

impl Desk {
    /// Replaces the content of an order that is held. `seen` is the hash of the content that the person
    /// has looked at: another one means that somebody was faster.
    pub async fn edit(
        &self,
        id: OrderId,
        content: serde_json::Value,
        seen: Option<&str>,
        who: &Who,
    ) -> Edited {
        match self.try_edit(id, content, seen, who).await {
            Ok(edited) => edited,
            Err(failure) => Edited::Failed(failure),
        }
    }

    async fn try_edit(
        &self,
        id: OrderId,
        content: serde_json::Value,
        seen: Option<&str>,
        who: &Who,
    ) -> Result<Edited, Failure> {
        let Some(story) = self.ledger.order(id).await? else {
            return Ok(Edited::Missing);
        };
        if let Some(why) = not_held(&story) {
            return Ok(Edited::TooLate(why));
        }
        if seen.is_some_and(|seen| seen != story.content_hash) {
            return Ok(Edited::TooLate(
                "Somebody else has changed this order meanwhile. Look at it again.".to_owned(),
            ));
        }
        let order = match read(content) {
            Ok(order) => order,
            Err(problem) => return Ok(Edited::Wrong(vec![*problem])),
        };
        let mut problems = validate(&order);
        let lanes: Vec<String> = waiting_at(&story).map(str::to_owned).collect();
        problems.extend(self.live.check(&order, &lanes));
        if problems.iter().any(Problem::is_error) {
            return Ok(Edited::Wrong(problems));
        }
        let correction = correction(&story.order.sender, &order)?;
        let done = self
            .ledger
            .edit(id, &story.content_hash, correction, who)
            .await?;
        if !done {
            return Ok(Edited::TooLate(
                "This order was sent or changed meanwhile. Look at it again.".to_owned(),
            ));
        }
        self.live.changed();
        Ok(Edited::Done(problems))
    }

    /// The orders of a file that wait for a person, and all of them without a file: at most a page.
    ///
    /// # Errors
    /// The ledger's.
    pub async fn held(&self, filter: Filter) -> Result<Vec<crate::ledger::OrderRow>, Failure> {
        let filter = Filter {
            state: Some(DeliveryState::Held.as_str().to_owned()),
            ..filter
        };
        self.ledger.orders(&filter).await
    }
}

/// An order in a JSON value, whole and valid, or all that is wrong with it.
///
/// # Errors
/// The findings, of which one at least is an error.
pub fn canonical(content: serde_json::Value) -> Result<Order, Vec<Problem>> {
    let order = read(content).map_err(|problem| vec![*problem])?;
    let problems = validate(&order);
    if problems.iter().any(Problem::is_error) {
        return Err(problems);
    }
    Ok(order)
}

/// Why an order cannot be corrected: it is sent, or on its way, somewhere.
fn not_held(story: &OrderStory) -> Option<String> {
    let sent = story.deliveries.iter().find(|(delivery, attempts)| {
        !attempts.is_empty()
            || matches!(
                delivery.state,
                DeliveryState::Due
                    | DeliveryState::Attempting
                    | DeliveryState::Delivered
                    | DeliveryState::Parked
            )
    });
    if let Some((delivery, _)) = sent {
        return Some(format!(
            "Order {} is {} at {}: what was sent can no longer be edited. Send a correction as an \
             update.",
            story.order.reference,
            delivery.state.as_str(),
            delivery.destination
        ));
    }
    let is_held = waiting_at(story).next().is_some();
    (!is_held).then(|| {
        format!(
            "Order {} does not wait for a review any more.",
            story.order.reference
        )
    })
}

fn waiting_at(story: &OrderStory) -> impl Iterator<Item = &str> {
    let held = story.deliveries.iter();
    held.filter(|(delivery, _)| delivery.state == DeliveryState::Held)
        .map(|(delivery, _)| delivery.destination.as_str())
}

/// The canonical order in a JSON value, or what is wrong and where.
pub(super) fn read(content: serde_json::Value) -> Result<Order, Box<Problem>> {
    serde_path_to_error::deserialize::<_, Order>(content)
        .map(|mut order| {
            // Where it stood in its file does not change by a correction.
            order.origin = crate::order::Origin::default();
            order
        })
        .map_err(|error| {
            let path = error.path().to_string();
            let words = error.into_inner().to_string();
            Box::new(
                Problem::error(
                    "order.shape",
                    format!("This is not a canonical order: {words}."),
                )
                .at(Place::path(path)),
            )
        })
}

/// A corrected order as the ledger keeps it.
fn correction(sender: &str, order: &Order) -> Result<Correction, Failure> {
    let content = serde_json::to_vec(order)
        .map_err(|error| Failure::ours("writing an order as JSON", error))?;
    let brief =
        Brief::read(&content).map_err(|error| Failure::ours("reading an order's JSON", error))?;
    let (search, numbers) = (brief.search_words(), brief.numbers());
    Ok(Correction {
        identity: Identity::of(sender, order),
        action: order.action,
        kind: order.kind.as_str(),
        reference: order.reference.clone(),
        content_hash: content_hash(&content),
        content: content.into(),
        search,
        numbers,
    })
}
