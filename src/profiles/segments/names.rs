//! What messages are called, for those that no profile reads.

use super::super::unknown::{no_profile, not_order};
use crate::formats::{FormatKind, Message};
use crate::problem::{Place, Problem, excerpt};

/// Messages that ask for something, although no built-in profile reads them.
const ORDERS: [&str; 22] = [
    "ORDERS", "ORDCHG", "IFTMIN", "IFTMBF", "IFCSUM", "DELFOR", "DELJIT", "DESADV", "HANMOV",
    "INSDES", "204", "211", "300", "304", "830", "850", "856", "862", "875", "876", "940", "860",
];

/// Codes and what they are. UN/EDIFACT directory D.01B; X12 transaction sets of 005010.
const NAMES: [(&str, &str); 126] = [
    ("APERAK", "an application acknowledgement"),
    ("BANSTA", "a bank status report"),
    ("BAPLIE", "a bayplan"),
    ("COARRI", "a container discharge or loading report"),
    ("CODECO", "a container gate report"),
    ("COHAOR", "a container handling order"),
    ("COMDIS", "a commercial dispute"),
    ("CONTRL", "a syntax acknowledgement"),
    ("COPARN", "a container announcement"),
    ("COPRAR", "a container discharge or loading list"),
    ("COREOR", "a container release"),
    ("COSTCO", "a container stuffing report"),
    ("COSTOR", "a container stuffing order"),
    ("CREADV", "a credit advice"),
    ("CUSCAR", "a customs cargo report"),
    ("CUSDEC", "a customs declaration"),
    ("CUSRES", "a customs response"),
    ("DEBADV", "a debit advice"),
    ("DELFOR", "a delivery schedule"),
    ("DELJIT", "a just-in-time delivery call"),
    ("DESADV", "a despatch advice"),
    ("DIRDEB", "a direct debit"),
    ("FINSTA", "a statement of account"),
    ("GENRAL", "a general message"),
    ("HANMOV", "a cargo handling order"),
    ("IFCSUM", "a consolidated forwarding instruction"),
    ("IFTDGN", "a dangerous goods notification"),
    ("IFTFCC", "a freight invoice"),
    ("IFTIAG", "a dangerous goods list"),
    ("IFTMAN", "an arrival notice"),
    ("IFTMBC", "a booking confirmation"),
    ("IFTMBF", "a firm booking"),
    ("IFTMBP", "a provisional booking"),
    ("IFTMCA", "a consignment advice"),
    ("IFTMCS", "an instruction contract status"),
    ("IFTMIN", "a forwarding instruction"),
    ("IFTSAI", "a schedule of sailings"),
    ("IFTSTA", "a transport status report"),
    ("INSDES", "an instruction to despatch"),
    ("INVENQ", "an inventory enquiry"),
    ("INVOIC", "an invoice"),
    ("INVRPT", "an inventory report"),
    ("MOVINS", "a stowage instruction"),
    ("MSCONS", "a metered services report"),
    ("ORDCHG", "an order change"),
    ("ORDERS", "an order"),
    ("ORDRSP", "an order response"),
    ("OSTENQ", "an order status enquiry"),
    ("OSTRPT", "an order status report"),
    ("PARTIN", "party information"),
    ("PAXLST", "a passenger list"),
    ("PAYMUL", "a payment order"),
    ("PAYORD", "a payment order"),
    ("PRICAT", "a price catalogue"),
    ("PROTAP", "a project cost report"),
    ("QUOTES", "a quotation"),
    ("RECADV", "a receiving advice"),
    ("REMADV", "a remittance advice"),
    ("REQOTE", "a request for quotation"),
    ("RETANN", "an announcement of returns"),
    ("RETINS", "an instruction for returns"),
    ("SLSFCT", "a sales forecast"),
    ("SLSRPT", "a sales report"),
    ("TAXCON", "a tax control report"),
    ("UTILMD", "utility master data"),
    ("VERMAS", "a verified gross mass"),
    ("104", "an air shipment information"),
    ("110", "an air freight invoice"),
    ("140", "a product registration"),
    ("180", "a return authorisation"),
    ("204", "a motor carrier load tender"),
    ("210", "a freight invoice"),
    ("211", "a motor carrier bill of lading"),
    ("212", "a delivery trailer manifest"),
    ("213", "a shipment status enquiry"),
    ("214", "a shipment status report"),
    ("215", "a pickup manifest"),
    ("216", "a pickup notification"),
    ("270", "a health care eligibility enquiry"),
    ("271", "a health care eligibility answer"),
    ("300", "an ocean booking request"),
    ("301", "a booking confirmation"),
    ("304", "a shipping instruction"),
    ("310", "an ocean freight receipt and invoice"),
    ("315", "an ocean status report"),
    ("322", "a terminal activity report"),
    ("404", "a rail bill of lading"),
    ("753", "a request for routing instructions"),
    ("754", "routing instructions"),
    ("810", "an invoice"),
    ("812", "a credit or debit adjustment"),
    ("816", "a location list"),
    ("820", "a payment order"),
    ("824", "an application advice"),
    ("830", "a planning schedule"),
    ("832", "a price catalogue"),
    ("834", "a benefit enrolment"),
    ("835", "a health care payment advice"),
    ("837", "a health care claim"),
    ("840", "a request for quotation"),
    ("843", "a response to a request for quotation"),
    ("846", "an inventory report"),
    ("850", "an order"),
    ("852", "product activity data"),
    ("855", "an order acknowledgement"),
    ("856", "a ship notice"),
    ("858", "shipment information"),
    ("859", "a freight invoice"),
    ("860", "an order change"),
    ("862", "a shipping schedule"),
    ("864", "a text message"),
    ("865", "an order change acknowledgement"),
    ("867", "a resale report"),
    ("869", "an order status enquiry"),
    ("870", "an order status report"),
    ("875", "a grocery order"),
    ("876", "a grocery order change"),
    ("880", "a grocery invoice"),
    ("940", "a warehouse shipping order"),
    ("943", "a stock transfer shipment advice"),
    ("944", "a stock transfer receipt advice"),
    ("945", "a warehouse shipping advice"),
    ("947", "a warehouse inventory adjustment"),
    ("990", "a response to a load tender"),
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
        problem.hint = Some("Put the message type into its first segment.".into());
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
