//! Templates and assets, all within the program.
//!
//! Templates are HTML with everything escaped; what they see is plain data. Assets have their hash
//! in their address, so that browsers keep them for ever and never keep an old one.

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::clock::{self, Millis};

const TEMPLATES: [(&str, &str); 25] = [
    ("frame.html", include_str!("templates/frame.html")),
    ("login.html", include_str!("templates/login.html")),
    ("entered.html", include_str!("templates/entered.html")),
    ("track.html", include_str!("templates/track.html")),
    ("leave.html", include_str!("templates/leave.html")),
    ("tracked.html", include_str!("templates/tracked.html")),
    ("message.html", include_str!("templates/message.html")),
    ("files.html", include_str!("templates/files.html")),
    ("file.html", include_str!("templates/file.html")),
    ("orders.html", include_str!("templates/orders.html")),
    ("order.html", include_str!("templates/order.html")),
    ("upload.html", include_str!("templates/upload.html")),
    (
        "upload-results.html",
        include_str!("templates/upload-results.html"),
    ),
    ("held.html", include_str!("templates/held.html")),
    ("edit.html", include_str!("templates/edit.html")),
    ("charts.html", include_str!("templates/charts.html")),
    ("original.html", include_str!("templates/original.html")),
    (
        "original-body.html",
        include_str!("templates/original-body.html"),
    ),
    ("mail.html", include_str!("templates/mail.html")),
    ("profiles.html", include_str!("templates/profiles.html")),
    ("profile.html", include_str!("templates/profile.html")),
    ("api.html", include_str!("templates/api.html")),
    ("now.html", include_str!("templates/now.html")),
    ("now-body.html", include_str!("templates/now-body.html")),
    ("macros.html", include_str!("templates/macros.html")),
];

const ASSETS: [(&str, &str, &str); 3] = [
    (
        "style.css",
        "text/css; charset=utf-8",
        include_str!("assets/style.css"),
    ),
    (
        "console.js",
        "text/javascript; charset=utf-8",
        include_str!("assets/console.js"),
    ),
    ("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
];

/// All templates, compiled.
pub(super) struct Views {
    environment: Environment<'static>,
}

impl Views {
    pub(super) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        for (name, text) in TEMPLATES {
            if let Err(error) = environment.add_template(name, text) {
                // Found by the first test that shows a page.
                tracing::error!(name, %error, "A template is wrong.");
            }
        }
        environment.add_filter("ago", |at: i64| ago(Millis(at)));
        environment.add_filter("time", |at: i64| moment(Millis(at)));
        environment.add_filter("size", size);
        environment.add_filter("number", number);
        environment.add_filter("label", label);
        environment.add_filter("urlencode", |text: &str| escape_query(text));
        environment.add_function("asset", asset_path);
        Self { environment }
    }

    /// A page or a piece of one.
    pub(super) fn show(&self, name: &str, data: impl Serialize) -> Response {
        let template = self.environment.get_template(name);
        match template.and_then(|template| template.render(Serde(data))) {
            Ok(html) => Html(html).into_response(),
            Err(error) => {
                tracing::error!(name, %error, "A page could not be made.");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// The address of an asset, with its hash.
fn asset_path(name: &str) -> String {
    let found = ASSETS.iter().find(|(asset, ..)| *asset == name);
    let text = found.map_or("", |(_, _, text)| text);
    format!("/assets/{}/{name}", &hash(text))
}

fn hash(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..6])
}

/// An asset by the address that [`asset_path`] gave out.
pub(super) fn asset(hashed: &str, name: &str) -> Response {
    let found = ASSETS.iter().find(|(asset, ..)| *asset == name);
    match found {
        Some((_, kind, text)) if hash(text) == hashed => (
            [
                (header::CONTENT_TYPE, *kind),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ],
            *text,
        )
            .into_response(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A time relative to now: "12 s ago", "in 4 min".
pub(super) fn ago(at: Millis) -> String {
    let now = clock::now();
    let past = at.0 <= now.0;
    let seconds = now.0.abs_diff(at.0) / 1000;
    let words = match seconds {
        0..=1 if past => return "now".to_owned(),
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    };
    if past {
        format!("{words} ago")
    } else {
        format!("in {words}")
    }
}

/// A time as people write it, in UTC; the page's script shows it in the reader's own zone.
fn moment(at: Millis) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |time| {
            time.to_zoned(TimeZone::UTC)
                .strftime("%Y-%m-%d %H:%M:%S")
                .to_string()
        },
    )
}

fn size(bytes: u64) -> String {
    let (unit, name) = match bytes {
        0..=999 => return format!("{bytes} B"),
        1_000..=999_949 => (1_000, "kB"),
        _ => (1_000_000, "MB"),
    };
    let tenths = (bytes * 10 + unit / 2) / unit;
    format!("{}.{} {name}", tenths / 10, tenths % 10)
}

/// 1234567 as "1 234 567", with narrow spaces that do not break.
fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if value < 0 {
        format!("−{text}")
    } else {
        text
    }
}

/// `delivery_date` as people write it: "Delivery date".
pub(super) fn label(key: &str) -> String {
    let words = key.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A text as a value in the query of an address.
pub(super) fn escape_query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push('%');
            escaped.push_str(&hex::encode_upper([byte]));
        }
    }
    escaped
}
