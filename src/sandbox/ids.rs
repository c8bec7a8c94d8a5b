//! Ids that are the same in every run: made from the seed, a name and a number.

use sha2::{Digest, Sha256};

/// The `number`-th digest under `name`.
pub(super) fn digest(seed: &str, name: &str, number: u64) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in [seed.as_bytes(), &[0], name.as_bytes(), &[0]] {
        hash.update(part);
    }
    hash.update(number.to_be_bytes());
    hash.finalize().into()
}

/// In the shape of a UUID of version 8 (RFC 9562, 5.8): made by a rule of our own.
pub(super) fn uuid(seed: &str, name: &str, number: u64) -> String {
    let text = hex::encode(digest(seed, name, number));
    format!(
        "{}-{}-8{}-a{}-{}",
        &text[..8],
        &text[8..12],
        &text[13..16],
        &text[17..20],
        &text[20..32]
    )
}

/// 64 hexadecimal digits.
pub(super) fn long(seed: &str, name: &str, number: u64) -> String {
    hex::encode(digest(seed, name, number))
}
