//! Who asks: a program by its key, or a person by the session of the console.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, header};
use subtle::ConstantTimeEq;

use super::fault::Fault;
use crate::clock;
use crate::ledger::people::{Key, Role};
use crate::ledger::{Filter, Who};
use crate::limits;
use crate::web::Shared;
use crate::web::access::peer::Peer;
use crate::web::access::{Person, cookie};

/// Somebody who may ask.
#[derive(Debug, Clone)]
pub(in crate::web) struct Asker {
    pub(super) name: String,
    role: Role,
    /// The only sender they see; `None`: all.
    sender: Option<String>,
    via: &'static str,
}

impl Asker {
    /// For the record of what they do.
    pub(super) fn who(&self) -> Who {
        Who {
            name: self.name.clone(),
            via: self.via.to_owned(),
        }
    }

    /// The sender whose files they send.
    pub(super) fn sender(&self) -> Option<&str> {
        self.sender.as_deref()
    }

    /// Whether they see what is this sender's.
    pub(super) fn sees(&self, sender: &str) -> bool {
        self.sender.as_deref().is_none_or(|own| own == sender)
    }

    /// A filter that lets through only what they see.
    pub(super) fn narrow(&self, mut filter: Filter) -> Result<Filter, Fault> {
        if let Some(own) = &self.sender {
            if filter.sender.as_ref().is_some_and(|asked| asked != own) {
                return Err(Fault::forbidden("This key is for another sender."));
            }
            filter.sender = Some(own.clone());
        }
        Ok(filter)
    }

    /// Lets only those through who may change things.
    pub(super) fn may_change(&self) -> Result<(), Fault> {
        if self.role >= Role::Coordinator {
            return Ok(());
        }
        Err(Fault::forbidden(
            "This needs the role “coordinator”; a viewer looks and changes nothing.",
        ))
    }

    /// Lets only those through who look after people, keys and the configuration.
    pub(super) fn is_admin(&self) -> Result<(), Fault> {
        self.sees_all()?;
        if self.role >= Role::Admin {
            return Ok(());
        }
        Err(Fault::forbidden("This needs the role “admin”."))
    }

    /// Lets only those through whose key is not bound to one sender.
    pub(in crate::web) fn sees_all(&self) -> Result<(), Fault> {
        if self.sender.is_none() {
            return Ok(());
        }
        Err(Fault::forbidden(
            "This key is for one sender; this is about the whole house.",
        ))
    }

    pub(super) async fn find(parts: &mut Parts, site: &Shared) -> Result<Self, Fault> {
        if let Some(found) = parts.extensions.get::<Self>() {
            return Ok(found.clone());
        }
        let found = match parts.headers.get(header::AUTHORIZATION).cloned() {
            Some(value) => by_key(value.to_str().unwrap_or_default(), parts, site).await?,
            None => by_session(parts, site).await?,
        };
        parts.extensions.insert(found.clone());
        Ok(found)
    }
}

impl FromRequestParts<Shared> for Asker {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Fault> {
        Self::find(parts, site).await
    }
}

async fn by_key(value: &str, parts: &mut Parts, site: &Shared) -> Result<Asker, Fault> {
    let secret = value.split_once(' ');
    let secret = secret.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let secret = secret
        .map(|(_, secret)| secret.trim())
        .ok_or_else(Fault::unknown)?;
    let Some(key) = site.people.key(cookie::hashed(secret)).await? else {
        // Nobody guesses 256 bits; who tries all the same shall not keep the ledger busy.
        let peer = Peer::from_request_parts(parts, site).await;
        let address = peer.map_or_else(|_| String::new(), |Peer(address)| address.to_string());
        site.rates.take(&format!("at {address}"))?;
        return Err(Fault::unknown());
    };
    site.rates.take(&format!("key {}", key.name))?;
    note_use(&key, site).await?;
    Ok(Asker {
        name: key.name,
        role: key.role,
        sender: key.sender,
        via: "key",
    })
}

async fn note_use(key: &Key, site: &Shared) -> Result<(), Fault> {
    let now = clock::now();
    let fresh = key
        .seen
        .is_some_and(|seen| seen.after(limits::KEY_SEEN) > now);
    if !fresh {
        site.people.key_used(&key.name).await?;
    }
    Ok(())
}

/// A page's own script: what changes something needs the session's token as well.
async fn by_session(parts: &mut Parts, site: &Shared) -> Result<Asker, Fault> {
    use axum::extract::OptionalFromRequestParts;
    let person: Result<Option<Person>, _> =
        <Person as OptionalFromRequestParts<Shared>>::from_request_parts(parts, site).await;
    let person = person.ok().flatten().ok_or_else(Fault::unknown)?;
    if parts.method != Method::GET {
        let token = parts
            .headers
            .get("x-csrf")
            .map_or(&b""[..], |token| token.as_bytes());
        if !bool::from(token.ct_eq(person.csrf().as_bytes())) {
            return Err(Fault::forbidden(
                "The request did not come from a page of ours.",
            ));
        }
    }
    site.rates.take(&format!("person {}", person.name()))?;
    Ok(Asker {
        name: person.name().to_owned(),
        role: person.role(),
        sender: None,
        via: "console",
    })
}
