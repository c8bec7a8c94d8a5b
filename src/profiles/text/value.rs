//! The small language inside the quotes of a profile: what a field is filled with.
//!
//! - `"EUR"` is itself.
//! - `"@Order number"` is the cell under that header, whatever its case, blanks and signs; `"@B"`
//!   (one capital letter) and `"@[AB]"` are columns by letter; `"@=ID"` is the header spelled
//!   exactly so. In messages `"@NAD+BY/2.1"` is a place in a segment. In xml
//!   `"@cac:Party/cbc:Name"` is a path from the record's element, in json `"@customer.name"` or
//!   `"@lines[0].sku"`.
//! - `"@^Order no"` stands outside the rows: beside, below or behind the label `Order no` above the
//!   header; `"@^[B3]"` is that cell; `"@Head!Order no"` and `"@Head![B3]"` are on another sheet,
//!   which stands before; `"@heads!Due"` is the column `Due` of the row that `[join.heads]` finds.
//! - `"{reference}"` is a field filled earlier, and may stand inside a text: `"{reference}-1"`.
//! - `"= upper(@Country)"` is an expression; columns stand in it as `@Country`, `@"Order number"`,
//!   earlier fields as `{reference}`. What it gives is in canonical form (`12.50`, `2026-11-30`):
//!   `number(@Qty, "comma")` and `date(@Day, "DD.MM.YYYY")` make it so.
//! - a list is the first of its values that is not empty.

use super::super::calls::Tree;
use super::super::functions;
use super::super::json_path;
use super::super::model::{Beside, Formula, Reference, Value};
use super::super::path::{Namespaces, Path};
use super::super::segments::selector::Selector;
use super::super::synonyms::normalise;
use crate::expression::Expression;

/// What the names in a value stand for.
pub(crate) trait Names {
    /// The index of a reference, added if it is new.
    fn reference(&mut self, reference: Reference) -> usize;
    /// The memo slot of a field filled earlier.
    fn earlier(&mut self, field: &str) -> Result<usize, String>;
    /// How paths are written; `None` for tables.
    fn paths(&self) -> Option<Paths<'_>>;
    /// The index of a joined table.
    fn join(&self, name: &str) -> Option<usize>;
    /// Whether references are places in a message.
    fn segments(&self) -> bool;
}

/// How paths are written.
#[derive(Clone, Copy)]
pub(crate) enum Paths<'n> {
    /// As in XPath, with these prefixes.
    Xml(&'n Namespaces),
    /// As in JSONPath.
    Json,
}

impl Paths<'_> {
    /// Compiles a path.
    pub(crate) fn parse(self, text: &str) -> Result<Path, String> {
        match self {
            Self::Xml(namespaces) => Path::parse(text, namespaces),
            Self::Json => json_path::parse(text),
        }
    }
}

/// Reads one value.
pub(crate) fn value(text: &str, names: &mut dyn Names) -> Result<Value, String> {
    if let Some(reference) = text.strip_prefix('@') {
        let reference = self::reference(reference, names)?;
        return Ok(Value::Reference(names.reference(reference)));
    }
    match text.strip_prefix('=') {
        Some(expression) => formula(expression.trim(), names),
        None => template(text, names),
    }
}

fn reference(text: &str, names: &dyn Names) -> Result<Reference, String> {
    let text = text.trim();
    let inner = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    let text = inner('"').or_else(|| inner('\'')).unwrap_or(text);
    if text.is_empty() {
        return Err("“@” is followed by a column or path".to_owned());
    }
    if names.segments() {
        return Selector::parse(text).map(Reference::Segment);
    }
    if let Some(paths) = names.paths() {
        return paths.parse(text).map(Reference::Path);
    }
    if let Some(label) = text.strip_prefix('^') {
        return Ok(Reference::Beside(None, beside(label)?));
    }
    if let Some((sheet, rest)) = text.split_once('!').filter(|_| !text.starts_with('=')) {
        return match names.join(sheet) {
            Some(join) => Ok(Reference::Joined(join, normalise(rest), rest.to_owned())),
            None => Ok(Reference::Beside(Some(normalise(sheet)), beside(rest)?)),
        };
    }
    if let Some(exact) = text.strip_prefix('=') {
        return Ok(Reference::Exact(exact.to_owned()));
    }
    if let Some(letters) = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    {
        return column(letters)
            .map(Reference::Letter)
            .ok_or_else(|| format!("“{letters}” is no column letter"));
    }
    if text.len() == 1
        && let Some(index) = column(text)
    {
        return Ok(Reference::Letter(index));
    }
    Ok(Reference::Header(normalise(text), text.to_owned()))
}

/// `[B3]` is a cell, everything else a label.
fn beside(text: &str) -> Result<Beside, String> {
    let label = text.trim();
    let Some(cell) = label
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
    else {
        return match normalise(label) {
            normal if normal.is_empty() => Err("“@^” is followed by a label or a cell".to_owned()),
            normal => Ok(Beside::Label(normal, label.to_owned())),
        };
    };
    let digits = cell
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(cell.len());
    let (letters, row) = cell.split_at(digits);
    let row = row.parse().ok().filter(|row| *row > 0);
    match (column(letters), row) {
        (Some(column), Some(row)) => Ok(Beside::Cell(column, row)),
        _ => Err(format!("“{cell}” is no cell such as B3")),
    }
}

