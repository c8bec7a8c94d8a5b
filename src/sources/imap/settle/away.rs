//! The ways out of a mailbox: move, copy and remove, mark, delete.

use super::super::place::Place;
use super::super::session::command::{Command, set};
use super::super::session::{Answer, Fault};
use super::copied::Copied;
use super::{Item, Settler};
use crate::arrival::{Settled, Verdict};
use crate::limits;

/// Keywords set where a mail cannot be moved: for people; nothing of ours depends on them.
const DONE: &str = "$OrderdockDone";
const ERROR: &str = "$OrderdockError";

impl Settler<'_> {
    /// MOVE. A server may carry it out for some of a set and refuse the others: then each is tried
    /// alone.
    pub(super) async fn by_move(
        &mut self,
        folder: &str,
        to: &str,
        items: &[Item],
    ) -> Result<(), Fault> {
        for some in items.chunks(limits::IMAP_TOGETHER) {
            let refused = self.move_some(folder, to, some).await?;
            if refused.is_none() {
                continue;
            }
            for item in some {
                if self.is_answered(item) {
                    continue;
                }
                if let Some(fault) = self.move_some(folder, to, &[*item]).await? {
                    self.fail(&[*item], &fault);
                }
            }
        }
        Ok(())
    }

    fn is_answered(&self, item: &Item) -> bool {
        self.answers.get(item.index).is_some_and(Option::is_some)
    }

    /// One MOVE, after which each mail is seen to be gone. Answers those whose end is known, and
    /// returns what the server refused.
    async fn move_some(
        &mut self,
        folder: &str,
        to: &str,
        items: &[Item],
    ) -> Result<Option<Fault>, Fault> {
        self.session.select(folder, true).await?;
        let command = Command::new("UID MOVE").words(&uids(items)).mailbox(to);
        let (copied, refused) = self.heard(&command).await?;
        let left = self.still_there(items).await?;
        for item in items {
            let remains = left.contains(&item.uid.get());
            match copied.of(item.uid) {
                Some((validity, uid)) if !remains => {
                    let place = Place {
                        folder: to.to_owned(),
                        validity,
                        uid,
                    };
                    self.answer(item.index, Ok(Settled::Moved(place.locator())));
                }
                Some(_) => {
                    let fault = Fault::Unfit(format!(
                        "the server copied a mail to {to} and left it in {folder} as well"
                    ));
                    self.fail(&[*item], &fault);
                }
                None if remains && refused.is_none() => {
                    let fault = Fault::Broken("the server moved nothing and said OK".to_owned());
                    self.fail(&[*item], &fault);
                }
                None if remains => {}
                // Gone without a word about where to: somebody else took it, or the server tells no
                // numbers.
                None => {
                    let settled = match self.find(to, item.version).await? {
                        Some(place) => Settled::Moved(place.locator()),
                        None => self.missing(folder, *item).await?,
                    };
                    self.answer(item.index, Ok(settled));
                }
            }
        }
        Ok(refused)
    }

    /// Runs a command and listens for the new numbers, also where it was refused in the end.
    async fn heard(&mut self, command: &Command) -> Result<(Copied, Option<Fault>), Fault> {
        let mut copied = Copied::default();
        let ended = self
            .session
            .run(command, |answer| {
                if let Answer::Status(status) = answer {
                    copied.hear(status);
                }
            })
            .await;
        match ended {
            Ok(status) => {
                copied.hear(&status);
                Ok((copied, None))
            }
            Err(fault @ Fault::Refused(_)) => Ok((copied, Some(fault))),
            Err(fault) => Err(fault),
        }
    }

    async fn still_there(&mut self, items: &[Item]) -> Result<Vec<u32>, Fault> {
        self.session.search(&format!("UID {}", uids(items))).await
    }

    /// COPY, mark, and UID EXPUNGE of exactly these. What an earlier try copied is not copied again.
    pub(super) async fn by_copy(
        &mut self,
        folder: &str,
        to: &str,
        items: &[Item],
    ) -> Result<(), Fault> {
        for some in items.chunks(limits::IMAP_TOGETHER) {
            let mut there = Vec::new();
            let mut fresh = Vec::new();
            for item in some {
                match self.find(to, item.version).await? {
                    Some(place) => there.push((*item, place)),
                    None => fresh.push(*item),
                }
            }
            self.session.select(folder, true).await?;
            there.extend(self.copy(to, &fresh).await?);
            let copied: Vec<Item> = there.iter().map(|(item, _)| *item).collect();
            self.remove(&copied).await?;
            for (item, place) in there {
                self.answer(item.index, Ok(Settled::Moved(place.locator())));
            }
        }
        Ok(())
    }

    /// Copies, and returns those of which the server told the new number. The others are answered.
    async fn copy(&mut self, to: &str, items: &[Item]) -> Result<Vec<(Item, Place)>, Fault> {
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let command = Command::new("UID COPY").words(&uids(items)).mailbox(to);
        let (copied, refused) = self.heard(&command).await?;
        // COPY is all or nothing (RFC 3501, 6.4.7).
        if let Some(fault) = refused {
            self.fail(items, &fault);
            return Ok(Vec::new());
        }
        let mut there = Vec::new();
        for item in items {
            let Some((validity, uid)) = copied.of(item.uid) else {
                // It was gone already; the next try finds out where.
                let fault = Fault::Broken("the mail was gone when it was copied".to_owned());
                self.fail(&[*item], &fault);
                continue;
            };
            let folder = to.to_owned();
            let place = Place {
                folder,
                validity,
                uid,
            };
            there.push((*item, place));
        }
        Ok(there)
    }

    /// Removes exactly these mails for good, and sees that they are gone.
    async fn remove(&mut self, items: &[Item]) -> Result<(), Fault> {
        if items.is_empty() {
            return Ok(());
        }
        let uids = uids(items);
        let mark = Command::new("UID STORE")
            .words(&uids)
            .words("+FLAGS.SILENT (\\Deleted)");
        self.session.run(&mark, |_| ()).await?;
        let expunge = Command::new("UID EXPUNGE").words(&uids);
        self.session.run(&expunge, |_| ()).await?;
        if self.still_there(items).await?.is_empty() {
            return Ok(());
        }
        Err(Fault::Unfit(
            "the server said OK and did not remove the mails".to_owned(),
        ))
    }

    /// `after = "delete"`: what was accepted is removed. Only with UID EXPUNGE, which the probe has
    /// asked for.
    pub(super) async fn delete(&mut self, folder: &str, items: &[Item]) -> Result<(), Fault> {
        if !self.session.can("UIDPLUS") {
            return Err(Fault::Unfit(
                "the server cannot remove single mails (UIDPLUS): use after = \"move\" or \"leave\""
                    .to_owned(),
            ));
        }
        self.session.select(folder, true).await?;
        for some in items.chunks(limits::IMAP_TOGETHER) {
            self.remove(some).await?;
            for item in some {
                self.answer(item.index, Ok(Settled::Finished));
            }
        }
        Ok(())
    }

    /// The mails stay; a keyword tells people what became of them, where the mailbox takes any.
    pub(super) async fn mark(
        &mut self,
        folder: &str,
        verdict: Verdict,
        items: &[Item],
    ) -> Result<(), Fault> {
        let keyword = match verdict {
            Verdict::Done => DONE,
            Verdict::Error => ERROR,
        };
        let selected = self.session.select(folder, true).await?;
        for some in items.chunks(limits::IMAP_TOGETHER) {
            if selected.keywords {
                let command = Command::new("UID STORE")
                    .words(&uids(some))
                    .words(&format!("+FLAGS.SILENT ({keyword})"));
                match self.session.run(&command, |_| ()).await {
                    // A courtesy: the ledger remembers.
                    Ok(_) | Err(Fault::Refused(_)) => {}
                    Err(fault) => return Err(fault),
                }
            }
            for item in some {
                self.answer(item.index, Ok(Settled::Left));
            }
        }
        Ok(())
    }
}

fn uids(items: &[Item]) -> String {
    let uids: Vec<u32> = items.iter().map(|item| item.uid.get()).collect();
    set(&uids)
}
