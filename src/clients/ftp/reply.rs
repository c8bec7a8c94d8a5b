//! What a server says on the control connection (RFC 959, 4.2), and the few answers whose words
//! carry data: passive ports, the login folder, sizes, times, features.
//!
//! Pure. Whatever a server sends is data: a line that means nothing gives `None`, never a guess.

use crate::limits;

/// One whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    /// Its three digits.
    pub(super) code: u16,
    /// Its lines without line ends; the first and the last begin with the code.
    pub(super) lines: Vec<Vec<u8>>,
}

/// Collects the lines of one answer.
#[derive(Debug, Default)]
pub(super) struct Gather {
    code: u16,
    lines: Vec<Vec<u8>>,
}

impl Gather {
    /// Takes the next line; the answer, if that was the last one.
    ///
    /// # Errors
    /// A sentence, if this is not FTP.
    pub(super) fn push(&mut self, line: Vec<u8>) -> Result<Option<Reply>, String> {
        let code = code_of(&line);
        let ends = !matches!(line.get(3), Some(b'-'));
        if self.lines.is_empty() {
            self.code = code.ok_or_else(|| {
                format!("the server does not speak FTP: it said “{}”", shown(&line))
            })?;
        }
        // Lines in between may begin with any digits; only the same code and no hyphen ends it.
        let is_last = code == Some(self.code) && ends;
        if self.lines.len() >= limits::FTP_REPLY_LINES {
            return Err("the server's answer does not end".to_owned());
        }
        self.lines.push(line);
        Ok(is_last.then(|| Reply {
            code: self.code,
            lines: std::mem::take(&mut self.lines),
        }))
    }
}

/// The code a line begins with: three digits, the first from 1 to 5, then a blank, a hyphen or the
/// end.
fn code_of(line: &[u8]) -> Option<u16> {
    let digits = line.get(..3)?;
    let plausible = matches!(digits.first(), Some(b'1'..=b'5'))
        && digits.iter().all(u8::is_ascii_digit)
        && matches!(line.get(3), None | Some(b' ' | b'-'));
    let text = std::str::from_utf8(digits).ok().filter(|_| plausible)?;
    text.parse().ok()
}

/// Text of a server as people and logs may see it.
pub(super) fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let clean = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(limits::ANSWER_CHARS).collect()
}

impl Reply {
    /// 1, 2, 3, 4 or 5: begun, done, go on, not now, no.
    pub(super) fn class(&self) -> u16 {
        self.code / 100
    }

    pub(super) fn is_done(&self) -> bool {
        self.class() == 2
    }

    /// Whether the server does not know the command or its argument (RFC 959: 500, 501, 502, 504).
    pub(super) fn is_unknown_command(&self) -> bool {
        matches!(self.code, 500..=504)
    }

    /// Whether the server has no room for one more session: then waiting helps, and the credentials
    /// are not wrong.
    pub(super) fn is_full(&self) -> bool {
        let text = self.text().to_ascii_lowercase();
        let words = [
            "too many",
            "maximum",
            "max ",
            "connection limit",
            "connections allowed",
            "clients allowed",
            "try again",
            "user limit",
            "busy",
        ];
        self.code == 421
            || self.class() == 4
            || matches!(self.code, 500 | 530) && words.iter().any(|word| text.contains(word))
    }

    /// The answer for people, code and all, in one line.
    pub(super) fn text(&self) -> String {
        let lines = self.lines.iter().map(|line| shown(line));
        let text = lines.collect::<Vec<_>>().join(" ");
        text.trim().chars().take(limits::ANSWER_CHARS).collect()
    }

    /// What follows the code in the last line.
    pub(super) fn rest(&self) -> &[u8] {
        let last = self.lines.last().map_or(&[][..], Vec::as_slice);
        last.get(4..).unwrap_or_default().trim_ascii()
    }

    /// The lines between the first and the last one.
    pub(super) fn inner(&self) -> &[Vec<u8>] {
        let end = self.lines.len().saturating_sub(1);
        self.lines.get(1..end).unwrap_or_default()
    }

