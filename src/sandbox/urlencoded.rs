//! Queries, forms and paths: `application/x-www-form-urlencoded` (WHATWG URL, 5.1) and
//! percent-encoding (RFC 3986, 2.1). A `%` that encodes nothing stands for itself.

/// The pairs of a query or form, in their order.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// The segments of a path; empty ones (doubled or closing slashes) are left out.
pub(super) fn segments(path: &str) -> Vec<String> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.map(|part| decode(part, false)).collect()
}

fn decode(text: &str, plus_is_blank: bool) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match (byte, two_digits(bytes.clone())) {
            (b'%', Some(decoded)) => {
                out.push(decoded);
                bytes.next();
                bytes.next();
            }
            (b'+', _) if plus_is_blank => out.push(b' '),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The byte that the next two hexadecimal digits stand for.
fn two_digits(mut ahead: std::str::Bytes<'_>) -> Option<u8> {
    let high = char::from(ahead.next()?).to_digit(16)?;
    let low = char::from(ahead.next()?).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}
