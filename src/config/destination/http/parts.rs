//! The parts of http settings that are tables: headers, body, proof of identity, status codes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::super::super::secrets::{secret, secret_in};
use super::super::super::section::Section;
use super::super::super::token;
use super::super::super::values::FromToml;
use super::{Auth, BodyTemplate, Escape, HeaderText, Meaning};

/// Headers that are made by us or belong to the connection.
const OURS: [&str; 7] = [
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "host",
    "te",
    "transfer-encoding",
];

pub(super) fn headers(section: &Section<'_, '_>) -> Vec<(String, HeaderText)> {
    let Some(value) = section.raw("headers") else {
        return Vec::new();
    };
    let Some(table) = value.get_ref().as_table() else {
        section.error("headers", "`headers` must be a table of names and texts");
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (name, value) in table {
        let name = name.get_ref().to_string();
        let shown = crate::problem::excerpt(&name);
        if !is_token(&name) {
            section.error(
                "headers",
                format!("`headers`: \"{shown}\" is not the name of a header"),
            );
        } else if OURS.contains(&name.to_ascii_lowercase().as_str()) {
            section.error(
                "headers",
                format!(
                    "`headers`: {shown} is set by orderdock: see `auth`, `content_type` and `url`"
                ),
            );
        }
        if let Some(text) = value.get_ref().as_str() {
            if text.chars().any(char::is_control) {
                section.error(
                    "headers",
                    format!("`headers`: the text of {shown} has control characters"),
                );
            }
            headers.push((name, HeaderText::Plain(text.to_owned())));
        } else if let Some(entry) = section.entry("headers", &name, value) {
            if let Some(secret) = secret_in(entry) {
                headers.push((name, HeaderText::Secret(secret)));
            }
        } else {
            section.error(
                "headers",
                format!(
                    "`headers`: the text of {shown} must be in quotes, or {{ credential = \"…\" }}"
                ),
            );
        }
    }
    headers
}

/// A header's name: a token of RFC 9110 5.6.2.
pub(in crate::config::destination) fn is_token(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(fits)
}

pub(in crate::config::destination) fn body(
    section: &Section<'_, '_>,
    content_type: Option<&str>,
) -> Option<BodyTemplate> {
    let words = [
        ("json", Escape::Json),
        ("xml", Escape::Xml),
        ("none", Escape::None),
    ];
    let escape = section.word("escape", &words);
    if section.has("escape") && !section.has("body") {
        section.error("escape", "`escape` needs a `body`");
    }
    let value = section.raw("body")?;
    let (text, file) = match value.get_ref().as_str() {
        Some(text) => (text.to_owned(), None),
        None => body_file(section)?,
    };
    let is_xml = content_type.is_some_and(|content_type| content_type.contains("xml"))
        || file
            .as_ref()
            .is_some_and(|file| file.extension() == Some("xml".as_ref()));
    let usual = if is_xml { Escape::Xml } else { Escape::Json };
    Some(BodyTemplate {
        text,
        file,
        escape: escape.unwrap_or(usual),
    })
}

fn body_file(section: &Section<'_, '_>) -> Option<(String, Option<PathBuf>)> {
    let table = section.table("body")?;
    let file = table.need_path("file");
    let text = file.and_then(|file| match super::super::super::read_text(&file) {
        Ok(text) => Some((text, Some(file))),
        Err(why) => {
            table.error("file", why);
            None
        }
    });
    table.finish();
    text
}

pub(super) fn auth(section: &Section<'_, '_>) -> Auth {
    let Some(table) = section.table("auth") else {
        return Auth::None;
    };
    let kinds = [
        ("none", 0),
        ("basic", 1),
        ("bearer", 2),
        ("header", 3),
        ("oauth2", 4),
    ];
    let need = |key| {
        let found = secret(&table, key);
        if !table.has(key) {
            table.missing(key);
        }
        found
    };
    if !table.has("kind") {
        table.missing("kind");
    }
    // Which keys it has depends on its kind: without one there are no unknown ones.
    let Some(kind) = table.word("kind", &kinds) else {
        return Auth::None;
    };
    let auth = match kind {
        1 => {
            let user = table.need("user");
            user.zip(need("password"))
                .map(|(user, password)| Auth::Basic { user, password })
        }
        2 => need("token").map(|token| Auth::Bearer { token }),
        3 => {
            let name: Option<String> = table.need("name");
            if name.as_ref().is_some_and(|name| !is_token(name)) {
                table.error("name", "`name` must be the name of a header");
            }
            name.zip(need("value"))
                .map(|(name, value)| Auth::Header { name, value })
        }
        4 => token::read(&table).map(|tokens| Auth::OAuth2(Box::new(tokens))),
        _ => None,
    };
    table.finish();
    auth.unwrap_or(Auth::None)
}

pub(super) fn codes(section: &Section<'_, '_>) -> BTreeMap<u16, Meaning> {
    let words = [
        ("accepted", Meaning::Accepted),
        ("refused", Meaning::Refused),
        ("later", Meaning::Later),
        ("denied", Meaning::Denied),
        ("unknown", Meaning::Unknown),
        ("parked", Meaning::Parked),
    ];
    let mut codes = BTreeMap::new();
    let Some(value) = section.raw("codes") else {
        return codes;
    };
    let pairs = value.get_ref().as_table().map(|table| {
        table.iter().map(|(code, meaning)| {
            let code = code
                .get_ref()
                .parse()
                .ok()
                .filter(|c| (200..600).contains(c));
            let word = String::from_toml(meaning.get_ref()).ok();
            let meaning = words
                .iter()
                .find(|(known, _)| word.as_deref() == Some(known));
            Some((code?, meaning?.1))
        })
    });
    for pair in pairs.into_iter().flatten() {
        match pair {
            Some((code, meaning)) => {
                codes.insert(code, meaning);
            }
            None => section.error(
                "codes",
                "`codes` must give status codes a meaning: { 409 = \"accepted\" }; meanings are \
                 `accepted`, `refused`, `later`, `denied`, `unknown` and `parked`",
            ),
        }
    }
    if value.get_ref().as_table().is_none() {
        section.error(
            "codes",
            "`codes` must be a table such as { 409 = \"accepted\" }",
        );
    }
    codes
}
