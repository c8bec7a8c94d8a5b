//! The keys of a source at which mails arrive: a mailbox, or a folder that a mail server drops into.

use super::section::Section;
use super::source::is_address;
use crate::flow::address::Mailbox;

/// How mails are taken; `None` where the source has none. `surely`: it has nothing else.
pub(super) fn read(section: &Section<'_, '_>, surely: bool) -> Option<Mailbox> {
    let unpacks = surely || section.or("unpack_mail", false);
    let senders = [("known", true), ("any", false)];
    let mailbox = Mailbox {
        surely,
        address: super::source::address(section, "address"),
        reply: section.or("reply", true),
        trusted_authserv: section.or("trusted_authserv", Vec::new()),
        known_only: section.word("senders", &senders).unwrap_or(false),
    };
    if !unpacks {
        for key in ["address", "reply", "trusted_authserv", "senders"] {
            if section.has(key) {
                section.error(
                    key,
                    format!("`{key}` is about mails: it needs `unpack_mail = true`"),
                );
            }
        }
        return None;
    }
    if mailbox
        .trusted_authserv
        .iter()
        .any(|id| id.trim().is_empty() || id.contains([' ', ';']))
    {
        section.error(
            "trusted_authserv",
            "`trusted_authserv` must be names as your mail server writes them first in Authentication-Results",
        );
    }
    Some(mailbox)
}

/// An address that mails may be from: a whole one, or `*@domain`.
pub(super) fn is_pattern(address: &str) -> bool {
    match address.strip_prefix("*@") {
        Some(domain) => is_address(&format!("any@{domain}")) && !domain.contains('*'),
        None => is_address(address) && !address.contains('*'),
    }
}
