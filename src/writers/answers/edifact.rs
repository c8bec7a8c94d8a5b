//! CONTRL (ISO 9735-4, syntax version 3) and APERAK (D.96A).
//!
//! CONTRL speaks of syntax alone: a message that is well formed is acknowledged there even where its
//! order was refused, and APERAK says so.

use super::Fate;
use crate::formats::FormatKind;
use crate::problem::Problem;
use crate::writers::Marks;
use crate::writers::edifact::{envelope, split, stamp};
use crate::writers::segments::{Segments, cut, pieces};

/// Action codes (0083).
const ACKNOWLEDGED: &str = "7";
const REJECTED: &str = "4";

fn is_edifact(fate: &Fate) -> bool {
    fate.interchange.format == Some(FormatKind::Edifact) && !fate.interchange.control.is_empty()
}

fn is_syntax(problem: &Problem) -> bool {
    problem.code.starts_with("edifact.")
}

/// Is the interchange well formed?
pub(super) fn contrl(fate: &Fate, marks: &Marks) -> Option<Vec<u8>> {
    if !is_edifact(fate) {
        return None;
    }
    let sent = &fate.interchange;
    let mut out = Segments::edifact();
    out.put("UNH", &[&["1"], &["CONTRL", "3", "1", "UN"]]);
    let around = fate.outside();
    let broken = around.iter().find(|problem| is_syntax(problem));
    let (from, to) = (split(&sent.from), split(&sent.to));
    let (action, code) = match broken {
        None => (ACKNOWLEDGED, ""),
        Some(problem) => (REJECTED, error_code(problem)),
    };
    out.put(
        "UCI",
        &[
            &[&sent.control],
            &[from.0, from.1],
            &[to.0, to.1],
            &[action],
            &[code],
        ],
    );
    if broken.is_none() {
        for message in &sent.messages {
            let within = fate.within(message.segments);
            let Some(problem) = within.iter().find(|problem| is_syntax(problem)) else {
                continue;
            };
            let mut kind = vec![message.kind.as_str()];
            kind.extend(message.version.split(':'));
            out.put(
                "UCM",
                &[
                    &[&message.reference],
                    &kind,
                    &[REJECTED],
                    &[error_code(problem)],
                ],
            );
        }
    }
    Some(close(out, "CONTRL", marks, sent.test))
}

/// The syntax error (0085) that is nearest.
fn error_code(problem: &Problem) -> &'static str {
    let code = problem.code.as_ref();
    if code.contains("count") {
        // Control count does not match number of instances received.
        "29"
    } else if code.contains("reference") || code.contains("control") {
        // References do not match.
        "28"
    } else if code.contains("truncated") {
        // Missing.
        "13"
    } else {
        // Unspecified error.
        "18"
    }
}

fn close(mut out: Segments, name: &str, marks: &Marks, test: bool) -> Vec<u8> {
    let count = (out.count() + 1).to_string();
    out.put("UNT", &[&[&count], &["1"]]);
    envelope(name, &out.finish(), marks, test)
}

/// What became of each order? One message, with a group for each.
pub(super) fn aperak(fate: &Fate, marks: &Marks) -> Option<Vec<u8>> {
    if !is_edifact(fate) {
        return None;
    }
    let sent = &fate.interchange;
    let mut out = Segments::edifact();
    out.put("UNH", &[&["1"], &["APERAK", "D", "96A", "UN"]]);
    // 313 is an application error message, 312 an acknowledgement; 29 accepted, 27 not accepted.
    let (kind, function) = if fate.clean {
        ("312", "29")
    } else {
        ("313", "27")
    };
    out.put("BGM", &[&[kind], &[&marks.control], &[function]]);
    out.put("DTM", &[&["137", &stamp(marks, "%Y%m%d%H%M"), "203"]]);
    // ACW: the number of the interchange that is answered.
    out.put("RFF", &[&["ACW", &sent.control]]);
    let orders = fate.numbers();
    for number in &orders {
        let taken = fate.of(number);
        let message = sent
            .messages
            .iter()
            .find(|message| message.order == **number);
        let found = message
            .map(|message| fate.within(message.segments))
            .unwrap_or_default();
        let mut said = false;
        for problem in found {
            said = true;
            finding(&mut out, number, code(problem), &problem.to_string());
        }
        for words in taken
            .map(|taken| taken.words.as_slice())
            .unwrap_or_default()
        {
            said = true;
            finding(&mut out, number, "REFUSED", words);
        }
        if said {
            continue;
        }
        match taken {
            Some(taken) if taken.accepted => finding(&mut out, number, "OK", "accepted"),
            _ => finding(
                &mut out,
                number,
                "WITHHELD",
                "not taken up, because of what is wrong elsewhere in the file",
            ),
        }
    }
    for problem in fate.outside() {
        finding(&mut out, "", code(problem), &problem.to_string());
    }
    Some(close(out, "APERAK", marks, sent.test))
}

/// A code of ours (9321, mutually defined), of at most eight characters.
fn code(problem: &Problem) -> &'static str {
    let code = problem.code.as_ref();
    if code.starts_with("edifact.") {
        "SYNTAX"
    } else if code.contains("missing") {
        "MISSING"
    } else if code.starts_with("destination.") {
        "REFUSED"
    } else {
        "INVALID"
    }
}

/// One group of ERC, FTX and RFF.
fn finding(out: &mut Segments, order: &str, code: &str, words: &str) {
    out.put("ERC", &[&[code, "", "ZZZ"]]);
    let line = words.replace(['\r', '\n'], " ");
    let parts = pieces(cut(&line, 350), 70);
    out.put(
        "FTX",
        &[&["AAO"], &[], &[], parts.get(..5).unwrap_or(&parts)],
    );
    if !order.is_empty() {
        out.put("RFF", &[&["ON", cut(order, 35)]]);
    }
}
