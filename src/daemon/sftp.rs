//! `kind = "sftp"`: from the configuration's words to the adapter's settings.

use std::io::Read;
use std::path::Path;

use crate::clients::sftp::{HostKeys, SftpSettings};
use crate::config::SftpConfig;
use crate::failure::Failure;
use crate::limits;
use crate::secret::{Secret, SecretRef};

/// The settings of one account, its secrets and known hosts read.
pub(super) fn settings(config: &SftpConfig) -> Result<SftpSettings, Failure> {
    let read = |secret: &Option<SecretRef>| -> Result<Option<Secret>, Failure> {
        secret.as_ref().map(SecretRef::read).transpose()
    };
    Ok(SftpSettings {
        host: config.host.clone(),
        port: config.port,
        user: config.user.clone(),
        password: read(&config.password)?,
        key: read(&config.key)?,
        passphrase: read(&config.passphrase)?,
        host_keys: host_keys(config)?,
        legacy: config.legacy,
    })
}

fn host_keys(config: &SftpConfig) -> Result<HostKeys, Failure> {
    let during = || format!("reading the host keys of {}", config.host);
    let mut keys = HostKeys::default();
    keys.pin(&config.host_key)
        .map_err(|why| Failure::operator(during(), why))?;
    if let Some(path) = &config.known_hosts {
        let text = text(path).map_err(|error| {
            let why = format!("{}: {error}", path.display());
            Failure::operator(during(), why)
        })?;
        if keys.learn(&text, &config.host, config.port) == 0 && keys.is_empty() {
            let why = format!("{} has no key of this server", path.display());
            return Err(Failure::operator(during(), why));
        }
    }
    Ok(keys)
}

fn text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(path)?;
    file.take(limits::CONFIG_BYTES).read_to_string(&mut text)?;
    Ok(text)
}
