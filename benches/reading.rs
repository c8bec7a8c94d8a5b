//! How fast files are read and mapped, in one thread: `cargo bench --bench reading`.
//!
//! The inputs are made here: one csv, one XML, one EDIFACT and one X12 of the same orders. Rates are bytes a second of the
//! input, so that formats can be compared with each other and with the disk.

use std::fmt::Write;
use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use orderdock::formats::{
    self, About, Bytes, Element, Flow, FormatKind, Interest, ReadOptions, Records, Row, Segment,
    Table, XmlName,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet};

const ORDERS: usize = 2_000;
const LINES: usize = 5;

fn csv() -> String {
    let mut text =
        String::from("order_no,order_date,currency,item_id,description,quantity,unit_price\n");
    for order in 0..ORDERS {
        for line in 0..LINES {
            writeln!(
                text,
                "PO-{order:06},2026-11-22,EUR,SKU-{line:04},\"Cups, paper\",{},1.25",
                line + 1
            )
            .unwrap_or_default();
        }
    }
    text
}

fn xml() -> String {
    let mut text = String::from("<orderData><orders>");
    for order in 0..ORDERS {
        write!(text, "<order><CN>1</CN><customerID>7</customerID><orderID>{order:06}</orderID><shipments><shipment>")
            .unwrap_or_default();
        text.push_str(
            "<deliveryName>ACME</deliveryName><deliveryPostcode>1098 XH</deliveryPostcode>",
        );
        for line in 0..LINES {
            write!(
                text,
                "<goods><quantity>{}</quantity><packing>pallet</packing></goods>",
                line + 1
            )
            .unwrap_or_default();
        }
        text.push_str("</shipment></shipments></order>");
    }
    text + "</orders></orderData>"
}

fn edifact() -> String {
    let mut text = String::from("UNA:+.? 'UNB+UNOC:3+S:14+R:14+261122:0910+1'");
    for order in 0..ORDERS {
        let number = order + 1;
        write!(text, "UNH+{number}+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{order:06}+9'DTM+137:20261122:102'NAD+BY+4012345000009::9'CUX+2:EUR:9'")
            .unwrap_or_default();
        for line in 0..LINES {
            write!(
                text,
                "LIN+{line}++4000862141404:EN'PIA+1+SKU-{line:04}:SA'IMD+F++:::Cups ?+ paper'QTY+21:{}:PCE'PRI+AAA:1.25'",
                line + 1
            )
            .unwrap_or_default();
        }
        write!(text, "UNS+S'CNT+2:{LINES}'UNT+{}+{number}'", 8 + 5 * LINES).unwrap_or_default();
    }
    write!(text, "UNZ+{ORDERS}+1'").unwrap_or_default();
    text
}

fn x12() -> String {
    let mut text = String::from(
        "ISA*00*          *00*          *ZZ*S              *ZZ*R              *261122*0910*U*00401*000000001*0*P*>~GS*PO*S*R*20261122*0910*1*X*004010~",
    );
    for order in 0..ORDERS {
        write!(text, "ST*850*{order:04}~BEG*00*SA*PO-{order:06}**20261122~CUR*BY*EUR~N1*BY*Buyer*UL*4012345000009~")
            .unwrap_or_default();
        for line in 0..LINES {
            write!(
                text,
                "PO1*{line}*{}*EA*1.25**VN*SKU-{line:04}*UP*012345678905~PID*F****Cups, paper~",
                line + 1
            )
            .unwrap_or_default();
        }
        write!(text, "CTT*{LINES}~SE*{}*{order:04}~", 6 + 2 * LINES).unwrap_or_default();
    }
    write!(text, "GE*{ORDERS}*1~IEA*1*000000001~").unwrap_or_default();
    text
}

/// What any reader of these bytes must at least do: find the ends of the segments.
fn ends(text: &str, terminator: u8) -> usize {
    memchr::memchr_iter(terminator, text.as_bytes()).count()
}

/// Looks at everything and keeps nothing.
struct Nothing(u64);