    /// The port of a 229 (RFC 2428): `(|||port|)`, with whatever delimiter, or none of the brackets.
    pub(super) fn extended_port(&self) -> Option<u16> {
        let text = self.rest();
        let open = text.iter().position(|byte| *byte == b'(');
        let inner = text.get(open.map_or(0, |at| at + 1)..)?;
        // The delimiter stands three times in a row; words before it do not.
        let start = inner.windows(3).position(|three| {
            three.iter().all(|byte| Some(byte) == three.first())
                && three.first().is_some_and(u8::is_ascii_punctuation)
        })?;
        digits(inner.get(start + 3..)?)
            .and_then(|(port, _)| u16::try_from(port).ok())
            .filter(|port| *port > 0)
    }

    /// Address and port of a 227: the first six numbers with commas between them, in brackets or not
    /// (RFC 1123, 4.1.2.6).
    pub(super) fn passive_address(&self) -> Option<([u8; 4], u16)> {
        let text = self.rest();
        (0..text.len()).find_map(|start| six(text, start))
    }

    /// The path of a 257: in quotes, a quote in it doubled.
    pub(super) fn quoted_path(&self) -> Option<Vec<u8>> {
        let text = self.rest();
        let open = text.iter().position(|byte| *byte == b'"')?;
        let mut path = Vec::new();
        let mut rest = text.get(open + 1..)?;
        loop {
            match rest {
                [b'"', b'"', tail @ ..] => {
                    path.push(b'"');
                    rest = tail;
                }
                [b'"', ..] => return Some(path),
                [byte, tail @ ..] => {
                    path.push(*byte);
                    rest = tail;
                }
                [] => return None,
            }
        }
    }

    /// The number of a 213 to SIZE.
    pub(super) fn size(&self) -> Option<u64> {
        let (size, rest) = digits(self.rest())?;
        (self.code == 213 && rest.trim_ascii().is_empty()).then_some(size)
    }

    /// The time of a 213 to MDTM, its digits as they are.
    pub(super) fn time(&self) -> Option<Vec<u8>> {
        let text = self.rest();
        let plausible = text.len() >= 14
            && text.len() <= 24
            && text
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'.');
        (self.code == 213 && plausible).then(|| text.to_vec())
    }
}

/// Leading digits as a number, and what follows them.
fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    let (number, rest) = text.split_at(end.unwrap_or(text.len()));
    let number = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some((number, rest))
}

/// `h1,h2,h3,h4,p1,p2` from `start` on, where a number begins.
fn six(text: &[u8], start: usize) -> Option<([u8; 4], u16)> {
    if start > 0 && text.get(start - 1).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let mut rest = text.get(start..)?;
    let mut numbers = [0_u8; 6];
    for (index, number) in numbers.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b",")?;
        }
        let (value, after) = digits(rest)?;
        *number = u8::try_from(value).ok()?;
        rest = after;
    }
    let [a, b, c, d, high, low] = numbers;
    let port = u16::from_be_bytes([high, low]);
    (port > 0).then_some(([a, b, c, d], port))
}

/// What a server says it can do (RFC 2389), or what is tried where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Features {
    /// Listings in a form made for programs (RFC 3659), with type, size and time.
    pub(super) machine: bool,
    /// Those three have to be asked for.
    pub(super) ask_facts: bool,
    /// Names are UTF-8 (RFC 2640).
    pub(super) utf8: bool,
}

impl Features {
    /// Of the answer to FEAT; of a server that does not know FEAT, nothing.
    pub(super) fn of(reply: &Reply) -> Self {
        let mut features = Self {
            machine: false,
            ask_facts: false,
            utf8: false,
        };
        if reply.code != 211 {
            return features;
        }
        for line in reply.inner() {
            let line = String::from_utf8_lossy(line).trim().to_ascii_lowercase();
            if line == "utf8" {
                features.utf8 = true;
            }
            let facts = line.strip_prefix("mlst").map(str::trim);
            let Some(facts) = facts else { continue };
            let facts: Vec<&str> = facts.split(';').map(str::trim).collect();
            let has = |fact: &str| facts.contains(&fact) || facts.contains(&&*format!("{fact}*"));
            let on = |fact: &str| facts.contains(&&*format!("{fact}*"));
            let wanted = ["type", "size", "modify"];
            features.machine = wanted.into_iter().all(has);
            features.ask_facts = !wanted.into_iter().all(on);
        }
        features
    }
}
