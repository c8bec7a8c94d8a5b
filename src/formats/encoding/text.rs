//! The input as pieces of text.

use std::io::SeekFrom;

use encoding_rs::{Decoder, DecoderResult, UTF_8};

use super::{Decision, Position, unreadable};
use crate::formats::Input;
use crate::limits;
use crate::problem::{Place, Problem};

/// Reads an input as text, piece by piece, without replacing anything.
pub struct Text<'a> {
    input: &'a mut dyn Input,
    decision: Decision,
    decoder: Option<Decoder>,
    /// Bytes of the input that have become text.
    offset: u64,
    /// Stop there: used to find the place of an offset.
    until: u64,
    ended: bool,
}

impl<'a> Text<'a> {
    /// The text of `input` from its start, read as `decision` says.
    ///
    /// # Errors
    /// Where the input cannot seek.
    pub fn open(input: &'a mut dyn Input, decision: &Decision) -> Result<Self, Problem> {
        input
            .seek(SeekFrom::Start(decision.mark))
            .map_err(unreadable)?;
        let decoder = (decision.encoding != UTF_8)
            .then(|| decision.encoding.new_decoder_without_bom_handling());
        Ok(Self {
            input,
            decision: decision.clone(),
            decoder,
            offset: decision.mark,
            until: u64::MAX,
            ended: false,
        })
    }

    /// Appends the next piece to `out`, a few times [`limits::HEAD_BYTES`] at most; `false` at the
    /// end.
    ///
    /// # Errors
    /// Bytes that are no characters, with their line and column.
    pub fn append(&mut self, out: &mut String) -> Result<bool, Problem> {
        if self.decoder.is_some() {
            self.append_decoded(out)
        } else {
            self.append_utf_8(out)
        }
    }

    fn append_utf_8(&mut self, out: &mut String) -> Result<bool, Problem> {
        let room = window(self.until, self.offset);
        let available = self.input.fill_buf().map_err(unreadable)?;
        let piece = available
            .get(..available.len().min(room))
            .unwrap_or_default();
        if piece.is_empty() {
            return Ok(false);
        }
        let (text, fault) = match std::str::from_utf8(piece) {
            Ok(text) => (text, None),
            Err(error) => {
                let valid = piece.get(..error.valid_up_to()).unwrap_or_default();
                (std::str::from_utf8(valid).unwrap_or_default(), Some(error))
            }
        };
        out.push_str(text);
        let valid = text.len();
        self.input.consume(valid);
        self.offset += valid as u64;
        match fault {
            _ if valid > 0 => Ok(true),
            Some(error) if error.error_len().is_some() => Err(self.undecodable(self.offset)),
            _ => self.append_cut_character(out),
        }
    }

    /// A character of which the input's buffer holds only the first bytes.
    fn append_cut_character(&mut self, out: &mut String) -> Result<bool, Problem> {
        let start = self.offset;
        let mut bytes = Vec::with_capacity(4);
        while bytes.len() < 4 {
            if start + bytes.len() as u64 >= self.until {
                return Ok(false);
            }
            let available = self.input.fill_buf().map_err(unreadable)?;
            let Some(byte) = available.first() else { break };
            bytes.push(*byte);
            self.input.consume(1);
            if let Ok(character) = std::str::from_utf8(&bytes) {
                out.push_str(character);
                self.offset += bytes.len() as u64;
                return Ok(true);
            }
        }
        Err(self.undecodable(start))
    }

    fn append_decoded(&mut self, out: &mut String) -> Result<bool, Problem> {
        let before = out.len();
        out.reserve(limits::HEAD_BYTES);
        while let Some(decoder) = self.decoder.as_mut().filter(|_| !self.ended) {
            let room = window(self.until, self.offset);
            let available = self.input.fill_buf().map_err(unreadable)?;
            let piece = available
                .get(..available.len().min(room))
                .unwrap_or_default();
            let last = piece.is_empty();
            if last && self.until != u64::MAX {
                break;
            }
            let (result, read) = decoder.decode_to_string_without_replacement(piece, out, last);
            self.input.consume(read);
            self.offset += read as u64;
            match result {
                DecoderResult::Malformed(bad, after) => {
                    let back = u64::from(bad) + u64::from(after);
                    return Err(self.undecodable(self.offset.saturating_sub(back)));
                }
                DecoderResult::InputEmpty => self.ended = last,
                DecoderResult::OutputFull => {}
            }
            if out.len() > before {
                return Ok(true);
            }
            out.reserve(limits::HEAD_BYTES);
        }
        Ok(false)
    }

    /// The problem of the bytes at `offset`.
    fn undecodable(&mut self, offset: u64) -> Problem {
        let shown = self.bytes_at(offset);
        let place = match self.position_of_byte(offset) {
            Ok(position) => Place::line(position.line, Some(position.character)),
            Err(problem) => return problem,
        };
        Problem::error(
            "encoding.invalid",
            format!(
                "The bytes at this place are no {} text.",
                self.decision.encoding.name()
            ),
        )
        .at(place)
        .with_value(&shown)
        .with_hint("Save the file again as UTF-8, or have its encoding declared.")
    }

    fn bytes_at(&mut self, offset: u64) -> String {
        let mut shown = Vec::new();
        if self.input.seek(SeekFrom::Start(offset)).is_ok() {
            while let (0..4, Ok(available)) = (shown.len(), self.input.fill_buf()) {
                let Some(byte) = available.first() else { break };
                shown.push(format!("{byte:02X}"));
                self.input.consume(1);
            }
        }
        shown.join(" ")
    }

    /// The place of a byte of the input, by reading once more from the start.
    fn position_of_byte(&mut self, offset: u64) -> Result<Position, Problem> {
        let mut again = Text::open(&mut *self.input, &self.decision)?;
        again.until = offset;
        let mut position = Position::default();
        let mut piece = String::new();
        while again.append(&mut piece)? {
            position.advance(&piece);
            piece.clear();
        }
        Ok(position)
    }

    /// The place of the byte at `offset` of the text (not of the input), where each CR LF counts as
    /// one byte if `folded`. Reads once more from the start and leaves the text there.
    ///
    /// # Errors
    /// As [`Text::append`].
    pub fn position_of_text(&mut self, offset: u64) -> Result<Position, Problem> {
        let mut again = Text::open(&mut *self.input, &self.decision)?;
        let mut position = Position::default();
        let mut left = offset;
        let mut after_return = false;
        let mut piece = String::new();
        while left > 0 && again.append(&mut piece)? {
            let mut end = 0;
            for (at, byte) in piece.bytes().enumerate() {
                // The LF of a CR LF was folded into the CR and has no offset of its own.
                let folded = byte == b'\n' && after_return;
                if left == 0 && !folded {
                    break;
                }
                left -= u64::from(!folded);
                after_return = byte == b'\r';
                end = at + 1;
            }
            let end = piece.floor_char_boundary(end);
            position.advance(piece.get(..end).unwrap_or_default());
            piece.clear();
        }
        Ok(position)
    }
}

/// How many bytes may be read from `offset` on.
fn window(until: u64, offset: u64) -> usize {
    usize::try_from(until.saturating_sub(offset))
        .unwrap_or(usize::MAX)
        .min(limits::HEAD_BYTES)
}
