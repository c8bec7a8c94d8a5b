//! A SOAP endpoint: a message by template, in SOAP 1.1 or 1.2.
//!
//! Promises: the message is frozen with the first attempt; a fault is the sender's matter only where
//! the endpoint says so, and never an ordinary failure of HTTP. Nothing in SOAP recognises a repeat,
//! so that a lost answer waits for a person unless the configuration says otherwise.

mod answer;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Method;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use self::answer::Names;
use super::form::template::Template;
use super::form::{BodyForm, Escape};
use super::wire::link::{Call, Link};
use super::{Body, Found, LinkSettings, Outcome, Partner, Request};
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;

/// The settings of one SOAP destination.
#[derive(Debug, Clone)]
pub struct SoapSettings {
    /// Where it is.
    pub link: LinkSettings,
    /// Which SOAP is spoken.
    pub version: Version,
    /// What is done with creates, updates and cancels: the action each is sent under.
    pub actions: [String; 3],
    /// A template over `order`: a whole envelope, or what stands in its body. Without one, only
    /// messages are sent that came as such.
    pub body: Option<String>,
    /// User and password (RFC 7617).
    pub user: Option<(String, SecretString)>,
    /// The element of the answer that holds the partner's own id.
    pub remote_id: Option<String>,
    /// What else of the answer is kept with the order: names, and elements.
    pub facts: BTreeMap<String, String>,
    /// A message whose answer was lost is sent again.
    pub resend_unknown: bool,
}

/// Which SOAP is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// SOAP 1.1.
    #[default]
    V11,
    /// SOAP 1.2.
    V12,
}

impl Version {
    fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }
}

/// One SOAP destination.
#[derive(Debug)]
pub struct Soap {
    link: Link,
    version: Version,
    actions: [HeaderValue; 3],
    template: Option<Template>,
    basic: Option<SecretString>,
    names: Names,
    resend_unknown: bool,
}

impl Soap {
    /// Compiles `settings`.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &SoapSettings) -> Result<Self, Failure> {
        let during = format!("setting up the destination “{}”", settings.link.name);
        let wrong = |why: String| Failure::operator(&during, why);
        let basic = settings.user.as_ref().map(|(user, password)| {
            SecretString::from(STANDARD.encode(format!("{user}:{}", password.expose_secret())))
        });
        let password = settings.user.iter().map(|(_, password)| password.clone());
        let [create, update, cancel] = &settings.actions;
        let action = |name: &str| header(settings.version, name).map_err(wrong);
        Ok(Self {
            link: Link::whole(&settings.link, password.chain(basic.clone()))?,
            version: settings.version,
            actions: [action(create)?, action(update)?, action(cancel)?],
            template: match &settings.body {
                None => None,
                Some(source) => Template::compile(&BodyForm::Template {
                    source: source.clone(),
                    escape: Escape::Xml,
                })
                .map_err(wrong)?,
            },
            basic,
            names: Names {
                remote_id: settings.remote_id.clone(),
                facts: settings.facts.clone(),
            },
            resend_unknown: settings.resend_unknown,
        })
    }

    fn call(&self, request: &Request) -> Result<Call, String> {
        let [create, update, cancel] = &self.actions;
        let action = match request.action {
            Action::Create => create,
            Action::Update => update,
            Action::Cancel => cancel,
        };
        let call =
            Call::new(Method::POST, "").body("text/xml; charset=utf-8", request.body.clone());
        let name = match self.version {
            Version::V11 => HeaderName::from_static("soapaction"),
            // It stands in the content type (RFC 3902, 3).
            Version::V12 => CONTENT_TYPE,
        };
        let call = call.header(name, action.clone());
        match &self.basic {
            None => Ok(call),
            Some(basic) => {
                let text = format!("Basic {}", basic.expose_secret());
                call.secret_header(AUTHORIZATION, &text, basic.clone())
            }
        }
    }

    /// The envelope around a message that is not one yet.
    fn enveloped(&self, message: &str) -> String {
        let text = message.trim_start_matches('\u{feff}').trim();
        let text = match text.strip_prefix("<?xml") {
            Some(tail) => tail.split_once("?>").map_or(text, |(_, tail)| tail.trim()),
            None => text,
        };
        let root = text.trim_start_matches('<');
        let root = root
            .split([' ', '>', '\t', '\n', '\r'])
            .next()
            .unwrap_or_default();
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        if root.rsplit(':').next() == Some("Envelope") {
            return format!("{declaration}{text}");
        }
        format!(
            "{declaration}<soap:Envelope xmlns:soap=\"{}\"><soap:Body>{text}</soap:Body></soap:Envelope>",
            self.version.namespace()
        )
    }
}

