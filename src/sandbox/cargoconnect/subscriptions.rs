//! Who wants to hear about which air waybill, until when.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::Uri;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::refuse;
use crate::clock::Millis;
use crate::limits;
use crate::sandbox::call::{Call, Outgoing, Reply};
use crate::sandbox::settings::Callback;
use crate::sandbox::stand::House;
use crate::sandbox::time;

/// Mail addresses in one subscription at most.
const EMAILS: usize = 5;
/// The event after which nothing comes any more.
const DELIVERED: &str = "DLV";

/// What a request asks for.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) awb: String,
    targets: Vec<Target>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Url(String),
    Email(String),
}

impl Wish {
    /// Read from the body of a request, or why not. A `single` e-mail address outside the list is
    /// known to unsubscribing only, where it is going to be given up.
    pub(super) fn of(call: &Call, single: bool) -> Result<Self, Reply> {
        let invalid = |why: &str| refuse(400, "invalid body").because(why.to_owned());
        let body = call.object().map_err(|why| invalid(&why))?;
        let body = Value::Object(body);
        let awb = body["awb"].as_str().unwrap_or_default();
        if !is_awb(awb) {
            return Err(invalid("The awb must be written like 000-12345675."));
        }
        let mut targets = Vec::new();
        match &body["url"] {
            Value::Null => {}
            Value::String(url) if url.is_empty() => {}
            Value::String(url) => {
                if !is_url(url) {
                    return Err(refuse(400, "invalid url format"));
                }
                targets.push(Target::Url(url.clone()));
            }
            _ => return Err(invalid("The url must be a text.")),
        }
        let mut emails: Vec<&Value> = Vec::new();
        match &body["emails"] {
            Value::Null => {}
            Value::Array(list) => emails.extend(list),
            _ => return Err(invalid("The emails must be a list.")),
        }
        let email = body.get("email").filter(|email| single && !email.is_null());
        emails.extend(email);
        if emails.len() > EMAILS {
            return Err(invalid("There may be five e-mail addresses at most."));
        }
        for email in emails {
            match email.as_str().filter(|text| is_email(text)) {
                Some(email) => targets.push(Target::Email(email.to_owned())),
                None => return Err(invalid("An e-mail address is none.")),
            }
        }
        if targets.is_empty() {
            return Err(invalid("There is neither a url nor an e-mail address."));
        }
        Ok(Self {
            awb: awb.to_owned(),
            targets,
        })
    }
}

#[derive(Debug)]
struct Subscription {
    from: Millis,
    until: Millis,
    /// Ended by its owner or by the delivery of the goods.
    over: bool,
}

/// All subscriptions by air waybill and target.
#[derive(Debug, Default)]
pub(super) struct Subscriptions {
    all: BTreeMap<(String, Target), Subscription>,
    known: BTreeSet<String>,
}

impl Subscriptions {
    /// Begins a cycle, or begins it anew; `false` where there is no room.
    pub(super) fn add(&mut self, wish: &Wish, house: &House) -> bool {
        if self.all.len() >= limits::SANDBOX_THINGS {
            return false;
        }
        let days = house.settings.cargoconnect.subscription_days;
        let until = house.in_seconds(days.saturating_mul(86_400));
        for target in &wish.targets {
            let subscription = Subscription {
                from: house.now,
                until,
                over: false,
            };
            self.all
                .insert((wish.awb.clone(), target.clone()), subscription);
        }
        self.known.insert(wish.awb.clone());
        true
    }

    pub(super) fn knows(&self, awb: &str) -> bool {
        self.known.contains(awb)
    }

    /// Ends what is active of it; whether anything was.
    pub(super) fn remove(&mut self, wish: &Wish, house: &House) -> bool {
        let mut any = false;
        for target in &wish.targets {
            let key = (wish.awb.clone(), target.clone());
            if let Some(subscription) = self.all.get_mut(&key)
                && subscription.is_active(house.now)
            {
                subscription.over = true;
                any = true;
            }
        }
        any
    }

