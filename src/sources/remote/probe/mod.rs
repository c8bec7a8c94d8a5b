//! What can be proved about a server before files are taken from it.
//!
//! At start nothing is created: the server is a partner's, and may watch that folder. A
//! `check --connect` proves the whole way of a file with an empty one of ours.

use super::Inner;
use super::settle::Hands;
use crate::arrival::Verdict;
use crate::clients::{Item, ItemKind, shown};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::limits;
use crate::sources::{After, Probe};

mod trial;

pub(super) async fn probe(inner: &Inner, depth: Probe) -> Result<Vec<String>, Failure> {
    let mut hands = Hands::new(inner);
    let session = hands.session().await?;
    let root = inner.path(&[]);
    let (items, _) = session.list(&root, limits::LISTING_NAMES).await?;
    let is_name = |item: &&Item| !matches!(item.name.as_slice(), b"." | b"..");
    let names = items.iter().filter(is_name).count();
    let noun = if names == 1 { "name" } else { "names" };
    let mut found = vec![format!("{names} {noun} in {}", shown(&root))];
    found.extend(session.found());
    let dated = |item: &Item| item.kind != ItemKind::File || item.modified.is_some();
    if !items.iter().all(dated) {
        found.push(
            "the server tells no modification times: a file that is replaced by one of the same \
             size is not seen as new while the first is at work"
                .to_owned(),
        );
    }
    if depth == Probe::Connect && inner.pickup.after != After::Leave {
        found.extend(trial::run(inner, &mut hands).await?);
    }
    hands.let_go();
    Ok(found)
}

/// The two folders as they are today.
fn targets(inner: &Inner) -> Result<[Vec<u8>; 2], Failure> {
    let at = |verdict: Verdict| {
        let target = inner.targets.at(verdict, clock::now());
        target.map_err(|message| Failure::operator("finding the folders", message))
    };
    Ok([at(Verdict::Done)?, at(Verdict::Error)?])
}

/// How a server's clock, read off a file just written, differs from ours.
fn clock_words(modified: Option<i64>, now: Millis) -> Option<String> {
    let theirs = Millis(modified? / 1_000_000);
    let (ahead, behind) = (now.until(theirs), theirs.until(now));
    let difference = ahead.max(behind);
    let way = if ahead > behind { "ahead of" } else { "behind" };
    Some(if difference < limits::CLOCK_DIFFERENCE {
        "its clock agrees with ours".to_owned()
    } else {
        format!(
            "its clock is {} s {way} ours, which changes nothing but the times people read",
            difference.as_secs()
        )
    })
}
