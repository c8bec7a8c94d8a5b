//! Whom a source believes: from the configuration's words to certificates.

use std::io::Read;
use std::path::Path;

use crate::failure::Failure;
use crate::limits;
use crate::sources::tls::{Pin, Trust};

/// The file of `ca` read, and the pins.
pub(super) fn trust(ca: Option<&Path>, pins: &[Pin]) -> Result<Trust, Failure> {
    Ok(Trust {
        authorities: ca.map(authorities).transpose()?,
        pins: pins.to_vec(),
    })
}

pub(super) fn authorities(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = || {
        let mut pem = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(limits::CONFIG_BYTES).read_to_end(&mut pem)?;
        Ok::<_, std::io::Error>(pem)
    };
    read().map_err(|error| {
        let during = format!("reading the certificate authorities {}", path.display());
        Failure::operator(during, error)
    })
}
