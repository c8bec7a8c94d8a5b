//! The functional acknowledgment (997, X12C/X231) and the implementation acknowledgment (999,
//! 005010X231A1): a transaction set for each group, a response for each of its transaction sets.
//!
//! A transaction set is rejected where anything in it was refused when it was read, or where its
//! order was withheld for what is wrong elsewhere. What a partner refuses later is no matter of
//! these answers.

use super::Fate;
use crate::formats::{FormatKind, Group, Sent};
use crate::writers::Marks;
use crate::writers::edifact::{split, stamp};
use crate::writers::segments::{Segments, cut};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edition {
    Functional,
    Implementation,
}

impl Edition {
    fn kind(self) -> &'static str {
        match self {
            Self::Functional => "997",
            Self::Implementation => "999",
        }
    }

    fn version(self, group: &Group) -> &str {
        match self {
            Self::Functional => &group.version,
            Self::Implementation => "005010X231A1",
        }
    }

    /// The names of the response to a transaction set and of its end.
    fn tags(self) -> [&'static str; 2] {
        match self {
            Self::Functional => ["AK2", "AK5"],
            Self::Implementation => ["AK2", "IK5"],
        }
    }
}

pub(super) fn write(fate: &Fate, marks: &Marks, edition: Edition) -> Option<Vec<u8>> {
    let sent = &fate.interchange;
    if sent.format != Some(FormatKind::X12) || sent.groups.is_empty() {
        return None;
    }
    let control: u64 = marks.control.parse().unwrap_or_default();
    let control = format!("{:09}", control % 1_000_000_000);
    let mut out = Segments::x12();
    isa(&mut out, marks, &control, sent.test);
    for (at, group) in sent.groups.iter().enumerate() {
        let number = format!("{}", at + 1);
        let version = edition.version(group);
        out.put(
            "GS",
            &[
                &["FA"],
                &[&group.to],
                &[&group.from],
                &[&stamp(marks, "%Y%m%d")],
                &[&stamp(marks, "%H%M")],
                &[&number],
                &["X"],
                &[version],
            ],
        );
        respond(&mut out, fate, at, edition);
        out.put("GE", &[&["1"], &[&number]]);
    }
    out.put("IEA", &[&[&sent.groups.len().to_string()], &[&control]]);
    Some(out.finish().into_bytes())
}

/// ISA has elements of fixed width (X12.5).
fn isa(out: &mut Segments, marks: &Marks, control: &str, test: bool) {
    let wide = |text: &str| format!("{:<15}", cut(text, 15));
    let code = |code: &str| {
        if code.len() == 2 {
            code.to_owned()
        } else {
            "ZZ".to_owned()
        }
    };
    let (ours, theirs) = (split(&marks.ours), split(&marks.theirs));
    out.fixed(
        "ISA",
        &[
            "00",
            "          ",
            "00",
            "          ",
            &code(ours.1),
            &wide(ours.0),
            &code(theirs.1),
            &wide(theirs.0),
            &stamp(marks, "%y%m%d"),
            &stamp(marks, "%H%M"),
            "U",
            "00401",
            control,
            "0",
            if test { "T" } else { "P" },
            ">",
        ],
    );
}

fn respond(out: &mut Segments, fate: &Fate, at: usize, edition: Edition) {
    let Some(group) = fate.interchange.groups.get(at) else {
        return;
    };
    let of_group = |sent: &&Sent| sent.group == at;
    let sent: Vec<&Sent> = fate.interchange.messages.iter().filter(of_group).collect();
    let before = out.count();
    let number = format!("{:04}", at + 1);
    let last = match edition {
        Edition::Functional => "",
        Edition::Implementation => "005010X231A1",
    };
    out.put("ST", &[&[edition.kind()], &[&number], &[last]]);
    let version = match edition {
        Edition::Functional => "",
        Edition::Implementation => group.version.as_str(),
    };
    out.put("AK1", &[&[&group.code], &[&group.control], &[version]]);
    let [begin, end] = edition.tags();
    let mut accepted = 0;
    for one in &sent {
        out.put(begin, &[&[&one.kind], &[&one.reference]]);
        if is_accepted(fate, one) {
            accepted += 1;
            out.put(end, &[&["A"]]);
        } else {
            // 5: one or more segments in error.
            out.put(end, &[&["R"], &["5"]]);
        }
    }
    let verdict = match accepted {
        count if count == sent.len() && !sent.is_empty() => "A",
        0 => "R",
        _ => "P",
    };
    let count = sent.len().to_string();
    out.put(
        "AK9",
        &[&[verdict], &[&count], &[&count], &[&accepted.to_string()]],
    );
    let segments = (out.count() - before + 1).to_string();
    out.put("SE", &[&[&segments], &[&number]]);
}

fn is_accepted(fate: &Fate, sent: &Sent) -> bool {
    let withheld = fate.nothing || (!sent.order.is_empty() && fate.of(&sent.order).is_none());
    fate.within(sent.segments).is_empty() && (fate.clean || !withheld)
}
