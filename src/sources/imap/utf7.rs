//! Mailbox names on the wire: modified UTF-7 (RFC 3501, 5.1.3).
//!
//! Pure. Names are text everywhere else.

use base64::Engine as _;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The name as it is sent.
pub(super) fn encoded(name: &str) -> String {
    let mut wire = String::with_capacity(name.len());
    let mut other = Vec::new();
    for c in name.chars() {
        if !matches!(c, ' '..='~') {
            let mut units = [0; 2];
            other.extend(
                c.encode_utf16(&mut units)
                    .iter()
                    .flat_map(|u| u.to_be_bytes()),
            );
            continue;
        }
        shift(&mut wire, &mut other);
        wire.push(c);
        if c == '&' {
            wire.push('-');
        }
    }
    shift(&mut wire, &mut other);
    wire
}

fn shift(wire: &mut String, other: &mut Vec<u8>) {
    if !other.is_empty() {
        wire.push('&');
        BASE64.encode_string(&*other, wire);
        wire.push('-');
        other.clear();
    }
}

/// The name as people read it; as it is where it is not well encoded.
pub(super) fn decoded(wire: &[u8]) -> String {
    let wire = String::from_utf8_lossy(wire);
    well_encoded(&wire).unwrap_or_else(|| wire.into_owned())
}

fn well_encoded(wire: &str) -> Option<String> {
    let mut name = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some((plain, shifted)) = rest.split_once('&') {
        name.push_str(plain);
        let (base64, after) = shifted.split_once('-')?;
        rest = after;
        if base64.is_empty() {
            name.push('&');
            continue;
        }
        let bytes = BASE64.decode(base64).ok()?;
        let units = bytes.chunks(2).map(|pair| match pair {
            [high, low] => Some(u16::from_be_bytes([*high, *low])),
            _ => None,
        });
        let units: Vec<u16> = units.collect::<Option<_>>()?;
        name.push_str(&String::from_utf16(&units).ok()?);
    }
    name.push_str(rest);
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded_as_the_standard_shows() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("R&D", "R&-D"),
            ("😀 ok", "&2D3eAA- ok"),
        ] {
            assert_eq!(encoded(name), wire);
            assert_eq!(decoded(wire.as_bytes()), name);
        }
    }

    #[test]
    fn what_is_not_well_encoded_stays_as_it_is() {
        for wire in ["a&b", "&!!!-", "&AP-"] {
            assert_eq!(decoded(wire.as_bytes()), wire);
        }
    }
}
