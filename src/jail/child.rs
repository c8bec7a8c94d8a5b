//! The child's side: confine, then answer jobs until the parent closes the socket.
//!
//! Runs on one thread, before any runtime exists, and never returns to the program's other parts.
//! It trusts the parent and nothing that it reads.

use std::cell::RefCell;
use std::io::{self, BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use super::frame::{self, Tag};
use super::input::JobInput;
use super::{Job, Mode};
use crate::clock::{self, Moment};
use crate::formats::{self, FormatKind, Input, Interchange, Records, correction, records, sniff};
use crate::limits;
use crate::order::StatusUpdate;
use crate::problem::{Place, Problem};
use crate::profiles::{
    self, Chosen, ExplainedOrder, Mapped, Mapper, Orders, Outcome, ProfileSet, Summary,
};

/// The command that makes this binary a child; not for people.
pub const COMMAND: &str = "jail-child";

/// Answers jobs on descriptor 0 until it is closed.
///
/// # Errors
/// What went wrong with the socket or the confinement; the parent sees the end.
pub fn run() -> io::Result<()> {
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    // The limit on descriptors forbids further copies: this one is made before.
    let reader = socket.try_clone()?;
    super::confine::confine().map_err(io::Error::other)?;
    let channel = Rc::new(RefCell::new(Channel::new(reader, socket)));
    let mut profiles = None;
    let mut payload = Vec::new();
    loop {
        let tag = channel.borrow_mut().next(&mut payload)?;
        match tag {
            None => return Ok(()),
            Some(Tag::Profiles) => {
                profiles = Some(load(&payload)?);
                channel.borrow_mut().put(Tag::Ready, &[])?;
            }
            Some(Tag::Job) => answer(&channel, profiles.as_ref(), &payload, None)?,
            Some(Tag::SmallJob) => {
                let (job, bytes) = frame::split(&payload).ok_or(io::ErrorKind::InvalidData)?;
                answer(&channel, profiles.as_ref(), job, Some(bytes))?;
            }
            Some(_) => return Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

fn load(payload: &[u8]) -> io::Result<ProfileSet> {
    let texts: Vec<(String, String)> = serde_json::from_slice(payload)?;
    ProfileSet::load(texts).map_err(|_| io::Error::other("the profiles do not load"))
}

fn answer(
    channel: &Rc<RefCell<Channel>>,
    set: Option<&ProfileSet>,
    job: &[u8],
    whole: Option<&[u8]>,
) -> io::Result<()> {
    let job: Job = serde_json::from_slice(job)?;
    let set = set.ok_or(io::ErrorKind::InvalidData)?;
    let mut input = JobInput::new(&job.name, job.size, whole, Rc::clone(channel));
    let mut out = Out {
        channel: Rc::clone(channel),
        error: None,
        explains: job.mode == Mode::Explain,
    };
    let summary = match &job.mode {
        Mode::Suggest => suggest(&job, &mut input, &mut out),
        Mode::Orders | Mode::Explain => orders(set, &job, &mut input, &mut out),
        Mode::Records => dump(&job, &mut input, &mut out),
        Mode::Interchange => interchange(&job, &mut input, &mut out)?,
        Mode::Show(places) => show(&job, places.clone(), &mut input, &mut out),
        Mode::Unpack(opening) => super::unpack::unpack(&mut input, *opening, &mut out),
        Mode::Correction { problems, rows } => {
            let rows = rows
                .clone()
                .map_or(correction::Rows::All, correction::Rows::Only);
            match correct(&job, &mut input, problems, &rows) {
                Ok(bytes) => out.output(&bytes),
                Err(problem) => out.put(Tag::Problem, &problem),
            }
            nothing(Outcome::Accepted)
        }
    };
    if let Some(error) = out.error.take() {
        return Err(error);
    }
    let mut channel = channel.borrow_mut();
    channel.put(Tag::Done, &[&serde_json::to_vec(&summary)?])
}

/// Sniffs, reads, maps.
fn orders(set: &ProfileSet, job: &Job, input: &mut dyn Input, out: &mut Out) -> Summary {
    if job.forced.is_none() && profiles::verbatim::is_message(&job.name) {
        return profiles::verbatim::read(input, &job.map, out);
    }
    let mut mapper = Mapper::new(set, &job.map, out);
    // Only a profile knows that a text without delimiters has its fields at fixed places.
    let forced = job
        .forced
        .or_else(|| set.reads_fixed(&job.map).then_some(FormatKind::Fixed));
    let read = read(job, forced, input, &mut mapper);
    mapper.finish(read)
}

fn read(
    job: &Job,
    forced: Option<FormatKind>,
    input: &mut dyn Input,
    records: &mut dyn Records,
) -> Result<(), Problem> {
    let format = sniff::sniff(input, forced)?;
    if let Some(warning) = sniff::extension_differs(&job.name, format)
        && records.problem(warning).is_break()
    {
        return Ok(());
    }
    formats::read(format, input, &job.read, records)
}

/// What the envelopes say, also of a file that breaks off.
fn interchange(job: &Job, input: &mut dyn Input, out: &mut Out) -> io::Result<Summary> {
    let mut found = Interchange::default();
    let read = read(job, job.forced, input, &mut found);
    out.output(&serde_json::to_vec(&found)?);
    Ok(nothing(match read {
        Ok(()) => Outcome::Accepted,
        Err(_) => Outcome::Rejected,
    }))
}

fn dump(job: &Job, input: &mut dyn Input, out: &mut Out) -> Summary {
    let name = serde_json::Value::from(job.map.file.as_str());
    let mut writer = OutputWriter {
        out,
        buffer: format!("{{\"file\":{name}").into_bytes(),
    };
    let mut dump = records::RecordsJson::new(&mut writer);
    let fatal = read(job, job.forced, input, &mut dump).err();
    let outcome = match dump.finish(fatal) {
        Ok((_, problems)) if problems.iter().any(Problem::is_error) => Outcome::Rejected,
        Ok(_) => Outcome::Accepted,
        // The socket to the parent broke: it sees that by itself.
        Err(_) => Outcome::Rejected,
    };
    writer.buffer.push(b'}');
    writer.flush_out();
    nothing(outcome)
}

/// What a person sees of a file.
fn show(job: &Job, places: Vec<Place>, input: &mut dyn Input, out: &mut Out) -> Summary {
    let mut sink = formats::show::Show::new(places);
    let fatal = read(job, job.forced, input, &mut sink).err();
    match serde_json::to_vec(&sink.finish(fatal.as_ref())) {
        Ok(json) => out.output(&json),
        Err(error) => out.keep(Err(error.into())),
    }
    nothing(Outcome::Accepted)
}

/// A starting profile for a sample.
fn suggest(job: &Job, input: &mut dyn Input, out: &mut Out) -> Summary {
    let told = profiles::suggest(&job.map.file, |records| {
        read(job, job.forced, input, records)
    });
    match told {
        Ok(suggestion) => match serde_json::to_vec(&suggestion) {
            Ok(json) => out.output(&json),
            Err(error) => out.keep(Err(error.into())),
        },
        Err(problem) => {
            out.put(Tag::Problem, &problem);
            return nothing(Outcome::Rejected);
        }
    }
    nothing(Outcome::Accepted)
}

fn correct(
    job: &Job,
    input: &mut dyn Input,
    problems: &[Problem],
    rows: &correction::Rows,
) -> Result<Vec<u8>, Problem> {
    let format = sniff::sniff(input, job.forced)?;
    Ok(correction::write(input, format, &job.read, problems, rows)?.bytes)
}

/// The summary of a job that makes no orders.
pub(super) fn nothing(outcome: Outcome) -> Summary {
    Summary {
        outcome,
        format: None,
        profile: None,
        candidate: None,
        orders: 0,
        withheld: 0,
        withheld_rows: Vec::new(),
        problems_left_out: 0,
        correctable: false,
    }
}

/// The socket to the parent, buffered both ways. What was written leaves when the buffer is full,
/// when an answer is needed, or when no further job waits: many small files cost one system call.
pub(super) struct Channel {
    reader: BufReader<UnixStream>,
    writer: BufWriter<UnixStream>,
    /// When the parent last heard of us.
    told: Moment,
}

impl Channel {
    fn new(reader: UnixStream, writer: UnixStream) -> Self {
        Self {
            reader: BufReader::with_capacity(256 << 10, reader),
            writer: BufWriter::with_capacity(256 << 10, writer),
            told: clock::moment(),
        }
    }

    fn next(&mut self, payload: &mut Vec<u8>) -> io::Result<Option<Tag>> {
        if self.reader.buffer().is_empty() {
            self.writer.flush()?;
        }
        frame::read(&mut self.reader, payload)
    }

    fn put(&mut self, tag: Tag, parts: &[&[u8]]) -> io::Result<()> {
        frame::write(&mut self.writer, tag, parts)
    }

    /// Asks for bytes. `into` is empty afterwards at the end of the file.
    pub(super) fn want(
        &mut self,
        offset: u64,
        length: usize,
        into: &mut Vec<u8>,
    ) -> io::Result<()> {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.put(Tag::Want, &[&offset.to_le_bytes(), &length.to_le_bytes()])?;
        self.writer.flush()?;
        self.told = clock::moment();
        match frame::read(&mut self.reader, into)? {
            Some(Tag::Bytes) => Ok(()),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    /// Passes on what was found at least once a second, so that silence means trouble.
    fn keep_telling(&mut self) -> io::Result<()> {
        if self.told.elapsed() > limits::CHILD_SILENCE / 10 {
            self.writer.flush()?;
            self.told = clock::moment();
        }
        Ok(())
    }
}

/// The mapping's findings as frames. The first error ends reading.
pub(super) struct Out {
    channel: Rc<RefCell<Channel>>,
    error: Option<io::Error>,
    explains: bool,
}

impl Out {
    pub(super) fn put(&mut self, tag: Tag, value: &impl serde::Serialize) {
        let result = serde_json::to_vec(value).map_err(io::Error::from);
        let result = result.and_then(|json| self.channel.borrow_mut().put(tag, &[&json]));
        self.keep(result);
    }

    pub(super) fn output(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(limits::CHUNK_BYTES) {
            let result = self.channel.borrow_mut().put(Tag::Output, &[piece]);
            self.keep(result);
        }
    }

    fn keep(&mut self, result: io::Result<()>) {
        let result = result.and_then(|()| self.channel.borrow_mut().keep_telling());
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.error.is_some() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn push_order(&mut self, mut mapped: Mapped) -> io::Result<()> {
        let origin = serde_json::to_vec(&std::mem::take(&mut mapped.order.origin))?;
        let content = serde_json::to_vec(&mapped.order)?;
        let length = u32::try_from(content.len()).map_err(io::Error::other)?;
        let parts: [&[u8]; 4] = [
            &mapped.source_hash,
            &length.to_le_bytes(),
            &content,
            &origin,
        ];
        self.channel.borrow_mut().put(Tag::Order, &parts)
    }
}

impl Orders for Out {
    fn chosen(&mut self, chosen: &Chosen) -> ControlFlow<()> {
        self.put(Tag::Chosen, chosen);
        self.flow()
    }

    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        let result = self.push_order(mapped);
        self.keep(result);
        self.flow()
    }

    fn status(&mut self, update: StatusUpdate) -> ControlFlow<()> {
        self.put(Tag::Status, &update);
        self.flow()
    }

    fn explains(&self) -> bool {
        self.explains
    }

    fn explained(&mut self, explained: ExplainedOrder) -> ControlFlow<()> {
        match serde_json::to_vec(&explained) {
            Ok(mut line) => {
                line.push(b'\n');
                self.output(&line);
            }
            Err(error) => self.keep(Err(error.into())),
        }
        self.flow()
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.put(Tag::Problem, &problem);
        self.flow()
    }
}

/// `--records` output on its way to the parent, in pieces.
struct OutputWriter<'a> {
    out: &'a mut Out,
    buffer: Vec<u8>,
}

impl OutputWriter<'_> {
    fn flush_out(&mut self) {
        let bytes = std::mem::take(&mut self.buffer);
        self.out.output(&bytes);
    }
}

impl Write for OutputWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= limits::CHUNK_BYTES {
            self.flush_out();
        }
        match self.out.error.take() {
            Some(error) => Err(error),
            None => Ok(bytes.len()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
