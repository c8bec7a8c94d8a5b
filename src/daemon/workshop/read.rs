//! A sample on its way through a child, and how much of what comes out is kept.

use async_trait::async_trait;
use bytes::Bytes;

use crate::control::Unfit;
use crate::daemon::parse;
use crate::failure::Failure;
use crate::jail::{Collected, Events, InMemory, Jail, Job, ParsedOrder};
use crate::limits;
use crate::order::StatusUpdate;
use crate::problem::Problem;
use crate::profiles::{Chosen, Summary};

/// All findings, the first orders, and a bounded output: what a page shows.
#[derive(Default)]
pub(super) struct Few(pub(super) Collected, Full);

/// Whether there was more output than is kept: what is kept is its beginning.
type Full = bool;

#[async_trait]
impl Events for Few {
    async fn chosen(&mut self, chosen: Chosen) -> Result<(), Failure> {
        self.0.chosen(chosen).await
    }

    async fn order(&mut self, order: ParsedOrder) -> Result<(), Failure> {
        if self.0.orders.len() < limits::EXPLAINED_ORDERS {
            self.0.orders.push(order);
        }
        Ok(())
    }

    async fn status(&mut self, update: StatusUpdate) -> Result<(), Failure> {
        if self.0.updates.len() < limits::EXPLAINED_ORDERS {
            self.0.updates.push(update);
        }
        Ok(())
    }

    async fn problem(&mut self, problem: Problem) -> Result<(), Failure> {
        if self.0.problems.len() < limits::SHOWN_MARKS {
            self.0.problems.push(problem);
        }
        Ok(())
    }

    async fn output(&mut self, bytes: Bytes) -> Result<(), Failure> {
        // Only an explanation of very many orders is longer: its beginning is as good.
        self.1 |= self.0.output.len() + bytes.len() > limits::SHOWN_BYTES;
        if !self.1 {
            self.0.output.extend_from_slice(&bytes);
        }
        Ok(())
    }
}

/// Reads a sample in a child. What ends its reading is a finding like others.
pub(super) async fn whole(
    jail: &Jail,
    job: &Job,
    bytes: Bytes,
    into: &mut Collected,
) -> Result<Summary, Unfit> {
    let read = jail.read(job, &InMemory(bytes), into).await;
    ended(read, &mut into.problems)
}

/// The same for a page.
pub(super) async fn few(
    jail: &Jail,
    job: &Job,
    bytes: Bytes,
) -> Result<(Summary, Collected), Unfit> {
    let mut few = Few::default();
    let read = jail.read(job, &InMemory(bytes), &mut few).await;
    let summary = ended(read, &mut few.0.problems)?;
    Ok((summary, few.0))
}

fn ended(read: crate::jail::Read, problems: &mut Vec<Problem>) -> Result<Summary, Unfit> {
    match read {
        Ok(summary) => Ok(summary),
        Err(ended) => {
            problems.push(parse::ended_as_problem(ended).map_err(Unfit::Failed)?);
            Ok(parse::rejected())
        }
    }
}
