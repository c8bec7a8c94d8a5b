//! The closing moves: a mail goes to the done or error mailbox, and is seen to be gone from where it
//! lay.
//!
//! By MOVE (RFC 6851), else by COPY, a mark and UID EXPUNGE of exactly these (RFC 4315), else the mail
//! stays where it is under a keyword of ours, else the ledger alone remembers. Never by a plain
//! EXPUNGE, which would take what others have marked, and never by a mark alone, which would leave
//! the end to whoever comes next.
//!
//! May be repeated after a crash at any point: what is not where it lay is looked for where an
//! earlier try would have put it (`earlier`), and nothing is copied twice.

mod away;
mod copied;
mod earlier;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use super::Door;
use super::folders::Layout;
use super::place::Place;
use super::session::{Fault, Session};
use crate::arrival::{Locator, Settled, Verdict, Version};
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::sources::{After, Settlement};

/// How mails leave the mailbox, by what the server can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// In one step.
    Move,
    /// By copy, mark and removal of exactly these.
    Copy,
    /// Not at all.
    Stay,
}

impl Means {
    pub(super) fn of(session: &Session) -> Self {
        match (session.can("MOVE"), session.can("UIDPLUS")) {
            (true, _) => Self::Move,
            (false, true) => Self::Copy,
            (false, false) => Self::Stay,
        }
    }
}

/// One mail to be settled.
#[derive(Debug, Clone, Copy)]
struct Item {
    /// Its place among the answers.
    index: usize,
    uid: NonZeroU32,
    version: Version,
    verdict: Verdict,
}

/// Settles over one session; all answers are made here.
struct Settler<'a> {
    door: &'a Door,
    session: Session,
    layout: Layout,
    now: Millis,
    answers: Vec<Option<Result<Settled, Failure>>>,
}

const DURING: &str = "moving a mail";

pub(super) async fn settle(
    door: &Door,
    settlements: &[Settlement],
) -> Vec<Result<Settled, Failure>> {
    if settlements.is_empty() {
        return Vec::new();
    }
    if door.pickup.after == After::Leave {
        return vec![Ok(Settled::Left); settlements.len()];
    }
    let mut settler = match Settler::begin(door, settlements.len()).await {
        Ok(settler) => settler,
        Err(failure) => return vec![Err(failure); settlements.len()],
    };
    let mut groups: BTreeMap<(String, NonZeroU32), Vec<Item>> = BTreeMap::new();
    for (index, settlement) in settlements.iter().enumerate() {
        let Some(place) = Place::read(&settlement.locator) else {
            settler.answer(index, Err(foreign(&settlement.locator)));
            continue;
        };
        let item = item(index, place.uid, settlement);
        let group = groups.entry((place.folder, place.validity));
        group.or_default().push(item);
    }
    for ((folder, validity), items) in groups {
        if let Err(fault) = settler.group(&folder, validity, &items).await {
            settler.fail(&items, &fault);
            if matches!(fault, Fault::Broken(_)) {
                // What is left unanswered is told the same.
                return settler.told(&fault);
            }
        }
    }
    settler.end().await
}

/// Moves a mail out of error.
pub(super) async fn resettle(
    door: &Door,
    from: &Locator,
    settlement: &Settlement,
) -> Result<Settled, Failure> {
    let mut settler = Settler::begin(door, 1).await?;
    let resettled = settler.return_from(from, settlement).await;
    if let Err(fault) = resettled {
        return Err(fault.failure(DURING));
    }
    let answer = settler.end().await.into_iter().next();
    answer.unwrap_or_else(|| Err(Failure::ours(DURING, "no answer")))
}

fn item(index: usize, uid: NonZeroU32, settlement: &Settlement) -> Item {
    Item {
        index,
        uid,
        version: settlement.version,
        verdict: settlement.verdict,
    }
}

fn foreign(locator: &Locator) -> Failure {
    Failure::ours(DURING, format!("“{locator}” is no place in a mailbox"))
}

impl<'a> Settler<'a> {
    async fn begin(door: &'a Door, count: usize) -> Result<Self, Failure> {
        let mut session = door.open().await?;
        let layout = door.layout(&mut session).await;
        Ok(Self {
            door,
            layout: layout.map_err(|fault| fault.failure(DURING))?,
            session,
            now: clock::now(),
            answers: vec![None; count],
        })
    }

    fn answer(&mut self, index: usize, answer: Result<Settled, Failure>) {
        if let Some(place) = self.answers.get_mut(index) {
            place.get_or_insert(answer);
        }
    }

    fn fail(&mut self, items: &[Item], fault: &Fault) {
        for item in items {
            self.answer(item.index, Err(fault.failure(DURING)));
        }
    }

