//! `orderdock profile explain`: where every field of every order came from.

use std::path::Path;

use bytes::Bytes;

use super::{Done, Own, at, failed, read, show};
use crate::cli::{Exit, ExplainArgs, Look, explained};
use crate::jail::{Jail, Mode};
use crate::problem::Problem;
use crate::profiles::{ExplainedOrder, Outcome};

pub(super) async fn run(args: &ExplainArgs, config: &Path) -> Done {
    let (own, profile) = match &args.profile {
        Some(path) if Path::new(path).extension().is_some_and(|end| end == "toml") => {
            let (own, name) = Own::of_file(Path::new(path))?;
            (own, Some(name))
        }
        name => (Own::load(config)?, name.clone()),
    };
    if let Some(name) = &profile
        && own.set.get(name).is_none()
    {
        return Err(own.unknown(name));
    }
    let jail = super::super::jail(1, own.texts);
    let path = &args.file;
    let bytes = super::super::parse::read(path).map_err(|why| failed(at(path, &why)))?;
    let (orders, problems, outcome) = explanations(&jail, path, bytes, profile.as_deref())
        .await
        .map_err(|why| failed(at(path, &why)))?;
    let wanted = |order: &&ExplainedOrder| {
        let reference = args.order.as_ref();
        reference.is_none_or(|reference| *reference == order.reference)
    };
    let mut all = true;
    let mut any = false;
    for order in orders.iter().filter(wanted) {
        any = true;
        all &= order.good;
        if args.json {
            show(&format!("{}\n", serde_json::json!(order)));
        } else {
            show(&explained(order, &Look::of_stdout()));
        }
    }
    if !any {
        for problem in &problems {
            super::complain(problem, Exit::Failed);
        }
        let what = match &args.order {
            Some(reference) => format!("there is no order “{reference}” in it"),
            None => "there is no order in it".to_owned(),
        };
        return Err(failed(at(path, &what)));
    }
    if !args.json {
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            show(&format!("{problem}\n"));
        }
    }
    let good = all && (args.order.is_some() || outcome == Outcome::Accepted);
    Ok(if good { Exit::Done } else { Exit::Failed })
}

/// Where every field of every order of a file came from, with what was found and how it ended.
async fn explanations(
    jail: &Jail,
    path: &Path,
    bytes: Bytes,
    profile: Option<&str>,
) -> Result<(Vec<ExplainedOrder>, Vec<Problem>, Outcome), String> {
    let (collected, summary) = read(jail, Mode::Explain, path, bytes, None, profile).await?;
    let lines = collected.output.split(|byte| *byte == b'\n');
    let orders = lines
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect::<Result<Vec<ExplainedOrder>, _>>()
        .map_err(|error| error.to_string())?;
    Ok((orders, collected.problems, summary.outcome))
}
