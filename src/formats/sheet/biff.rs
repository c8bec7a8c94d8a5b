//! The records of BIFF streams (xls) and their strings, which may run over several records.
//!
//! [MS-XLS] 2.1.4: a record is a number, a length and at most 8,224 bytes; what does not fit goes on in
//! CONTINUE records. Nothing is taken at its word: reading past the end of a record yields zeros or
//! damage, never a panic.

use std::io::{BufReader, Read, Seek, SeekFrom};

use encoding_rs::Encoding;

use super::cfb::Chain;
use super::{Step, damaged, io_problem, truncated};

const WORD: &str = "xls";
const CONTINUE: u16 = 0x003C;
/// How much is read at once.
const BUFFER: usize = 64 << 10;

/// A stream of records; `body` is the current one.
pub(super) struct Records<'i> {
    stream: BufReader<Chain<'i>>,
    next: Option<(u16, u16)>,
    /// The number of the current record.
    pub(super) id: u16,
    body: Vec<u8>,
    /// How much of the body was taken.
    at: usize,
}

impl<'i> Records<'i> {
    pub(super) fn new(stream: Chain<'i>) -> Self {
        Self {
            stream: BufReader::with_capacity(BUFFER, stream),
            next: None,
            id: 0,
            body: Vec::new(),
            at: 0,
        }
    }

    /// Goes on from a place of the stream.
    pub(super) fn jump(&mut self, to: u64) -> Step {
        self.next = None;
        match self.stream.seek(SeekFrom::Start(to)) {
            Ok(_) => Ok(()),
            Err(error) => Err(io_problem(WORD, &error).into()),
        }
    }

