//! A partner's own words, taken out of whatever form its answer has.
//!
//! Pure. Reads at most what [`crate::limits::ANSWER_BYTES`] let through, and gives plain text of a
//! bounded length: no markup, no control characters, nothing that could disguise itself in a mail.

use serde_json::Value;

use crate::limits;

/// Members of a JSON answer that hold a sentence, the most telling first (RFC 9457, and what
/// partners use).
const SENTENCES: [&str; 9] = [
    "detail",
    "message",
    "error_description",
    "error",
    "description",
    "reason",
    "msg",
    "title",
    "text",
];
/// Members that hold several findings.
const LISTS: [&str; 7] = [
    "errors",
    "details",
    "violations",
    "messages",
    "invalid-params",
    "invalid_params",
    "fieldErrors",
];
/// Members of a finding that say where it is.
const PLACES: [&str; 7] = [
    "field", "path", "pointer", "property", "name", "loc", "location",
];
/// Deepest nesting that is searched for words.
const DEPTH: usize = 4;

/// Why, in the partner's words; empty where it gave none.
pub(in crate::partners) fn reason(content_type: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim().trim_start_matches('\u{feff}');
    if text.starts_with(['{', '[', '"'])
        && let Ok(value) = serde_json::from_str::<Value>(text)
    {
        let mut found = Vec::new();
        collect(&value, DEPTH, &mut found);
        return clean(
            &if found.is_empty() {
                text.to_owned()
            } else {
                found.join("; ")
            },
            limits::WORDS_CHARS,
        );
    }
    if text.starts_with('<') || content_type.contains("html") {
        let named = ["title", "faultstring", "message", "h1"]
            .iter()
            .find_map(|tag| element(text, tag).filter(|inner| !inner.trim().is_empty()));
        return clean(&without_tags(named.unwrap_or(text)), limits::WORDS_CHARS);
    }
    clean(text, limits::WORDS_CHARS)
}

/// The start of a body as it is, on one line.
pub(in crate::partners) fn start(body: &[u8], chars: usize) -> String {
    // Four bytes hold any character; what is cut inside the last one shows as a replacement.
    let body = body.get(..chars.saturating_mul(4)).unwrap_or(body);
    clean(&String::from_utf8_lossy(body), chars)
}

/// Collects sentences: of a problem document its title and detail, of lists each finding.
fn collect(value: &Value, depth: usize, found: &mut Vec<String>) {
    if depth == 0 || found.len() >= limits::WORDS_FINDINGS {
        return;
    }
    match value {
        Value::String(text) => add(found, text.clone()),
        Value::Array(items) => {
            for item in items {
                collect(item, depth - 1, found);
            }
        }
        Value::Object(members) => {
            let place = PLACES
                .iter()
                .find_map(|name| members.get(*name).and_then(plain));
            let sentence = SENTENCES.iter().find_map(|name| match members.get(*name) {
                Some(Value::String(text)) if !text.trim().is_empty() => Some(text.clone()),
                _ => None,
            });
            match (place, sentence) {
                (Some(place), Some(text)) => add(found, format!("{place}: {text}")),
                (None, Some(text)) => add(found, text),
                (_, None) => {}
            }
            for name in SENTENCES {
                if let Some(nested @ (Value::Object(_) | Value::Array(_))) = members.get(name) {
                    collect(nested, depth - 1, found);
                }
            }
            for name in LISTS {
                match members.get(name) {
                    Some(Value::Object(fields)) => by_field(fields, found),
                    Some(list) => collect(list, depth - 1, found),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

/// `{"quantity": ["must be positive"]}`, as many frameworks answer.
fn by_field(fields: &serde_json::Map<String, Value>, found: &mut Vec<String>) {
    for (field, value) in fields.iter().take(limits::WORDS_FINDINGS) {
        let texts: Vec<String> = match value {
            Value::Array(items) => items.iter().filter_map(plain).collect(),
            other => plain(other).into_iter().collect(),
        };
        if !texts.is_empty() {
            add(found, format!("{field}: {}", texts.join(", ")));
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(parts) => {
            let parts: Vec<String> = parts.iter().take(8).filter_map(plain).collect();
            (!parts.is_empty()).then(|| parts.join("."))
        }
        _ => None,
    }
}

fn add(found: &mut Vec<String>, text: String) {
    if !text.trim().is_empty() && !found.contains(&text) && found.len() < limits::WORDS_FINDINGS {
        found.push(text);
    }
}

/// What stands in the first element of this name, whatever its prefix and attributes.
pub(in crate::partners) fn element<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    for (at, _) in text.match_indices('<') {
        let rest = text.get(at + 1..)?;
        let name = rest.split(['>', ' ', '\t', '\r', '\n', '/']).next()?;
        let name = name.rsplit(':').next()?;
        if name.eq_ignore_ascii_case(tag) {
            let inner = rest.split_once('>')?.1;
            return inner.split("</").next();
        }
    }
    None
}

pub(in crate::partners) fn without_tags(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (n, part) in text.split('<').enumerate() {
        let shown = if n == 0 {
            part
        } else {
            part.split_once('>').map_or("", |(_, tail)| tail)
        };
        plain.push_str(shown);
        plain.push(' ');
    }
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&apos;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(plain, |text, (entity, c)| text.replace(entity, c))
}

/// One line of at most so many characters; white space as single spaces, nothing that is not seen.
fn clean(text: &str, chars: usize) -> String {
    let mut line = String::new();
    let mut count = 0;
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            gap = !line.is_empty();
            continue;
        }
        // Direction and zero-width characters (Unicode TR 36, 3.1).
        if matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
        {
            continue;
        }
        if count + usize::from(gap) >= chars {
            line.push('…');
            break;
        }
        if gap {
            line.push(' ');
            count += 1;
            gap = false;
        }
        line.push(c);
        count += 1;
    }
    line
}
