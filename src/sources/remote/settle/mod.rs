//! The closing moves on a server: a file goes to done or error, and is looked at once it is there.
//!
//! May be repeated after a crash at any point: what an earlier try moved is found by its size and
//! time (`earlier`). A rename whose answer was lost may have happened: both names are looked at in
//! a fresh session before anything else is done (`hands`). Servers rename by name and some overwrite:
//! so the new name is looked at before, and what lies there is compared after.

mod away;
mod beside;
mod earlier;
mod hands;

use std::sync::Arc;

use tokio::task::JoinSet;

pub(super) use self::hands::{Hands, Place, Renamed};
use super::Inner;
use crate::arrival::{Locator, Settled, Verdict};
use crate::failure::Failure;
use crate::limits;
use crate::names;
use crate::sources::{After, Settlement};

pub(super) async fn settle(
    inner: &Arc<Inner>,
    settlements: Vec<Settlement>,
) -> Vec<Result<Settled, Failure>> {
    if inner.pickup.after == After::Leave {
        return settlements.iter().map(|_| Ok(Settled::Left)).collect();
    }
    let count = settlements.len();
    let sessions = count.div_ceil(limits::REMOTE_MOVES_TOGETHER);
    let sessions = sessions.clamp(1, inner.pool.connections());
    let share = count.div_ceil(sessions).max(1);
    let mut movers = JoinSet::new();
    let mut left = settlements.into_iter();
    for index in 0..sessions {
        let share: Vec<_> = left.by_ref().take(share).collect();
        let inner = Arc::clone(inner);
        movers.spawn(async move { (index, settle_all(&inner, share).await) });
    }
    let mut answers: Vec<_> = movers.join_all().await;
    answers.sort_unstable_by_key(|(index, _)| *index);
    answers
        .into_iter()
        .flat_map(|(_, answers)| answers)
        .collect()
}

/// Settles each in one session.
async fn settle_all(inner: &Inner, share: Vec<Settlement>) -> Vec<Result<Settled, Failure>> {
    let mut mover = Mover::new(inner);
    let mut answers = Vec::with_capacity(share.len());
    for settlement in &share {
        answers.push(mover.settle(settlement).await);
    }
    mover.hands.let_go();
    answers
}

pub(super) async fn resettle(
    inner: &Inner,
    from: &Locator,
    settlement: &Settlement,
) -> Result<Settled, Failure> {
    if inner.pickup.after == After::Leave {
        return Ok(Settled::Left);
    }
    let mut mover = Mover::new(inner);
    let settled = match inner.targets.place(from) {
        Some((folder, name)) => {
            let from = Place::new(folder, name);
            mover.resettle(&from, settlement).await
        }
        None => match mover.already(settlement).await {
            Ok(Some(already)) => Ok(already),
            Ok(None) => Err(Failure::operator(
                format!("moving {from} to {}", settlement.verdict.as_str()),
                "it was put there under another configuration and lies in no folder of this source \
                 now. Move it to today's folder by hand, which is recognised, or set the old folder \
                 again.",
            )),
            Err(failure) => Err(failure),
        },
    };
    mover.hands.let_go();
    settled
}

struct Mover<'a> {
    inner: &'a Inner,
    hands: Hands<'a>,
}

/// What lies at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    /// The version that was processed.
    Ours,
    /// Something else.
    Other,
    Nothing,
}

impl<'a> Mover<'a> {
    fn new(inner: &'a Inner) -> Self {
        let hands = Hands::new(inner);
        Self { inner, hands }
    }

    async fn settle(&mut self, settlement: &Settlement) -> Result<Settled, Failure> {
        let place = original(settlement)?;
        let missing = match self.look(&place, settlement).await? {
            Lies::Ours => match self.finish(settlement, &place, &place).await? {
                // Gone between our look and our rename. A server may carry out the rename of an
                // earlier try, whose answer was lost, as late as now.
                Settled::Vanished => Settled::Vanished,
                settled => return Ok(settled),
            },
            Lies::Other => Settled::Superseded,
            Lies::Nothing => Settled::Vanished,
        };
        if self.is_deleted(settlement) {
            return self.deleted_before(settlement, &place, missing).await;
        }
        if let Some(already) = self.already(settlement).await? {
            return Ok(already);
        }
        // Its verdict may have changed by a retry after a move that was never recorded.
        let other = match settlement.verdict {
            Verdict::Done => Verdict::Error,
            Verdict::Error => Verdict::Done,
        };
        if let Some(lies_at) = self.earlier(settlement, other).await? {
            return self.resettle(&lies_at, settlement).await;
        }
        self.recover(settlement, &place, missing).await
    }

    /// Nobody knows where it is: unless a rename was carried out whose name was cut short, that is told.
    async fn recover(
        &mut self,
        settlement: &Settlement,
        original: &Place,
        missing: Settled,
    ) -> Result<Settled, Failure> {
        match self.cut_short(settlement).await? {
            Some(lies_at) => self.finish(settlement, &lies_at, original).await,
            None => Ok(missing),
        }
    }

    /// Settles what lies at `from`, in done or error.
    async fn resettle(
        &mut self,
        from: &Place,
        settlement: &Settlement,
    ) -> Result<Settled, Failure> {
        let place = original(settlement)?;
        let settled = match self.look(from, settlement).await? {
            Lies::Ours => self.finish(settlement, from, &place).await?,
            other => match (self.already(settlement).await?, other) {
                (Some(already), _) => already,
                (None, Lies::Nothing) => {
                    let missing = Settled::Vanished;
                    self.recover(settlement, &place, missing).await?
                }
                (None, _) => Settled::Superseded,
            },
        };
        if settled != Settled::Superseded {
            self.remove_sidecars(from).await?;
        }
        Ok(settled)
    }

    async fn look(&mut self, place: &Place, settlement: &Settlement) -> Result<Lies, Failure> {
        let item = self.hands.stat(place).await?;
        Ok(match item {
            Some(item) if item.version() == Some(settlement.version) => Lies::Ours,
            Some(_) => Lies::Other,
            None => Lies::Nothing,
        })
    }

    async fn finish(
        &mut self,
        settlement: &Settlement,
        from: &Place,
        original: &Place,
    ) -> Result<Settled, Failure> {
        if self.is_deleted(settlement) {
            self.delete(settlement, from).await
        } else {
            self.put_away(settlement, from, original).await
        }
    }

    /// Whether the source deletes such an arrival.
    fn is_deleted(&self, settlement: &Settlement) -> bool {
        self.inner.pickup.after == After::Delete && settlement.verdict == Verdict::Done
    }
}

/// Where it lay when it was listed.
fn original(settlement: &Settlement) -> Result<Place, Failure> {
    let (folder, name) = names::split(&settlement.locator.0).ok_or_else(|| {
        let during = format!("moving {}", settlement.locator);
        Failure::ours(
            during,
            "its path is none that a listing of this source shows",
        )
    })?;
    Ok(Place::new(folder.to_vec(), name))
}
