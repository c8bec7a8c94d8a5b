//! Layouts as ugly as real ones, mapped by profiles alone, and how much of them is guessed right.
//!
//! Each `fixtures/layouts/NAME/` has a `sample`, the `profile.toml` that reads it (with its look-up
//! tables beside), and `expected.json`. `UPDATE_EXPECT=1` writes what came out: read the difference
//! before you commit it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use orderdock::formats::{self, Bytes, FormatKind, ReadOptions, Records, sniff};
use orderdock::order::{Order, StatusUpdate};
use orderdock::problem::Problem;
use orderdock::profiles::{
    self, Candidate, Chosen, ExplainedOrder, MapOptions, Mapped, Mapper, Orders, ProfileSet,
    Summary,
};
use serde_json::{Value, json};

#[derive(Default)]
struct Told {
    orders: Vec<Order>,
    explained: Vec<ExplainedOrder>,
    problems: Vec<Problem>,
}

impl Orders for Told {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.orders.push(mapped.order);
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn explains(&self) -> bool {
        true
    }
    fn explained(&mut self, explained: ExplainedOrder) -> ControlFlow<()> {
        self.explained.push(explained);
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.problems.push(problem);
        ControlFlow::Continue(())
    }
}

struct Layout {
    name: String,
    folder: PathBuf,
    sample: PathBuf,
}

fn layouts() -> Vec<Layout> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/layouts");
    let mut all: Vec<Layout> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| {
            let folder = entry.unwrap().path();
            let sample = std::fs::read_dir(&folder)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .find(|path| path.file_stem().is_some_and(|stem| stem == "sample"))
                .unwrap();
            Layout {
                name: folder.file_name().unwrap().to_str().unwrap().to_owned(),
                folder,
                sample,
            }
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn read(sample: &Path, records: &mut dyn Records) -> Result<(), Problem> {
    let bytes = std::fs::read(sample).unwrap();
    let name = sample.file_name().unwrap().to_str().unwrap();
    let mut input = Bytes::new(name, &bytes);
    let format: FormatKind = sniff::sniff(&mut input, None)?;
    formats::read(format, &mut input, &ReadOptions::default(), records)
}

fn map(sample: &Path, texts: Vec<(String, String)>, profile: Option<&str>) -> (Told, Summary) {
    let set = ProfileSet::load(texts).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let options = MapOptions {
        file: sample.file_name().unwrap().to_str().unwrap().to_owned(),
        sha256: "0123456789abcdef".repeat(4),
        candidates: profile
            .map(|name| Candidate {
                profile: Some(name.to_owned()),
                ..Candidate::default()
            })
            .into_iter()
            .collect(),
    };
    let mut told = Told::default();
    let mut mapper = Mapper::new(&set, &options, &mut told);
    let end = read(sample, &mut mapper);
    let summary = mapper.finish(end);
    (told, summary)
}

fn texts(layout: &Layout) -> Vec<(String, String)> {
    let mut texts = vec![(
        "profile.toml".to_owned(),
        std::fs::read_to_string(layout.folder.join("profile.toml")).unwrap(),
    )];
    for entry in std::fs::read_dir(&layout.folder).unwrap() {
        let path = entry.unwrap().path();
        let table = path.extension().is_some_and(|ext| ext == "csv") && path != layout.sample;
        if table {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            texts.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    texts
}

#[test]
fn ten_ugly_layouts_become_the_orders_that_stand_beside_them() {
    let mut wrong = Vec::new();
    let all = layouts();
    assert!(all.len() >= 10);
    for layout in all {
        let (told, summary) = map(&layout.sample, texts(&layout), Some(&layout.name));
        let got = json!({
            "outcome": summary.outcome,
            "orders": told.orders,
            "problems": told.problems,
        });
        let beside = layout.folder.join("expected.json");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&beside, serde_json::to_string_pretty(&got).unwrap() + "\n").unwrap();
        }
        let expected: Value = std::fs::read(&beside)
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        if got != expected || got["outcome"] != "accepted" {
            wrong.push(format!("{}: got {got:#}", layout.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn layouts_that_say_what_they_look_like_are_recognised() {
    for layout in layouts() {
        let text = &texts(&layout)[0].1;
        if text.contains("[recognise]") {
            let (told, summary) = map(&layout.sample, texts(&layout), None);
            let used = summary.profile.map(|profile| profile.name);
            assert_eq!(used, Some(layout.name), "{:?}", told.problems);
        }
    }
}

/// All values of each field in the order of the file, list indexes left out.
fn values(told: &Told) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for field in told.explained.iter().flat_map(|order| &order.fields) {
        let mut name = String::new();
        for part in field.field.split(['[', ']']).step_by(2) {
            name.push_str(part);
        }
        all.entry(name).or_default().push(field.value.clone());
    }
    all
}

/// A field is right if the suggested profile reads the same values into it as the one that a person
/// wrote, all of them, from the whole sample.
#[test]
fn suggestions_get_seven_of_ten_fields_right_unaided() {
    let (mut right, mut total) = (0, 0);
    let mut report = String::new();
    for layout in layouts() {
        let (told, _) = map(&layout.sample, texts(&layout), Some(&layout.name));
        let wanted = values(&told);
        let suggested = profiles::suggest("sample", |records| read(&layout.sample, records));
        let suggestion = suggested.map_err(|problem| format!("{}: {problem}", layout.name));
        let got = suggestion.as_ref().map_or_else(
            |_| BTreeMap::new(),
            |suggestion| {
                let texts = vec![("sample.toml".to_owned(), suggestion.profile.clone())];
                values(&map(&layout.sample, texts, Some("sample")).0)
            },
        );
        let missed: Vec<&String> = wanted
            .iter()
            .filter(|(field, values)| got.get(*field) != Some(values))
            .map(|(field, _)| field)
            .collect();
        right += wanted.len() - missed.len();
        total += wanted.len();
        report += &format!(
            "{}: {} of {}, missed {missed:?}\n",
            layout.name,
            wanted.len() - missed.len(),
            wanted.len()
        );
        if std::env::var_os("SHOW_SUGGESTIONS").is_some() {
            report += &suggestion.map_or_else(|why| why, |suggestion| suggestion.profile);
        }
    }
    assert!(right * 100 >= total * 70, "{right} of {total}\n{report}");
    eprintln!("{right} of {total}\n{report}");
}
