//! `kind = "http"`: from the configuration's words to the adapter's settings.

use std::path::Path;

use crate::config::{self, DestinationConfig, HeaderText, HttpConfig, OnUnknown};
use crate::failure::Failure;
use crate::partners::http::{
    Auth, Authorities, BodyForm, Endpoint, Escape, HttpSettings, Meaning, Text, Verb,
};
use crate::secret::SecretRef;

/// The settings of one destination, its secrets read.
pub(super) fn settings(
    destination: &DestinationConfig,
    http: &HttpConfig,
) -> Result<HttpSettings, Failure> {
    let verb = verb(&http.method)?;
    let endpoint = |url: &String| Endpoint { verb, url: url.clone() };
    let headers = http.headers.iter().map(|(name, text)| Ok((name.clone(), header(text)?)));
    Ok(HttpSettings {
        name: destination.name.clone(),
        create: endpoint(&http.url),
        update: http.update_url.as_ref().map(endpoint),
        cancel: http.cancel_url.as_ref().map(endpoint),
        headers: headers.collect::<Result<_, Failure>>()?,
        auth: auth(&http.auth)?,
        idempotency_header: Some(http.idempotency_header.clone()),
        body: match &http.body {
            None => BodyForm::Canonical,
            Some(template) => BodyForm::Template {
                source: template.text.clone(),
                escape: escape(&http.content_type),
            },
        },
        content_type: Some(http.content_type.clone()),
        remote_id: http.remote_id.clone(),
        codes: http.codes.iter().map(|(code, meaning)| (*code, mean(*meaning))).collect(),
        authorities: match &http.ca {
            None => Authorities::System,
            Some(path) => Authorities::Also(authority(path)?),
        },
        proxy: None,
        allow_plaintext: http.allow_plaintext,
        hold_unknown: destination.on_unknown == OnUnknown::Hold,
        concurrency: destination.concurrency,
        connect_timeout: http.connect_timeout,
        response_timeout: http.response_timeout,
        total_timeout: http.total_timeout,
    })
}

/// How values are written into a template: as its content type asks for.
fn escape(content_type: &str) -> Escape {
    match content_type {
        json if json.contains("json") => Escape::Json,
        xml if xml.contains("xml") => Escape::Xml,
        _ => Escape::None,
    }
}

fn authority(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::operator(format!("reading the certificate authority {}", path.display()), error)
    })
}

fn verb(method: &str) -> Result<Verb, Failure> {
    match method {
        "POST" => Ok(Verb::Post),
        "PUT" => Ok(Verb::Put),
        "PATCH" => Ok(Verb::Patch),
        other => Err(Failure::operator("reading a destination", format!("no method {other}"))),
    }
}

fn mean(meaning: config::Meaning) -> Meaning {
    match meaning {
        config::Meaning::Accepted => Meaning::Accepted,
        config::Meaning::Refused => Meaning::Refused,
        config::Meaning::Later => Meaning::Later,
        config::Meaning::Parked => Meaning::Parked,
        config::Meaning::Denied => Meaning::Denied,
    }
}

fn header(text: &HeaderText) -> Result<Text, Failure> {
    Ok(match text {
        HeaderText::Plain(plain) => Text::Plain(plain.clone()),
        HeaderText::Secret(secret) => Text::Secret(read(secret)?),
    })
}

fn auth(auth: &config::Auth) -> Result<Auth, Failure> {
    Ok(match auth {
        config::Auth::None => Auth::None,
        config::Auth::Basic { user, password } => {
            Auth::Basic { user: user.clone(), password: read(password)? }
        }
        config::Auth::Bearer { token } => Auth::Bearer(read(token)?),
        config::Auth::Header { name, value } => {
            Auth::Header { name: name.clone(), value: read(value)? }
        }
    })
}

fn read(secret: &SecretRef) -> Result<secrecy::SecretString, Failure> {
    Ok(secret.read()?.into_inner())
}
