//! EDIFACT and X12 of other people, where `ORDERDOCK_CORPUS` names a folder of them: every segment
//! that a reference tool found, and the values of every order and status.

use orderdock::formats::{Bytes, ReadOptions};
use orderdock::profiles::Outcome;
use serde_json::{Value, json};

use crate::corpus_csv::corpus;
use crate::formats::told;
use crate::messages::map;

/// Where the reference tool and we part, and why we hold to ours.
const ARGUED: [(&str, &str); 3] = [
    (
        "x12.850.issue135.edi",
        "a segment lacks its terminator; read as its own, as the set's own counts (SE 87, CTT 10) say",
    ),
    (
        "edifact.D01B.IFCSUM.NewLines.EDI",
        "the tool does not see that lines end segments; the same 29 segments as its twin",
    ),
    ("tradacoms.", "refused by its name"),
];

/// What becomes of each file: its orders' references, or the code that refuses it.
const OUTCOMES: [(&str, &str); 32] = [
    ("204-MGCTLYST-SAMPLE.EDI", "75027674"),
    ("210-MGCTLYST-SAMPLE.EDI", "file.not-an-order"),
    ("214-MGCTLYST-SAMPLE.EDI", "1 status"),
    ("990-MGCTLYST-SAMPLE.EDI", "file.not-an-order"),
    ("d00b_iftsta.edi", "1 status"),
    ("d04b_baplie.edi", "file.not-an-order"),
    ("d95b_coprar.edi", "file.not-an-order"),
    ("edifact.01.multi-message.edi", "file.not-an-order"),
    ("edifact.D01B.IFCSUM.EDI", "1000505549"),
    ("edifact.D01B.IFCSUM.NewLines.EDI", "1000505549"),
    // Its UNH names no message type, so nobody can say that it is a CUSCAR.
    ("edifact.D95B.CUSCAR.EDI", "file.not-an-order"),
    ("edifact.Issue203.edi", "file.not-an-order"),
    ("edifact.ORDRSP-formatted.edi", "file.not-an-order"),
    ("edifact.ORDRSP.edi", "file.not-an-order"),
    ("tradacoms.order9.edi", "file.is-tradacoms"),
    ("tradacoms.productplanning.edi", "file.is-tradacoms"),
    ("tradacoms.utilitybill.escape.edi", "file.is-tradacoms"),
    ("x12.810a.edi", "file.not-an-order"),
    ("x12.850.edi", "1000012"),
    ("x12.850.issue135.edi", "740150 740151"),
    ("x12.850a.edi", "4600000406"),
    // A freight receipt and invoice: what it bills has been ordered before.
    ("x12types_004010_310.edi", "file.not-an-order"),
    ("x12types_004010_850.edi", "A99999-01"),
    ("x12types_004060_856.edi", "profile.unknown"),
    // A load tender and a warehouse order that ask for nothing: no goods, no lines.
    ("x12types_005010_204.edi", "order.empty"),
    // Bill of lading, booking, shipping instruction: named, and read by a profile of one's own.
    ("x12types_005010_211.edi", "profile.unknown"),
    ("x12types_005010_300.edi", "profile.unknown"),
    ("x12types_005010_301.edi", "file.not-an-order"),
    ("x12types_005010_304.edi", "profile.unknown"),
    // Purpose 01: it cancels the order.
    ("x12types_005010_860.edi", "PO123"),
    ("x12types_005010_940.edi", "order.empty"),
    ("x12types_005010_997.edi", "file.not-an-order"),
];

fn tags(read: &Value) -> Value {
    let mut tags = serde_json::Map::new();
    for segment in read["segments"].as_array().into_iter().flatten() {
        let tag = segment["tag"].as_str().unwrap();
        let count = tags.get(tag).and_then(Value::as_u64).unwrap_or(0);
        tags.insert(tag.to_owned(), json!(count + 1));
    }
    Value::Object(tags)
}

#[test]
fn interchanges_of_others_have_the_segments_that_others_found() {
    let mut parted = Vec::new();
    for (path, line) in corpus("edi/") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let truth = &line["truth"];
        let read = told(
            &mut Bytes::new(&name, &std::fs::read(&path).unwrap()),
            &ReadOptions::default(),
        );
        let found = read["segments"].as_array().map_or(0, Vec::len);
        let mut differences = Vec::new();
        if truth["segments"] != found {
            differences.push(format!(
                "segments: truth {}, found {found}",
                truth["segments"]
            ));
        }
        if truth["tags"].is_object() && truth["tags"] != tags(&read) {
            differences.push(format!(
                "tags: truth {}, found {}",
                truth["tags"],
                tags(&read)
            ));
        }
        for (ours, theirs) in [
            ("element", "element"),
            ("segment", "segment"),
            ("component", "component"),
        ] {
            // The tool writes signs as Python shows them.
            if let Some(theirs) = truth[theirs].as_str() {
                let theirs = theirs.trim_matches('\'').replace("\\n", "\n");
                let ours = read["separators"][ours].as_str().unwrap_or_default();
                if theirs != ours {
                    differences.push(format!("separator: truth {theirs:?}, found {ours:?}"));
                }
            }
        }
        if !differences.is_empty() && !ARGUED.iter().any(|(known, _)| name.starts_with(known)) {
            parted.push(format!("{name}: {differences:?}"));
        }
    }
    assert!(parted.is_empty(), "not argued:\n{}", parted.join("\n"));
}

