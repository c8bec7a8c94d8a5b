//! What stands before every handler and behind every answer.
//!
//! The list of headers is OWASP's (Secure Headers Project); the policy lets a page load from us
//! alone, and lets nobody frame it. A request for a host that is not ours is refused, so that a
//! page elsewhere cannot make its own name point here and read along (DNS rebinding).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::{Shared, Site};
use crate::clock;
use crate::limits;
use crate::measure;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 10] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), \
         geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (HeaderName::from_static("x-dns-prefetch-control"), "off"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("x-permitted-cross-domain-policies"),
        "none",
    ),
];

/// Refuses strange hosts, and dresses every answer.
pub(super) async fn guard(State(site): State<Shared>, request: Request, next: Next) -> Response {
    let (began, part) = (clock::moment(), part(request.uri().path()));
    let mut response = if is_ours(&site, &request) {
        next.run(request).await
    } else {
        let text = "This is not the host that you asked for. Set [http] public_url to the name that \
                    people use.\n";
        (StatusCode::MISDIRECTED_REQUEST, text).into_response()
    };
    let class = response.status().as_u16() / 100;
    measure::REQUESTS
        .of(&format!("{part} {class}xx"))
        .waited(began);
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages and answers are about orders: no cache on the way keeps them. Assets say otherwise.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if site.is_https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// The part of the web side that an address is of.
fn part(path: &str) -> &'static str {
    let first = path.split('/').nth(1).unwrap_or_default();
    match first {
        "api" => "api",
        "assets" => "assets",
        "metrics" | "healthz" | "readyz" => "health",
        _ => "pages",
    }
}

/// Answers within [`limits::WEB_ANSWER`], however slowly a body comes in.
pub(super) async fn patience(request: Request, next: Next) -> Response {
    let answered = tokio::time::timeout(limits::WEB_ANSWER, next.run(request)).await;
    answered.unwrap_or_else(|_| {
        let text = "The request took too long to come in or to answer.\n";
        (StatusCode::REQUEST_TIMEOUT, text).into_response()
    })
}

impl Site {
    /// Whether browsers reach us encrypted: by our own TLS, or by the proxy that `public_url` names.
    pub(super) fn is_https(&self) -> bool {
        let public = self.config.public_url.as_deref();
        self.config.tls.is_some() || public.is_some_and(|url| url.starts_with("https:"))
    }
}

/// Whether the request names us: by address, as localhost, or as `public_url` says.
fn is_ours(site: &Site, request: &Request) -> bool {
    let Some(host) = host(request.headers(), request) else {
        return false;
    };
    let name = name_of(&host);
    if name == "localhost"
        || name
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok()
    {
        return true;
    }
    let public = site.config.public_url.as_deref();
    let public = public.and_then(|url| url.split("://").nth(1));
    public
        .and_then(|rest| rest.split('/').next())
        .is_some_and(|own| name_of(own).eq_ignore_ascii_case(name))
}

fn host(headers: &HeaderMap, request: &Request) -> Option<String> {
    let named = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let authority = request.uri().authority().map(ToString::to_string);
    named.map(str::to_owned).or(authority)
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}
