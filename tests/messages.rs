//! Messages, blocks and fixed width text become the orders that stand beside them, or the problems.
//!
//! Each file of `fixtures/edifact`, `x12`, `ttm` and `fixed` has its `NAME.orders.json`; a
//! `NAME.toml` beside it is the profile to read it with. `UPDATE_EXPECT=1` writes what came out.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use orderdock::formats::{self, Bytes, FormatKind, ReadOptions, sniff};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{
    Candidate, Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet, Summary,
};
use serde_json::{Value, json};

#[derive(Default)]
pub(crate) struct Told {
    pub(crate) orders: Vec<Order>,
    pub(crate) hashes: Vec<[u8; 32]>,
    pub(crate) statuses: Vec<StatusUpdate>,
    pub(crate) problems: Vec<Problem>,
}

impl Orders for Told {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        assert!(
            self.orders.is_empty(),
            "the choice is told before the first order"
        );
        ControlFlow::Continue(())
    }

    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.orders.push(mapped.order);
        self.hashes.push(mapped.source_hash);
        ControlFlow::Continue(())
    }

    fn status(&mut self, update: StatusUpdate) -> ControlFlow<()> {
        self.statuses.push(update);
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.problems.push(problem);
        ControlFlow::Continue(())
    }
}

/// What `bytes` become with the built-in profiles, or with `own`.
pub(crate) fn map(name: &str, bytes: &[u8], own: Option<&str>) -> (Told, Summary) {
    // Compiling them costs more than reading a message.
    static BUILT_IN: LazyLock<ProfileSet> = LazyLock::new(ProfileSet::builtin);
    let loaded =
        own.map(|text| ProfileSet::load(vec![("own.toml".to_owned(), text.to_owned())]).unwrap());
    let set = loaded.as_ref().unwrap_or(&BUILT_IN);
    let candidate = own.map(|_| Candidate {
        profile: set.known().next().map(|known| known.known_as.name),
        ..Candidate::default()
    });
    let options = MapOptions {
        file: name.to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        candidates: candidate.into_iter().collect(),
    };
    let mut told = Told::default();
    let mut mapper = Mapper::new(set, &options, &mut told);
    let mut input = Bytes::new(name, bytes);
    let forced = set.reads_fixed(&options).then_some(FormatKind::Fixed);
    let read = sniff::sniff(&mut input, forced)
        .and_then(|format| formats::read(format, &mut input, &ReadOptions::default(), &mut mapper));
    let summary = mapper.finish(read);
    (told, summary)
}

fn report(told: &Told, summary: &Summary) -> Value {
    json!({
        "outcome": summary.outcome,
        "profile": summary.profile.as_ref().map(|profile| &profile.name),
        "withheld": summary.withheld,
        "orders": told.orders,
        "status_updates": told.statuses,
        "problems": told.problems,
    })
}

fn fixtures(format: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join(format))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|end| end != "json" && end != "toml")
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_message_becomes_what_stands_beside_it() {
    let mut wrong = Vec::new();
    for path in ["edifact", "x12", "ttm", "fixed"]
        .iter()
        .flat_map(|format| fixtures(format))
    {
        let name = path.file_name().unwrap().to_str().unwrap();
        let own = std::fs::read_to_string(path.with_extension("toml")).ok();
        let (told, summary) = map(name, &std::fs::read(&path).unwrap(), own.as_deref());
        let got = report(&told, &summary);
        let beside = path.with_extension("orders.json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&beside, serde_json::to_string_pretty(&got).unwrap() + "\n").unwrap();
        }
        let expected: Value = std::fs::read(&beside)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        if got != expected {
            wrong.push(format!("{name}: got {got:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn fixture(path: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    std::fs::read(folder.join(path)).unwrap()
}

#[test]
fn every_separator_gives_the_same_order() {
    let (plain, _) = map("a.edi", &fixture("x12/850.edi"), None);
    for other in [
        "850-newlines",
        "850-crlf",
        "850-trimmed-isa",
        "850-no-component-separator",
        "850-control-separators",
    ] {
        let (told, _) = map("a.edi", &fixture(&format!("x12/{other}.edi")), None);
        assert_eq!(told.orders, plain.orders, "{other}");
        assert_eq!(told.hashes, plain.hashes, "{other}");
    }
}

#[test]
fn a_message_sent_again_under_new_numbers_is_the_same_message() {
    let text = String::from_utf8_lossy(&fixture("x12/850.edi")).into_owned();
    let again = text
        .replace("000000123", "000000124")
        .replace("0001", "0009");
    let (first, _) = map("a.edi", text.as_bytes(), None);
    let (second, _) = map("a.edi", again.as_bytes(), None);
    assert_eq!(first.hashes, second.hashes);
}

#[test]
fn a_file_cut_anywhere_is_never_accepted_with_less_than_it_held() {
    for path in ["edifact/groups.edi", "x12/two-sets-one-line.edi"] {
        let whole = fixture(path);
        let (told, _) = map("a.edi", &whole, None);
        let all = told.orders.len();
        for end in 1..whole.trim_ascii_end().len() {
            let (told, summary) = map("a.edi", &whole[..end], None);
            let accepted = summary.outcome == orderdock::profiles::Outcome::Accepted;
            assert!(!accepted || told.orders.len() == all, "{path} cut at {end}");
        }
    }
}

#[test]
fn a_party_is_never_made_of_two_segments() {
    let fixture = fixture("edifact/iftmin-party-from-one-nad.edi");
    let (told, _) = map("a.edi", &fixture, None);
    let order = serde_json::to_value(told.orders.first().unwrap()).unwrap();
    let pickup = json!({
        "ids": {"party": "DEPOT7"}, "name": "Depot 7", "city": "Basel", "country": "CH",
    });
    let delivery = json!({"name": "Quai 9", "country": "FR"});
    let shipment = &order["shipments"][0];
    assert_eq!(shipment["pickup"]["party"], pickup);
    assert_eq!(shipment["delivery"]["party"], delivery);
    let consignee = &order["parties"]["consignee"];
    assert_eq!(consignee["street"], "Rue 2");
    assert_eq!(consignee["contact"]["fax"], Value::Null);
    // The second of a role is not lost.
    assert_eq!(order["extra"]["NAD+CN/5"], "Rue 3");
}
