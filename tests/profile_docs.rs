//! The coordinator's page: every function has an example there, and every example is true.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

use orderdock::formats::{self, Bytes, FormatKind, ReadOptions};
use orderdock::order::StatusUpdate;
use orderdock::problem::Problem;
use orderdock::profiles::{
    Candidate, Chosen, MapOptions, Mapped, Mapper, Orders, ProfileSet, function_names,
};

#[derive(Default)]
struct Remarks(Vec<String>, Vec<Problem>);

impl Orders for Remarks {
    fn chosen(&mut self, _: &Chosen) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn order(&mut self, mapped: Mapped) -> ControlFlow<()> {
        self.0.push(mapped.order.remarks.unwrap_or_default());
        ControlFlow::Continue(())
    }
    fn status(&mut self, _: StatusUpdate) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.1.push(problem);
        ControlFlow::Continue(())
    }
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/profiles.md");
    std::fs::read_to_string(path).unwrap()
}

/// The rows of the table of functions: example and result.
fn examples() -> Vec<(String, String)> {
    let page = page();
    let section = page.split("## Functions").nth(1).unwrap();
    let section = section.split("## ").next().unwrap();
    let rows = section.lines().filter_map(|line| {
        let line = line.strip_prefix("| `")?.strip_suffix("` |")?;
        let (example, result) = line.split_once("` | `")?;
        Some((example.replace("\\|", "|"), result.to_owned()))
    });
    rows.collect()
}

/// What an expression gives in a profile; through the engine if `engine`, which a text around keeps
/// from being evaluated without it.
fn value(expression: &str, engine: bool) -> Result<String, String> {
    let expression = if engine {
        format!("[{expression}] | join")
    } else {
        expression.to_owned()
    };
    let quoted = serde_json::to_string(&format!("= {expression}")).unwrap();
    let profile = format!(
        "name = \"docs\"\nformat = \"csv\"\nkind = \"tracking\"\n[order]\nreference = \"@No\"\nremarks = {quoted}\n\
         [table.colours]\nrot = \"red\"\nblau = \"blue\"\n"
    );
    let set = ProfileSet::load(vec![("docs.toml".to_owned(), profile)])
        .map_err(|errors| format!("{errors:?}"))?;
    let options = MapOptions {
        candidates: vec![Candidate {
            profile: Some("docs".to_owned()),
            ..Candidate::default()
        }],
        ..MapOptions::default()
    };
    let mut remarks = Remarks::default();
    let mut mapper = Mapper::new(&set, &options, &mut remarks);
    let mut input = Bytes::new("docs.csv", b"No,X\n1,2\n");
    let read = formats::read(
        FormatKind::Csv,
        &mut input,
        &ReadOptions::default(),
        &mut mapper,
    );
    drop(mapper.finish(read));
    let problems = format!("{:?}", remarks.1);
    remarks.0.pop().ok_or(problems)
}

#[test]
fn every_example_of_a_function_gives_what_stands_beside_it() {
    let examples = examples();
    assert!(examples.len() > 40, "{}", examples.len());
    let mut wrong = Vec::new();
    for (example, result) in examples {
        for engine in [false, true] {
            let got = value(&example, engine);
            if got.as_ref() != Ok(&result) {
                wrong.push(format!(
                    "{example}: {got:?}, not {result} (engine: {engine})"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_function_has_an_example() {
    let examples = examples();
    let missing: BTreeSet<&str> = function_names()
        .filter(|name| {
            let call = format!("{name}(");
            !examples
                .iter()
                .any(|(example, _)| example.starts_with(&call))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn the_profiles_on_the_page_compile() {
    let page = page();
    for block in page.split("```toml\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let text =
            format!("name = \"docs\"\nformat = \"csv\"\n[order]\nreference = \"@No\"\n{block}");
        let loaded = ProfileSet::load(vec![("docs.toml".to_owned(), text)]);
        assert!(loaded.is_ok(), "{:?}", loaded.err());
    }
}
