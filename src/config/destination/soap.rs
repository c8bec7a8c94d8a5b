//! `[[destination]]` of `kind = "soap"`.

use std::collections::BTreeMap;

use super::super::secrets::secret;
use super::super::section::Section;
use super::http::parts;
use super::link::{self, LinkConfig};
use crate::secret::SecretRef;

/// `kind = "soap"`.
#[derive(Debug, Clone)]
pub struct SoapConfig {
    /// Where it is.
    pub link: LinkConfig,
    /// Whether SOAP 1.2 is spoken (default: 1.1).
    pub twelve: bool,
    /// The action of creates (default: none), of updates and of cancels (default: that of creates).
    pub actions: [String; 3],
    /// A template over `order`: a whole envelope, or what stands in its body. Without one, only
    /// `.soap` files are sent, as they are.
    pub body: Option<String>,
    /// User and password.
    pub user: Option<(String, SecretRef)>,
    /// The element of the answer that holds the partner's own id.
    pub remote_id: Option<String>,
    /// What else of the answer is kept: names, and elements.
    pub facts: BTreeMap<String, String>,
}

pub(super) fn read(section: &Section<'_, '_>) -> SoapConfig {
    let versions = [("1.1", false), ("1.2", true)];
    let action: String = section.or("action", String::new());
    let body = parts::body(section, Some("text/xml"));
    let user: Option<String> = section.get("user");
    let password = secret(section, "password");
    if user.is_some() != password.is_some() {
        section.error("user", "`user` and `password` belong together");
    }
    SoapConfig {
        link: link::read(section),
        twelve: section.word("version", &versions).unwrap_or(false),
        actions: [
            action.clone(),
            section.or("update_action", action.clone()),
            section.or("cancel_action", action),
        ],
        body: body.map(|body| body.text),
        user: user.zip(password),
        remote_id: section.get("remote_id"),
        facts: link::texts(section, "facts"),
    }
}