    /// Reads the next record; `false` at the end of the stream.
    pub(super) fn next(&mut self) -> Step<bool> {
        if self.next.is_none() {
            self.look_ahead()?;
        }
        let Some((id, len)) = self.next.take() else {
            return Ok(false);
        };
        self.id = id;
        self.at = 0;
        self.body.clear();
        self.body.resize(usize::from(len), 0);
        match self.stream.read_exact(&mut self.body) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Err(truncated(WORD).into())
            }
            Err(error) => Err(io_problem(WORD, &error).into()),
        }
    }

    /// The number of the record after this one.
    pub(super) fn peek(&mut self) -> Step<Option<u16>> {
        if self.next.is_none() {
            self.look_ahead()?;
        }
        Ok(self.next.map(|(id, _)| id))
    }

    fn look_ahead(&mut self) -> Step {
        let mut header = [0; 4];
        let mut read = 0;
        while let Some(rest) = header.get_mut(read..).filter(|rest| !rest.is_empty()) {
            match self.stream.read(rest) {
                // The end, or less than a header before it.
                Ok(0) => return Ok(()),
                Ok(count) => read += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(io_problem(WORD, &error).into()),
            }
        }
        let [a, b, c, d] = header;
        self.next = Some((u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d])));
        Ok(())
    }

    /// The current record's bytes.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Two bytes at a place of the current record.
    pub(super) fn u16(&self, at: usize) -> u16 {
        let bytes = self.body.get(at..at + 2);
        bytes.map_or(0, |pair| u16::from_le_bytes([pair[0], pair[1]]))
    }

    /// Four bytes at a place of the current record.
    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) | u32::from(self.u16(at + 2)) << 16
    }

    /// A byte at a place of the current record.
    pub(super) fn u8(&self, at: usize) -> u8 {
        self.body.get(at).copied().unwrap_or(0)
    }

    /// A double at a place of the current record.
    pub(super) fn f64(&self, at: usize) -> f64 {
        let bits = u64::from(self.u32(at)) | u64::from(self.u32(at + 4)) << 32;
        f64::from_bits(bits)
    }

    /// Starts taking strings at a place of the current record.
    pub(super) fn start_at(&mut self, at: usize) {
        self.at = at;
    }

    /// Moves into the CONTINUE record if this one is used up; `false` if none follows.
    fn continued(&mut self) -> Step<bool> {
        while self.at >= self.body.len() {
            if self.peek()? != Some(CONTINUE) {
                return Ok(false);
            }
            self.next()?;
        }
        Ok(true)
    }

    /// The next byte, over the ends of records.
    fn take_u8(&mut self) -> Step<u8> {
        if !self.continued()? {
            return Err(damaged(WORD, "a text in it ends too early").into());
        }
        self.at += 1;
        Ok(self.u8(self.at - 1))
    }

    fn take_u16(&mut self) -> Step<u16> {
        Ok(u16::from(self.take_u8()?) | u16::from(self.take_u8()?) << 8)
    }

    fn pass(&mut self, mut count: u64) -> Step {
        while count > 0 {
            if !self.continued()? {
                return Ok(());
            }
            let here = (self.body.len() - self.at) as u64;
            let step = here.min(count);
            self.at += usize::try_from(step).unwrap_or(usize::MAX);
            count -= step;
        }
        Ok(())
    }

    /// A BIFF8 string with a length of one or two bytes (XLUnicodeString 2.5.294,
    /// ShortXLUnicodeString 2.5.240, XLUnicodeRichExtendedString 2.5.293) written behind `out`.
    pub(super) fn take_unicode(&mut self, short: bool, out: &mut String) -> Step {
        let length = if short {
            usize::from(self.take_u8()?)
        } else {
            usize::from(self.take_u16()?)
        };
        let flags = self.take_u8()?;
        let runs = if flags & 8 != 0 { self.take_u16()? } else { 0 };
        let extra = if flags & 4 != 0 {
            u32::from(self.take_u16()?) | u32::from(self.take_u16()?) << 16
        } else {
            0
        };
        self.take_characters(length, flags & 1 != 0, out)?;
        self.pass(u64::from(runs) * 4 + u64::from(extra))
    }

    /// `left` characters; where they go on in a CONTINUE record, its first byte says anew how wide
    /// they are (2.5.293).
    fn take_characters(&mut self, mut left: usize, mut wide: bool, out: &mut String) -> Step {
        let mut units: Vec<u16> = Vec::with_capacity(left);
        while left > 0 {
            if self.at >= self.body.len() {
                if !self.continued()? {
                    return Err(damaged(WORD, "a text in it ends too early").into());
                }
                wide = self.take_u8()? & 1 != 0;
            }
            let width = if wide { 2 } else { 1 };
            let here = ((self.body.len() - self.at) / width).min(left);
            if here == 0 {
                // Half a character before the end of a record: no program writes that.
                return Err(damaged(WORD, "a text in it is cut within a character").into());
            }
            for _ in 0..here {
                units.push(if wide {
                    self.u16(self.at)
                } else {
                    u16::from(self.u8(self.at))
                });
                self.at += width;
            }
            left -= here;
        }
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        Ok(())
    }

    /// A string of bytes in the workbook's code page, with a length of one or two bytes.
    pub(super) fn take_bytes(
        &mut self,
        short: bool,
        encoding: &'static Encoding,
        out: &mut String,
    ) -> Step {
        let length = if short {
            usize::from(self.take_u8()?)
        } else {
            usize::from(self.take_u16()?)
        };
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            if !self.continued()? {
                return Err(damaged(WORD, "a text in it ends too early").into());
            }
            let end = self.body.len().min(self.at + length - bytes.len());
            bytes.extend_from_slice(&self.body[self.at..end]);
            self.at = end;
        }
        out.push_str(&encoding.decode_without_bom_handling(&bytes).0);
        Ok(())
    }
}

/// The number of an RK value ([MS-XLS] 2.5.217): 30 bits of a double or an integer, perhaps a hundred
/// times too large.
pub(super) fn rk(bits: u32) -> f64 {
    let value = if bits & 2 != 0 {
        f64::from(bits.cast_signed() >> 2)
    } else {
        f64::from_bits(u64::from(bits & !3) << 32)
    };
    if bits & 1 != 0 { value / 100.0 } else { value }
}

/// The name of an error value (2.5.10 BErr).
pub(super) fn error_name(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        0x2A => "#N/A",
        0x2B => "#GETTING_DATA",
        _ => "#ERROR!",
    }
}
