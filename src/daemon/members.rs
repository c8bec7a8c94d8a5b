//! `orderdock parse` of a mail, a zip archive or a `winmail.dat`: what is in it, each read in turn,
//! shown as one.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::parse::{ended_as_problem, rejected};
use crate::cli::ParseArgs;
use crate::containers::{self, Mails, Opening, name};
use crate::failure::Failure;
use crate::jail::{Collected, Events, InMemory, Jail, Job, Member, Mode, Opened, ParsedOrder};
use crate::letter::Letter;
use crate::mail::may_reply::{Gate, Rules, recipient};
use crate::order::StatusUpdate;
use crate::problem::Problem;
use crate::profiles::{Chosen, Outcome, Summary};

/// What a container holds.
#[derive(Default)]
pub(super) struct Contents {
    opened: Option<Opened>,
    files: Vec<(Member, Vec<u8>)>,
    problems: Vec<Problem>,
}

/// Opens `bytes` in a child; `None` if it is no container.
pub(super) async fn open(
    args: &ParseArgs,
    jail: &Jail,
    job: &Job,
    bytes: &Bytes,
) -> Result<Option<Contents>, String> {
    // What somebody calls csv is no mail because its first lines look like headers.
    let likely = args.format.is_none() || name::ending(&job.name) == "eml";
    let opening = Opening {
        mail: if likely { Mails::Likely } else { Mails::Never },
        zip: true,
        tnef: true,
    };
    let job = Job {
        mode: Mode::Unpack(opening),
        ..job.clone()
    };
    let mut contents = Contents::default();
    if let Err(ended) = jail
        .read(&job, &InMemory(bytes.clone()), &mut contents)
        .await
    {
        contents.problems.push(ended_as_problem(ended)?);
    }
    let Some(opened) = &contents.opened else {
        return Ok(None);
    };
    let mut usable = false;
    for (member, _) in &contents.files {
        usable |= !member.aside;
        if member.aside {
            contents.problems.push(containers::left_aside(&member.name));
        }
    }
    if !usable && !contents.problems.iter().any(Problem::is_error) {
        contents
            .problems
            .push(containers::nothing_inside(opened.kind));
    }
    Ok(Some(contents))
}

/// Reads every file of it and puts the answers together: whether all is well, and the object.
pub(super) async fn read(
    jail: &Jail,
    job: &Job,
    contents: Contents,
) -> Result<(bool, Value), String> {
    let mut whole = Whole::new(&job.map.file, &contents);
    for (member, bytes) in contents.files {
        if member.aside {
            continue;
        }
        let path = format!("{}/{}", job.map.file, member.name);
        let mut one = Job {
            name: member.name.clone(),
            size: bytes.len() as u64,
            ..job.clone()
        };
        one.map.file.clone_from(&path);
        one.map.sha256 = hex::encode(Sha256::digest(&bytes));
        let mut collected = Collected::default();
        let summary = match jail
            .read(&one, &InMemory(bytes.into()), &mut collected)
            .await
        {
            Ok(summary) => summary,
            Err(ended) => {
                collected.problems.push(ended_as_problem(ended)?);
                rejected()
            }
        };
        for problem in &mut collected.problems {
            problem.place.member = Some(member.name.clone());
        }
        whole.add(&member.name, one.mode == Mode::Records, &summary, collected)?;
    }
    Ok(whole.finish(job.mode == Mode::Records))
}

/// The object that is printed, as it grows.
struct Whole {
    value: Value,
    outcomes: Vec<Outcome>,
    problems: Vec<Value>,
    withheld: bool,
    orders: Vec<Value>,
    updates: Vec<Value>,
    left_out: u64,
    members: Vec<Value>,
}

