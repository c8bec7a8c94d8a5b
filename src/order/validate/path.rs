//! Paths of fields: a chain on the stack, written out only for a finding.

use std::fmt;

/// A field of the order, with the way to it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path<'a> {
    above: Option<&'a Path<'a>>,
    step: Step<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Index(usize),
}

impl<'a> Path<'a> {
    /// A field of the order itself.
    pub(super) fn root(field: &'a str) -> Self {
        Self {
            above: None,
            step: Step::Field(field),
        }
    }

    /// A field below, or an entry of a map.
    pub(super) fn field(&'a self, field: &'a str) -> Self {
        Self {
            above: Some(self),
            step: Step::Field(field),
        }
    }

    /// An element of a list, from 0.
    pub(super) fn index(&'a self, index: usize) -> Self {
        Self {
            above: Some(self),
            step: Step::Index(index),
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            above.fmt(f)?;
        }
        match self.step {
            Step::Field(name) if self.above.is_some() => write!(f, ".{name}"),
            Step::Field(name) => f.write_str(name),
            Step::Index(index) => write!(f, "[{index}]"),
        }
    }
}
