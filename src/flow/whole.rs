//! An arrival as it is told of: one file, or all files of a mail or archive that are not as they
//! should be, as one story.

use super::Shared;
use super::answer::Fold;
use super::story::outcome;
use crate::arrival::FileId;
use crate::failure::Failure;
use crate::ledger::FileStory;
use crate::mail::report::Outcome;
use crate::problem::Problem;
use crate::profiles;

/// Whether a mail's only fault is that no order file is attached.
pub(super) fn is_without_file(story: &FileStory) -> bool {
    let mut errors = story.problems.iter().filter(|problem| problem.is_error());
    errors
        .next()
        .is_some_and(|problem| problem.code == "mail.no-file")
        && errors.next().is_none()
}

/// An arrival as it is told of: one file, or all of a mail or archive that are not as they should be.
pub(super) struct Whole {
    /// The file, or what several have in common.
    pub(super) story: FileStory,
    /// The files in trouble.
    pub(super) bad: Vec<FileStory>,
    /// What is said of the others.
    pub(super) also: Vec<String>,
}

impl Whole {
    /// Whether any of the findings has this code.
    pub(super) fn has(&self, code: &str) -> bool {
        self.story
            .problems
            .iter()
            .any(|problem| problem.code == code)
    }

    /// Whether it is a mail without any order file.
    pub(super) fn is_without_file(&self) -> bool {
        is_without_file(&self.story)
    }

    /// What is said, as a key.
    pub(super) fn fold(&self) -> Fold {
        Fold::of(&self.bad.iter().collect::<Vec<_>>())
    }
}

/// The arrival whose file, or container, is `file`.
pub(super) async fn whole(shared: &Shared, file: FileId) -> Result<Option<Whole>, Failure> {
    let Some(story) = shared.ledger().file(file).await? else {
        return Ok(None);
    };
    if story.members.is_empty() {
        return Ok(Some(Whole {
            bad: vec![story.clone()],
            story,
            also: Vec::new(),
        }));
    }
    let mut bad = Vec::new();
    let mut also = Vec::new();
    for row in &story.members {
        let Some(mut member) = shared.ledger().file(row.id).await? else {
            continue;
        };
        if is_good(&member) {
            also.push(taken(&member));
            continue;
        }
        for problem in &mut member.problems {
            problem.place.member.get_or_insert_with(|| row.name.clone());
        }
        bad.push(member);
    }
    if story.problems.iter().any(Problem::is_error) {
        bad.insert(0, story.clone());
    }
    Ok(Some(Whole {
        story: together(story, &bad),
        bad,
        also,
    }))
}

fn is_good(story: &FileStory) -> bool {
    let accepted = |summary: &profiles::Summary| summary.outcome == profiles::Outcome::Accepted;
    story.refusals.is_empty()
        && story.summary.as_ref().is_none_or(accepted)
        && !story.problems.iter().any(Problem::is_error)
}

fn taken(story: &FileStory) -> String {
    let orders = match story.file.orders {
        1 => "its order was taken".to_owned(),
        count => format!("its {count} orders were taken"),
    };
    format!(
        "Nothing is wrong with “{}”, which came along: {orders}.",
        story.file.name
    )
}

/// One story of several files: their names, their findings, their sums.
fn together(container: FileStory, bad: &[FileStory]) -> FileStory {
    let actions = bad.iter().flat_map(|story| story.actions.clone());
    let mut actions: Vec<_> = container.actions.iter().cloned().chain(actions).collect();
    actions.sort();
    actions.dedup();
    if let [only] = bad {
        return FileStory {
            letter: container.letter,
            actions,
            ..only.clone()
        };
    }
    let mut story = FileStory {
        actions,
        problems: Vec::new(),
        refusals: Vec::new(),
        ..container
    };
    let names: Vec<&str> = bad.iter().map(|one| one.file.name.as_str()).collect();
    if !names.is_empty() {
        story.file.name = names.join(", ");
    }
    let rejected = |one: &FileStory| outcome(one) == Outcome::Rejected;
    for one in bad {
        story.problems.extend(one.problems.iter().cloned());
        story.refusals.extend(one.refusals.iter().cloned());
        story.file.withheld += one.file.withheld;
        story.file.orders += if rejected(one) { 0 } else { one.file.orders };
    }
    if let Some(summary) = &mut story.summary {
        summary.outcome = if bad.iter().all(rejected) {
            profiles::Outcome::Rejected
        } else {
            profiles::Outcome::Partial
        };
    }
    story
}
