//! `kind = "ftp"` and `"ftps"`: from the configuration's words to the adapter's settings.

use super::trust::trust;
use crate::clients::ftp::FtpSettings;
use crate::config::FtpConfig;
use crate::failure::Failure;
use crate::secret::SecretRef;

/// The settings of one account, its password and certificates read.
pub(super) fn settings(config: &FtpConfig) -> Result<FtpSettings, Failure> {
    Ok(FtpSettings {
        host: config.host.clone(),
        port: config.port,
        user: config.user.clone(),
        password: config.password.as_ref().map(SecretRef::read).transpose()?,
        protection: config.protection,
        allow_plaintext: config.allow_plaintext,
        trust: trust(config.ca.as_deref(), &config.pins)?,
        at_most_tls_12: config.at_most_tls_12,
    })
}
