//! Reads TOML with the line of everything, so that each error names file, line and nearest key.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::ProfileError;
use super::nearest::nearest;

/// A value with the place where it stands.
pub(crate) type Item<'a> = &'a Spanned<DeValue<'a>>;

/// Collects errors while a profile's text is read.
pub(crate) struct Reader<'a> {
    label: &'a str,
    text: &'a str,
    /// What was wrong so far.
    pub(crate) errors: Vec<ProfileError>,
}

impl<'a> Reader<'a> {
    /// For `text`, called `label` in errors.
    pub(crate) fn new(label: &'a str, text: &'a str) -> Self {
        Self {
            label,
            text,
            errors: Vec::new(),
        }
    }

    /// Notes an error at a byte of the text.
    pub(crate) fn error(&mut self, at: usize, message: impl Into<String>) {
        let before = self.text.get(..at).unwrap_or(self.text);
        self.errors.push(ProfileError {
            file: self.label.to_owned(),
            line: before.bytes().filter(|b| *b == b'\n').count() + 1,
            message: message.into(),
        });
    }

    /// Notes every key of `table` that is none of `known`.
    pub(crate) fn only(&mut self, table: &DeTable<'_>, known: &[&str], section: &str) {
        for (key, _) in sorted(table) {
            let name = key.get_ref().as_ref();
            if !known.contains(&name) {
                let hint = match nearest(name, known.iter().copied()) {
                    Some(near) => format!("; did you mean “{near}”?"),
                    None => format!("; known are {}", known.join(", ")),
                };
                self.error(
                    key.span().start,
                    format!("unknown key “{name}” in {section}{hint}"),
                );
            }
        }
    }

    /// The text of `key`, if it is there and a text.
    pub(crate) fn text(&mut self, table: &'a DeTable<'a>, key: &str) -> Option<(&'a str, usize)> {
        let item = table.get(key)?;
        let at = item.span().start;
        let Some(text) = item.get_ref().as_str() else {
            self.error(at, format!("“{key}” is a text in quotes"));
            return None;
        };
        Some((text, at))
    }

    /// The text of `key`, turned by `parse`; `expected` says what it may be.
    pub(crate) fn word<T>(
        &mut self,
        table: &'a DeTable<'a>,
        key: &str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, at) = self.text(table, key)?;
        let value = parse(text);
        if value.is_none() {
            self.error(at, format!("“{key}” is {expected}, not “{text}”"));
        }
        value
    }

    /// The texts of `key`: one, or a list of them.
    pub(crate) fn texts(&mut self, table: &'a DeTable<'a>, key: &str) -> Vec<(&'a str, usize)> {
        let Some(item) = table.get(key) else {
            return Vec::new();
        };
        self.texts_of(item, key)
    }

    /// The texts of an item: one, or a list of them.
    pub(crate) fn texts_of(&mut self, item: Item<'a>, key: &str) -> Vec<(&'a str, usize)> {
        let at = item.span().start;
        let mut found = Vec::new();
        match item.get_ref() {
            DeValue::String(text) => found.push((text.as_ref(), at)),
            DeValue::Array(items) => {
                for item in items {
                    match item.get_ref().as_str() {
                        Some(text) => found.push((text, item.span().start)),
                        None => self.error(item.span().start, format!("“{key}” lists texts")),
                    }
                }
            }
            _ => self.error(at, format!("“{key}” is a text or a list of texts")),
        }
        found
    }

    /// The table of `key`.
    pub(crate) fn table(&mut self, table: &'a DeTable<'a>, key: &str) -> Option<&'a DeTable<'a>> {
        let item = table.get(key)?;
        let found = item.get_ref().as_table();
        if found.is_none() {
            self.error(item.span().start, format!("“{key}” is a section"));
        }
        found
    }
}

/// A constant written as text, number or truth value.
pub(crate) fn scalar(item: Item<'_>) -> Option<String> {
    match item.get_ref() {
        DeValue::String(text) => Some(text.as_ref().to_owned()),
        DeValue::Integer(number) => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// The entries of a table in the order of the text.
pub(crate) fn sorted<'a>(
    table: &'a DeTable<'a>,
) -> Vec<(&'a Spanned<std::borrow::Cow<'a, str>>, Item<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}
