//! Files of any size, and files of others.

use super::*;

/// Counts orders and keeps none.
struct Count(u64);
impl Orders for Count {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, _: Mapped) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        assert!(!problem.is_error(), "{problem}");
        ControlFlow::Continue(())
    }
}

/// A million rows in one file, where `ORDERDOCK_MEASURE` asks for it: prints how long it takes.
#[test]
fn a_million_rows_are_mapped_as_a_stream() {
    if std::env::var_os("ORDERDOCK_MEASURE").is_none() {
        return;
    }
    let mut text = String::from(
        "order_id,customer_id,customer_name,order_date,currency,ship_to,line_no,sku,ean,description,quantity,unit,unit_price,requested_date\r\n",
    );
    for order in 0..100_000 {
        for line in 1..=10 {
            text.extend([format!(
                "W4-000000-{order:06},C{order:06},\"Smith, Jones & Partners\",2024-03-05,EUR,\"Hauptstraße 12, 10115 Berlin\",{line},SKU-{line:08},4006381333931,\"Coffee beans, dark roast 1kg\",{line},PCE,12.50,2024-03-10\r\n"
            )]);
        }
    }
    let set = ProfileSet::builtin();
    let options = MapOptions::default();
    let mut count = Count(0);
    let start = orderdock::clock::moment();
    let mut mapper = Mapper::new(&set, &options, &mut count);
    let read = formats::read(
        FormatKind::Csv,
        &mut Bytes::new("w4.csv", text.as_bytes()),
        &ReadOptions::default(),
        &mut mapper,
    );
    let summary = mapper.finish(read);
    println!("{} orders in {:?}", summary.orders, start.elapsed());
    assert_eq!(count.0, 100_000);
}

/// Over other people's files, where `ORDERDOCK_CORPUS` names them: prints what became of each.
#[test]
fn the_corpus_is_read_without_a_panic() {
    let Some(corpus) = std::env::var_os("ORDERDOCK_CORPUS") else {
        return;
    };
    let set = ProfileSet::builtin();
    for folder in [
        "xml_orders/ubl",
        "xml_orders/cxml",
        "xml_orders/foreign",
        "csv/exports",
        "csv/csvkit",
        "csv/agate",
    ] {
        let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(&corpus).join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        for path in files {
            let name = path.file_name().unwrap().to_str().unwrap();
            let (told, summary) = map(name, &std::fs::read(&path).unwrap(), &set, Vec::new());
            println!(
                "{folder}/{name}: {:?} {:?}",
                summary.outcome,
                summary.profile.map(|p| p.name)
            );
            for order in &told.orders {
                println!("   {}", serde_json::to_string(order).unwrap());
            }
            for problem in told.problems.iter().take(5) {
                println!("   {} {problem}", problem.code);
            }
        }
    }
}
