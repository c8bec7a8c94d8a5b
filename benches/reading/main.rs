//! How fast files are read and mapped, in one thread: `cargo bench --bench reading`; `-- UBL` for one
//! comparison, `-- UBL orders` for one program of it.
//!
//! Each format stands beside what any reader of its bytes must at least do: the `csv` crate filling
//! a struct, a bare loop over tags and attributes, a search for the ends of segments, calamine's own
//! cells. `records` is reading alone, `orders` is reading and mapping. At the end a csv file and one
//! ten times as large are read from disk, for the memory that takes.

mod cost;
mod inputs;

use std::fs::File;
use std::hint::black_box;
use std::io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use calamine::Reader;
use orderdock::formats::{
    self, About, Bytes, Element, Flow, FormatKind, Input, Interest, ReadOptions, Records, Row,
    Segment, Table, XmlName,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{Candidate, Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet};

use cost::{Case, compare, is_wanted, say};

/// Looks at everything and keeps nothing.
struct Nothing {
    seen: u64,
    /// How deep the elements of records stand.
    record: usize,
}

impl Nothing {
    fn new(record: usize) -> Self {
        Self { seen: 0, record }
    }
}

impl Records for Nothing {
    fn begin(&mut self, _: &About) -> Flow {
        ControlFlow::Continue(())
    }
    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Continue(())
    }
    fn row(&mut self, row: &Row<'_>) -> Flow {
        self.seen += row.cells.len() as u64;
        ControlFlow::Continue(())
    }
    fn open(&mut self, path: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        if path.len() == self.record {
            Interest::Record
        } else {
            Interest::Descend
        }
    }
    fn element(&mut self, _: &[XmlName], element: &Element) -> Flow {
        self.seen += element.children.len() as u64;
        ControlFlow::Continue(())
    }
    fn text(&mut self, _: &[XmlName], _: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn order(&mut self, _: Order, _: &str) -> Flow {
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> Flow {
        ControlFlow::Continue(())
    }
    fn segment(&mut self, segment: &Segment<'_>) -> Flow {
        self.seen += segment.pieces().len() as u64;
        ControlFlow::Continue(())
    }
    fn problem(&mut self, _: Problem) -> Flow {
        ControlFlow::Continue(())
    }
}

impl Orders for Nothing {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.seen += mapped.order.lines.len() as u64;
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, _: Problem) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn read(format: FormatKind, bytes: &[u8], records: &mut dyn Records) {
    let mut input = Bytes::new("orders", bytes);
    let read = formats::read(format, &mut input, &ReadOptions::default(), records);
    assert!(read.is_ok(), "the bench's own file does not read");
}

/// Reading alone; in XML what stands `record` deep is a record.
fn records(format: FormatKind, bytes: &[u8], record: usize) -> Case<'_> {
    Case::new("records", move || {
        let mut nothing = Nothing::new(record);
        read(format, bytes, &mut nothing);
        black_box(nothing.seen);
    })
}

/// Reading and mapping, with the profile of this name or the one that is recognised.
fn orders<'a>(
    name: &'a str,
    format: FormatKind,
    bytes: &'a [u8],
    set: &'a ProfileSet,
    profile: Option<&str>,
) -> Case<'a> {
    let candidate = profile.map(|profile| Candidate {
        profile: Some(profile.to_owned()),
        ..Candidate::default()
    });
    let options = MapOptions {
        candidates: candidate.into_iter().collect(),
        ..MapOptions::default()
    };
    Case::new(name, move || {
        let mut nothing = Nothing::new(0);
        let mut mapper = Mapper::new(set, &options, &mut nothing);
        read(format, bytes, &mut mapper);
        let orders = mapper.finish(Ok(())).orders;
        assert!(orders > 0, "the bench's own file is refused");
        black_box(nothing.seen);
    })
}

/// A plain struct of the twenty columns, for the `csv` crate.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "filled, and only the quantity looked at")]
struct Plain {
    order_no: String,
    order_date: String,
    currency: String,
    buyer_id: String,
    buyer: String,
    street: String,
    postcode: String,
    city: String,
    country: String,
    email: String,
    line: String,
    sku: String,
    ean: String,
    description: String,
    quantity: f64,
    unit: String,
    price: f64,
    amount: f64,
    due: String,
    remarks: String,
}

fn twenty_columns() {
    let text = inputs::twenty_columns();
    let profiles = vec![
        ("plain.toml".to_owned(), inputs::plain_profile()),
        ("heavy.toml".to_owned(), inputs::heavy_profile()),
    ];
    let loaded = ProfileSet::load(profiles);
    assert!(loaded.is_ok(), "the bench's own profiles do not load");
    let set = loaded.unwrap_or_default();
    let bytes = text.as_bytes();
    let csv = FormatKind::Csv;
    let crate_ = Case::new("csv crate into a struct", || {
        let mut reader = csv::Reader::from_reader(bytes);
        let rows = reader.deserialize::<Plain>();
        black_box(rows.flatten().map(|row| row.quantity).sum::<f64>());
    });
    let cases = vec![
        crate_,
        records(csv, bytes, 0),
        orders("orders, plain profile", csv, bytes, &set, Some("plain")),
        orders("orders, all expressions", csv, bytes, &set, Some("heavy")),
    ];
    compare("csv, 20 columns", text.len(), cases);
}

