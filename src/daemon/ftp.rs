//! `kind = "ftp"` and `"ftps"`: from the configuration's words to the adapter's settings.

use std::io::Read;
use std::path::Path;

use crate::config::FtpConfig;
use crate::failure::Failure;
use crate::limits;
use crate::secret::SecretRef;
use crate::sources::ftp::{FtpSettings, Trust};

/// The settings of one account, its password and certificates read.
pub(super) fn settings(config: &FtpConfig) -> Result<FtpSettings, Failure> {
    let authorities = config.ca.as_deref().map(authorities).transpose()?;
    Ok(FtpSettings {
        host: config.host.clone(),
        port: config.port,
        user: config.user.clone(),
        password: config.password.as_ref().map(SecretRef::read).transpose()?,
        protection: config.protection,
        allow_plaintext: config.allow_plaintext,
        trust: Trust {
            authorities,
            pins: config.pins.clone(),
        },
        at_most_tls_12: config.at_most_tls_12,
    })
}

fn authorities(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = || {
        let mut pem = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(limits::CONFIG_BYTES).read_to_end(&mut pem)?;
        Ok::<_, std::io::Error>(pem)
    };
    read().map_err(|error| Failure::operator(format!("reading {}", path.display()), error))
}
