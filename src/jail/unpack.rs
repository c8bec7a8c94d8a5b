//! A container's files as frames: [`Mode::Unpack`](super::Mode::Unpack) in the child.

use super::child::{Out, nothing};
use super::frame::Tag;
use super::{Member, Opened};
use crate::containers::{self, Files, Kind, Opening};
use crate::formats::Input;
use crate::letter::Letter;
use crate::problem::Problem;
use crate::profiles::{Outcome, Summary};

/// Opens the file. What is no container, or may not be opened, tells nothing.
pub(super) fn unpack(input: &mut dyn Input, opening: Opening, out: &mut Out) -> Summary {
    let mut frames = Frames { out };
    match containers::unpack(input, opening, &mut frames) {
        Ok(_) => nothing(Outcome::Accepted),
        Err(problem) => {
            frames.problem(problem);
            nothing(Outcome::Rejected)
        }
    }
}

struct Frames<'o> {
    out: &'o mut Out,
}

impl Files for Frames<'_> {
    fn opened(&mut self, kind: Kind, letter: Option<&Letter>) {
        let letter = letter.cloned();
        self.out.put(Tag::Opened, &Opened { kind, letter });
    }

    fn file(&mut self, name: &str, aside: bool) {
        let name = name.to_owned();
        self.out.put(Tag::Member, &Member { name, aside });
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.out.output(bytes);
    }

    fn problem(&mut self, problem: Problem) {
        self.out.put(Tag::Problem, &problem);
    }
}
