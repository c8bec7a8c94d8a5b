//! Server-sent events, taken apart as WHATWG HTML 9.2.6 says.
//!
//! Pure: bytes in, in whatever pieces they come, events out. An event that ends with the connection
//! and not with its empty line is none. Bounded: a line or event that is larger than any real one
//! ends the stream.

use std::time::Duration;

use crate::limits;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::partners) struct Event {
    /// The last id that was told, of this event or an earlier one.
    pub(in crate::partners) id: Option<String>,
    pub(in crate::partners) data: String,
}

/// What has been read so far.
#[derive(Debug, Default)]
pub(in crate::partners) struct Parser {
    /// The start of a line whose end is not here yet.
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed after it belongs to it.
    returned: bool,
    /// A byte order mark may stand before the first line.
    begun: bool,
    id: Option<String>,
    data: Option<String>,
    retry: Option<Duration>,
}

impl Parser {
    /// The events that end in `bytes`.
    ///
    /// # Errors
    /// What is too large to be an event.
    pub(in crate::partners) fn read(&mut self, bytes: &[u8]) -> Result<Vec<Event>, String> {
        let mut events = Vec::new();
        for byte in bytes {
            let after_return = std::mem::take(&mut self.returned);
            match byte {
                b'\n' if after_return => {}
                b'\r' | b'\n' => {
                    self.returned = *byte == b'\r';
                    let line = std::mem::take(&mut self.line);
                    events.extend(self.line(&line)?);
                }
                _ => {
                    if self.line.len() >= limits::STREAM_EVENT_BYTES {
                        return Err("the stream has a line longer than any event".to_owned());
                    }
                    self.line.push(*byte);
                }
            }
        }
        Ok(events)
    }

    /// How long the partner wants to be left alone after the stream has ended.
    pub(in crate::partners) fn retry(&self) -> Option<Duration> {
        self.retry
    }

    fn line(&mut self, line: &[u8]) -> Result<Option<Event>, String> {
        let text = String::from_utf8_lossy(line);
        let first = !std::mem::replace(&mut self.begun, true);
        let text = text
            .strip_prefix('\u{feff}')
            .filter(|_| first)
            .unwrap_or(&text);
        if text.is_empty() {
            return Ok(self.data.take().map(|data| Event {
                id: self.id.clone(),
                data,
            }));
        }
        // A line without a colon is a name without a value; one that begins with it is a comment.
        let (name, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.add(value)?,
            "id" if !value.contains('\0') && value.len() <= limits::SIGHTING_WORD => {
                self.id = Some(value.to_owned()).filter(|id| !id.is_empty());
            }
            "retry" if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) => {
                self.retry = value.parse().ok().map(Duration::from_millis);
            }
            _ => {}
        }
        Ok(None)
    }

    fn add(&mut self, value: &str) -> Result<(), String> {
        let data = self.data.get_or_insert_default();
        if data.len() + value.len() >= limits::STREAM_EVENT_BYTES {
            return Err("the stream has an event larger than any real one".to_owned());
        }
        if !data.is_empty() {
            data.push('\n');
        }
        data.push_str(value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, piece: usize) -> (Vec<Event>, Parser) {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for bytes in text.as_bytes().chunks(piece) {
            events.extend(parser.read(bytes).unwrap());
        }
        (events, parser)
    }

    fn event(id: Option<&str>, data: &str) -> Event {
        Event {
            id: id.map(str::to_owned),
            data: data.to_owned(),
        }
    }

    #[test]
    fn events_are_the_same_however_their_bytes_are_cut() {
        let text = "\u{feff}: hello\nretry: 60000\n\nid: 1\nevent: gate-in\ndata: {\"a\":\r\ndata:1}\r\n\r\n\
                    data: b\rid\r\rid: ä\ndata\n\ndata: cut off";
        let wanted = [
            event(Some("1"), "{\"a\":\n1}"),
            event(None, "b"),
            event(Some("ä"), ""),
        ];
        for piece in 1..40 {
            let (events, parser) = all(text, piece);
            assert_eq!(events, wanted, "in pieces of {piece}");
            assert_eq!(parser.retry(), Some(Duration::from_mins(1)));
        }
    }

    #[test]
    fn an_id_stays_until_another_is_told() {
        let (events, _) = all("id: 7\ndata: a\n\ndata: b\n\n", 100);
        assert_eq!(events, [event(Some("7"), "a"), event(Some("7"), "b")]);
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut parser = Parser::default();
        let piece = vec![b'x'; limits::STREAM_EVENT_BYTES];
        assert!(parser.read(&piece).is_ok());
        assert!(parser.read(b"x").is_err());
        let mut parser = Parser::default();
        let half = format!("data:{}\n", "x".repeat(limits::STREAM_EVENT_BYTES / 2));
        assert!(parser.read(half.as_bytes()).is_ok());
        assert!(parser.read(half.as_bytes()).is_err());
    }
}
