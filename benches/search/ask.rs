//! Every list and search through the port, and the worst of twenty of each.

use std::time::{Duration, Instant};

use orderdock::arrival::FileId;
use orderdock::clock::{Millis, now};
use orderdock::ledger::sqlite::SqliteLedger;
use orderdock::ledger::{Filter, Reads};

/// The worst of twenty.
macro_rules! ask {
    ($name:literal, $what:expr) => {{
        let mut worst = Duration::ZERO;
        let mut rows = 0;
        for _ in 0..20 {
            let began = Instant::now();
            rows = $what.await.unwrap().len();
            worst = worst.max(began.elapsed());
        }
        println!(
            "{:<44}{:>9.2} ms  {rows} rows",
            $name,
            worst.as_secs_f64() * 1000.0
        );
    }};
}

pub(crate) async fn questions(ledger: &SqliteLedger, orders: i64) {
    let page = Filter {
        limit: 50,
        ..Filter::default()
    };
    let with = |change: fn(&mut Filter)| {
        let mut filter = page.clone();
        change(&mut filter);
        filter
    };
    ask!("orders, newest", ledger.orders(&page));
    let deep = Filter {
        before: Some(orders / 2),
        ..page.clone()
    };
    ask!("orders, from the middle", ledger.orders(&deep));
    ask!(
        "orders, text of an eighth (rotterdam)",
        ledger.orders(&with(|f| f.text = Some("rotterdam".into())))
    );
    ask!(
        "orders, text of a few (customer 4711)",
        ledger.orders(&with(|f| f.text = Some("customer 4711".into())))
    );
    ask!(
        "orders, text of one (po-00123456)",
        ledger.orders(&with(|f| f.text = Some("po-00123456".into())))
    );
    ask!(
        "orders, text of none",
        ledger.orders(&with(|f| f.text = Some("nowhere at all".into())))
    );
    ask!(
        "orders, two letters",
        ledger.orders(&with(|f| f.text = Some("zz".into())))
    );
    ask!(
        "orders, number",
        ledger.orders(&with(|f| f.reference = Some("PO-00123456".into())))
    );
    ask!(
        "orders, number's beginning (all)",
        ledger.orders(&with(|f| f.reference = Some("PO-".into())))
    );
    ask!(
        "orders, rare sender",
        ledger.orders(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "orders, no sender of this name",
        ledger.orders(&with(|f| f.sender = Some("nobody".into())))
    );
    ask!(
        "orders, seldom destination",
        ledger.orders(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "orders, refused",
        ledger.orders(&with(|f| f.state = Some("refused".into())))
    );
    ask!(
        "orders, parked",
        ledger.orders(&with(|f| f.state = Some("parked".into())))
    );
    ask!(
        "orders, held (none)",
        ledger.orders(&with(|f| f.state = Some("held".into())))
    );
    ask!(
        "orders, since an hour from now (none)",
        ledger.orders(&with(|f| f.since = Some(Millis(now().0 + 3_600_000))))
    );
    ask!(
        "orders, part of a number (123456)",
        ledger.orders(&with(|f| f.reference = Some("123456".into())))
    );
    ask!(
        "orders, number of none",
        ledger.orders(&with(|f| f.reference = Some("nothing".into())))
    );
    ask!(
        "orders, file's name of one",
        ledger.orders(&with(|f| f.name = Some("orders-0123456".into())))
    );
    ask!(
        "orders, file's name of none",
        ledger.orders(&with(|f| f.name = Some("nothing".into())))
    );
    ask!(
        "orders, of one file",
        ledger.orders(&with(|f| f.file = Some(FileId(777))))
    );
    ask!(
        "orders, cancelled (none)",
        ledger.orders(&with(|f| f.state = Some("cancelled".into())))
    );
    ask!("files, newest", ledger.files(&page));
    ask!(
        "files, with an order of this number",
        ledger.files(&with(|f| f.reference = Some("PO-00123456".into())))
    );
    ask!(
        "files, with an order of these words (none)",
        ledger.files(&with(|f| f.text = Some("nothing".into())))
    );
    ask!(
        "files, seldom destination",
        ledger.files(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "files, claimed (none)",
        ledger.files(&with(|f| f.state = Some("claimed".into())))
    );
    ask!(
        "files, name of one",
        ledger.files(&with(|f| f.name = Some("orders-0123456".into())))
    );
    ask!(
        "files, name of all",
        ledger.files(&with(|f| f.name = Some(".csv".into())))
    );
    ask!(
        "files, rare sender",
        ledger.files(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "files, error",
        ledger.files(&with(|f| f.state = Some("error".into())))
    );
    ask!(
        "files, pending (none)",
        ledger.files(&with(|f| f.state = Some("pending".into())))
    );
    ask!("deliveries, newest", ledger.deliveries(&page));
    ask!(
        "deliveries, refused",
        ledger.deliveries(&with(|f| f.state = Some("refused".into())))
    );
    ask!(
        "deliveries, cancelled (none)",
        ledger.deliveries(&with(|f| f.state = Some("cancelled".into())))
    );
    ask!(
        "deliveries, due (none)",
        ledger.deliveries(&with(|f| f.state = Some("due".into())))
    );
    ask!(
        "deliveries, seldom destination",
        ledger.deliveries(&with(|f| f.destination = Some("seldom".into())))
    );
    ask!(
        "deliveries, no destination of this name",
        ledger.deliveries(&with(|f| f.destination = Some("nothing".into())))
    );
    ask!(
        "deliveries, rare sender",
        ledger.deliveries(&with(|f| f.sender = Some("rare".into())))
    );
    ask!(
        "deliveries, no sender of this name",
        ledger.deliveries(&with(|f| f.sender = Some("nobody".into())))
    );
    ask!(
        "deliveries, number of none",
        ledger.deliveries(&with(|f| f.reference = Some("nothing".into())))
    );
    ask!(
        "deliveries, text of a few (customer 4711)",
        ledger.deliveries(&with(|f| f.text = Some("customer 4711".into())))
    );
    ask!(
        "deliveries, of one file",
        ledger.deliveries(&with(|f| f.file = Some(FileId(777))))
    );
    ask!(
        "deliveries, parked",
        ledger.deliveries(&with(|f| f.state = Some("parked".into())))
    );
}
