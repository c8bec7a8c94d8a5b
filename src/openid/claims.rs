//! Who somebody is, out of what a provider says of them. Pure.

use serde_json::{Map, Value};

use super::{OpenIdSettings, Unproven};
use crate::limits;

/// Somebody whom the provider knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    /// Who it is, for ever: the provider's own mark for them (OpenID Connect Core 2, `sub`).
    pub subject: String,
    /// What they are called now.
    pub name: String,
    /// What the claim for roles says.
    pub roles: Vec<String>,
}

/// Reads the claims of a token that was verified.
pub(super) fn visitor(
    claims: &Map<String, Value>,
    settings: &OpenIdSettings,
) -> Result<Visitor, Unproven> {
    let unknown = |claim: &str| Unproven::Name(claim.to_owned());
    let text = |claim: &str| find(claims, claim).and_then(Value::as_str);
    let subject =
        text("sub").filter(|subject| (1..=limits::OPENID_SUBJECT).contains(&subject.len()));
    let subject = subject.ok_or_else(|| unknown("sub"))?;
    let name = text(&settings.name).ok_or_else(|| unknown(&settings.name))?;
    // Whoever may type any address into their own profile is not whose address it is.
    let confirmed = settings.name != "email" || is_true(claims.get("email_verified"));
    if !confirmed {
        return Err(unknown("email"));
    }
    let roles = match find(claims, &settings.role) {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let texts = all.iter().filter_map(|one| one.as_str().map(str::to_owned));
            texts.collect()
        }
        _ => Vec::new(),
    };
    Ok(Visitor {
        subject: subject.to_owned(),
        name: name.to_owned(),
        roles,
    })
}

/// Some providers write booleans as texts.
fn is_true(value: Option<&Value>) -> bool {
    value.is_some_and(|value| value == true || value == "true")
}

/// A claim by its name, or by a path: `realm_access.roles`. Names are addresses with some providers,
/// so that the whole name comes first.
fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let mut steps = name.split('.');
    let first = claims.get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}
