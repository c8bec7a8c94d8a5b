//! Every fixture of the text formats, read and compared with `NAME.expected.json` beside it; the
//! options of a source may stand in `NAME.options.json`. `UPDATE_EXPECT=1` writes what is read.
//! What is too large to store is built here.

use std::io::{BufRead, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use orderdock::formats::records::RecordsJson;
use orderdock::formats::{self, Bytes, FormatKind, Input, ReadOptions, sniff};
use orderdock::limits;
use orderdock::problem::Problem;
use serde_json::Value;

/// What `input` is read as: one JSON object, as `parse --records` prints it.
pub(crate) fn told(input: &mut dyn Input, options: &ReadOptions) -> Value {
    let name = input.name().to_owned();
    let mut out = Vec::new();
    out.extend_from_slice(b"{\"file\":");
    serde_json::to_writer(&mut out, &name).unwrap();
    let mut sink = RecordsJson::new(out);
    let ended = sniff::sniff(input, None).and_then(|format| {
        if let Some(warning) = sniff::extension_differs(&name, format) {
            assert!(formats::Records::problem(&mut sink, warning).is_continue());
        }
        formats::read(format, input, options, &mut sink)
    });
    let (mut out, _) = sink.finish(ended.err()).unwrap();
    out.push(b'}');
    serde_json::from_slice(&out).unwrap()
}

/// Bytes that come one at a time, as slowly as a pipe may give them.
struct Drip<'a>(Bytes<'a>);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

impl BufRead for Drip<'_> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let available = self.0.fill_buf()?;
        Ok(&available[..available.len().min(1)])
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Seek for Drip<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for Drip<'_> {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn name(&self) -> &str {
        self.0.name()
    }
}

fn fixtures(format: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(format);
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.to_string_lossy();
            path.is_file()
                && ![".expected.json", ".options.json", ".orders.json", ".toml"]
                    .iter()
                    .any(|end| name.ends_with(end))
        })
        .collect();
    found.sort();
    found
}

fn beside(path: &Path, what: &str) -> PathBuf {
    let stem = path.file_stem().unwrap().to_string_lossy();
    path.with_file_name(format!("{stem}.{what}.json"))
}

