//! Values of the configurator → values of a profile, as TOML.

use super::fields::{Section, target};

/// What became of a value.
pub(super) enum Translated {
    /// TOML.
    Value(String),
    /// It says nothing (an empty text).
    Nothing,
    /// It is not understood.
    Lost,
}

/// `@A`: a column by its letter.
pub(super) fn is_letter(value: &str) -> bool {
    value.strip_prefix('@').is_some_and(|letters| {
        (1..=2).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_uppercase())
    })
}

/// Translates `value`; `earlier` finds a field defined before, with its section and value.
pub(super) fn translate<'t>(
    value: &'t str,
    section: Section,
    xml: bool,
    earlier: impl Fn(&str) -> Option<(Section, &'t str)>,
) -> Translated {
    let value = value.trim();
    let quoted = |text: &str| Translated::Value(format!("{text:?}"));
    if value.is_empty() || value == "\"\"" {
        return Translated::Nothing;
    }
    let scope = Scope {
        section,
        xml,
        earlier: &earlier,
    };
    let upper = value.to_ascii_uppercase();
    if upper.starts_with("FUNCTION(") || upper.starts_with("IF(") {
        return match scope.expression(value) {
            Some(expression) => quoted(&format!("= {expression}")),
            None => Translated::Lost,
        };
    }
    if is_letter(value) {
        return quoted(&format!("@[{}]", value.trim_start_matches('@')));
    }
    if value.starts_with('@') && !xml {
        return quoted(value);
    }
    if value.contains('{') {
        return match scope.template(value) {
            Some(text) => quoted(&text),
            None => Translated::Lost,
        };
    }
    let literal = value
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    match literal {
        Some(text) => Translated::Value(format!("{{ text = {text:?} }}")),
        None if xml => quoted(&format!("@{}", value.trim_start_matches("./"))),
        None => quoted(value),
    }
}

/// A field defined before: its section and value.
type Earlier<'s, 't> = &'s dyn Fn(&str) -> Option<(Section, &'t str)>;

struct Scope<'s, 't> {
    section: Section,
    xml: bool,
    earlier: Earlier<'s, 't>,
}

impl Scope<'_, '_> {
    /// `{orderReference}-1`, with canonical names; values of other sections are repeated.
    fn template(&self, value: &str) -> Option<String> {
        let mut text = String::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once('{') {
            let (field, after) = after.split_once('}')?;
            text.push_str(before);
            if field.contains(':') {
                return None;
            }
            (self.earlier)(field)?;
            let (_, name) = target(self.section, field, true);
            text.extend(["{", &name, "}"]);
            rest = after;
        }
        text.push_str(rest);
        Some(text)
    }

    /// `FUNCTION(name,…)` or `IF(a="b","c")`.
    fn expression(&self, value: &str) -> Option<String> {
        let open = value.find('(')?;
        let inside = value.get(open + 1..)?.trim_end().strip_suffix(')')?;
        let word = value.get(..open)?.trim().to_ascii_uppercase();
        let args = arguments(inside);
        if word == "IF" {
            return self.condition(&args);
        }
        let (name, args) = args.split_first()?;
        let all = || {
            args.iter()
                .map(|arg| self.value(arg))
                .collect::<Option<Vec<_>>>()
        };
        match (name.to_ascii_lowercase().as_str(), args) {
            ("uniquenum" | "uniquenumber", []) => Some("unique_number()".to_owned()),
            ("concatenate" | "concat", _) => Some(format!("concat({})", all()?.join(", "))),
            ("dateformat", [field, from, to]) => {
                let day = format!("date({}, {:?})", self.value(field)?, from.trim());
                Some(match to.trim() {
                    "YYYY-MM-DD" => day,
                    to => format!("format_date({day}, {to:?})"),
                })
            }
            ("totalizegoods" | "totalise" | "sumgoods", [field]) => {
                let (_, name) = target(Section::Goods, field.trim(), true);
                Some(format!("sum(goods, '{name}')"))
            }
            ("upper" | "uppercase", [field]) => Some(format!("upper({})", self.value(field)?)),
            ("lower" | "lowercase", [field]) => Some(format!("lower({})", self.value(field)?)),
            ("trim", [field]) => Some(format!("trim({})", self.value(field)?)),
            ("substr" | "substring", _) => Some(format!("substr({})", all()?.join(", "))),
            ("replace", _) => Some(format!("replace({})", all()?.join(", "))),
            ("default", _) => Some(format!("first({})", all()?.join(", "))),
            // An event with its time stays; without one the text alone is the status.
            ("check_statusdate", [field, text]) => {
                let field = self.value(field)?;
                Some(format!("first({field}, '{}')", text.trim()))
            }
            _ => None,
        }
    }

    /// `IF(shipmenttype="A","text")`, with an otherwise.
    fn condition(&self, args: &[&str]) -> Option<String> {
        let (test, rest) = args.split_first()?;
        let then = self.value(rest.first()?)?;
        let otherwise = match rest.get(1) {
            Some(arg) => self.value(arg)?,
            None => "''".to_owned(),
        };
        let (sign, parts) = match test.split_once("!=") {
            Some(parts) => ("!=", parts),
            None => ("==", test.split_once('=')?),
        };
        let left = self.value(parts.0)?;
        let right = self.value(parts.1.trim_start_matches('='))?;
        Some(format!("{then} if {left} {sign} {right} else {otherwise}"))
    }

    /// An argument: a text, a number, a column, a field defined before, or a path.
    fn value(&self, arg: &str) -> Option<String> {
        let arg = arg.trim();
        if let Some(text) = arg
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'))
        {
            return Some(format!(
                "'{}'",
                text.replace('\\', "\\\\").replace('\'', "\\'")
            ));
        }
        if arg.to_ascii_uppercase().starts_with("FUNCTION(") {
            return self.expression(arg);
        }
        if is_letter(arg) {
            return Some(format!("@[{}]", arg.trim_start_matches('@')));
        }
        if arg.starts_with('@') {
            return Some(format!("@'{}'", arg.trim_start_matches('@')));
        }
        if !arg.is_empty() && arg.bytes().all(|b| b.is_ascii_digit()) {
            return Some(arg.to_owned());
        }
        let name = arg.trim_matches(['{', '}']);
        if let Some((section, value)) = (self.earlier)(name) {
            let (_, field) = target(self.section, name, true);
            if section == self.section && !field.starts_with("extra.") {
                return Some(format!("{{{field}}}"));
            }
            // A field of another section is read again where it comes from.
            return match value {
                value if is_letter(value) => Some(format!("@[{}]", value.trim_start_matches('@'))),
                value if value.starts_with('@') => {
                    Some(format!("@'{}'", value.trim_start_matches('@')))
                }
                value if self.xml && !value.contains(['(', '"', '{']) => {
                    Some(format!("@'{value}'"))
                }
                _ => Some(format!("{{{field}}}")),
            };
        }
        self.xml.then(|| format!("@'{arg}'"))
    }
}

/// Splits at commas outside quotes and brackets.
fn arguments(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut depth, mut quote) = (0, 0_u32, false);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quote = !quote,
            '(' if !quote => depth += 1,
            ')' if !quote => depth = depth.saturating_sub(1),
            ',' if !quote && depth == 0 => {
                parts.push(text.get(start..at).unwrap_or(""));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text.get(start..).unwrap_or(""));
    parts
}