#[test]
fn interchanges_of_others_become_orders_or_are_refused_by_name() {
    for (path, _) in corpus("edi/") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (told, summary) = map(&name, &std::fs::read(&path).unwrap(), None);
        let error = told.problems.iter().find(|problem| problem.is_error());
        let references: Vec<&str> = told.orders.iter().map(|order| &*order.reference).collect();
        let got = match error {
            Some(problem) => problem.code.to_string(),
            None if told.orders.is_empty() => format!("{} status", told.statuses.len()),
            None => references.join(" "),
        };
        let wanted = OUTCOMES.iter().find(|(known, _)| *known == name);
        assert_eq!(
            wanted.map(|(_, wanted)| *wanted),
            Some(&*got),
            "{name}: {error:?}"
        );
        assert_eq!(
            summary.outcome == Outcome::Accepted,
            error.is_none(),
            "{name}"
        );
    }
}

#[test]
fn orders_of_others_have_the_lines_that_others_found() {
    let mut seen = 0;
    for (path, line) in corpus("edi/x12") {
        let truth = &line["truth"];
        let (Some(lines), Some(ids)) = (truth["lines"].as_array(), truth["order_ids"].as_array())
        else {
            continue;
        };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let (told, _) = map(&name, &std::fs::read(&path).unwrap(), None);
        assert_eq!(told.orders.len(), ids.len(), "{name}");
        let ours: Vec<_> = told.orders.iter().flat_map(|order| &order.lines).collect();
        let mut ours = ours.into_iter().map(|line| {
            json!([
                line.number.clone().unwrap_or_default(),
                line.quantity.map(|q| q.to_string()).unwrap_or_default(),
                line.unit_price.map(|p| p.to_string()).unwrap_or_default()
            ])
        });
        for theirs in lines {
            let wanted = json!([theirs["line"], theirs["qty"], theirs["price"]]);
            // Ours may have more: the line whose segment before lacks its terminator.
            assert!(
                ours.any(|line| line == wanted),
                "{name}: {wanted} is missing"
            );
            seen += 1;
        }
    }
    assert!(
        seen > 20 || corpus("edi/").is_empty(),
        "{seen} lines compared"
    );
}

#[test]
fn values_of_orders_of_others_are_the_right_ones() {
    let of = |wanted: &str| {
        let found = corpus("edi/")
            .into_iter()
            .find(|(path, _)| path.ends_with(wanted));
        found.map(|(path, _)| map(wanted, &std::fs::read(path).unwrap(), None).0)
    };
    let (Some(tender), Some(order), Some(consolidated), Some(status)) = (
        of("204-MGCTLYST-SAMPLE.EDI"),
        of("x12.850a.edi"),
        of("edifact.D01B.IFCSUM.EDI"),
        of("214-MGCTLYST-SAMPLE.EDI"),
    ) else {
        return;
    };
    let tender = json!(tender.orders[0]);
    let shipment = &tender["shipments"][0];
    assert_eq!(shipment["pickup"]["party"]["city"], "RUMFORD");
    assert_eq!(shipment["pickup"]["date"], "2016-07-26");
    assert_eq!(shipment["delivery"]["party"]["postcode"], "53214");
    // 5472 pounds.
    assert_eq!(shipment["totals"]["weight_kg"], "2482.057");
    assert_eq!(
        tender["parties"]["payer"]["name"],
        "c/o Catalyst Paper Corporation"
    );
    let order = json!(order.orders[0]);
    assert_eq!(order["currency"], "USD");
    assert_eq!(order["parties"]["seller"]["name"], "Supplier Name");
    assert_eq!(order["shipments"][0]["delivery"]["party"]["city"], "Laredo");
    assert_eq!(order["lines"][0]["unit"], "YRD");
    let consolidated = json!(consolidated.orders[0]);
    assert_eq!(consolidated["shipments"][0]["id"], "311447177");
    assert_eq!(consolidated["shipments"][0]["totals"]["weight_kg"], "8.269");
    assert_eq!(
        consolidated["shipments"][0]["goods"][0]["sscc"],
        "350114081527920321"
    );
    assert_eq!(status.statuses[0].at.as_deref(), Some("2016-07-26T12:30"));
    assert_eq!(status.statuses[0].shipment.as_deref(), Some("75027674"));
}
