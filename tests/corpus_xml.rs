//! XML files of other people, where `ORDERDOCK_CORPUS` names a folder with them: whether they are
//! well-formed, and what their root is.

use orderdock::formats::{Bytes, ReadOptions};
use serde_json::Value;

use crate::corpus_csv::corpus;
use crate::formats::told;

/// How many elements stand in a written tree.
fn elements(tree: &Value) -> u64 {
    let children = tree["children"].as_array().into_iter().flatten();
    1 + children.map(elements).sum::<u64>()
}

#[test]
fn xml_files_of_others_are_taken_or_refused_as_others_do() {
    let mut all = Vec::new();
    for (path, line) in corpus("xml_") {
        let truth = &line["truth"];
        let bytes = std::fs::read(&path).unwrap();
        // The name is left out: these are read as XML whatever they are called.
        let read = told(&mut Bytes::new("file.xml", &bytes), &ReadOptions::default());
        let text = read.to_string();
        assert!(!text.contains("root:"), "{} was followed", path.display());
        let problems: Vec<&Value> = read["problems"].as_array().into_iter().flatten().collect();
        let error = problems
            .iter()
            .find(|problem| problem["severity"] == "error");
        // An internal subset is refused by policy, however well-formed.
        let subset = error.is_some_and(|problem| problem["code"] == "xml.dtd");
        let good = truth["well_formed"] == true && !subset;
        let ours = (
            error.is_none(),
            &read["root"]["name"],
            elements(&read["root"]),
        );
        if good != ours.0 || (good && (ours.1 != &truth["root"] || truth["elements"] != ours.2)) {
            all.push(format!(
                "{}: {ours:?}\n  {truth}\n  {error:?}",
                path.display()
            ));
        }
    }
    assert!(all.is_empty(), "taken otherwise:\n{}", all.join("\n"));
}
