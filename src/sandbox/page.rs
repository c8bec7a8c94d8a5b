//! The request log as a page to read. Plain HTML without scripts; every text is escaped.

use std::fmt::Write;

use super::log::Entry;
use super::shared::{Shared, lock};

const STYLE: &str = "body{font:14px/1.5 system-ui,sans-serif;margin:2rem;max-width:70rem;color:#222}\
h1{font-size:1.3rem}details{border-top:1px solid #ddd;padding:.4rem 0}summary{cursor:pointer}\
pre{background:#f6f6f6;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere}\
.bad{color:#b00020}.good{color:#0a6b2d}.dim{color:#666}code{background:#f6f6f6}";

/// The page, newest first.
pub(super) fn log(shared: &Shared) -> String {
    let entries = shared.log.all();
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8>\
         <title>orderdock sandbox</title><style>{STYLE}</style><h1>What came and what was said</h1>\
         <p class=dim>The sandbox's clock shows {}. The same as JSON: \
         <a href=/_sandbox/log.json>/_sandbox/log.json</a>",
        lock(&shared.clock).now()
    );
    for (rule, fitted) in lock(&shared.faults).shown() {
        put(
            &mut html,
            format_args!(
                "<p>Fault <code>{}</code>: {fitted} requests fitted.",
                escape(&rule)
            ),
        );
    }
    if entries.is_empty() {
        html.push_str("<p>Nothing came yet.");
    }
    for entry in entries.iter().rev() {
        html.push_str(&exchange(entry));
    }
    html
}

fn exchange(entry: &Entry) -> String {
    let (tone, status) = match entry.status {
        Some(status) if status < 400 => ("good", status.to_string()),
        Some(status) => ("bad", status.to_string()),
        None => ("bad", "no answer".to_owned()),
    };
    let arrow = if entry.direction == "in" {
        "▸"
    } else {
        "◂ sent"
    };
    let mut html = format!(
        "<details><summary><span class=dim>{} {} {}</span> {arrow} <b>{}</b> {} \
         <span class={tone}>{status}</span> {}</summary>",
        entry.number,
        escape(&entry.at),
        entry.kind.map_or("", super::Kind::as_str),
        escape(&entry.method),
        escape(&entry.target),
        escape(&entry.note),
    );
    if let Some(fault) = &entry.fault {
        put(
            &mut html,
            format_args!("<p>Fault: <code>{}</code>", escape(fault)),
        );
    }
    let headers = entry.headers.iter();
    let headers: Vec<_> = headers
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    let headers = headers.join("\n");
    for (title, text) in [
        ("Headers", &headers),
        ("Request", &entry.body),
        ("Answer", &entry.answer),
    ] {
        if !text.is_empty() {
            put(
                &mut html,
                format_args!("<p class=dim>{title}<pre>{}</pre>", escape(text)),
            );
        }
    }
    html.push_str("</details>");
    html
}

fn put(html: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String never fails.
    html.write_fmt(text).unwrap_or_default();
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