/// `A` is 0, `AA` is 26.
fn column(letters: &str) -> Option<usize> {
    let upper = |c: &u8| c.is_ascii_uppercase();
    if letters.is_empty() || letters.len() > 3 || !letters.as_bytes().iter().all(upper) {
        return None;
    }
    let number = letters
        .bytes()
        .fold(0, |sum, c| sum * 26 + usize::from(c - b'A') + 1);
    number
        .checked_sub(1)
        .filter(|index| *index < crate::limits::COLUMNS)
}

fn template(text: &str, names: &mut dyn Names) -> Result<Value, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (field, after) = after
            .split_once('}')
            .ok_or_else(|| format!("“{text}” lacks a closing brace"))?;
        if !before.is_empty() {
            pieces.push(Value::Literal(before.to_owned()));
        }
        pieces.push(Value::Earlier(names.earlier(field)?));
        rest = after;
    }
    if pieces.is_empty() {
        return Ok(Value::Literal(text.to_owned()));
    }
    if !rest.is_empty() {
        pieces.push(Value::Literal(rest.to_owned()));
    }
    match pieces.len() {
        1 => Ok(pieces.remove(0)),
        _ => Ok(Value::Text(pieces)),
    }
}

/// Puts plain variables where columns and earlier fields stand, then compiles.
fn formula(text: &str, names: &mut dyn Names) -> Result<Value, String> {
    let (mut references, mut earlier) = (Vec::new(), Vec::new());
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['@', '{', '\'', '"']) {
        let (before, after) = rest.split_at(at);
        plain.push_str(before);
        rest = match after.bytes().next() {
            Some(b'@') => {
                let (name, after) = reference_name(after.get(1..).unwrap_or(""));
                let reference = self::reference(name, names)?;
                plain += "r";
                plain += &references.len().to_string();
                references.push(names.reference(reference));
                after
            }
            Some(b'{') if is_field(after) => {
                let (field, after) = after
                    .get(1..)
                    .unwrap_or("")
                    .split_once('}')
                    .unwrap_or_default();
                plain += "f";
                plain += &earlier.len().to_string();
                earlier.push(names.earlier(field)?);
                after
            }
            Some(b'{') => {
                plain.push('{');
                after.get(1..).unwrap_or("")
            }
            _ => {
                let end = quoted_end(after);
                plain.push_str(after.get(..end).unwrap_or(after));
                after.get(end..).unwrap_or("")
            }
        };
    }
    plain.push_str(rest);
    let expression = Expression::compile_in(functions::language(), &plain)
        .map_err(|error| format!("the expression “{text}” is wrong: {error}"))?;
    let used = expression.variables();
    known_names(&used, references.len(), earlier.len())?;
    let unique = used.contains("unique") || used.contains("unique_number");
    let late = used.contains("lines") || used.contains("goods");
    if late && !references.is_empty() {
        return Err("an expression over lines or goods reads fields, not columns".to_owned());
    }
    Ok(Value::Expression(Box::new(Formula {
        late,
        unique,
        tree: Tree::parse(&plain).filter(|_| !late && !unique),
        expression,
        references,
        earlier,
    })))
}

fn known_names(
    used: &std::collections::HashSet<String>,
    references: usize,
    earlier: usize,
) -> Result<(), String> {
    for name in used {
        let numbered = |letter: char, count: usize| {
            let number = name
                .strip_prefix(letter)
                .and_then(|n| n.parse::<usize>().ok());
            number.is_some_and(|number| number < count)
        };
        let given = ["lines", "goods", "unique", "unique_number"].contains(&name.as_str());
        if !given
            && !numbered('r', references)
            && !numbered('f', earlier)
            && !functions::is_known(name)
        {
            return Err(format!(
                "“{name}” is not known in expressions; columns are written @{name}, fields {{{name}}}"
            ));
        }
    }
    Ok(())
}

/// The name after `@`: quoted, in brackets, or a plain run of path characters.
fn reference_name(text: &str) -> (&str, &str) {
    if text.starts_with(['"', '\'']) {
        return text.split_at(quoted_end(text));
    }
    if let Some(cell) = text.strip_prefix("^[") {
        return text.split_at(cell.find(']').map_or(text.len(), |at| at + 3));
    }
    if text.starts_with('[') {
        return text.split_at(text.find(']').map_or(text.len(), |at| at + 1));
    }
    let plain =
        |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '/' | '@' | '.' | '^' | '$');
    text.split_at(text.find(|c| !plain(c)).unwrap_or(text.len()))
}

/// Whether a brace opens an earlier field and not a map.
fn is_field(text: &str) -> bool {
    let inside = text.get(1..).and_then(|text| text.split_once('}'));
    inside.is_some_and(|(field, _)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        !field.is_empty() && field.chars().all(plain)
    })
}

/// Where the quoted text at the start of `text` ends, its quote included.
fn quoted_end(text: &str) -> usize {
    let mut characters = text.char_indices();
    let Some((_, quote)) = characters.next() else {
        return 0;
    };
    let mut escaped = false;
    for (at, c) in characters {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    text.len()
}
