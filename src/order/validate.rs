//! What every order must satisfy, whatever its profile.
use super::Order;
use crate::problem::Problem;

/// All findings about `order`, without places: the caller knows where each field came from.
#[must_use]
pub fn validate(order: &Order) -> Vec<Problem> {
    let _ = order;
    Vec::new()
}
