//! How the configuration names a secret: `{ credential = … }`, `{ file = … }`, `{ env = … }`, or
//! (with a warning) the value itself.

use toml::de::DeValue;

use super::section::Section;
use crate::secret::{Kept, Secret, SecretRef, too_open};

/// The secret of `key`, if there is one.
pub(super) fn secret(section: &Section<'_, '_>, key: &'static str) -> Option<SecretRef> {
    let value = section.raw(key)?;
    let kept = match value.get_ref() {
        DeValue::String(text) => {
            section.warn(
                key,
                format!(
                    "`{key}` stands in the file itself: keep it in {{ credential = \"…\" }} or {{ file = \"…\" }}"
                ),
            );
            Some(Kept::Inline(Secret::new(text)))
        }
        DeValue::Table(_) => section.table(key).and_then(kept),
        _ => {
            section.error(
                key,
                format!("`{key}` must be {{ credential = \"…\" }}, {{ file = \"…\" }} or {{ env = \"…\" }}"),
            );
            None
        }
    }?;
    Some(SecretRef {
        key: format!("`{key}` of {} ({})", section.about(), section.origin(key)),
        kept,
    })
}

/// The secret of `key`, which must be given. Without it the configuration is not used.
pub(super) fn needed(section: &Section<'_, '_>, key: &'static str) -> SecretRef {
    if !section.has(key) {
        section.missing(key);
    }
    secret(section, key).unwrap_or_else(|| SecretRef {
        key: key.to_owned(),
        kept: Kept::Inline(Secret::new("")),
    })
}

/// The secret that a table names.
pub(super) fn secret_in(table: Section<'_, '_>) -> Option<SecretRef> {
    let key = format!("{} ({})", table.about(), table.origin(""));
    kept(table).map(|kept| SecretRef { key, kept })
}

fn kept(table: Section<'_, '_>) -> Option<Kept> {
    let credential: Option<String> = table.get("credential");
    let file: Option<String> = table.get("file");
    let env: Option<String> = table.get("env");
    let kept = match (credential, file, env) {
        (Some(name), None, None) => {
            if name.is_empty() || name.contains(['/', '\0']) || name == ".." || name == "." {
                table.error("credential", "`credential` must be a name without `/`");
            }
            Some(Kept::Credential(name))
        }
        (None, Some(path), None) => {
            let path = table.doc().resolve(&path);
            if let Some(why) = too_open(&path) {
                table.error("file", why);
            }
            Some(Kept::File(path))
        }
        (None, None, Some(name)) => Some(Kept::Env(name)),
        _ => {
            table.error(
                "",
                "name one place of the secret: `credential`, `file` or `env`",
            );
            None
        }
    };
    table.finish();
    kept
}
