//! Files become the orders that stand beside them, or the problems.
//!
//! Each `fixtures/profiles/NAME.csv|xml|json` has its `NAME.expected.json`; a `NAME.toml` beside it is
//! the profile to read it with. `UPDATE_EXPECT=1` writes what came out: read the difference before
//! you commit it.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use orderdock::formats::{
    self, About, Bytes, Cell, CellKind, FormatKind, ReadOptions, Records, Row, Table,
};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{
    Candidate, Chosen, MapOptions, Mapped, Mapper, OnBadRow, Orders, Outcome, ProfileSet, Summary,
};
use serde_json::{Value, json};

mod beside;
mod own;
mod sheets;
mod streams;

/// Everything that a mapping told.
#[derive(Default)]
struct Told {
    orders: Vec<Order>,
    hashes: Vec<[u8; 32]>,
    statuses: Vec<StatusUpdate>,
    problems: Vec<Problem>,
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

fn map(name: &str, bytes: &[u8], set: &ProfileSet, candidates: Vec<Candidate>) -> (Told, Summary) {
    let format = match Path::new(name).extension().and_then(|e| e.to_str()) {
        Some("xml") => FormatKind::Xml,
        Some("json") => FormatKind::Json,
        _ => FormatKind::Csv,
    };
    let options = MapOptions {
        file: name.to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        candidates,
    };
    let mut told = Told::default();
    let mut mapper = Mapper::new(set, &options, &mut told);
    let read = formats::read(
        format,
        &mut Bytes::new(name, bytes),
        &ReadOptions::default(),
        &mut mapper,
    );
    let summary = mapper.finish(read);
    (told, summary)
}

fn csv(text: &str) -> (Told, Summary) {
    map(
        "test.csv",
        text.as_bytes(),
        &ProfileSet::builtin(),
        Vec::new(),
    )
}

fn with_profile(profile: &str, text: &str, policy: OnBadRow) -> (Told, Summary) {
    let set = ProfileSet::load(vec![("own.toml".to_owned(), profile.to_owned())]).unwrap();
    let candidate = Candidate {
        profile: Some("own".to_owned()),
        on_bad_row: Some(policy),
        ..Candidate::default()
    };
    let name = if text.starts_with('<') {
        "test.xml"
    } else {
        "test.csv"
    };
    map(name, text.as_bytes(), &set, vec![candidate])
}

fn codes(told: &Told) -> Vec<&str> {
    told.problems
        .iter()
        .map(|problem| problem.code.as_ref())
        .collect()
}

fn report(told: &Told, summary: &Summary) -> Value {
    json!({
        "outcome": summary.outcome,
        "profile": summary.profile.as_ref().map(|profile| &profile.name),
        "withheld": summary.withheld,
        "withheld_rows": summary.withheld_rows,
        "orders": told.orders,
        "status_updates": told.statuses,
        "problems": told.problems,
    })
}
