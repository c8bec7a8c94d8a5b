//! Which words of a status file say that nothing more comes.
//!
//! Codes and words are the sender's own, so only the plain words for *delivered* in the languages of
//! our senders count, and only alone: `delivered to connecting line` is not the end. What is missed
//! here merely ends by its time limit.

/// The text of code D1 of X12 1650, as our profile tells it, and words for *delivered*.
const LAST: [&str; 16] = [
    "delivered",
    "completed unloading at delivery location",
    "proof of delivery",
    "pod",
    "afgeleverd",
    "bezorgd",
    "geleverd",
    "zugestellt",
    "ausgeliefert",
    "geliefert",
    "livré",
    "livrée",
    "entregado",
    "entregue",
    "consegnato",
    "leveret",
];

/// Whether a status says that the order has arrived.
pub(super) fn is_last(code: Option<&str>, text: &str) -> bool {
    let is = |text: &str| {
        let folded = text.trim().trim_end_matches(['.', '!']).to_lowercase();
        LAST.contains(&folded.as_str())
    };
    is(text) || code.is_some_and(is)
}
