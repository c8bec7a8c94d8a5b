//! From the parts of a container to files: what lies packed in a mail is opened, one level deep, and
//! everything is counted.

use std::io::Read;

use super::{Files, Kind, Opening, Part, Parts, adapter, kind, name};
use crate::formats::Bytes as InMemory;
use crate::letter::Letter;
use crate::limits;
use crate::problem::{Place, Problem};

/// Hands parts on as files, opens what lies packed in a mail, and counts.
pub(super) struct Walk<'f> {
    files: &'f mut dyn Files,
    opening: Opening,
    top: Kind,
    /// Bytes that may still come.
    room: u64,
    count: usize,
    /// The name of the packed part that is open.
    inside: Option<String>,
}

impl<'f> Walk<'f> {
    pub(super) fn new(files: &'f mut dyn Files, opening: Opening, top: Kind) -> Self {
        Self {
            files,
            opening,
            top,
            room: limits::UNPACKED_BYTES,
            count: 0,
            inside: None,
        }
    }

    /// What a part of a mail is, where it is packed once more and may be opened.
    fn packed(&self, part: &Part<'_>) -> Option<Kind> {
        if self.top != Kind::Mail || self.inside.is_some() || part.aside {
            return None;
        }
        let inner = Opening {
            zip: self.opening.zip,
            tnef: true,
            ..Opening::default()
        };
        kind(&mut InMemory::new(&part.name, part.bytes), inner)
    }

    fn begin(&mut self, name: &str, aside: bool) -> Result<(), Problem> {
        self.count += 1;
        if self.count > limits::ARCHIVE_MEMBERS {
            return Err(self.too_much(&format!(
                "it holds more than {} files",
                limits::ARCHIVE_MEMBERS
            )));
        }
        self.files.file(&name::member(name, self.count), aside);
        Ok(())
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let left = self.room.checked_sub(bytes.len() as u64);
        self.room = left.ok_or_else(|| {
            let most = limits::UNPACKED_BYTES >> 20;
            self.too_much(&format!("unpacked it has more than {most} MB"))
        })?;
        self.files.bytes(bytes);
        Ok(())
    }

    fn too_much(&self, detail: &str) -> Problem {
        let code = match self.top {
            Kind::Mail => "mail.too-large",
            Kind::Zip => "zip.too-large",
            Kind::Tnef => "tnef.too-large",
        };
        Problem::error(code, format!("This is too large to be opened: {detail}."))
            .with_hint("Send the order files in smaller portions.")
    }
}

impl Parts for Walk<'_> {
    fn letter(&mut self, letter: Letter) {
        self.files.opened(Kind::Mail, Some(&letter));
    }

    fn part(&mut self, part: Part<'_>) -> Result<(), Problem> {
        let Some(kind) = self.packed(&part) else {
            self.begin(&part.name, part.aside)?;
            return self.take(part.bytes);
        };
        self.inside = Some(part.name.clone());
        let mut input = InMemory::new(&part.name, part.bytes);
        if let Err(problem) = adapter(kind).unpack(&mut input, self) {
            Parts::problem(self, problem);
        }
        self.inside = None;
        Ok(())
    }

    fn stream(&mut self, name: &str, from: &mut dyn Read) -> Result<(), Problem> {
        self.begin(name, false)?;
        let mut buffer = vec![0; limits::HEAD_BYTES];
        loop {
            let read = from.read(&mut buffer).map_err(|error| {
                Problem::error("zip.damaged", "A file in the archive cannot be unpacked.")
                    .at(Place {
                        member: Some(name::member(name, self.count)),
                        ..Place::default()
                    })
                    .with_value(&error.to_string())
                    .with_hint("The archive was probably damaged on its way; send it again.")
            })?;
            if read == 0 {
                return Ok(());
            }
            self.take(buffer.get(..read).unwrap_or_default())?;
        }
    }

    fn problem(&mut self, problem: Problem) {
        let problem = match (&self.inside, problem.place.member.is_none()) {
            (Some(name), true) => {
                let place = Place {
                    member: Some(name::label(name)),
                    ..problem.place.clone()
                };
                problem.at(place)
            }
            _ => problem,
        };
        self.files.problem(problem);
    }
}