/// Tags and attributes, and nothing done with them.
fn bare(bytes: &[u8]) -> usize {
    let mut reader = quick_xml::NsReader::from_reader(bytes);
    let (mut buffer, mut seen) = (Vec::new(), 0);
    loop {
        buffer.clear();
        match reader.read_resolved_event_into(&mut buffer) {
            Ok((
                _,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag),
            )) => {
                let attributes = tag.attributes().flatten();
                seen += attributes.map(|found| found.value.len()).sum::<usize>() + 1;
            }
            Ok((_, quick_xml::events::Event::Eof)) | Err(_) => return seen,
            Ok(_) => {}
        }
    }
}

fn documents(builtin: &ProfileSet) {
    let xml = FormatKind::Xml;
    for (title, text, record) in [
        ("UBL, 200 lines", inputs::ubl(200), 1),
        ("XML, no attrs", inputs::xml(), 3),
    ] {
        let bytes = text.as_bytes();
        let loop_ = Case::new("bare NsReader", || {
            black_box(bare(bytes));
        });
        let cases = vec![
            loop_,
            records(xml, bytes, record),
            orders("orders", xml, bytes, builtin, None),
        ];
        compare(title, bytes.len(), cases);
    }
}

fn messages(builtin: &ProfileSet) {
    for (title, format, text, end) in [
        ("EDIFACT", FormatKind::Edifact, inputs::edifact(), b'\''),
        ("X12", FormatKind::X12, inputs::x12(), b'~'),
    ] {
        let bytes = text.as_bytes();
        let split = Case::new("memchr for the ends of segments", || {
            black_box(memchr::memchr_iter(end, bytes).count());
        });
        let cases = vec![
            split,
            records(format, bytes, 0),
            orders("orders", format, bytes, builtin, None),
        ];
        compare(title, bytes.len(), cases);
    }
}

fn cells(book: &[u8]) -> Option<usize> {
    let mut open = calamine::Xlsx::new(Cursor::new(book)).ok()?;
    let sheet = open.sheet_names().first()?.clone();
    let mut cells = open.worksheet_cells_reader(&sheet).ok()?;
    let mut seen = 0;
    while let Ok(Some(cell)) = cells.next_cell() {
        black_box(cell);
        seen += 1;
    }
    Some(seen)
}

fn workbooks() {
    let title = "xlsx, 20 columns";
    if !is_wanted(title) {
        return;
    }
    let book = inputs::workbook();
    let profile = inputs::plain_profile().replace("\"csv\"", "\"sheet\"");
    let loaded = ProfileSet::load(vec![("plain.toml".to_owned(), profile)]);
    let set = loaded.unwrap_or_default();
    let xlsx = FormatKind::Xlsx;
    let calamine = Case::new("calamine's cells", || {
        assert!(cells(&book).is_some_and(|seen| seen > 0));
    });
    let cases = vec![
        calamine,
        records(xlsx, &book, 0),
        orders("orders", xlsx, &book, &set, Some("plain")),
    ];
    compare(title, book.len(), cases);
}

fn small(builtin: &ProfileSet) {
    let text = inputs::csv();
    let cases = vec![
        records(FormatKind::Csv, text.as_bytes(), 0),
        orders("orders", FormatKind::Csv, text.as_bytes(), builtin, None),
    ];
    compare("csv, 7 columns", text.len(), cases);
}

/// A file on disk.
struct OnDisk(BufReader<File>, u64);

impl Read for OnDisk {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buf)
    }
}

impl BufRead for OnDisk {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.0.fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl Seek for OnDisk {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for OnDisk {
    fn size(&self) -> u64 {
        self.1
    }
    fn name(&self) -> &'static str {
        "orders"
    }
}

/// The most memory that the process held since this was last asked, in KB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    std::fs::write("/proc/self/clear_refs", "5").unwrap_or_default();
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Reads a file of `text` so many times and tells the memory it took.
fn memory(title: &str, format: FormatKind, text: &str, times: usize) -> std::io::Result<()> {
    if !is_wanted(title) {
        return Ok(());
    }
    let mut file = tempfile::tempfile()?;
    let size = (text.len() * times) as u64;
    for _ in 0..times {
        file.write_all(text.as_bytes())?;
    }
    file.rewind()?;
    let mut input = OnDisk(BufReader::new(file), size);
    let before = peak();
    let before = peak().min(before);
    let mut nothing = Nothing::new(0);
    let read = formats::read(format, &mut input, &ReadOptions::default(), &mut nothing);
    assert!(read.is_ok(), "the bench's own file does not read");
    let more = peak().saturating_sub(before);
    let megabytes = size >> 20;
    say(&format!(
        "{title:<16} of {megabytes} MB: {more} KB more than before"
    ));
    Ok(())
}

fn main() -> std::io::Result<()> {
    let text = inputs::twenty_columns();
    memory("memory, csv", FormatKind::Csv, &text, 9)?;
    memory("memory, csv", FormatKind::Csv, &text, 90)?;
    let messages_text = inputs::edifact();
    memory("memory, EDIFACT", FormatKind::Edifact, &messages_text, 9)?;
    memory("memory, EDIFACT", FormatKind::Edifact, &messages_text, 90)?;
    drop((text, messages_text));
    let builtin = ProfileSet::builtin();
    twenty_columns();
    small(&builtin);
    documents(&builtin);
    messages(&builtin);
    workbooks();
    Ok(())
}
