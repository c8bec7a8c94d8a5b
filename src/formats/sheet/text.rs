//! Texts inside spreadsheets that are not UTF-8: from a byte order mark, a declaration, or a label.

use std::io::{self, BufReader, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// How far a declaration is looked for.
const HEAD: usize = 512;
/// Bytes decoded at a time.
const PIECE: usize = 16 << 10;

/// The text of an XML part as UTF-8, by its byte order mark or its declaration.
pub(super) fn xml_source<'s>(mut source: Box<dyn Read + 's>) -> io::Result<Box<dyn Read + 's>> {
    let mut head = Vec::with_capacity(HEAD);
    source.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let encoding = match Encoding::for_bom(&head) {
        Some((encoding, _)) => encoding,
        None => declared(&head, b"encoding").unwrap_or(UTF_8),
    };
    let whole: Box<dyn Read + 's> = Box::new(io::Cursor::new(head).chain(source));
    if encoding == UTF_8 {
        return Ok(whole);
    }
    Ok(Box::new(Transcoded::new(whole, encoding)))
}

/// The encoding that stands behind `key` (`encoding="…"`, `charset=…`) near the start of a text.
pub(super) fn declared(head: &[u8], key: &[u8]) -> Option<&'static Encoding> {
    let lower = head.to_ascii_lowercase();
    let at = memchr::memmem::find(&lower, key)? + key.len();
    let rest = lower.get(at..)?;
    let label: Vec<u8> = rest
        .iter()
        .copied()
        .skip_while(|byte| matches!(byte, b'=' | b'"' | b'\'' | b' '))
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':'))
        .collect();
    // A label that was read as ASCII cannot be UTF-16.
    Encoding::for_label(&label).map(Encoding::output_encoding)
}

/// All of `bytes` as text: as declared, else by mark, else by `key`, else UTF-8 where it is valid,
/// else Windows-1252 as the programs that write such files do. `None`: the declared encoding is binding
/// and does not fit.
pub(super) fn decode(bytes: &[u8], label: Option<&str>, key: &[u8]) -> Option<String> {
    if let Some(label) = label {
        let encoding = Encoding::for_label(label.as_bytes())?;
        let (text, _, malformed) = encoding.decode(bytes);
        return (!malformed).then(|| text.into_owned());
    }
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None => match declared(head, key) {
            Some(encoding) => encoding,
            None if std::str::from_utf8(bytes).is_ok() => UTF_8,
            None => encoding_rs::WINDOWS_1252,
        },
    };
    let (text, _, malformed) = encoding.decode(bytes);
    if malformed {
        return Some(encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned());
    }
    Some(text.into_owned())
}

/// The encoding of a Windows or Macintosh code page (BIFF CODEPAGE record).
pub(super) fn code_page(number: u16) -> Option<&'static Encoding> {
    let label: &[u8] = match number {
        367 | 1252 | 32_769 => b"windows-1252",
        866 => b"ibm866",
        874 => b"windows-874",
        932 => b"shift_jis",
        936 => b"gbk",
        949 => b"euc-kr",
        950 => b"big5",
        1200 => b"utf-16le",
        1250 => b"windows-1250",
        1251 => b"windows-1251",
        1253 => b"windows-1253",
        1254 => b"windows-1254",
        1255 => b"windows-1255",
        1256 => b"windows-1256",
        1257 => b"windows-1257",
        1258 => b"windows-1258",
        10_000 | 32_768 => b"macintosh",
        10_007 => b"x-mac-cyrillic",
        65_001 => b"utf-8",
        _ => return None,
    };
    Encoding::for_label(label)
}

/// A text in another encoding as UTF-8, piece by piece. Bytes that do not fit become U+FFFD, as the
/// sender's own program shows them.
struct Transcoded<'s> {
    source: BufReader<Box<dyn Read + 's>>,
    decoder: Decoder,
    out: Vec<u8>,
    at: usize,
    done: bool,
}

impl<'s> Transcoded<'s> {
    fn new(source: Box<dyn Read + 's>, encoding: &'static Encoding) -> Self {
        Self {
            source: BufReader::with_capacity(PIECE, source),
            decoder: encoding.new_decoder_with_bom_removal(),
            out: Vec::new(),
            at: 0,
            done: false,
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        use std::io::BufRead;
        self.out.clear();
        self.out.resize(PIECE * 4, 0);
        self.at = 0;
        let input = self.source.fill_buf()?;
        let last = input.is_empty();
        let (result, used, written, _) = self.decoder.decode_to_utf8(input, &mut self.out, last);
        self.source.consume(used);
        self.out.truncate(written);
        self.done = last && result == CoderResult::InputEmpty;
        Ok(())
    }
}

impl Read for Transcoded<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.at == self.out.len() && !self.done {
            self.refill()?;
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        buf[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}
