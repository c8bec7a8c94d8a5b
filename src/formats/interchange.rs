//! Who sent an interchange under which numbers: what an answer to it has to quote.
//!
//! A sink for any format: EDIFACT and X12 tell envelopes and messages, an XML document its kind and
//! number, the others nothing. Bounded by [`limits::ANSWER_MESSAGES`]; what a broken file still told
//! before it broke is kept.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::segments::Part;
use super::{
    About, Element, Flow, FormatKind, Interest, Message, Records, Row, Segment, Table, XmlName,
};
use crate::limits;
use crate::order::{Order, StatusUpdate};
use crate::problem::Problem;

/// What the envelopes said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interchange {
    /// Its format; `None` where nothing was read.
    pub format: Option<FormatKind>,
    /// Who sent it: identification and qualifier (`4012345000009:14`).
    pub from: String,
    /// To whom.
    pub to: String,
    /// Its number (UNB 0020, ISA13).
    pub control: String,
    /// X12: whether it is a test (ISA15).
    pub test: bool,
    /// The groups in it (X12).
    pub groups: Vec<Group>,
    /// The messages in it.
    pub messages: Vec<Sent>,
    /// XML: the name of the root element.
    pub document: Option<String>,
    /// XML: the document's own number.
    pub number: Option<String>,
}

/// A functional group of X12.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What is in it (GS01): `PO`.
    pub code: String,
    /// Who sent it (GS02).
    pub from: String,
    /// To whom (GS03).
    pub to: String,
    /// Its number (GS06).
    pub control: String,
    /// Its version (GS08).
    pub version: String,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// `ORDERS`, `850`.
    pub kind: String,
    /// `D:96A:UN`, `004010`.
    pub version: String,
    /// Its number (UNH 0062, ST02).
    pub reference: String,
    /// The place of its group in [`Interchange::groups`].
    pub group: usize,
    /// The sender's number of the order in it (BGM 1004, BEG03, …).
    pub order: String,
    /// Its first and last segment.
    pub segments: (u64, u64),
}

impl Interchange {
    /// The segments from which a number of the order is taken, and the element.
    fn number_at(tag: &str) -> Option<u16> {
        Some(match tag {
            "BGM" | "W05" => 2,
            "BEG" | "BCH" => 3,
            "B2" => 4,
            _ => return None,
        })
    }
}

fn id(segment: &Segment<'_>, element: u16) -> String {
    let (id, qualifier) = (segment.get(element, 1), segment.get(element, 2));
    match qualifier {
        "" => id.to_owned(),
        qualifier => format!("{id}:{qualifier}"),
    }
}

impl Records for Interchange {
    fn begin(&mut self, about: &About) -> Flow {
        self.format = Some(about.format);
        ControlFlow::Continue(())
    }

    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Break(())
    }

    fn row(&mut self, _: &Row<'_>) -> Flow {
        ControlFlow::Break(())
    }

    fn open(&mut self, path: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        if let [root] = path {
            self.document = Some(root.local.clone());
        }
        Interest::Descend
    }

    fn element(&mut self, _: &[XmlName], _: &Element) -> Flow {
        ControlFlow::Continue(())
    }

    fn text(&mut self, path: &[XmlName], text: &str) -> Flow {
        match path {
            [_, name] if name.local == "ID" && self.number.is_none() => {
                self.number = Some(text.trim().to_owned());
                ControlFlow::Break(())
            }
            _ => ControlFlow::Continue(()),
        }
    }

    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Break(())
    }

    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Break(())
    }

    fn message(&mut self, message: &Message) -> Flow {
        if self.messages.len() >= limits::ANSWER_MESSAGES {
            return ControlFlow::Break(());
        }
        self.messages.push(Sent {
            kind: message.kind.clone(),
            version: message.version.clone(),
            reference: message.reference.clone(),
            group: self.groups.len().saturating_sub(1),
            ..Sent::default()
        });
        ControlFlow::Continue(())
    }

    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        match (segment.tag(), segment.part) {
            // Several interchanges in a file are answered as the first of them.
            ("UNB", _) if self.control.is_empty() => {
                self.from = id(segment, 2);
                self.to = id(segment, 3);
                segment.get(5, 1).clone_into(&mut self.control);
                self.test = segment.get(11, 1) == "1";
            }
            ("ISA", _) if self.control.is_empty() => {
                let of = |id: u16, code: u16| {
                    format!(
                        "{}:{}",
                        segment.get(id, 1).trim(),
                        segment.get(code, 1).trim()
                    )
                };
                self.from = of(6, 5);
                self.to = of(8, 7);
                segment.get(13, 1).clone_into(&mut self.control);
                self.test = segment.get(15, 1) == "T";
            }
            ("GS", Part::Envelope) => self.groups.push(Group {
                code: segment.get(1, 1).to_owned(),
                from: segment.get(2, 1).to_owned(),
                to: segment.get(3, 1).to_owned(),
                control: segment.get(6, 1).to_owned(),
                version: segment.get(8, 1).to_owned(),
            }),
            (tag, Part::Message) => {
                if let Some(message) = self.messages.last_mut() {
                    if message.segments.0 == 0 {
                        message.segments.0 = segment.number;
                    }
                    message.segments.1 = segment.number;
                    if let Some(element) = Self::number_at(tag)
                        && message.order.is_empty()
                    {
                        segment.get(element, 1).clone_into(&mut message.order);
                    }
                }
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) -> Flow {
        ControlFlow::Continue(())
    }
}
