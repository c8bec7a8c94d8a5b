//! `pin`: certificates that are believed by their fingerprint.

use crate::clients::tls::Pin;
use crate::config::section::Section;

/// What `pin` names.
pub(super) fn pins(section: &Section<'_, '_>) -> Vec<Pin> {
    let texts: Vec<String> = section.or("pin", Vec::new());
    let mut pins = Vec::with_capacity(texts.len());
    for text in &texts {
        match Pin::parse(text) {
            Some(pin) => pins.push(pin),
            None => section.error(
                "pin",
                "`pin` must be the SHA-256 of the server's certificate in 64 hexadecimal digits, as \
                 “openssl x509 -noout -fingerprint -sha256” shows it",
            ),
        }
    }
    pins
}
