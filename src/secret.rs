//! Secrets: where they come from, and that they go nowhere else.
//!
//! A [`Secret`] prints as `***`, has no `Display`, and is wiped when dropped. Errors name the key
//! and the place, never the value. What holds a secret in the configuration is a [`SecretRef`]; it
//! is read when an adapter is built, so that a reload reads a rotated secret anew.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::failure::Failure;
use crate::limits;

/// A password, token or key.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value, without the line end that editors leave behind it.
    #[must_use]
    pub fn new(value: &str) -> Self {
        let value = value.strip_suffix('\n').unwrap_or(value);
        Self(SecretString::from(
            value.strip_suffix('\r').unwrap_or(value).to_owned(),
        ))
    }

    /// The value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The value, for an adapter that keeps it under wraps as well.
    #[must_use]
    pub fn into_inner(self) -> SecretString {
        self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Where a secret lies.
#[derive(Debug, Clone)]
pub enum Kept {
    /// A credential of systemd, in `$CREDENTIALS_DIRECTORY`.
    Credential(String),
    /// A file that only its owner and group may read.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// In the configuration itself.
    Inline(Secret),
}

/// A secret as the configuration names it.
#[derive(Debug, Clone)]
pub struct SecretRef {
    /// The key it is for, with its place, for messages.
    pub key: String,
    /// Where it lies.
    pub kept: Kept,
}

impl SecretRef {
    /// Whether it stands in the configuration itself.
    #[must_use]
    pub fn is_inline(&self) -> bool {
        matches!(self.kept, Kept::Inline(_))
    }

    /// Whether only the service itself can read it: systemd gives credentials to nobody else.
    #[must_use]
    pub fn needs_service(&self) -> bool {
        matches!(self.kept, Kept::Credential(_)) && std::env::var_os(DIRECTORY).is_none()
    }

    /// Reads it now.
    ///
    /// # Errors
    /// What is missing and what to do; never the value.
    pub fn read(&self) -> Result<Secret, Failure> {
        let value = match &self.kept {
            Kept::Inline(secret) => Ok(secret.clone()),
            Kept::File(path) => read_file(path, true),
            Kept::Env(name) => std::env::var(name)
                .map(|value| Secret::new(&value))
                .map_err(|_| format!("the variable {name} is not set")),
            Kept::Credential(name) => match std::env::var_os(DIRECTORY) {
                Some(folder) => read_file(&Path::new(&folder).join(name), false),
                None => Err(format!(
                    "the credential \"{name}\" is given to the service alone: add LoadCredential={name}:… \
                     to its unit, or start by hand with systemd-run -p LoadCredential={name}:…"
                )),
            },
        };
        let failed = |why: String| Failure::operator(format!("reading {}", self.key), why);
        match value {
            Ok(secret) if secret.expose().is_empty() => Err(failed("it is empty".to_owned())),
            Ok(secret) => Ok(secret),
            Err(why) => Err(failed(why)),
        }
    }
}

/// Where systemd lays the credentials of a service.
const DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Why a secret file must not be used, if everybody may read or change it.
#[must_use]
pub fn too_open(path: &Path) -> Option<String> {
    let mode = std::fs::metadata(path).ok()?.permissions().mode();
    (mode & 0o006 != 0).then(|| {
        format!(
            "{} can be read or changed by everybody: chmod o-rwx it, and change the secret",
            path.display()
        )
    })
}

fn read_file(path: &Path, guard: bool) -> Result<Secret, String> {
    let shown = path.display();
    let about = std::fs::metadata(path).map_err(|error| format!("{shown}: {error}"))?;
    if !about.is_file() {
        return Err(format!("{shown} is not a file"));
    }
    if guard && let Some(why) = too_open(path) {
        return Err(why);
    }
    let mut text = String::new();
    File::open(path)
        .and_then(|file| {
            file.take(limits::SECRET_BYTES + 1)
                .read_to_string(&mut text)
        })
        .map_err(|error| format!("{shown}: {error}"))?;
    if text.len() as u64 > limits::SECRET_BYTES {
        return Err(format!("{shown} is too large for a secret"));
    }
    Ok(Secret::new(&text))
}