impl Whole {
    fn new(file: &str, contents: &Contents) -> Self {
        let opened = contents.opened.as_ref();
        let mut value = json!({
            "file": file,
            "format": opened.map(|opened| opened.kind),
            "profile": Value::Null,
        });
        if let Some(letter) = opened.and_then(|opened| opened.letter.as_ref()) {
            value["mail"] = mail(letter, &contents.files);
        }
        Self {
            value,
            outcomes: Vec::new(),
            withheld: contents.problems.iter().any(Problem::is_error),
            problems: contents
                .problems
                .iter()
                .map(|problem| json!(problem))
                .collect(),
            orders: Vec::new(),
            updates: Vec::new(),
            left_out: 0,
            members: Vec::new(),
        }
    }

    fn add(
        &mut self,
        name: &str,
        records: bool,
        summary: &Summary,
        collected: Collected,
    ) -> Result<(), String> {
        self.outcomes.push(summary.outcome);
        let mut shown = if records {
            super::parse::records(name, &collected)?
        } else {
            super::parse::orders(name, summary, collected)?
        };
        let mut take = |key: &str| match shown[key].take() {
            Value::Array(values) => values,
            _ => Vec::new(),
        };
        self.problems.extend(take("problems"));
        self.orders.extend(take("orders"));
        self.updates.extend(take("status_updates"));
        self.left_out += summary.problems_left_out;
        if let Some(object) = shown.as_object_mut() {
            object.retain(|_, value| !value.is_null());
        }
        self.members.push(shown);
        Ok(())
    }

    fn finish(self, records: bool) -> (bool, Value) {
        let all =
            |outcome| !self.outcomes.is_empty() && self.outcomes.iter().all(|o| *o == outcome);
        let outcome = if all(Outcome::Accepted) && !self.withheld {
            Outcome::Accepted
        } else if self.outcomes.is_empty() || all(Outcome::Rejected) {
            Outcome::Rejected
        } else {
            Outcome::Partial
        };
        let mut value = self.value;
        let profiles: Vec<&Value> = self
            .members
            .iter()
            .map(|member| &member["profile"])
            .collect();
        if let Some(first) = profiles
            .first()
            .filter(|first| profiles.iter().all(|p| p == *first))
        {
            value["profile"] = (*first).clone();
        }
        value["members"] = json!(self.members);
        value["problems"] = json!(self.problems);
        if !records {
            value["outcome"] = json!(outcome);
            value["orders"] = json!(self.orders);
            value["status_updates"] = json!(self.updates);
            value["problems_left_out"] = json!(self.left_out);
        }
        (outcome == Outcome::Accepted, value)
    }
}

/// What a mail's headers say, its files, and whether it would be answered.
fn mail(letter: &Letter, files: &[(Member, Vec<u8>)]) -> Value {
    let files: Vec<Value> = files
        .iter()
        .map(|(member, bytes)| {
            json!({
                "name": member.name,
                "bytes": bytes.len(),
                "sha256": hex::encode(Sha256::digest(bytes)),
            })
        })
        .collect();
    let why = match recipient(&letter.facts, &Rules::default()) {
        Gate::Reply { .. } => None,
        Gate::Withhold { why } => Some(why),
    };
    json!({
        "from": letter.from,
        "subject": letter.facts.subject,
        "files": files,
        "may_reply": why.is_none(),
        "why": why,
    })
}

#[async_trait]
impl Events for Contents {
    async fn opened(&mut self, opened: Opened) -> Result<(), Failure> {
        self.opened = Some(opened);
        Ok(())
    }

    async fn member(&mut self, member: Member) -> Result<(), Failure> {
        self.files.push((member, Vec::new()));
        Ok(())
    }

    async fn output(&mut self, bytes: Bytes) -> Result<(), Failure> {
        if let Some((_, held)) = self.files.last_mut() {
            held.extend_from_slice(&bytes);
        }
        Ok(())
    }

    async fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        self.problems.push(problem);
        Ok(())
    }

    async fn chosen(&mut self, _: Chosen) -> Result<(), Failure> {
        Ok(())
    }

    async fn order(&mut self, _: ParsedOrder) -> Result<(), Failure> {
        Ok(())
    }

    async fn status(&mut self, _: StatusUpdate) -> Result<(), Failure> {
        Ok(())
    }
}
