//! Where access tokens come from, for mailboxes and partner interfaces alike.

use std::path::PathBuf;

use super::destination::{address, file};
use super::secrets::secret;
use super::section::Section;
use crate::secret::SecretRef;

/// Where access tokens come from (RFC 6749).
#[derive(Debug, Clone)]
pub struct TokenConfig {
    /// The token endpoint.
    pub url: String,
    /// Who we are to it.
    pub client_id: String,
    /// How we prove that.
    pub client_secret: Option<SecretRef>,
    /// Whether the proof goes into a header instead of the body.
    pub proof_in_header: bool,
    /// What we want to be allowed.
    pub scope: Option<String>,
    /// A user with its password; without one the client itself is allowed.
    pub user: Option<(String, SecretRef)>,
    /// A refresh token that a person has got for us.
    pub refresh_token: Option<SecretRef>,
    /// Certificate authorities of the token server's own, PEM.
    pub ca: Option<PathBuf>,
}

impl TokenConfig {
    /// What of it is secret.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretRef> {
        let password = self.user.as_ref().map(|(_, password)| password);
        let others = [self.client_secret.as_ref(), self.refresh_token.as_ref()];
        password.into_iter().chain(others.into_iter().flatten())
    }
}

/// Reads the table. Its caller finishes it.
pub(super) fn read(table: &Section<'_, '_>) -> Option<TokenConfig> {
    let url = address(table, "url", false);
    if !table.has("url") {
        table.missing("url");
    }
    let client_id = table.need("client_id");
    let client_secret = secret(table, "client_secret");
    let user: Option<String> = table.get("user");
    let password = secret(table, "password");
    let refresh_token = secret(table, "refresh_token");
    if user.is_some() != table.has("password") {
        table.error("user", "`user` and `password` belong together");
    }
    if user.is_some() && table.has("refresh_token") {
        table.error(
            "refresh_token",
            "give either `refresh_token` or `user` and `password`",
        );
    }
    let by_itself = user.is_none() && !table.has("refresh_token");
    if by_itself && !table.has("client_secret") {
        table.missing("client_secret");
    }
    Some(TokenConfig {
        proof_in_header: table.or("proof_in_header", false),
        scope: table.get("scope"),
        ca: file(table, "ca"),
        user: user.zip(password),
        url: url?,
        client_id: client_id?,
        client_secret,
        refresh_token,
    })
}
