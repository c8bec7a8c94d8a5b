//! A file as a child sees it: asked for piece by piece, or already there.

use std::cell::RefCell;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::rc::Rc;

use super::child::Channel;
use crate::formats::Input;

/// Bytes asked for at once: large enough that the question costs nothing, small enough that two of
/// them fit in the caches.
const PIECE: usize = 256 << 10;

/// The file of one job.
pub(super) struct JobInput<'a> {
    name: &'a str,
    size: u64,
    /// Where `buffer` starts in the file.
    start: u64,
    buffer: Buffer<'a>,
    position: usize,
    channel: Rc<RefCell<Channel>>,
}

enum Buffer<'a> {
    /// The whole file came with the job.
    Whole(&'a [u8]),
    /// The last piece that was asked for.
    Piece(Vec<u8>),
}

impl<'a> JobInput<'a> {
    pub(super) fn new(
        name: &'a str,
        size: u64,
        whole: Option<&'a [u8]>,
        channel: Rc<RefCell<Channel>>,
    ) -> Self {
        let buffer = whole.map_or_else(|| Buffer::Piece(Vec::new()), Buffer::Whole);
        Self {
            name,
            size,
            start: 0,
            buffer,
            position: 0,
            channel,
        }
    }

    fn held(&self) -> &[u8] {
        match &self.buffer {
            Buffer::Whole(bytes) => bytes,
            Buffer::Piece(bytes) => bytes,
        }
    }

    fn at(&self) -> u64 {
        self.start + self.position as u64
    }
}

impl BufRead for JobInput<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.position >= self.held().len() && self.at() < self.size {
            let at = self.at();
            if let Buffer::Piece(piece) = &mut self.buffer {
                self.channel.borrow_mut().want(at, PIECE, piece)?;
                if piece.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                self.start = at;
                self.position = 0;
            }
        }
        let position = self.position.min(self.held().len());
        Ok(&self.held()[position..])
    }

    fn consume(&mut self, amount: usize) {
        self.position = (self.position + amount).min(self.held().len());
    }
}

impl Read for JobInput<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(out.len());
        out[..length].copy_from_slice(&bytes[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl Seek for JobInput<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.size.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.at().checked_add_signed(delta),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        let held = self.held().len() as u64;
        if (self.start..=self.start + held).contains(&target) {
            self.position = usize::try_from(target - self.start).unwrap_or(usize::MAX);
        } else if let Buffer::Piece(piece) = &mut self.buffer {
            piece.clear();
            self.start = target;
            self.position = 0;
        } else {
            // Behind the end of a whole file: reads answer nothing, as for any file.
            self.position = usize::try_from(held).unwrap_or(usize::MAX);
        }
        Ok(target)
    }
}

impl Input for JobInput<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn name(&self) -> &str {
        self.name
    }
}