/// Where an order keeps a message that came as such: a `.soap` file.
const MESSAGE: &str = "soap";

/// As much of an order as tells whether it is such a message.
#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    extra: Extra,
}

#[derive(Default, Deserialize)]
struct Extra {
    #[serde(rename = "soap")]
    message: Option<String>,
}

/// The header that names an action.
fn header(version: Version, action: &str) -> Result<HeaderValue, String> {
    let fits = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    if !action.chars().all(fits) {
        return Err(format!("the action “{action}” cannot stand in a header"));
    }
    let text = match version {
        Version::V11 => format!("\"{action}\""),
        Version::V12 if action.is_empty() => "application/soap+xml; charset=utf-8".to_owned(),
        Version::V12 => format!("application/soap+xml; charset=utf-8; action=\"{action}\""),
    };
    HeaderValue::from_str(&text).map_err(|error| error.to_string())
}

#[async_trait]
impl Partner for Soap {
    /// A message that came as such must be of the version that is spoken.
    fn check(&self, order: &Order) -> Vec<Problem> {
        let Some(message) = order.extra.get(MESSAGE) else {
            return Vec::new();
        };
        if message.contains(self.version.namespace()) {
            return Vec::new();
        }
        let problem = Problem::error(
            "destination.soap-version",
            "The endpoint that this message is for speaks another version of SOAP.",
        );
        vec![problem.expecting(format!("an envelope of {}", self.version.namespace()))]
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], _key: &str) -> Result<Body, Failure> {
        let during = || format!("writing a SOAP message, before {}", self.link.during());
        let asked: Result<Asked, _> = serde_json::from_slice(canonical);
        let asked = asked.map_err(|error| Failure::ours(during(), error))?;
        if let Some(message) = asked.extra.message {
            return Ok(Body::Rendered(message.into()));
        }
        let Some(template) = &self.template else {
            let why = "it came as no SOAP message, and the destination has no `body` to make one";
            return Err(Failure::operator(during(), why));
        };
        let text = template.render(canonical);
        let text = text.map_err(|why| Failure::operator(during(), why))?;
        let text = String::from_utf8_lossy(&text);
        Ok(Body::Rendered(self.enveloped(&text).into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        let call = match self.call(request) {
            Ok(call) => call,
            Err(why) => return Outcome::Parked(self.link.failure(why)),
        };
        match self.link.exchange(call).await {
            Ok(answer) => answer::outcome(&self.link, &answer, request, &self.names),
            Err(outcome) => outcome,
        }
    }

    /// SOAP has no question for this.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Asks with HEAD, which has no effect (RFC 9110, 9.2.1).
    async fn probe(&self) -> Result<(), Failure> {
        let answer = self.link.exchange(Call::new(Method::HEAD, "")).await;
        let answer = answer.map_err(Outcome::into_failure)?;
        match answer.status.as_u16() {
            // Endpoints that know only POST say so with any of these.
            400..=499 if !matches!(answer.status.as_u16(), 401 | 403 | 407) => Ok(()),
            500 | 501 => Ok(()),
            _ => answer.probed(self.link.during()),
        }
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        self.resend_unknown
    }
}
