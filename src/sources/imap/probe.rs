//! What a mailbox and its server can do, tried before the first mail is taken.
//!
//! At start nothing is left behind on the server: logged in, opened, asked. `check --connect` also
//! makes the done and error mailboxes and moves a mail of its own from one to the other.

use super::Door;
use super::session::command::{Command, uids};
use super::session::{Answer, Fault, Selected, Session};
use super::settle::Means;
use crate::arrival::Verdict;
use crate::clock;
use crate::failure::Failure;
use crate::sources::{After, Probe};

pub(super) async fn probe(door: &Door, depth: Probe) -> Result<Vec<String>, Failure> {
    let mut session = door.open().await?;
    let during = format!("probing the mailbox at {}", door.settings.host);
    let looked = look(door, &mut session, depth).await;
    let found = looked.map_err(|fault| fault.failure(during))?;
    session.end().await;
    Ok(found)
}

async fn look(door: &Door, session: &mut Session, depth: Probe) -> Result<Vec<String>, Fault> {
    let layout = door.layout(session).await?;
    let writable = door.pickup.after != After::Leave;
    let selected = session.select(&layout.watched, writable).await?;
    // A mailbox that cannot be searched would look empty for ever.
    session.search("UNDELETED").await?;
    fit(door, session, &selected)?;
    let mut found = vec![format!("the mailbox is {}", layout.watched)];
    found.extend(quirks(door, session, &selected));
    if depth == Probe::Connect && writable && Means::of(session) != Means::Stay {
        let mut targets = Vec::new();
        for verdict in [Verdict::Done, Verdict::Error] {
            let path = door.targets.at(verdict, clock::now());
            let path = path.map_err(Fault::Unfit)?;
            let name = layout
                .made(session, &String::from_utf8_lossy(&path))
                .await?;
            targets.push(name);
        }
        if let [done, error] = targets.as_slice() {
            try_move(session, done, error).await?;
            found.push(format!(
                "mails go to {done} and {error}; a move between them was tried"
            ));
        }
    }
    Ok(found)
}

/// What settling will need and this server or user does not have.
fn fit(door: &Door, session: &Session, selected: &Selected) -> Result<(), Fault> {
    let mailbox = &selected.mailbox;
    match door.pickup.after {
        After::Move | After::Delete if !selected.writable => Err(Fault::Unfit(format!(
            "the mailbox {mailbox} can only be read by {}: give this user the right to change it, \
             or set after = \"leave\"",
            door.settings.user
        ))),
        After::Delete if !session.can("UIDPLUS") => Err(Fault::Unfit(
            "the server cannot remove single mails (UIDPLUS), and removing all that anybody marked \
             would be wrong: set after = \"move\" or \"leave\""
                .to_owned(),
        )),
        After::Leave | After::Move | After::Delete => Ok(()),
    }
}

fn quirks(door: &Door, session: &Session, selected: &Selected) -> Vec<String> {
    let mut found = Vec::new();
    if !session.can("IDLE") {
        found.push(format!(
            "the server has no IDLE: new mails are seen every {} s",
            door.pickup.poll.as_secs()
        ));
    }
    match Means::of(session) {
        _ if door.pickup.after == After::Leave => {}
        Means::Move => {}
        Means::Copy => found.push(
            "the server has no MOVE: mails are copied, and the originals removed one by one"
                .to_owned(),
        ),
        Means::Stay => found.push(format!(
            "the server has neither MOVE nor UIDPLUS: mails stay in {}, {}, and the ledger \
             remembers which were taken",
            selected.mailbox,
            if selected.keywords {
                "under the keywords $OrderdockDone and $OrderdockError"
            } else {
                "unmarked"
            }
        )),
    }
    found
}

/// Lays a mail of ours into done, moves it to error as settling would, and removes it.
async fn try_move(session: &mut Session, done: &str, error: &str) -> Result<(), Fault> {
    if !session.can("UIDPLUS") {
        // It could not be removed again.
        return Ok(());
    }
    let mail =
        b"From: orderdock <orderdock@localhost>\r\nSubject: orderdock check --connect\r\n\r\n\
        This mail tries a move, and is removed at once.\r\n";
    let append = Command::new("APPEND").mailbox(done).words("(\\Seen)");
    let status = session.run(&append.literal(mail.to_vec()), |_| ()).await?;
    let words = String::from_utf8_lossy(&status.arguments).into_owned();
    let uid = words
        .split_ascii_whitespace()
        .nth(1)
        .filter(|_| status.has("APPENDUID"));
    let Some(uid) = uid else {
        return Err(Fault::Unfit(format!(
            "the server took a mail into {done} and told no number of it; please remove it by hand"
        )));
    };
    session.select(done, true).await?;
    let verb = match Means::of(session) {
        Means::Move => "UID MOVE",
        Means::Copy | Means::Stay => "UID COPY",
    };
    let mut new = None;
    let mut hear = |status: &super::wire::reply::Status| {
        if status.has("COPYUID") {
            let words = String::from_utf8_lossy(&status.arguments).into_owned();
            let set = words.split_ascii_whitespace().nth(2);
            new = set.and_then(|set| uids(set, 1)?.first().copied());
        }
    };
    let moved = session
        .run(&Command::new(verb).words(uid).mailbox(error), |answer| {
            if let Answer::Status(status) = answer {
                hear(status);
            }
        })
        .await;
    match moved {
        Ok(status) => hear(&status),
        Err(fault) => {
            remove(session, uid).await?;
            return Err(fault);
        }
    }
    if verb == "UID COPY" {
        remove(session, uid).await?;
    }
    let Some(new) = new else {
        return Err(Fault::Unfit(format!(
            "the server moved a mail to {error} and told no number of it; please remove it by hand"
        )));
    };
    session.select(error, true).await?;
    remove(session, &new.to_string()).await
}

async fn remove(session: &mut Session, uid: &str) -> Result<(), Fault> {
    let mark = Command::new("UID STORE")
        .words(uid)
        .words("+FLAGS.SILENT (\\Deleted)");
    session.run(&mark, |_| ()).await?;
    session
        .run(&Command::new("UID EXPUNGE").words(uid), |_| ())
        .await?;
    Ok(())
}
