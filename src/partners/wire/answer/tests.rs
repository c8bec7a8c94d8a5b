//! The table of answers and what each is taken for.

use super::*;
use crate::partners::wire::words;

fn answer(header: &str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, header.parse().unwrap());
    Answer {
        status: StatusCode::SERVICE_UNAVAILABLE,
        headers,
        body: Bytes::new(),
        whole: true,
    }
}

#[test]
fn retry_after_is_seconds_or_any_date_of_http_and_bounded() {
    let now = Millis(784_111_717_000); // 60 s before the example of RFC 9110, 5.6.7
    let table = [
        ("120", Some(120)),
        (" 7 ", Some(7)),
        ("0", None),
        ("315360000", Some(3600)),
        ("99999999999999999999999", Some(3600)),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some(60)),
        ("Sunday, 06-Nov-94 08:49:37 GMT", Some(60)),
        ("Sun Nov  6 08:49:37 1994", Some(60)),
        ("Sun, 06 Nov 2094 08:49:37 GMT", Some(3600)),
        ("Sun, 06 Nov 1994 08:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
    ];
    for (header, seconds) in table {
        let expected = seconds.map(Duration::from_secs);
        assert_eq!(answer(header).retry_after(now), expected, "{header}");
    }
}

#[test]
fn the_partners_words_are_found_in_any_form() {
    let json = "application/json";
    let table = [
        (
            json,
            r#"{"title":"Bad","detail":"No such item","status":422}"#,
            "No such item",
        ),
        (json, r#"{"message":"closed","code":17}"#, "closed"),
        (json, r#"{"error":{"message":"too late"}}"#, "too late"),
        (
            json,
            r#"{"error":"invalid","error_description":"why not"}"#,
            "why not",
        ),
        (json, r#"{"errors":["a","b","a"]}"#, "a; b"),
        (
            json,
            r#"{"message":"Invalid","errors":[{"field":"qty","message":"negative"}]}"#,
            "Invalid; qty: negative",
        ),
        (
            json,
            r#"{"detail":[{"loc":["body","qty"],"msg":"missing"}]}"#,
            "body.qty: missing",
        ),
        (
            json,
            r#"{"title":"Invalid","errors":{"Quantity":["must be positive","too big"]}}"#,
            "Invalid; Quantity: must be positive, too big",
        ),
        (json, r#"{"status":"ko"}"#, r#"{"status":"ko"}"#),
        ("", r#""just text""#, "just text"),
        (
            "text/plain",
            "  unknown\r\n\tcustomer\u{202e} ",
            "unknown customer",
        ),
        (
            "text/html",
            "<html><head><title>Nope &amp; no</title></head></html>",
            "Nope & no",
        ),
        ("text/html", "<p>Bare <b>words</b></p>", "Bare words"),
        (
            "text/xml",
            "<s:Fault><faultcode>x</faultcode><faultstring xml:lang='en'>No stock</faultstring></s:Fault>",
            "No stock",
        ),
        (json, "", ""),
        (json, "{broken", "{broken"),
    ];
    for (content_type, body, expected) in table {
        assert_eq!(
            words::reason(content_type, body.as_bytes()),
            expected,
            "{body}"
        );
    }
}

#[test]
fn the_partners_words_are_bounded() {
    let long = format!("{{\"message\":\"{}\"}}", "ä".repeat(60_000));
    let words = words::reason("application/json", long.as_bytes());
    assert_eq!(words.chars().count(), limits::WORDS_CHARS + 1);
    let deep = "[".repeat(100) + &"]".repeat(100);
    assert!(words::reason("", deep.as_bytes()).chars().count() <= limits::WORDS_CHARS + 1);
    let many = format!("[{}]", vec!["{\"message\":\"x\"}"; 3000].join(","));
    assert_eq!(words::reason("", many.as_bytes()), "x");
    assert_eq!(words::start("ab\ncé".as_bytes(), 4), "ab c…");
}
