//! The list of bad inputs, each with its number, through the whole product: what is accepted, what is
//! accepted with a warning, what is refused, and with which code.
//!
//! `fixtures/bad/cases.tsv` is the list; what is too large or too odd to lie there is made here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use bytes::Bytes;
use orderdock::formats::{Hidden, ReadOptions};
use orderdock::jail::{Collected, InMemory, Jail, Job, Mode};
use orderdock::profiles::MapOptions;
use serde_json::{Value, json};

mod made;

/// One line of the list.
#[derive(Debug)]
struct Case {
    number: u32,
    file: String,
    /// `profile=NAME`, or what a source declares: `encoding=LABEL`, `hidden=skip`.
    options: BTreeMap<String, String>,
    outcome: String,
    codes: BTreeSet<String>,
    holds: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bad")
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(folder().join("cases.tsv")).unwrap();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .map(case)
        .collect()
}

fn case(line: &str) -> Case {
    let mut fields = line.split('\t');
    let mut next = || fields.next().unwrap_or_default();
    let number = next().parse().unwrap();
    let file = next().to_owned();
    let pairs = next()
        .split_whitespace()
        .map(|pair| pair.split_once('=').unwrap());
    let options = pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let outcome = next().to_owned();
    let codes = next().split_whitespace().map(str::to_owned).collect();
    Case {
        number,
        file,
        options,
        outcome,
        codes,
        holds: next().to_owned(),
    }
}

impl Case {
    fn bytes(&self) -> Vec<u8> {
        match self.file.strip_prefix("made:") {
            Some(name) => made::make(name),
            None => std::fs::read(folder().join(&self.file)).unwrap(),
        }
    }

    fn name(&self) -> &str {
        self.file.rsplit(['/', ':']).next().unwrap()
    }

    /// Whether an operator's declaration goes with it, which the dry run has no words for.
    fn is_declared(&self) -> bool {
        self.options.keys().any(|key| key != "profile")
    }

    /// What is wrong with what was told about it.
    fn judge(&self, told: &Value) -> Option<String> {
        let problems = told["problems"].as_array().unwrap();
        let codes: BTreeSet<String> = problems
            .iter()
            .map(|p| p["code"].as_str().unwrap().to_owned())
            .collect();
        let orders = told["orders"].to_string();
        let unclear = problems.iter().find(|problem| {
            problem["severity"] == "error"
                && problem["hint"].is_null()
                && problem["expected"].is_null()
        });
        let why = if self.outcome == "any" {
            return None;
        } else if told["outcome"] != json!(self.outcome) || codes != self.codes {
            format!("it is {} with {codes:?}", told["outcome"])
        } else if !orders.contains(&self.holds) {
            format!("{} is missing in {orders}", self.holds)
        } else if let Some(problem) = unclear {
            format!("nobody is told what to do: {problem}")
        } else {
            return None;
        };
        Some(format!(
            "{} {} {:?}: {why}",
            self.number, self.file, self.options
        ))
    }
}

/// `orderdock parse --json` over many files at once.
fn parse(files: &[PathBuf], profile: Option<&str>) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orderdock"));
    command.args(["parse", "--json"]);
    if let Some(profile) = profile {
        command
            .arg("--profile")
            .arg(folder().join(format!("{profile}.toml")));
    }
    let output = command.args(files).output().unwrap();
    assert_eq!(
        output.stderr,
        b"",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn every_number_is_in_the_list() {
    let numbers: BTreeSet<u32> = cases().iter().map(|case| case.number).collect();
    assert!(numbers.into_iter().eq(1..=69));
}

#[test]
fn bad_inputs_are_accepted_or_refused_as_the_list_says() {
    let scratch = tempfile::tempdir().unwrap();
    let mut groups: BTreeMap<Option<String>, Vec<(Case, PathBuf)>> = BTreeMap::new();
    for (index, case) in cases()
        .into_iter()
        .enumerate()
        .filter(|(_, case)| !case.is_declared())
    {
        let own = scratch.path().join(index.to_string());
        std::fs::create_dir(&own).unwrap();
        let path = own.join(case.name());
        std::fs::write(&path, case.bytes()).unwrap();
        let profile = case.options.get("profile").cloned();
        groups.entry(profile).or_default().push((case, path));
    }
    let mut wrong = Vec::new();
    for (profile, group) in &groups {
        let paths: Vec<PathBuf> = group.iter().map(|(_, path)| path.clone()).collect();
        let told = parse(&paths, profile.as_deref());
        assert_eq!(told.len(), group.len());
        wrong.extend(
            group
                .iter()
                .zip(&told)
                .filter_map(|((case, _), told)| case.judge(told)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_an_operator_declared_counts() {
    let jail = Jail::new(env!("CARGO_BIN_EXE_orderdock").into(), 1, Vec::new());
    let mut wrong = Vec::new();
    for case in cases().into_iter().filter(Case::is_declared) {
        let bytes = Bytes::from(case.bytes());
        let hidden = case
            .options
            .get("hidden")
            .map(|word| serde_json::from_value(json!(word)).unwrap());
        let read = ReadOptions {
            encoding: case.options.get("encoding").cloned(),
            hidden: hidden.unwrap_or(Hidden::Refuse),
            ..ReadOptions::default()
        };
        let job = Job {
            mode: Mode::Orders,
            name: case.name().to_owned(),
            size: bytes.len() as u64,
            read,
            forced: None,
            map: MapOptions::default(),
        };
        let mut collected = Collected::default();
        let summary = jail
            .read(&job, &InMemory(bytes), &mut collected)
            .await
            .unwrap();
        let orders: Vec<_> = collected
            .orders
            .iter()
            .map(|parsed| parsed.order().unwrap())
            .collect();
        let told =
            json!({"outcome": summary.outcome, "problems": collected.problems, "orders": orders});
        wrong.extend(case.judge(&told));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
