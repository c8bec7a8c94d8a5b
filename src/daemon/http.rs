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
    let endpoint = |url: &String, verb| Endpoint {
        verb: method(verb),
        url: url.clone(),
    };
    let headers = http
        .headers
        .iter()
        .map(|(name, text)| Ok((name.clone(), header(text)?)));
    let update = http.update_url.as_ref().unwrap_or(&http.url);
    let cancel = http.cancel_url.as_ref().unwrap_or(&http.url);
    Ok(HttpSettings {
        name: destination.name.clone(),
        create: endpoint(&http.url, http.method),
        update: Some(endpoint(update, http.update_method)),
        cancel: Some(endpoint(cancel, http.cancel_method)),
        headers: headers.collect::<Result<_, Failure>>()?,
        auth: auth(&http.auth)?,
        idempotency_header: http.idempotency_header.clone(),
        body: match &http.body {
            None => BodyForm::Canonical,
            Some(template) => BodyForm::Template {
                source: template.text.clone(),
                escape: escape(template.escape),
            },
        },
        content_type: http.content_type.clone(),
        remote_id: http.remote_id.clone(),
        facts: std::collections::BTreeMap::new(),
        codes: http
            .codes
            .iter()
            .map(|(code, meaning)| (*code, mean(*meaning)))
            .collect(),
        authorities: match &http.ca {
            None => Authorities::System,
            Some(path) => Authorities::Also(authority(path)?),
        },
        identity: None,
        proxy: http.proxy.clone(),
        allow_plaintext: http.allow_plaintext,
        hold_unknown: destination.on_unknown == OnUnknown::Hold,
        concurrency: destination.concurrency,
        connect_timeout: http.connect_timeout,
        response_timeout: http.response_timeout,
        total_timeout: http.total_timeout,
    })
}

fn escape(escape: config::Escape) -> Escape {
    match escape {
        config::Escape::Json => Escape::Json,
        config::Escape::Xml => Escape::Xml,
        config::Escape::None => Escape::None,
    }
}

fn authority(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| {
        Failure::operator(
            format!("reading the certificate authority {}", path.display()),
            error,
        )
    })
}

fn method(verb: config::Verb) -> Verb {
    match verb {
        config::Verb::Post => Verb::Post,
        config::Verb::Put => Verb::Put,
        config::Verb::Patch => Verb::Patch,
        config::Verb::Delete => Verb::Delete,
    }
}

fn mean(meaning: config::Meaning) -> Meaning {
    match meaning {
        config::Meaning::Accepted => Meaning::Accepted,
        config::Meaning::Refused => Meaning::Refused,
        config::Meaning::Later => Meaning::Later,
        config::Meaning::Unknown => Meaning::Unknown,
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
        config::Auth::Basic { user, password } => Auth::Basic {
            user: user.clone(),
            password: read(password)?,
        },
        config::Auth::Bearer { token } => Auth::Bearer(read(token)?),
        config::Auth::Header { name, value } => Auth::Header {
            name: name.clone(),
            value: read(value)?,
        },
    })
}

fn read(secret: &SecretRef) -> Result<secrecy::SecretString, Failure> {
    Ok(secret.read()?.into_inner())
}