impl Records for Nothing {
    fn begin(&mut self, _: &About) -> Flow {
        ControlFlow::Continue(())
    }
    fn table(&mut self, _: &Table) -> Flow {
        ControlFlow::Continue(())
    }
    fn row(&mut self, row: &Row<'_>) -> Flow {
        self.0 += row.cells.len() as u64;
        ControlFlow::Continue(())
    }
    fn open(&mut self, path: &[XmlName], _: &[(XmlName, String)]) -> Interest {
        if path.len() == 3 {
            Interest::Record
        } else {
            Interest::Descend
        }
    }
    fn element(&mut self, _: &[XmlName], element: &Element) -> Flow {
        self.0 += element.children.len() as u64;
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
        self.0 += segment.pieces().len() as u64;
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
        self.0 += mapped.order.lines.len() as u64;
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, _: Problem) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

fn read(format: FormatKind, text: &str, records: &mut dyn Records) {
    let mut input = Bytes::new("orders", text.as_bytes());
    let read = formats::read(format, &mut input, &ReadOptions::default(), records);
    assert!(read.is_ok(), "the bench's own file does not read");
}

/// A plain struct of the same twenty columns, for comparison with the `csv` crate.
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

fn twenty_columns() -> String {
    let mut text = String::from(
        "order_no,order_date,currency,buyer_id,buyer,street,postcode,city,country,email,line,sku,ean,\
         description,quantity,unit,price,amount,due,remarks\n",
    );
    for order in 0..ORDERS {
        for line in 1..=LINES {
            writeln!(
                text,
                "PO-{order:06},2026-11-22,EUR,C-77,ACME Ltd,Main Street 1,1098 XH,Amsterdam,NL,\
                 orders@acme.example,{line},SKU-{line:04},4006381333931,Paper cups,{line},PCE,1.25,\
                 {}.25,2026-12-01,none",
                line + 1
            )
            .unwrap_or_default();
        }
    }
    text
}

const HEAD: &str = "version = \"1\"\nformat = \"csv\"\nkind = \"purchase\"\n";

fn plain_profile() -> String {
    format!(
        "name = \"plain\"\n{HEAD}[order]\nreference = \"@order_no\"\nissued = \"@order_date\"\n\
         currency = \"@currency\"\nremarks = \"@remarks\"\nparties.buyer.ids.customer = \"@buyer_id\"\n\
         parties.buyer.name = \"@buyer\"\nparties.buyer.street = \"@street\"\n\
         parties.buyer.postcode = \"@postcode\"\nparties.buyer.city = \"@city\"\n\
         parties.buyer.country = \"@country\"\nparties.buyer.contact.email = \"@email\"\n\
         [line]\nnumber = \"@line\"\nitem_id = \"@sku\"\ngtin = \"@ean\"\ndescription = \"@description\"\n\
         quantity = \"@quantity\"\nunit = \"@unit\"\nunit_price = \"@price\"\namount = \"@amount\"\n\
         delivery_date = \"@due\"\n"
    )
}

/// The same columns, nearly every one through an expression.
fn heavy_profile() -> String {
    format!(
        "name = \"heavy\"\n{HEAD}[order]\nreference = \"= trim(@order_no)\"\n\
         issued = \"= date(@order_date, 'DD.MM.YYYY')\"\ncurrency = \"= upper(@currency)\"\n\
         remarks = \"= replace(@remarks, 'none', '')\"\nparties.buyer.ids.customer = \"= after(@buyer_id, '-')\"\n\
         parties.buyer.name = \"= title(@buyer)\"\nparties.buyer.street = \"= concat(@street, '')\"\n\
         parties.buyer.postcode = \"= replace(@postcode, ' ', '')\"\nparties.buyer.city = \"= first(@city, 'none')\"\n\
         parties.buyer.country = \"= country(@country)\"\nparties.buyer.contact.email = \"= lower(@email)\"\n\
         [line]\nnumber = \"= pad(@line, 3)\"\nitem_id = \"= regex(@sku, 'SKU-(.*)')\"\ngtin = \"@ean\"\n\
         description = \"= @description ~ ' ' ~ @sku\"\nquantity = \"= number(@quantity)\"\n\
         unit = \"= lookup('units', @unit)\"\nunit_price = \"= @price if @price else '0'\"\n\
         amount = \"= round(@amount, 2)\"\ndelivery_date = \"= date(@due, 'DD.MM.YYYY')\"\n\
         [table.units]\nPCE = \"H87\"\n"
    )
}

/// Twenty columns: the `csv` crate into a struct, a plain profile, one of expressions.
fn mapping(c: &mut Criterion) {
    let text = twenty_columns();
    let mut group = c.benchmark_group("twenty_columns");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("csv_crate_serde", |b| {
        b.iter(|| {
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let rows = reader.deserialize::<Plain>();
            black_box(rows.flatten().map(|row| row.quantity).sum::<f64>())
        });
    });
    for (name, profile) in [
        ("plain_profile", plain_profile()),
        ("heavy_profile", heavy_profile()),
    ] {
        let loaded = ProfileSet::load(vec![(format!("{name}.toml"), profile)]);
        assert!(loaded.is_ok(), "the bench's own profile does not load");
        let set = loaded.unwrap_or_default();
        let options = MapOptions {
            candidates: vec![orderdock::profiles::Candidate {
                profile: Some(name.trim_end_matches("_profile").to_owned()),
                ..orderdock::profiles::Candidate::default()
            }],
            ..MapOptions::default()
        };
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut nothing = Nothing(0);
                let mut mapper = Mapper::new(&set, &options, &mut nothing);
                read(FormatKind::Csv, &text, &mut mapper);
                let orders = mapper.finish(Ok(())).orders;
                assert_eq!(orders, ORDERS as u64, "the bench's own file is refused");
                black_box(nothing.0)
            });
        });
    }
    group.finish();
}

fn bench(c: &mut Criterion) {
    let profiles = ProfileSet::builtin();
    for (name, format, text) in [
        ("csv", FormatKind::Csv, csv()),
        ("xml", FormatKind::Xml, xml()),
        ("edifact", FormatKind::Edifact, edifact()),
        ("x12", FormatKind::X12, x12()),
    ] {
        let mut group = c.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("records", |b| {
            b.iter(|| {
                let mut nothing = Nothing(0);
                read(format, &text, &mut nothing);
                black_box(nothing.0)
            });
        });
        if format.is_message() {
            let end = if format == FormatKind::X12 {
                b'~'
            } else {
                b'\''
            };
            group.bench_function("memchr", |b| b.iter(|| black_box(ends(&text, end))));
        }
        group.bench_function("orders", |b| {
            b.iter(|| {
                let mut nothing = Nothing(0);
                let options = MapOptions::default();
                let mut mapper = Mapper::new(&profiles, &options, &mut nothing);
                read(format, &text, &mut mapper);
                black_box(mapper.finish(Ok(())).orders)
            });
        });
        group.finish();
    }
}

criterion_group!(benches, bench, mapping);
criterion_main!(benches);
