//! One table of the configuration, key by key.
//!
//! A section notes every key that is asked of it, so that the keys that exist are the keys the code
//! reads and nothing else lists them: [`Section::finish`] finds the unknown ones.

use std::cell::RefCell;
use std::ops::Range;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::document::Document;
use super::error::{ConfigError, Origin};
use super::nearest::hint;
use super::values::FromToml;

/// One table of the text.
pub(super) struct Section<'a, 'd> {
    doc: &'a Document<'d>,
    table: &'a DeTable<'d>,
    span: Range<usize>,
    /// Dotted path of the table: `source.match`.
    path: String,
    /// How messages call it: `source "inbox"`.
    about: RefCell<String>,
    asked: RefCell<Vec<&'static str>>,
    excused: RefCell<Vec<&'static str>>,
}

impl<'a, 'd> Section<'a, 'd> {
    pub(super) fn new(
        doc: &'a Document<'d>,
        table: &'a DeTable<'d>,
        span: Range<usize>,
        path: String,
        about: String,
    ) -> Self {
        Self {
            doc,
            table,
            span,
            path,
            about: RefCell::new(about),
            asked: RefCell::default(),
            excused: RefCell::default(),
        }
    }

    /// The document it is part of.
    pub(super) fn doc(&self) -> &'a Document<'d> {
        self.doc
    }

    /// How messages call this section.
    pub(super) fn about(&self) -> String {
        self.about.borrow().clone()
    }

