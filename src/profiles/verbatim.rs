//! SOAP messages that are sent as they are: a file that ends in `.soap` is one order, whose content is
//! the message.
//!
//! Looked at and never rewritten: it must be well formed, without a document type, an envelope of
//! SOAP 1.1 or 1.2 with a body, in UTF-8. Nothing of it is taken for a field of an order; its number
//! is made of the file's name and hash.

use std::io::Read;
use std::ops::ControlFlow;

use sha2::{Digest, Sha256};

use super::{Chosen, MapOptions, Mapped, Orders, Outcome, ProfileUse, Summary};
use crate::formats::{
    self, About, Element, Flow, FormatKind, Input, Interest, ReadOptions, Records, Row, Table,
    XmlName,
};
use crate::limits;
use crate::names;
use crate::order::{Kind, Order, Origin, StatusUpdate};
use crate::problem::{Place, Problem};

/// Where an order keeps the message.
pub const FIELD: &str = "soap";

/// Namespaces of envelopes: SOAP 1.1 and 1.2.
const ENVELOPES: [&str; 2] = [
    "http://schemas.xmlsoap.org/soap/envelope/",
    "http://www.w3.org/2003/05/soap-envelope",
];

/// Whether a file of this name is such a message.
#[must_use]
pub fn is_message(name: &str) -> bool {
    name.rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && ending.eq_ignore_ascii_case("soap"))
}

/// Reads the message in `input` as one order.
pub fn read(input: &mut dyn Input, options: &MapOptions, orders: &mut dyn Orders) -> Summary {
    let candidate = candidate(options);
    match message(input) {
        Ok(text) => {
            let chosen = Chosen {
                candidate,
                format: FormatKind::Xml,
                profile: profile(),
                on_change: None,
            };
            if orders.chosen(&chosen).is_continue() {
                // What stops here the next look at the channel tells.
                let _stopped = orders.order(order(text, options)).is_break();
            }
            summary(Outcome::Accepted, candidate)
        }
        Err(problem) => {
            let _stopped = orders.problem(*problem).is_break();
            summary(Outcome::Rejected, candidate)
        }
    }
}

/// The first way in which the file may be read that asks for no profile and no other format.
fn candidate(options: &MapOptions) -> Option<usize> {
    options.candidates.iter().position(|candidate| {
        candidate.profile.is_none()
            && candidate
                .format
                .is_none_or(|format| format == FormatKind::Xml)
    })
}

fn profile() -> ProfileUse {
    ProfileUse {
        name: "soap-message".to_owned(),
        version: "1".to_owned(),
        hash: hex::encode(Sha256::digest(b"soap-message 1")),
    }
}

fn summary(outcome: Outcome, candidate: Option<usize>) -> Summary {
    let orders = u64::from(outcome == Outcome::Accepted);
    Summary {
        outcome,
        format: Some(FormatKind::Xml),
        profile: Some(profile()),
        candidate,
        orders,
        withheld: 1 - orders,
        withheld_rows: Vec::new(),
        problems_left_out: 0,
        correctable: false,
    }
}

fn order(text: String, options: &MapOptions) -> Mapped {
    let stem = options.file.rsplit_once('.').map_or("", |(stem, _)| stem);
    let stem: String = names::label(stem.as_bytes()).chars().take(80).collect();
    let hash: String = options.sha256.chars().take(10).collect();
    let source_hash = Sha256::digest(text.as_bytes()).into();
    Mapped {
        order: Order {
            reference: format!("{stem}-{hash}"),
            kind: Kind::Transport,
            extra: [(FIELD.to_owned(), text)].into(),
            origin: Origin {
                file: Some(options.file.clone()),
                path: Some("/".to_owned()),
                ..Origin::default()
            },
            ..Order::default()
        },
        source_hash,
    }
}

fn message(input: &mut dyn Input) -> Result<String, Box<Problem>> {
    let mut bytes = Vec::new();
    let most = limits::SOAP_MESSAGE_BYTES;
    let unreadable = |error: std::io::Error| {
        Box::new(Problem::error(
            "soap.unreadable",
            format!("The file could not be read: {error}."),
        ))
    };
    input
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(Box::new(
            Problem::error(
                "soap.too-large",
                "The message is too large to be sent as it is.",
            )
            .expecting(format!("at most {} MB", most >> 20)),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Problem::error("soap.encoding", "The message is not in UTF-8.")
            .with_hint("Send it in UTF-8, without a declaration or with encoding=\"UTF-8\".")
    })?;
    let mut envelope = Envelope::default();
    let mut again = formats::Bytes::new("message.soap", text.as_bytes());
    let read = formats::read(
        FormatKind::Xml,
        &mut again,
        &ReadOptions::default(),
        &mut envelope,
    );
    read.map_err(Box::new)?;
    if let Some(problem) = envelope.problem.take() {
        return Err(Box::new(problem));
    }
    if !envelope.is_one {
        return Err(Box::new(
            Problem::error(
                "soap.envelope",
                "This is no SOAP message: its root is no envelope of SOAP 1.1 or 1.2.",
            )
            .at(Place::path("/"))
            .expecting("Envelope"),
        ));
    }
    if !envelope.has_body {
        return Err(Box::new(
            Problem::error("soap.body", "The envelope has no body.")
                .at(Place::path("/Envelope"))
                .expecting("Body"),
        ));
    }
    Ok(text)
}

/// What is looked at of a message.
#[derive(Debug, Default)]
struct Envelope {
    is_one: bool,
    has_body: bool,
    problem: Option<Problem>,
}

impl Records for Envelope {
    fn begin(&mut self, _: &About) -> Flow {
        ControlFlow::Continue(())
    }

    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Continue(())
    }

    fn row(&mut self, _: &Row<'_>) -> Flow {
        ControlFlow::Continue(())
    }

    fn open(&mut self, path: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        match path {
            [root] => {
                self.is_one = root.local == "Envelope" && ENVELOPES.contains(&&*root.namespace);
                Interest::Descend
            }
            [root, child] => {
                self.has_body |= child.local == "Body" && child.namespace == root.namespace;
                Interest::Skip
            }
            _ => Interest::Skip,
        }
    }

    fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
        ControlFlow::Continue(())
    }

    fn text(&mut self, _: &[XmlName], _: &str) -> Flow {
        ControlFlow::Continue(())
    }

    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Continue(())
    }

    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> Flow {
        if problem.is_error() {
            self.problem.get_or_insert(problem);
        }
        ControlFlow::Continue(())
    }
}
