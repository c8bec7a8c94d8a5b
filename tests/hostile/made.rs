//! Files made to hurt, by hand: no writer would make them.

/// A zip of these parts. A part is stored, or comes as a deflate stream with the sizes it claims.
pub(crate) fn zip(parts: &[(&str, Part)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, part) in parts {
        let offset = u32::try_from(out.len()).unwrap();
        let (method, bytes, claimed) = match part {
            Part::Stored(bytes) => (0_u16, bytes, bytes.len()),
            Part::Deflated { bytes, claimed } => (8, bytes, *claimed),
        };
        // Version, flags, method, time, date, CRC (of nobody's interest: no reader comes to the end).
        let mut entry = [20_u16, 0, method, 0, 0x21].map(u16::to_le_bytes).concat();
        let crc = if method == 0 { crc32(bytes) } else { 0 };
        for number in [
            crc,
            u32::try_from(bytes.len()).unwrap(),
            u32::try_from(claimed).unwrap(),
        ] {
            entry.extend(number.to_le_bytes());
        }
        entry.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
        entry.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&entry);
        out.extend(name.as_bytes());
        out.extend(bytes);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&entry);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let count = u16::try_from(parts.len()).unwrap().to_le_bytes();
    let at = u32::try_from(out.len()).unwrap().to_le_bytes();
    let size = u32::try_from(directory.len()).unwrap().to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\x00\x00\x00\x00");
    out.extend([&count[..], &count, &size, &at, &[0, 0]].concat());
    out
}

/// The bytes of one part.
pub(crate) enum Part {
    Stored(Vec<u8>),
    Deflated { bytes: Vec<u8>, claimed: usize },
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

/// A deflate stream of `head`, `blanks` blanks and `tail`: 13 bits for every 258 blanks (RFC 1951,
/// fixed codes), so that half a gigabyte is made in no time.
pub(crate) fn deflated(head: &str, blanks: usize, tail: &str) -> (Vec<u8>, usize) {
    let mut out = Bits::default();
    out.push(0b110, 3);
    let literals = |out: &mut Bits, text: &str| {
        for byte in text.bytes() {
            assert!(byte < 144, "a literal of eight bits");
            out.push(0x30 + u32::from(byte), 8);
        }
    };
    literals(&mut out, head);
    literals(&mut out, " ");
    let runs = blanks / 258;
    for _ in 0..runs {
        // Length 258 (code 285), distance 1 (code 0).
        out.push(0b1100_0101, 8);
        out.push(0, 5);
    }
    literals(&mut out, tail);
    out.push(0, 7);
    (out.finish(), head.len() + 1 + runs * 258 + tail.len())
}

/// Bits, written as deflate packs them: codes with their highest bit first into the lowest free.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, code: u32, length: u32) {
        for bit in (0..length).rev() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= u8::from(code >> bit & 1 == 1) << (self.used % 8);
            self.used += 1;
        }
    }

    fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A workbook whose one sheet is this part.
pub(crate) fn workbook(sheet: Part) -> Vec<u8> {
    workbook_with(sheet, [])
}

/// The same with further parts; shared strings and styles are found by their usual names. With
/// styles it counts days from 1904.
pub(crate) fn workbook_with<'a>(
    sheet: Part,
    others: impl IntoIterator<Item = (&'a str, Part)>,
) -> Vec<u8> {
    let relations = |pairs: &[(&str, &str)]| {
        let one = |(kind, target): &(&str, &str)| {
            format!(r#"<Relationship Id="{kind}" Type="{RELATIONS}/{kind}" Target="{target}"/>"#)
        };
        let all: String = pairs.iter().map(one).collect();
        Part::Stored(format!("<Relationships>{all}</Relationships>").into_bytes())
    };
    let mut related = vec![("worksheet", "s.xml")];
    let others: Vec<(&str, Part)> = others.into_iter().collect();
    for (kind, target) in [
        ("sharedStrings", "sharedStrings.xml"),
        ("styles", "styles.xml"),
    ] {
        if others
            .iter()
            .any(|(name, _)| name.strip_prefix("xl/") == Some(target))
        {
            related.push((kind, target));
        }
    }
    let epoch = u8::from(related.iter().any(|(kind, _)| *kind == "styles"));
    let book = r#"<workbook xmlns:r="r"><workbookPr date1904="EPOCH"/><sheets><sheet name="S" r:id="worksheet"/></sheets></workbook>"#;
    let mut parts = vec![
        ("[Content_Types].xml", Part::Stored(b"<Types/>".to_vec())),
        (
            "_rels/.rels",
            relations(&[("officeDocument", "xl/workbook.xml")]),
        ),
        (
            "xl/workbook.xml",
            Part::Stored(book.replace("EPOCH", &epoch.to_string()).into()),
        ),
        ("xl/_rels/workbook.xml.rels", relations(&related)),
    ];
    parts.extend(others);
    parts.push(("xl/s.xml", sheet));
    zip(&parts)
}

/// A workbook whose sheet unpacks to more than `blanks` bytes, and says so or not.
pub(crate) fn bomb(blanks: usize, honest: bool) -> Vec<u8> {
    let (bytes, size) = deflated("<worksheet><sheetData>", blanks, "</sheetData></worksheet>");
    workbook(Part::Deflated {
        bytes,
        claimed: if honest { size } else { 10_000 },
    })
}

/// An OpenDocument sheet of 10^18 cells, every one of which says `7`.
pub(crate) fn endless_ods() -> Vec<u8> {
    let content = r#"<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S"><table:table-row table:number-rows-repeated="1000000000"><table:table-cell office:value-type="float" office:value="7" table:number-columns-repeated="1000000000"><text:p>7</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"#;
    zip(&[
        (
            "mimetype",
            Part::Stored(b"application/vnd.oasis.opendocument.spreadsheet".to_vec()),
        ),
        ("content.xml", Part::Stored(content.into())),
    ])
}

/// Numbers without order, the same in every run (xorshift).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).unwrap()
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count)
            .map(|_| u8::try_from(self.next(256)).unwrap())
            .collect()
    }

    /// The same bytes with up to eight bits turned.
    pub(crate) fn flipped(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.next(8) {
            let at = self.next(bytes.len());
            bytes[at] ^= 1 << self.next(8);
        }
        bytes
    }
}
