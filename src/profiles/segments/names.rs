//! What messages are called, for those that no profile reads.

use super::super::unknown::{no_profile, not_order};
use crate::formats::{FormatKind, Message};
use crate::problem::{Place, Problem, excerpt};

/// Messages that ask for something, although no built-in profile reads them.
const ORDERS: [&str; 17] = [
    "ORDERS", "ORDCHG", "IFTMIN", "IFTMBF", "IFCSUM", "DELFOR", "DELJIT", "DESADV", "HANMOV",
    "INSDES", "204", "211", "300", "304", "830", "856", "940",
];

/// Codes and what they are. UN/EDIFACT directory D.01B; X12 transaction sets of 005010.
const NAMES: [(&str, &str); 58] = [
    ("APERAK", "an application acknowledgement"),
    ("BAPLIE", "a bayplan"),
    ("COARRI", "a container discharge or loading report"),
    ("CODECO", "a container gate report"),
    ("CONTRL", "a syntax acknowledgement"),
    ("COPARN", "a container announcement"),
    ("COPRAR", "a container discharge or loading list"),
    ("COREOR", "a container release"),
    ("CUSCAR", "a customs cargo report"),
    ("CUSDEC", "a customs declaration"),
    ("CUSRES", "a customs response"),
    ("DELFOR", "a delivery schedule"),
    ("DELJIT", "a just-in-time delivery call"),
    ("DESADV", "a despatch advice"),
    ("HANMOV", "a cargo handling order"),
    ("IFCSUM", "a consolidated forwarding instruction"),
    ("IFTMAN", "an arrival notice"),
    ("IFTMBC", "a booking confirmation"),
    ("IFTMBF", "a firm booking"),
    ("IFTMBP", "a provisional booking"),
    ("IFTMCS", "an instruction contract status"),
    ("IFTMIN", "a forwarding instruction"),
    ("IFTSAI", "a schedule of sailings"),
    ("IFTSTA", "a transport status report"),
    ("INSDES", "an instruction to despatch"),
    ("INVOIC", "an invoice"),
    ("INVRPT", "an inventory report"),
    ("MSCONS", "a metered services report"),
    ("ORDCHG", "an order change"),
    ("ORDERS", "an order"),
    ("ORDRSP", "an order response"),
    ("OSTENQ", "an order status enquiry"),
    ("OSTRPT", "an order status report"),
    ("PARTIN", "party information"),
    ("PRICAT", "a price catalogue"),
    ("QUOTES", "a quotation"),
    ("RECADV", "a receiving advice"),
    ("REMADV", "a remittance advice"),
    ("REQOTE", "a request for quotation"),
    ("SLSRPT", "a sales report"),
    ("204", "a motor carrier load tender"),
    ("210", "a freight invoice"),
    ("211", "a motor carrier bill of lading"),
    ("214", "a shipment status report"),
    ("300", "an ocean booking request"),
    ("301", "a booking confirmation"),
    ("304", "a shipping instruction"),
    ("310", "an ocean freight receipt and invoice"),
    ("315", "an ocean status report"),
    ("810", "an invoice"),
    ("820", "a payment order"),
    ("830", "a planning schedule"),
    ("855", "an order acknowledgement"),
    ("856", "a ship notice"),
    ("864", "a text message"),
    ("940", "a warehouse shipping order"),
    ("997", "a functional acknowledgement"),
    ("999", "an implementation acknowledgement"),
];

/// What to tell the sender of a message that nothing fits.
pub(crate) fn unknown(message: &Message, format: FormatKind, place: Place) -> Problem {
    let kind = excerpt(&message.kind);
    let standard = if format == FormatKind::X12 {
        "X12"
    } else {
        "EDIFACT"
    };
    if kind.is_empty() {
        let mut problem = Problem::error(
            "file.not-an-order",
            "The message does not say what it is, so it cannot be an order.",
        );
        problem.hint = Some("Put the message type into its first segment.".to_owned());
        return problem
            .at(place)
            .expecting("a message type such as ORDERS or 850");
    }
    let known = NAMES.iter().find(|(code, _)| *code == message.kind);
    let what = match known {
        Some((_, name)) => format!("{name} ({standard} {kind})"),
        None => format!("the {standard} message {kind}"),
    };
    if ORDERS.contains(&message.kind.as_str()) {
        no_profile(&what, place)
    } else {
        not_order(&what, place)
    }
}
