//! Work of one loop on several sources at a time: one task a source, so that a server that does not
//! answer keeps nobody waiting but itself.

use std::collections::BTreeSet;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::Shared;
use crate::failure::Failure;
use crate::limits;

/// The tasks of one loop.
#[derive(Default)]
pub(super) struct Crew {
    busy: BTreeSet<String>,
    tasks: JoinSet<(String, Result<(), Failure>)>,
}

impl Crew {
    /// Sources at work: what is due of them waits.
    pub(super) fn busy(&self) -> Vec<String> {
        self.busy.iter().cloned().collect()
    }

    /// Begins work on a source.
    pub(super) fn begin(
        &mut self,
        source: String,
        work: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) {
        self.busy.insert(source.clone());
        self.tasks.spawn(async move { (source, work.await) });
    }

    /// Waits until one source is done, a hint tells that there is more to do, or a while has passed.
    /// False if nobody is at work.
    ///
    /// # Errors
    /// What that source's work failed with.
    pub(super) async fn wait(&mut self, shared: &Shared, hint: &Notify) -> Result<bool, Failure> {
        if self.tasks.is_empty() {
            // Also those of tasks that ended abruptly.
            self.busy.clear();
            return Ok(false);
        }
        let ended = tokio::select! {
            ended = self.tasks.join_next() => ended,
            () = hint.notified() => None,
            () = shared.stop.cancelled() => None,
            () = tokio::time::sleep(limits::PAUSE_AFTER_FAILURE) => None,
        };
        match ended {
            None => Ok(true),
            Some(Ok((source, result))) => {
                self.busy.remove(&source);
                result.map(|()| true)
            }
            Some(Err(error)) => Err(Failure::ours("working on a source", error)),
        }
    }

    /// Lets what is under way end, but not for ever: whatever is cut off is found again.
    pub(super) async fn end(&mut self) {
        let ended = async { while self.tasks.join_next().await.is_some() {} };
        if timeout(limits::DRAIN_SOURCES, ended).await.is_err() {
            tracing::warn!(
                "A server does not answer; what was asked of it is looked up at the next start."
            );
        }
    }
}
