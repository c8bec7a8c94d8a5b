//! Which order goes by a number to a postcode.

use serde_json::Value;
use subtle::ConstantTimeEq;

use crate::failure::Failure;
use crate::ledger::OrderStory;
use crate::limits;
use crate::web::Shared;

/// The newest order that goes by `number` and whose delivery postcode is `postcode`.
pub(super) async fn find(
    site: &Shared,
    number: &str,
    postcode: &str,
) -> Result<Option<OrderStory>, Failure> {
    let (number, postcode) = (number.trim(), folded(postcode));
    if number.is_empty() || postcode.is_empty() || number.chars().count() > limits::NUMBER_CHARS {
        return Ok(None);
    }
    let mut found = None;
    // All of them are looked at, also behind the one that fits.
    for id in site.ledger.by_number(number).await? {
        let Some(story) = site.reads.order(id).await? else {
            continue;
        };
        let content = story.content.as_ref();
        let fits = content
            .and_then(delivery_postcode)
            .is_some_and(|own| bool::from(folded(own).as_bytes().ct_eq(postcode.as_bytes())));
        if fits && found.is_none() {
            found = Some(story);
        }
    }
    Ok(found)
}

/// Where the order goes: its first delivery, else its consignee, else its buyer.
fn delivery_postcode(content: &Value) -> Option<&str> {
    let at = |path: &str| content.pointer(path)?.as_str();
    let shipments = content.get("shipments").and_then(Value::as_array);
    shipments
        .into_iter()
        .flatten()
        .find_map(|shipment| shipment.pointer("/delivery/party/postcode")?.as_str())
        .or_else(|| at("/parties/consignee/postcode"))
        .or_else(|| at("/parties/buyer/postcode"))
}

/// `1234 ab` and `1234AB` are one postcode.
fn folded(postcode: &str) -> String {
    postcode
        .chars()
        .filter(|c| c.is_alphanumeric())
        .take(limits::NUMBER_CHARS)
        .flat_map(char::to_uppercase)
        .collect()
}
