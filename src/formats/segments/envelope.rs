//! Reads interchanges: segments into the sink, envelopes checked on the way.
//!
//! A trailer repeats its header's reference and counts what stands between. Real files get both
//! wrong: that is a warning. A trailer that is missing means that the file was cut, and what was
//! cut off nobody knows: that is an error, and nothing of the file is sent.

use std::borrow::Cow;

use super::tokens::{Ending, Tokens, is_tag};
use super::{Message, Part, Segment, Separators};
use crate::formats::{Flow, Records};
use crate::problem::{Place, Problem};

/// One level of envelopes.
pub(in crate::formats) struct Frame {
    /// The tag that opens it.
    pub(in crate::formats) open: &'static str,
    /// The tag that closes it.
    pub(in crate::formats) close: &'static str,
    /// The element of the opening segment that the closing one repeats as its second.
    pub(in crate::formats) reference: u16,
    /// What it is called.
    pub(in crate::formats) name: &'static str,
}

/// What one of the two standards adds.
pub(in crate::formats) trait Syntax {
    /// `edifact`, `x12`: what problem codes start with.
    fn code(&self) -> &'static str;
    /// What senders call it.
    fn name(&self) -> &'static str;
    /// Interchange, group, message.
    fn frames(&self) -> &'static [Frame; 3];
    /// Between interchanges: what structures the next one. `false` at the end of the text.
    ///
    /// # Errors
    /// What stands there instead.
    fn begin(&mut self, tokens: &mut Tokens<'_>) -> Result<bool, Problem>;
    /// A segment outside messages, by which messages are understood.
    fn envelope(&mut self, segment: &Segment<'_>) -> Option<Problem>;
    /// What an opening segment says about its message.
    fn message(&self, segment: &Segment<'_>) -> Message;
}

/// An envelope that is open.
struct Open {
    level: usize,
    reference: String,
    label: String,
    /// Its first segment.
    number: u64,
    /// Groups in an interchange, messages in both.
    groups: u64,
    messages: u64,
}

struct Reader<'r, S> {
    syntax: S,
    records: &'r mut dyn Records,
    open: Vec<Open>,
    flow: Flow,
}

/// Reads all interchanges of `tokens` into `records`.
///
/// # Errors
/// The problem that ended reading.
pub(in crate::formats) fn read<S: Syntax>(
    tokens: &mut Tokens<'_>,
    syntax: S,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let mut reader = Reader {
        syntax,
        records,
        open: Vec::new(),
        flow: Flow::Continue(()),
    };
    loop {
        if reader.open.is_empty() && !reader.syntax.begin(tokens)? {
            return Ok(());
        }
        let separators = tokens.separators();
        match tokens.next()? {
            None => return reader.end(separators),
            Some(token) => reader.segment(token.segment, token.ending, separators)?,
        }
        if reader.flow.is_break() {
            return Ok(());
        }
    }
}

impl<S: Syntax> Reader<'_, S> {
    fn segment(
        &mut self,
        mut segment: Segment<'_>,
        ending: Ending,
        separators: Separators,
    ) -> Result<(), Problem> {
        let tag = segment.tag();
        if !is_tag(tag) {
            return Err(self.no_segment(tag, place_of(&segment, separators)));
        }
        let frames = self.syntax.frames();
        let opens = frames.iter().position(|frame| frame.open == tag);
        let closes = frames.iter().position(|frame| frame.close == tag);
        if ending != Ending::Terminated {
            self.ending(&segment, ending, closes, separators)?;
        }
        if opens.or(closes).is_none() && self.open.last().is_some_and(|open| open.level == 2) {
            self.tell(&segment);
            return Ok(());
        }
        if opens.or(closes) != Some(2) {
            segment.part = Part::Envelope;
            if let Some(problem) = self.syntax.envelope(&segment) {
                self.problem(problem.at(place_of(&segment, separators)));
            }
        }
        match (opens, closes) {
            (Some(level), _) => self.opens(level, &segment, separators)?,
            (_, Some(level)) => self.closes(level, &segment, separators)?,
            _ => self.tell(&segment),
        }
        Ok(())
    }

    /// A segment that did not end with its terminator.
    fn ending(
        &mut self,
        segment: &Segment<'_>,
        ending: Ending,
        closes: Option<usize>,
        separators: Separators,
    ) -> Result<(), Problem> {
        let place = place_of(segment, separators);
        match ending {
            Ending::Terminated => Ok(()),
            Ending::LineBreak => {
                let what = "The segment does not end with its terminator; it was taken to end with its line.";
                self.problem(self.warning("terminator-missing", what).at(place));
                Ok(())
            }
            Ending::Cut if separators.segment == '\n' && closes.is_some() => Ok(()),
            Ending::Cut => {
                let outermost = self.open.len() == 1;
                let whole = self.open.last().is_some_and(|open| {
                    Some(open.level) == closes && open.reference == segment.get(2, 1)
                });
                if !(outermost && whole) {
                    return Err(self.truncated("in this segment").at(place));
                }
                let what = "The last segment does not end with its terminator.";
                self.problem(self.warning("terminator-missing", what).at(place));
                Ok(())
            }
        }
    }

    fn opens(
        &mut self,
        level: usize,
        segment: &Segment<'_>,
        separators: Separators,
    ) -> Result<(), Problem> {
        if let Some(open) = self.open.last().filter(|open| open.level >= level) {
            return Err(self.unclosed(open));
        }
        let frame = &self.syntax.frames()[level];
        match (level, self.open.last_mut()) {
            (1, Some(outer)) => outer.groups += 1,
            (2, Some(_)) => self.open.iter_mut().for_each(|open| open.messages += 1),
            (2, None) => {
                let outer = self.syntax.frames()[0].open;
                let what = format!("The file starts with a message instead of {outer}.");
                let place = place_of(segment, separators);
                self.problem(self.warning("no-interchange", what).at(place));
            }
            _ => {}
        }
        self.open.push(Open {
            level,
            reference: segment.get(frame.reference, 1).trim().to_owned(),
            label: segment.label(separators.element),
            number: segment.number,
            groups: 0,
            messages: 0,
        });
        if level == 2 {
            let mut message = self.syntax.message(segment);
            message.label = segment.label(separators.element);
            self.keep(|records| records.message(&message));
        }
        self.tell(segment);
        Ok(())
    }

    fn closes(
        &mut self,
        level: usize,
        segment: &Segment<'_>,
        separators: Separators,
    ) -> Result<(), Problem> {
        let frame = &self.syntax.frames()[level];
        let place = place_of(segment, separators);
        self.tell(segment);
        let Some(open) = self.open.pop() else {
            return Err(self.stray(frame, place));
        };
        if open.level != level {
            return Err(if open.level > level {
                self.unclosed(&open)
            } else {
                self.stray(frame, place)
            });
        }
        let counted = match level {
            0 if open.groups > 0 => open.groups,
            0 | 1 => open.messages,
            _ => segment.number - open.number + 1,
        };
        self.check(frame, &open, segment, counted, &place);
        if level == 2 {
            self.keep(|records| records.message_end());
        }
        Ok(())
    }

    /// What the trailer says against what stands there: a warning, because real files lie here.
    fn check(
        &mut self,
        frame: &Frame,
        open: &Open,
        segment: &Segment<'_>,
        counted: u64,
        place: &Place,
    ) {
        let stated = segment.get(1, 1).trim();
        if stated.parse() != Ok(counted) {
            let of = ["groups or messages", "messages", "segments"][open.level];
            let what = format!(
                "{} counts other {of} than there are: {counted}.",
                frame.close
            );
            let problem = self.warning("count", what).at(place.clone());
            self.problem(problem.with_value(stated).expecting(counted.to_string()));
        }
        let repeated = segment.get(2, 1).trim();
        if repeated != open.reference {
            let what = format!(
                "The reference at the end of the {} is not that of its beginning.",
                frame.name
            );
            let problem = self.warning("reference", what).at(place.clone());
            let expected = crate::problem::excerpt(&open.reference);
            self.problem(
                problem
                    .with_value(repeated)
                    .expecting(format!("“{expected}”")),
            );
        }
    }

    /// The text is at its end.
    fn end(&mut self, separators: Separators) -> Result<(), Problem> {
        match self.open.first() {
            None => Ok(()),
            Some(open) => {
                let frame = &self.syntax.frames()[open.level];
                let what = format!("before {}{}", frame.close, separators.element);
                let place = segment_place(open.label.clone());
                Err(self.truncated(&what).at(place))
            }
        }
    }

    fn tell(&mut self, segment: &Segment<'_>) {
        self.keep(|records| records.segment(segment));
    }

    fn problem(&mut self, problem: Problem) {
        self.keep(|records| records.problem(problem));
    }

    fn keep(&mut self, told: impl FnOnce(&mut dyn Records) -> Flow) {
        if self.flow.is_continue() {
            self.flow = told(self.records);
        }
    }

    fn warning(&self, code: &str, what: impl Into<Cow<'static, str>>) -> Problem {
        coded(Problem::warning("segment", what), self.syntax.code(), code)
    }

    fn error(&self, code: &str, what: impl Into<Cow<'static, str>>) -> Problem {
        coded(Problem::error("segment", what), self.syntax.code(), code)
    }

    fn truncated(&self, where_: &str) -> Problem {
        let what = format!("The {} interchange ends {where_}.", self.syntax.name());
        self.error("truncated", what)
            .with_hint("The file was probably cut off while it was written; send it again.")
    }

    fn unclosed(&self, open: &Open) -> Problem {
        let frame = &self.syntax.frames()[open.level];
        let what = format!(
            "The {} that starts here has no {}.",
            frame.name, frame.close
        );
        self.error("truncated", what)
            .at(segment_place(open.label.clone()))
            .with_hint("A part of the file is missing; send it again.")
    }

    fn stray(&self, frame: &Frame, place: Place) -> Problem {
        let what = format!(
            "{} ends a {} that was not begun with {}.",
            frame.close, frame.name, frame.open
        );
        self.error("structure", what).at(place)
    }

    fn no_segment(&self, tag: &str, place: Place) -> Problem {
        let what = format!("This is no {} segment.", self.syntax.name());
        self.error("malformed", what)
            .at(place)
            .with_value(tag)
            .expecting("a tag of two or three capital letters")
            .with_hint("Check that every segment ends with its terminator, and that nothing else stands in the file.")
    }
}

/// `problem` under the code `format.code`.
pub(in crate::formats) fn coded(mut problem: Problem, format: &str, code: &str) -> Problem {
    problem.code = format!("{format}.{code}").into();
    problem
}

fn place_of(segment: &Segment<'_>, separators: Separators) -> Place {
    segment_place(segment.label(separators.element))
}

/// A segment as a place.
pub(in crate::formats) fn segment_place(label: String) -> Place {
    Place {
        segment: Some(label),
        ..Place::default()
    }
}