    /// Callbacks and mails about an update; after the delivery the subscriptions are over.
    pub(super) fn tell(&mut self, awb: &str, update: &Value, house: &House) -> Vec<Outgoing> {
        let new = update["newEvents"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        if new.is_empty() {
            return Vec::new();
        }
        let delivered = new.iter().any(|event| event["code"] == DELIVERED);
        let mut out = Vec::new();
        // The first of all targets that there may be.
        let first = (awb.to_owned(), Target::Url(String::new()));
        for ((number, target), subscription) in self.all.range_mut(first..) {
            if number != awb {
                break;
            }
            if !subscription.is_active(house.now) {
                continue;
            }
            out.push(match target {
                Target::Url(url) => callback(url, update, house),
                Target::Email(email) => mail(email, awb, new),
            });
            subscription.over = delivered;
        }
        out
    }

    pub(super) fn state(&self) -> Value {
        let shown = self.all.iter().map(|((awb, target), subscription)| {
            let target = match target {
                Target::Url(text) | Target::Email(text) => text,
            };
            json!({
                "awb": awb,
                "target": target,
                "from": time::utc(subscription.from),
                "until": time::utc(subscription.until),
                "over": subscription.over,
            })
        });
        Value::Array(shown.collect())
    }
}

impl Subscription {
    fn is_active(&self, now: Millis) -> bool {
        !self.over && now < self.until
    }
}

fn callback(url: &str, update: &Value, house: &House) -> Outgoing {
    let body = Bytes::from(update.to_string());
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let settings = &house.settings.cargoconnect;
    match &settings.callback {
        Callback::None => {}
        Callback::Basic { user, password } => {
            let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
            headers.push(("authorization".to_owned(), format!("Basic {pair}")));
        }
        Callback::Bearer { token } => {
            headers.push(("authorization".to_owned(), format!("Bearer {token}")));
        }
        // Over the bytes as they leave: whoever parses and writes them again gets another sum.
        Callback::Hmac => {
            if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(settings.api_key.as_bytes()) {
                mac.update(&body);
                let sum = BASE64_STANDARD.encode(mac.finalize().into_bytes());
                headers.push(("cargoai-api-key".to_owned(), sum));
            }
        }
    }
    Outgoing::Post {
        url: url.to_owned(),
        headers,
        body,
    }
}

/// Mails have no scheduled or actual times.
fn mail(to: &str, awb: &str, new: &[Value]) -> Outgoing {
    let lines = new.iter().map(|event| {
        let text = |key: &str| event[key].as_str().unwrap_or("-");
        format!(
            "{} {} {}",
            text("code"),
            text("eventLocation"),
            text("eventDate")
        )
    });
    Outgoing::Mail {
        to: to.to_owned(),
        subject: format!("Tracking update for AWB {awb}"),
        text: format!(
            "New events of {awb}:\n\n{}",
            lines.collect::<Vec<_>>().join("\n")
        ),
    }
}

/// `NNN-NNNNNNNN`. Its check digit may be wrong, as in the partner's own example.
pub(super) fn is_awb(text: &str) -> bool {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let parts = text.split_once('-');
    parts.is_some_and(|(prefix, number)| {
        prefix.len() == 3 && number.len() == 8 && digits(prefix) && digits(number)
    })
}

fn is_url(text: &str) -> bool {
    let uri: Result<Uri, _> = text.parse();
    uri.is_ok_and(|uri| {
        let scheme = uri.scheme_str();
        scheme.is_some_and(|scheme| ["http", "https"].contains(&scheme))
            && uri.host().is_some_and(|host| !host.is_empty())
    })
}

fn is_email(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_graphic() && !"<>,;\"".contains(c);
    text.chars().all(fine)
        && text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty() && host.contains('.') && !host.contains('@')
        })
}
