//! Reading one file: a child's findings on their way into the ledger.

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};

use super::super::plan::Ways;
use super::super::{Shared, tracking};
use super::stage::Staging;
use crate::arrival::FileId;
use crate::failure::Failure;
use crate::jail::{Collected, Events, Job, Mode, ParsedOrder, Supply};
use crate::ledger::{DueParse, ParsedFile, StagedOrder};
use crate::limits;
use crate::order::StatusUpdate;
use crate::problem::Problem;
use crate::profiles::{Chosen, MapOptions, Outcome, Summary};

/// The job of reading `file` in one of these `ways`.
pub(super) fn job(shared: &Shared, file: &DueParse, ways: &Ways) -> Job {
    let read = shared
        .ports
        .inlets
        .get(&file.source)
        .map(|inlet| inlet.read.clone());
    Job {
        mode: Mode::Orders,
        name: file.name.clone(),
        size: file.bytes,
        read: read.unwrap_or_default(),
        forced: file.forced,
        map: MapOptions {
            file: file.name.clone(),
            sha256: hex::encode(file.sha256),
            candidates: ways.candidates.clone(),
        },
    }
}

/// What a small file became.
pub(super) fn small(
    shared: &Shared,
    file: &DueParse,
    ways: &Ways,
    collected: Collected,
    summary: Summary,
) -> Result<ParsedFile, String> {
    let mut orders = Vec::with_capacity(collected.orders.len());
    if summary.outcome != Outcome::Rejected && !collected.orders.is_empty() {
        let mut staging = staging(shared, file, ways, collected.chosen.as_ref())?;
        for order in collected.orders {
            orders.push(staging.stage(order)?);
        }
    }
    let problems = collected.problems;
    Ok(ParsedFile {
        file: file.file,
        summary,
        problems,
        orders,
        events: tracking::events(shared, file, collected.updates),
        waiting: None,
    })
}

fn staging<'a>(
    shared: &'a Shared,
    file: &'a DueParse,
    ways: &Ways,
    chosen: Option<&Chosen>,
) -> Result<Staging<'a>, String> {
    let chosen = chosen.ok_or("The reader did not say how it read the file.")?;
    let route = shared.ports.plan.route(ways, chosen);
    let route = route.ok_or_else(|| no_route(file))?;
    Ok(Staging::new(
        &shared.ports,
        &file.source,
        &file.sender,
        route,
        chosen,
    ))
}

/// Why a file waits for an operator.
pub(super) fn no_route(file: &DueParse) -> String {
    format!(
        "No route of the configuration fits the file “{}” of source “{}”.",
        file.name, file.source
    )
}

/// A big file, staged in batches while it is read.
pub(super) struct Staged<'a> {
    shared: &'a Shared,
    file: &'a DueParse,
    ways: &'a Ways,
    staging: Option<Staging<'a>>,
    batch: Vec<StagedOrder>,
    begun: bool,
    /// The batch that is being stored while the next one is read.
    storing: Option<BoxFuture<'a, Result<(), Failure>>>,
    pub(super) problems: Vec<Problem>,
    pub(super) updates: Vec<StatusUpdate>,
    /// Why the file must wait for an operator.
    pub(super) waiting: Option<String>,
}

impl<'a> Staged<'a> {
    pub(super) fn new(shared: &'a Shared, file: &'a DueParse, ways: &'a Ways) -> Self {
        Self {
            shared,
            file,
            ways,
            staging: None,
            batch: Vec::new(),
            begun: false,
            storing: None,
            problems: Vec::new(),
            updates: Vec::new(),
            waiting: None,
        }
    }

    /// Whether orders were staged already and wait to be promoted.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Begins to store a full batch, once the one before it is durable.
    async fn store(&mut self) -> Result<(), Failure> {
        self.stored().await?;
        let (shared, file, first) = (self.shared, self.file.file, !self.begun);
        let batch = std::mem::take(&mut self.batch);
        let mut storing = async move { shared.ledger().stage(file, first, batch).await }.boxed();
        self.begun = true;
        match futures_util::poll!(&mut storing) {
            std::task::Poll::Ready(stored) => stored,
            std::task::Poll::Pending => {
                self.storing = Some(storing);
                Ok(())
            }
        }
    }

    /// Waits until all that was begun to be stored is durable.
    pub(super) async fn stored(&mut self) -> Result<(), Failure> {
        match self.storing.take() {
            Some(storing) => storing.await,
            None => Ok(()),
        }
    }

    /// The arrow's content; what was staged before is in the ledger already.
    pub(super) fn finish(self, summary: Summary) -> ParsedFile {
        ParsedFile {
            file: self.file.file,
            summary,
            problems: self.problems,
            orders: self.batch,
            events: tracking::events(self.shared, self.file, self.updates),
            waiting: None,
        }
    }
}

#[async_trait]
impl Events for Staged<'_> {
    async fn chosen(&mut self, chosen: Chosen) -> Result<(), Failure> {
        match staging(self.shared, self.file, self.ways, Some(&chosen)) {
            Ok(staging) => self.staging = Some(staging),
            Err(why) => self.waiting = Some(why),
        }
        Ok(())
    }

    async fn order(&mut self, order: ParsedOrder) -> Result<(), Failure> {
        let Some(staging) = &mut self.staging else {
            return Ok(());
        };
        match staging.stage(order) {
            Ok(order) => self.batch.push(order),
            Err(why) => {
                self.waiting.get_or_insert(why);
            }
        }
        if self.batch.len() >= limits::BATCH_ORDERS {
            self.shared.quiet.alive(super::parse::LOOP);
            self.store().await?;
        }
        Ok(())
    }

    async fn status(&mut self, update: StatusUpdate) -> Result<(), Failure> {
        self.updates.push(update);
        Ok(())
    }

    async fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        self.problems.push(problem);
        Ok(())
    }

    async fn output(&mut self, _: Bytes) -> Result<(), Failure> {
        Ok(())
    }
}

/// A file's bytes as they lie in the ledger.
pub(in crate::flow) struct Stored<'a> {
    pub(in crate::flow) shared: &'a Shared,
    pub(in crate::flow) file: FileId,
}

#[async_trait]
impl Supply for Stored<'_> {
    async fn bytes(&self, offset: u64, length: usize) -> Result<Bytes, Failure> {
        let bytes = self
            .shared
            .ledger()
            .bytes(self.file, offset, length)
            .await?;
        bytes.ok_or_else(|| Failure::operator("reading stored bytes", "they are past retention"))
    }
}

/// The result of a file that was given up without reading it to its end.
pub(super) fn rejected(file: &DueParse, problem: Problem) -> ParsedFile {
    ParsedFile {
        file: file.file,
        summary: Summary {
            outcome: Outcome::Rejected,
            format: None,
            profile: None,
            candidate: None,
            orders: 0,
            withheld: 0,
            withheld_rows: Vec::new(),
            problems_left_out: 0,
            correctable: false,
        },
        problems: vec![problem],
        orders: Vec::new(),
        events: Vec::new(),
        waiting: None,
    }
}
