//! `[http.oidc]`: people sign in at a provider, beside those who have a password here.

use std::path::PathBuf;

use super::destination::{address, file, link};
use super::secrets::secret;
use super::section::Section;
use crate::ledger::people::Role;
use crate::secret::SecretRef;

/// A provider at which people sign in (OpenID Connect).
#[derive(Debug, Clone)]
pub struct OpenIdConfig {
    /// The provider: its description lies below.
    pub issuer: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that; public clients have none.
    pub client_secret: Option<SecretRef>,
    /// Whether the proof goes into a header instead of the body.
    pub proof_in_header: bool,
    /// What we want to be told.
    pub scopes: Vec<String>,
    /// The claim that is somebody's name here.
    pub name: String,
    /// The claim that says what they may do.
    pub role: String,
    /// What its words mean here.
    pub roles: Vec<(String, Role)>,
    /// What the button says.
    pub label: String,
    /// Certificate authorities of the provider's own, PEM.
    pub ca: Option<PathBuf>,
}

/// Reads the table; without what it needs there is no such sign-in.
pub(super) fn read(section: Section<'_, '_>) -> Option<OpenIdConfig> {
    let issuer = address(&section, "issuer", false);
    if !section.has("issuer") {
        section.missing("issuer");
    }
    let client_id = section.need("client_id");
    let read = OpenIdConfig {
        client_secret: secret(&section, "client_secret"),
        proof_in_header: section.or("proof_in_header", false),
        scopes: section.or("scopes", vec!["profile".to_owned(), "email".to_owned()]),
        name: section.or("name", "preferred_username".to_owned()),
        role: section.or("role", "groups".to_owned()),
        roles: roles(&section),
        label: section.or("label", "your organisation's account".to_owned()),
        ca: file(&section, "ca"),
        issuer: issuer.unwrap_or_default(),
        client_id: client_id.unwrap_or_default(),
    };
    section.finish();
    (!read.issuer.is_empty() && !read.client_id.is_empty()).then_some(read)
}

/// `roles = { "edi-desk" = "coordinator" }`.
fn roles(section: &Section<'_, '_>) -> Vec<(String, Role)> {
    let mut roles = Vec::new();
    for (word, role) in link::texts(section, "roles") {
        match Role::parse(&role) {
            Some(role) => roles.push((word, role)),
            None => section.error(
                "roles",
                format!(
                    "`roles`: \"{}\" must be \"viewer\", \"coordinator\" or \"admin\"",
                    crate::problem::excerpt(&word)
                ),
            ),
        }
    }
    if roles.is_empty() && !section.has("roles") {
        section.error(
            "roles",
            "`roles` says who may come in: { \"edi-desk\" = \"coordinator\" }",
        );
    }
    roles
}
