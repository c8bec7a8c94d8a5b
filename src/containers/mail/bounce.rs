//! What a delivery report says (RFC 3464), and the plain words of servers that write none.

use mail_parser::{Message, MessagePart, MimeHeaders};

use super::headers::is_report;
use crate::letter::{Bounce, Facts};
use crate::limits;

/// The report in `message`, if it is one.
pub(super) fn read(message: &Message<'_>, facts: &Facts) -> Option<Bounce> {
    let status = message.parts.iter().find(|part| {
        part.content_type().is_some_and(|kind| {
            kind.ctype().eq_ignore_ascii_case("message")
                && kind.subtype().is_some_and(|subtype| {
                    subtype.eq_ignore_ascii_case("delivery-status")
                        || subtype.eq_ignore_ascii_case("global-delivery-status")
                })
        })
    });
    if let Some(status) = status.filter(|_| is_report(facts)) {
        return Some(told(message, status));
    }
    is_from_server(message, facts).then(|| plain(message))
}

/// The first recipient that failed, or the first at all.
fn told(message: &Message<'_>, status: &MessagePart<'_>) -> Bounce {
    let text = String::from_utf8_lossy(super::raw(message, status)).replace("\r\n", "\n");
    // The first block is about the mail, each further one about a recipient.
    let mut blocks: Vec<Bounce> = text.split("\n\n").map(block).collect();
    blocks.retain(|block| block.recipient.is_some());
    let failed = blocks
        .iter()
        .position(|block| block.failed)
        .unwrap_or_default();
    if blocks.is_empty() {
        return plain(message);
    }
    blocks.swap_remove(failed)
}

/// The fields of one recipient, unfolded.
fn block(text: &str) -> Bounce {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in text.lines().take(limits::MAIL_HEADERS) {
        if let (true, Some((_, value))) = (line.starts_with([' ', '\t']), fields.last_mut()) {
            value.push(' ');
            value.push_str(line.trim());
        } else if let Some((name, value)) = line.split_once(':') {
            fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
    }
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.as_str())
    };
    let address = |value: &str| {
        let (_, address) = value.split_once(';').unwrap_or(("", value));
        let address = address.trim().trim_matches(['<', '>']);
        address.contains('@').then(|| address.to_owned())
    };
    let status = field("status").unwrap_or_default();
    let action = field("action").unwrap_or_default();
    let words = [Some(status), field("diagnostic-code")];
    Bounce {
        recipient: field("original-recipient")
            .and_then(address)
            .or_else(|| field("final-recipient").and_then(address)),
        failed: action.eq_ignore_ascii_case("failed") || status.starts_with('5'),
        words: clean(&words.into_iter().flatten().collect::<Vec<_>>().join(" ")),
    }
}

/// Whether a mail server wrote it and says that something was not delivered.
fn is_from_server(message: &Message<'_>, facts: &Facts) -> bool {
    let has = |wanted: &str| {
        facts
            .header_names
            .iter()
            .any(|name| name.eq_ignore_ascii_case(wanted))
    };
    if has("X-Failed-Recipients") {
        return true;
    }
    let local = |address: &String| {
        let (local, _) = address.split_once('@').unwrap_or((address, ""));
        local.to_ascii_lowercase()
    };
    let server = facts.from.iter().map(local).any(|local| {
        matches!(
            local.as_str(),
            "mailer-daemon" | "postmaster" | "mail-daemon" | "mailerdaemon"
        )
    });
    let subject = message.subject().unwrap_or_default().to_ascii_lowercase();
    let says = [
        "undeliver",
        "failure",
        "failed",
        "returned",
        "not delivered",
        "delivery status",
    ];
    server && says.iter().any(|word| subject.contains(word))
}

/// The text as it is: what a server says in words stands at its start.
fn plain(message: &Message<'_>) -> Bounce {
    let failed = message.header_raw("X-Failed-Recipients");
    let text = message.body_text(0).unwrap_or_default();
    Bounce {
        recipient: failed
            .map(|value| value.trim().to_owned())
            .filter(|value| value.contains('@')),
        failed: !message
            .subject()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .contains("delayed"),
        words: clean(&text),
    }
}

fn clean(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .chars()
        .filter(|c| !c.is_control())
        .take(limits::WORDS_CHARS)
        .collect()
}
