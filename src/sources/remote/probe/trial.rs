//! The way of a file, tried with an empty one of ours: written, moved to each folder and back.

use std::ffi::OsString;

use super::super::Inner;
use super::super::settle::{Hands, Place, Renamed};
use super::{clock_words, targets};
use crate::clients::shown;
use crate::clock;
use crate::failure::Failure;

/// Makes the folders, tries the moves, and leaves nothing behind but the folders.
pub(super) async fn run(inner: &Inner, hands: &mut Hands<'_>) -> Result<Vec<String>, Failure> {
    let targets = targets(inner)?;
    for target in &targets {
        hands.make(target).await.map_err(|failure| Failure {
            message: format!(
                "{}. Create the folder {} there, or ask for it",
                failure.message,
                shown(&inner.path(target))
            ),
            ..failure
        })?;
    }
    let name = OsString::from(format!(".orderdock-probe-{}", std::process::id()));
    let home = Place::new(Vec::new(), &name);
    let away = targets.map(|target| Place::new(target, &name));
    for place in away.iter().chain([&home]) {
        if hands.stat(place).await?.is_some() {
            hands.remove_quietly(place).await;
        }
    }
    let path = inner.path(&home.path());
    if let Err(failure) = hands.session().await?.write(&path, b"").await {
        return Ok(vec![format!(
            "no file of ours may be written there ({}), so that the moves could not be tried",
            failure.message
        )]);
    }
    let modified = hands.stat(&home).await?.and_then(|item| item.modified);
    let clock = clock_words(modified, clock::now());
    let tried = moves(hands, &home, &away).await;
    // Whatever failed, nothing of ours stays behind.
    for place in away.iter().chain([&home]) {
        if hands.stat(place).await?.is_some() {
            hands.remove_quietly(place).await;
        }
    }
    tried?;
    let mut found = vec!["files can be moved to done and error, and are found there".to_owned()];
    found.extend(clock);
    Ok(found)
}

async fn moves(hands: &mut Hands<'_>, home: &Place, away: &[Place]) -> Result<(), Failure> {
    for place in away {
        for (from, to) in [(home, place), (place, home)] {
            let renamed = hands.rename(from, to, None).await?;
            if renamed != Renamed::Done || hands.stat(to).await?.is_none() {
                return Err(Failure::operator(
                    "trying to move a file",
                    "the server said that it was moved, and it is not there. Set after = \"leave\", \
                     or watch another folder.",
                ));
            }
        }
    }
    Ok(())
}