    /// The raw value of a key; asking for it makes it known.
    pub(super) fn raw(&self, key: &'static str) -> Option<&'a Spanned<DeValue<'d>>> {
        self.asked.borrow_mut().push(key);
        self.doc.know(self.dotted(key));
        self.table.get(key)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value of a key, if it is there and of the right kind.
    pub(super) fn get<T: FromToml>(&self, key: &'static str) -> Option<T> {
        let value = self.raw(key)?;
        match T::from_toml(value.get_ref()) {
            Ok(read) => Some(read),
            Err(why) => {
                self.error_at(value.span(), format!("`{key}` must be {why}"));
                None
            }
        }
    }

    /// The value of a key, or `default` where it is not given.
    pub(super) fn or<T: FromToml>(&self, key: &'static str, default: T) -> T {
        self.get(key).unwrap_or(default)
    }

    /// The value of a key that must be given.
    pub(super) fn need<T: FromToml>(&self, key: &'static str) -> Option<T> {
        let value = self.get(key);
        if !self.has(key) {
            self.missing(key);
        }
        value
    }

    /// A path that must be given.
    pub(super) fn need_path(&self, key: &'static str) -> Option<PathBuf> {
        let path: String = self.need(key)?;
        if path.is_empty() {
            self.error(key, format!("`{key}` must not be empty"));
            return None;
        }
        Some(self.doc.resolve(&path))
    }

    /// Says that a key is missing.
    pub(super) fn missing(&self, key: &str) {
        self.error_at(self.span.clone(), format!("`{key}` is missing"));
    }

    /// A key whose value is one of some words.
    pub(super) fn word<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let word: String = self.get(key)?;
        let found = words.iter().find(|(known, _)| *known == word);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
            self.error(
                key,
                format!(
                    "`{key}` must be {}, not \"{}\"{}",
                    either(&known),
                    crate::problem::excerpt(&word),
                    hint(&word, known.iter().copied())
                ),
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A number or time that must lie within bounds; `shown` says them in words.
    pub(super) fn within<T: FromToml + PartialOrd>(
        &self,
        key: &'static str,
        default: T,
        bounds: std::ops::RangeInclusive<T>,
        shown: &str,
    ) -> T {
        match self.get(key) {
            Some(value) if bounds.contains(&value) => value,
            Some(_) => {
                self.error(key, format!("`{key}` must be {shown}"));
                default
            }
            None => default,
        }
    }

    /// The table under a key.
    pub(super) fn table(&self, key: &'static str) -> Option<Section<'a, 'd>> {
        let value = self.raw(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.error_at(value.span(), format!("`{key}` must be a table"));
            return None;
        };
        let about = match self.path.as_str() {
            "" => format!("[{key}]"),
            _ => format!("{}, `{key}`", self.about()),
        };
        Some(Section::new(
            self.doc,
            table,
            value.span(),
            self.dotted(key),
            about,
        ))
    }

    /// The table of an entry whose name is the operator's own: `headers = { "X-Key" = { … } }`.
    pub(super) fn entry(
        &self,
        key: &str,
        name: &str,
        value: &'a Spanned<DeValue<'d>>,
    ) -> Option<Section<'a, 'd>> {
        let table = value.get_ref().as_table()?;
        let path = format!("{}.*", self.dotted(key));
        let about = format!(
            "{}, `{key}` {}",
            self.about(),
            crate::problem::excerpt(name)
        );
        Some(Section::new(self.doc, table, value.span(), path, about))
    }

    /// The tables of an array of tables: `[[key]]`.
    pub(super) fn tables(&self, key: &'static str) -> Vec<Section<'a, 'd>> {
        let Some(value) = self.raw(key) else {
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in value.get_ref().as_array().into_iter().flatten() {
            let Some(table) = item.get_ref().as_table() else {
                continue;
            };
            let about = format!("{key} {}", sections.len() + 1);
            let about = match self.about.borrow().as_str() {
                "" => about,
                outer => format!("{outer}, {about}"),
            };
            sections.push(Section::new(
                self.doc,
                table,
                item.span(),
                self.dotted(key),
                about,
            ));
        }
        if sections.is_empty() {
            let full = self.dotted(key);
            self.error_at(
                value.span(),
                format!("`{key}` must be written as [[{full}]], once for each"),
            );
        }
        sections
    }

    /// The section's own `name`, unique among its `kind`.
    pub(super) fn name(&self, kind: &'static str) -> Option<String> {
        let name: String = self.need("name")?;
        *self.about.borrow_mut() = format!("{kind} \"{}\"", crate::problem::excerpt(&name));
        let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
            self.error(
                "name",
                "`name` must be 1 to 64 letters, digits, `-`, `_` and `.`: it is used in commands, \
                 logs and mails",
            );
            return None;
        }
        self.define(kind, &name, "name");
        Some(name)
    }

    /// Takes `name` for this section; taking it twice is a mistake.
    pub(super) fn define(&self, kind: &'static str, name: &str, key: &'static str) {
        let at = self.span_of(key).start;
        if let Some(first) = self.doc.define(kind, name, at) {
            let line = self.doc.origin(first).line;
            let name = crate::problem::excerpt(name);
            self.error(
                key,
                format!("{kind} \"{name}\" is taken already, in line {line}"),
            );
        }
    }

    /// Whether a section read before has taken the name.
    pub(super) fn is_defined(&self, kind: &'static str, name: &str) -> bool {
        self.doc.is_defined(kind, name)
    }

    /// Notes that `key` speaks of a `kind` called `name`, which must exist in the end.
    pub(super) fn refer(&self, kind: &'static str, name: &str, key: &'static str) {
        let error = ConfigError {
            at: self.doc.origin(self.span_of(key).start),
            about: self.about(),
            message: format!(
                "`{key}` names the {kind} \"{}\", which is not defined",
                crate::problem::excerpt(name)
            ),
        };
        self.doc.refer(kind, name, error);
    }

    /// A mistake at the value of a key (at the section's head if it is not there).
    pub(super) fn error(&self, key: &str, message: impl Into<String>) {
        self.error_at(self.span_of(key), message.into());
    }

    /// Something that `check` tells although it is allowed.
    pub(super) fn warn(&self, key: &str, message: impl Into<String>) {
        let warning = ConfigError {
            at: self.doc.origin(self.span_of(key).start),
            about: self.about(),
            message: message.into(),
        };
        self.doc.push_warning(warning);
    }

    /// The place of a key's value.
    pub(super) fn origin(&self, key: &str) -> Origin {
        self.doc.origin(self.span_of(key).start)
    }

    /// Refuses keys that design names and this version does not have.
    pub(super) fn not_yet(&self, keys: &[&'static str], why: &str) {
        for key in keys {
            if self.has(key) {
                self.excused.borrow_mut().push(key);
                self.error(key, format!("this version does not have `{key}`: {why}"));
            }
        }
    }

    /// Finds the keys that nothing asked for.
    pub(super) fn finish(self) {
        let asked = self.asked.borrow();
        let excused = self.excused.borrow();
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if asked.contains(&name) || excused.contains(&name) {
                continue;
            }
            let shown = crate::problem::excerpt(name);
            let hint = hint(name, asked.iter().copied());
            self.error_at(key.span(), format!("unknown key `{shown}`{hint}"));
        }
    }

    fn dotted(&self, key: &str) -> String {
        match self.path.as_str() {
            "" => key.to_owned(),
            path => format!("{path}.{key}"),
        }
    }

    fn span_of(&self, key: &str) -> Range<usize> {
        self.table
            .get(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    fn error_at(&self, span: Range<usize>, message: String) {
        self.doc.push_error(ConfigError {
            at: self.doc.origin(span.start),
            about: self.about(),
            message,
        });
    }
}

/// `a`, `b` or `c`.
pub(super) fn either(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
