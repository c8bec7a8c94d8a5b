//! `kind = "http"`: from the configuration's words to the adapter's settings.

use super::partners::{authorities, identity, secret};
use crate::config::{self, DestinationConfig, HeaderText, HttpConfig, OnUnknown};
use crate::failure::Failure;
use crate::partners::http::{
    Auth, BodyForm, Coding, Endpoint, Escape, Hash, HttpSettings, Meaning, Parts, PollSettings,
    Sign, Text, Verb,
};

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
        auth: auth(http)?,
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
        facts: http.facts.clone(),
        sign: http.sign.as_ref().map(sign).transpose()?,
        poll: http.poll.as_ref().map(poll),
        codes: http
            .codes
            .iter()
            .map(|(code, meaning)| (*code, mean(*meaning)))
            .collect(),
        authorities: authorities(http.ca.as_deref())?,
        identity: identity(http.client.as_ref())?,
        proxy: http.proxy.clone(),
        allow_plaintext: http.allow_plaintext,
        hold_unknown: destination.on_unknown == OnUnknown::Hold,
        concurrency: destination.concurrency,
        connect_timeout: http.connect_timeout,
        response_timeout: http.response_timeout,
        total_timeout: http.total_timeout,
    })
}

fn poll(poll: &config::PollConfig) -> PollSettings {
    PollSettings {
        url: poll.url.clone(),
        first: poll.waits.first,
        every: poll.waits.every,
        events: poll.events.clone(),
        parts: Parts {
            code: poll.code.clone(),
            text: poll.text.clone(),
            place: poll.place.clone(),
            at: poll.at.clone(),
            id: poll.id.clone(),
        },
        done: poll.done.clone(),
        failed: poll.failed.clone(),
    }
}

fn escape(escape: config::Escape) -> Escape {
    match escape {
        config::Escape::Json => Escape::Json,
        config::Escape::Xml => Escape::Xml,
        config::Escape::None => Escape::None,
    }
}

fn sign(sign: &config::Sign) -> Result<Sign, Failure> {
    Ok(Sign {
        key: secret(&sign.key)?,
        over: sign.over.clone(),
        hash: match sign.hash {
            config::Hash::Sha256 => Hash::Sha256,
            config::Hash::Sha512 => Hash::Sha512,
        },
        coding: match sign.coding {
            config::Coding::Hex => Coding::Hex,
            config::Coding::Base64 => Coding::Base64,
        },
        header: sign.header.clone(),
        prefix: sign.prefix.clone(),
        timestamp_header: sign.timestamp_header.clone(),
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
        HeaderText::Secret(secret) => Text::Secret(self::secret(secret)?),
    })
}

fn auth(http: &HttpConfig) -> Result<Auth, Failure> {
    Ok(match &http.auth {
        config::Auth::None => Auth::None,
        config::Auth::Basic { user, password } => Auth::Basic {
            user: user.clone(),
            password: secret(password)?,
        },
        config::Auth::Bearer { token } => Auth::Bearer(secret(token)?),
        config::Auth::Header { name, value } => Auth::Header {
            name: name.clone(),
            value: secret(value)?,
        },
        config::Auth::OAuth2(tokens) => {
            let ca = tokens.ca.as_deref().or(http.ca.as_deref());
            Auth::OAuth2(Box::new(super::token::settings(tokens, ca)?))
        }
    })
}