    /// All answers; those still missing are this.
    fn told(&mut self, fault: &Fault) -> Vec<Result<Settled, Failure>> {
        let answers = std::mem::take(&mut self.answers).into_iter();
        answers
            .map(|answer| answer.unwrap_or_else(|| Err(fault.failure(DURING))))
            .collect()
    }

    async fn end(mut self) -> Vec<Result<Settled, Failure>> {
        let answers = self.told(&Fault::Broken("there was no answer".to_owned()));
        self.session.end().await;
        answers
    }

    /// Settles mails that lay in one mailbox.
    async fn group(
        &mut self,
        folder: &str,
        validity: NonZeroU32,
        items: &[Item],
    ) -> Result<(), Fault> {
        let (present, missing) = self.present(folder, validity, items).await?;
        for verdict in [Verdict::Done, Verdict::Error] {
            let some: Vec<Item> = present
                .iter()
                .copied()
                .filter(|item| item.verdict == verdict)
                .collect();
            if some.is_empty() {
                continue;
            }
            match self.out(folder, verdict, &some).await {
                Err(fault @ Fault::Broken(_)) => return Err(fault),
                Err(fault) => self.fail(&some, &fault),
                Ok(()) => {}
            }
        }
        for item in missing {
            let settled = self.missing(folder, item).await?;
            self.answer(item.index, Ok(settled));
        }
        Ok(())
    }

    /// Which of them lie there, in the version that was processed, and which do not. One that lies
    /// there in another version is answered at once.
    async fn present(
        &mut self,
        folder: &str,
        validity: NonZeroU32,
        items: &[Item],
    ) -> Result<(Vec<Item>, Vec<Item>), Fault> {
        let selected = self.session.select(folder, true).await?;
        if selected.validity != validity {
            return Ok((Vec::new(), items.to_vec()));
        }
        if !selected.writable {
            return Err(Fault::Unfit(format!(
                "the mailbox {folder} can only be read by this user"
            )));
        }
        let uids: Vec<u32> = items.iter().map(|item| item.uid.get()).collect();
        let mails = self.session.about(&uids).await?;
        let mut present = Vec::new();
        let mut missing = Vec::new();
        for item in items {
            match mails.iter().find(|mail| mail.uid == item.uid) {
                Some(mail) if mail.version == item.version => present.push(*item),
                Some(_) => self.answer(item.index, Ok(Settled::Superseded)),
                None => missing.push(*item),
            }
        }
        Ok((present, missing))
    }

    /// Takes mails out of the mailbox by what the server can do.
    async fn out(&mut self, folder: &str, verdict: Verdict, items: &[Item]) -> Result<(), Fault> {
        let delete = self.door.pickup.after == After::Delete && verdict == Verdict::Done;
        match Means::of(&self.session) {
            _ if delete => self.delete(folder, items).await,
            Means::Stay => self.mark(folder, verdict, items).await,
            Means::Move => {
                let to = self.target(verdict).await?;
                self.by_move(folder, &to, items).await
            }
            Means::Copy => {
                let to = self.target(verdict).await?;
                self.by_copy(folder, &to, items).await
            }
        }
    }

    /// The mailbox for this verdict today.
    async fn target(&mut self, verdict: Verdict) -> Result<String, Fault> {
        let path = self.path(verdict, self.now)?;
        self.layout.made(&mut self.session, &path).await
    }

    fn path(&self, verdict: Verdict, at: Millis) -> Result<String, Fault> {
        let path = self.door.targets.at(verdict, at).map_err(Fault::Unfit)?;
        String::from_utf8(path).map_err(|error| Fault::Unfit(error.to_string()))
    }

    /// A mail that was settled as error and is accepted now: from where it lies to done.
    async fn return_from(&mut self, from: &Locator, settlement: &Settlement) -> Result<(), Fault> {
        if let Some(settled) = self.earlier(settlement.version, settlement.verdict).await? {
            self.answer(0, Ok(Settled::Already(settled.locator())));
            return Ok(());
        }
        let told = Place::read(from);
        let found = match &told {
            Some(place) => self.lies_at(place, settlement.version).await?,
            None => false,
        };
        let place = match told.filter(|_| found) {
            Some(place) => Some(place),
            None => self.earlier(settlement.version, Verdict::Error).await?,
        };
        let Some(place) = place else {
            self.answer(0, Ok(Settled::Vanished));
            return Ok(());
        };
        let item = item(0, place.uid, settlement);
        self.session.select(&place.folder, true).await?;
        self.out(&place.folder, settlement.verdict, &[item]).await
    }
}
