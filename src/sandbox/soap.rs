//! A SOAP endpoint: versions 1.1 (W3C Note, 2000) and 1.2 (W3C Recommendation, 2007), any path.
//!
//! Order of checks: method, media type, XML, envelope and version, headers that must be understood,
//! action, body.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::call::{Call, Reply};
use super::stand::{Acted, House, Stand, unknown_action};
use super::xml::{self, Element};
use crate::limits;

const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Which version a message is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

/// Whose fault a fault is.
#[derive(Debug, Clone, Copy)]
enum Blame {
    Sender,
    Receiver,
    Version,
    MustUnderstand,
}

/// The partner.
#[derive(Debug, Default)]
pub(super) struct Soap {
    /// The latest; older ones make room.
    messages: VecDeque<Value>,
    taken: u64,
    /// What the last caller spoke; failures answer in it.
    last: Option<Version>,
}

impl Version {
    fn namespace(self) -> &'static str {
        match self {
            Self::One => SOAP_11,
            Self::Two => SOAP_12,
        }
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::One => "text/xml; charset=utf-8",
            Self::Two => "application/soap+xml; charset=utf-8",
        }
    }

    fn envelope(self, status: u16, body: &str) -> Reply {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<soap:Envelope xmlns:soap=\"{}\">\
             <soap:Body>{body}</soap:Body></soap:Envelope>\n",
            self.namespace()
        );
        Reply::text(status, self.media_type(), text)
    }

    /// SOAP 1.1 sends every fault with 500 (6.2); SOAP 1.2 sends those of the sender with 400
    /// (part 2, 7.5.2.2).
    fn fault(self, blame: Blame, words: &str) -> Reply {
        let shown = xml::escape(words);
        let code = match (self, blame) {
            (_, Blame::Version) => "VersionMismatch",
            (_, Blame::MustUnderstand) => "MustUnderstand",
            (Self::One, Blame::Sender) => "Client",
            (Self::One, Blame::Receiver) => "Server",
            (Self::Two, Blame::Sender) => "Sender",
            (Self::Two, Blame::Receiver) => "Receiver",
        };
        let (status, body) = match self {
            Self::One => (
                500,
                format!(
                    "<soap:Fault><faultcode>soap:{code}</faultcode>\
                     <faultstring>{shown}</faultstring></soap:Fault>"
                ),
            ),
            Self::Two => (
                if matches!(blame, Blame::Sender) {
                    400
                } else {
                    500
                },
                format!(
                    "<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value></soap:Code>\
                     <soap:Reason><soap:Text xml:lang=\"en\">{shown}</soap:Text></soap:Reason>\
                     </soap:Fault>"
                ),
            ),
        };
        self.envelope(status, &body).because(words.to_owned())
    }
}

impl Soap {
    fn take(&mut self, call: &Call, house: &House) -> Result<Reply, Reply> {
        if call.method != "POST" {
            let reply = Reply::empty(405).with("allow", "POST");
            return Err(reply.because("Messages are sent by POST."));
        }
        let version = match call.media_type().as_str() {
            "text/xml" => Version::One,
            "application/soap+xml" => Version::Two,
            other => {
                let words = format!("{other:?} is the media type of no version of SOAP.");
                return Err(Reply::empty(415).because(words));
            }
        };
        self.last = Some(version);
        let root = xml::parse(&call.body)
            .map_err(|why| version.fault(Blame::Sender, &format!("No XML: {why}.")))?;
        let body = envelope(version, &root)?;
        let action = action(version, call)?;
        let settings = &house.settings.soap;
        if let Some(wanted) = &settings.action
            && action.as_ref() != Some(wanted)
        {
            let words = format!("The action {:?} is not known.", action.unwrap_or_default());
            return Err(version.fault(Blame::Sender, &words));
        }
        let element = body.children.first();
        let element = element.ok_or_else(|| version.fault(Blame::Sender, "The body is empty."))?;
        if let Some(wanted) = &settings.element
            && element.name != *wanted
        {
            let words = format!("The body holds {} and not {wanted}.", element.name);
            return Err(version.fault(Blame::Sender, &words));
        }
        if self.messages.len() >= limits::SANDBOX_LOG {
            self.messages.pop_front();
        }
        self.taken += 1;
        let id = format!("S-{:06}", self.taken);
        let text = String::from_utf8_lossy(&call.body);
        self.messages.push_back(json!({
            "id": id,
            "action": action,
            "element": element.name,
            "namespace": element.namespace,
            "message": super::log::excerpt(&text),
        }));
        let answer = format!("<Accepted xmlns=\"urn:orderdock:sandbox\"><id>{id}</id></Accepted>");
        Ok(version.envelope(200, &answer))
    }
}

/// The body of an envelope.
fn envelope(version: Version, root: &Element) -> Result<&Element, Reply> {
    if root.name != "Envelope" {
        return Err(version.fault(Blame::Sender, "The root element is no Envelope."));
    }
    let namespace = version.namespace();
    if root.namespace != namespace {
        let words = format!(
            "The envelope is in {:?} and not in {namespace}.",
            root.namespace
        );
        return Err(version.fault(Blame::Version, &words));
    }
    let part = |name: &str| {
        let mut parts = root.children.iter();
        parts.find(|part| part.name == name && part.namespace == namespace)
    };
    let headers = part("Header").map_or(&[][..], |header| &header.children);
    let must = headers.iter().find(|header| {
        let flag = header.attribute(namespace, "mustUnderstand");
        flag.is_some_and(|flag| flag == "1" || flag == "true")
    });
    if let Some(header) = must {
        let words = format!("The header {} is not understood.", header.name);
        return Err(version.fault(Blame::MustUnderstand, &words));
    }
    part("Body").ok_or_else(|| version.fault(Blame::Sender, "The envelope has no Body."))
}

/// In 1.1 a header that must be there, quoted and perhaps empty (6.1.1); in 1.2 a parameter of the
/// media type that may be missing (RFC 3902).
fn action(version: Version, call: &Call) -> Result<Option<String>, Reply> {
    let unquoted = |text: &str| {
        let text = text.trim();
        let inner = text
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        inner.map(str::to_owned)
    };
    match version {
        Version::One => {
            let missing = || version.fault(Blame::Sender, "The header SOAPAction is missing.");
            let header = call.header("soapaction").ok_or_else(missing)?;
            let quoted = unquoted(header);
            let bare = || version.fault(Blame::Sender, "The header SOAPAction is not in quotes.");
            quoted.ok_or_else(bare).map(Some)
        }
        Version::Two => {
            let parameters = call.header("content-type").unwrap_or_default().split(';');
            let action = parameters.skip(1).find_map(|parameter| {
                let (name, value) = parameter.split_once('=')?;
                let action = name.trim().eq_ignore_ascii_case("action");
                action.then(|| unquoted(value).unwrap_or_else(|| value.trim().to_owned()))
            });
            Ok(action)
        }
    }
}

impl Stand for Soap {
    fn answer(&mut self, call: &Call, house: &House) -> Reply {
        self.take(call, house).unwrap_or_else(|reply| reply)
    }

    fn failure(&self, status: u16, _: &House) -> Reply {
        let version = self.last.unwrap_or(Version::One);
        let fault = version.fault(Blame::Receiver, "An unexpected error occurred.");
        Reply { status, ..fault }
    }

    fn act(&mut self, action: &str, _: &Value, _: &House) -> Result<Acted, String> {
        Err(unknown_action(action, &[]))
    }

    fn state(&self) -> Value {
        json!({ "taken": self.taken, "messages": self.messages })
    }
}