fn check(format: &str) {
    let mut wrong = Vec::new();
    for path in fixtures(format) {
        let bytes = std::fs::read(&path).unwrap();
        let options = std::fs::read(beside(&path, "options"))
            .map(|text| serde_json::from_slice(&text).unwrap())
            .unwrap_or_default();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let read = told(&mut Bytes::new(&name, &bytes), &options);
        let dripped = told(&mut Drip(Bytes::new(&name, &bytes)), &options);
        assert_eq!(
            read, dripped,
            "{name} is read otherwise when it comes in pieces"
        );
        let read = serde_json::to_string_pretty(&read).unwrap() + "\n";
        let expected = beside(&path, "expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected, read).unwrap();
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != read {
            wrong.push(format!("{}:\n{read}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "read otherwise:\n{}", wrong.join("\n"));
}

#[test]
fn csv_fixtures_are_read_as_expected() {
    check("csv");
}

#[test]
fn xml_fixtures_are_read_as_expected() {
    check("xml");
}

#[test]
fn json_fixtures_are_read_as_expected() {
    check("json");
}

#[test]
fn edifact_fixtures_are_read_as_expected() {
    check("edifact");
}

#[test]
fn x12_fixtures_are_read_as_expected() {
    check("x12");
}

#[test]
fn ttm_fixtures_are_read_as_expected() {
    check("ttm");
}

#[test]
fn fixed_fixtures_are_read_as_expected() {
    check("fixed");
}

/// A file that is never in memory: a start, one piece again and again, and an end.
struct Endless {
    name: &'static str,
    head: Vec<u8>,
    piece: Vec<u8>,
    times: u64,
    tail: Vec<u8>,
    at: u64,
}

impl Endless {
    fn new(name: &'static str, head: &str, piece: &str, bytes: u64, tail: &str) -> Self {
        // The piece is repeated into a block, so that reading it costs few calls.
        let repeat = (64 * 1024 / piece.len()).max(1);
        let block = piece.repeat(repeat).into_bytes();
        Self {
            name,
            head: head.into(),
            times: bytes / block.len() as u64 + 1,
            piece: block,
            tail: tail.into(),
            at: 0,
        }
    }
}

impl BufRead for Endless {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        let head = self.head.len() as u64;
        let body = self.piece.len() as u64 * self.times;
        let at = |offset: u64| usize::try_from(offset).unwrap();
        Ok(if self.at < head {
            &self.head[at(self.at)..]
        } else if self.at < head + body {
            &self.piece[at((self.at - head) % self.piece.len() as u64)..]
        } else {
            &self.tail[at(self.at - head - body).min(self.tail.len())..]
        })
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount as u64;
    }
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.size().saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

impl Input for Endless {
    fn size(&self) -> u64 {
        (self.head.len() + self.tail.len()) as u64 + self.piece.len() as u64 * self.times
    }

    fn name(&self) -> &str {
        self.name
    }
}

/// The problem that ends reading; rows are counted and dropped.
fn ending(mut input: Endless) -> Option<Problem> {
    let format = sniff::sniff(&mut input, None).unwrap();
    let mut sink = RecordsJson::new(std::io::sink());
    let ended = formats::read(format, &mut input, &ReadOptions::default(), &mut sink);
    ended.err()
}

fn ending_code(input: Endless) -> String {
    ending(input)
        .map(|problem| problem.code.into_owned())
        .unwrap_or_default()
}

const MEGABYTE: u64 = 1 << 20;

#[test]
fn a_line_of_200_megabytes_ends_at_the_cell_limit() {
    let input = Endless::new("line.csv", "a;b\n1;", "x", 200 * MEGABYTE, "");
    assert_eq!(ending_code(input), "csv.row-too-long");
}

#[test]
fn an_unclosed_quote_is_found_at_its_line_without_reading_on() {
    let input = Endless::new(
        "quote.csv",
        "a;b\n1;2\n3;\"x\n",
        "4;5\n",
        200 * MEGABYTE,
        "",
    );
    let problem = ending(input).unwrap();
    assert_eq!(problem.code, "csv.unclosed-quote");
    assert_eq!(
        (problem.place.line, problem.place.character),
        (Some(3), Some(3))
    );
}

#[test]
fn rows_beyond_the_limit_are_refused() {
    let input = Endless::new("rows.csv", "a;b\n", "1;2\n", 4 * limits::ROWS, "");
    assert_eq!(ending_code(input), "csv.too-many-rows");
}

#[test]
fn sixteen_thousand_columns_are_refused() {
    let input = Endless::new("columns.csv", "", "1;", 32_000, "\n");
    assert_eq!(ending_code(input), "csv.too-many-columns");
}

#[test]
fn cells_beyond_the_limit_are_refused() {
    let row = "1;".repeat(limits::COLUMNS - 1) + "1\n";
    let input = Endless::new("cells.csv", "", &row, limits::CELLS_STREAMED * 2 + 4096, "");
    assert_eq!(ending_code(input), "csv.too-many-cells");
}

#[test]
fn five_million_nested_elements_are_refused() {
    let input = Endless::new("deep.xml", "<a>", "<b>", 15 * MEGABYTE, "");
    assert_eq!(ending_code(input), "xml.too-deep");
}

#[test]
fn two_hundred_thousand_attributes_are_refused() {
    let attributes: Vec<String> = (0..200_000).map(|n| format!(" a{n}=\"1\"")).collect();
    let attributes = attributes.concat();
    let head = format!("<a{attributes}/>");
    let input = Endless::new("attributes.xml", &head, " ", 1, "");
    assert_eq!(ending_code(input), "xml.too-many-attributes");
}

#[test]
fn a_text_of_a_gigabyte_is_refused_in_flat_memory() {
    let input = Endless::new("text.xml", "<a>", "x", 1024 * MEGABYTE, "</a>");
    assert_eq!(ending_code(input), "xml.token-too-long");
}

#[test]
fn a_comment_of_a_gigabyte_is_refused_in_flat_memory() {
    let input = Endless::new("comment.xml", "<a><!--", "x", 1024 * MEGABYTE, "--></a>");
    assert_eq!(ending_code(input), "xml.token-too-long");
}

#[test]
fn too_many_namespaces_are_refused() {
    let declared: Vec<String> = (0..200)
        .map(|n| format!(" xmlns:a{n}=\"urn:{n}\""))
        .collect();
    let declared = declared.concat();
    let head = format!("<a{declared}/>");
    let input = Endless::new("namespaces.xml", &head, " ", 1, "");
    assert_eq!(ending_code(input), "xml.too-many-namespaces");
}

#[test]
fn deep_json_is_refused() {
    let input = Endless::new("deep.json", "[", "[", 5 * MEGABYTE, "");
    assert_eq!(ending_code(input), "json.too-deep");
}

#[test]
fn a_segment_without_an_end_is_refused_in_flat_memory() {
    let head = "UNA:+.? 'UNB+UNOA:1+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++";
    let input = Endless::new("text.edi", head, "x", 200 * MEGABYTE, "'");
    assert_eq!(ending_code(input), "segment.too-long");
}

#[test]
fn a_segment_of_a_million_elements_is_refused() {
    let head = "UNA:+.? 'UNB+UNOA:1+A+B+260101:1200+1'UNH+1+ORDERS:D:96A:UN'FTX+AAI";
    let input = Endless::new("elements.edi", head, "+", MEGABYTE / 2, "'");
    assert_eq!(ending_code(input), "segment.too-many-elements");
}

#[test]
fn an_isa_that_never_ends_is_refused() {
    let input = Endless::new("isa.edi", "ISA*00*", "          *", 200 * MEGABYTE, "");
    assert_eq!(ending_code(input), "x12.malformed");
}

#[test]
fn an_umlaut_behind_much_ascii_is_found_before_anything_is_told() {
    let mut input = Endless::new("late.csv", "a;b\n", "1;2\n", MEGABYTE, "");
    input.tail = b"3;M\xFCller\n".to_vec();
    let mut sink = RecordsJson::new(Vec::new());
    formats::read(
        FormatKind::Csv,
        &mut input,
        &ReadOptions::default(),
        &mut sink,
    )
    .unwrap();
    let (out, problems) = sink.finish(None).unwrap();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, "encoding.detected");
    assert!(String::from_utf8(out).unwrap().contains("Müller"));
}
