//! claimed ▸ fetched: the bytes become ours before anything else happens to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use encoding_rs::Encoding;
use futures_util::future::{BoxFuture, FutureExt};
use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use super::super::Shared;
use super::super::crew::Crew;
use crate::arrival::ArrivalId;
use crate::backoff;
use crate::clock::{self, Millis};
use crate::failure::Failure;
use crate::ledger::{DueFetch, Fetched, NewFile};
use crate::limits;
use crate::names;
use crate::sources::Piece;

pub(in crate::flow) const LOOP: &str = "fetch loop";

/// Fetches what is claimed until the end, from several sources at a time.
pub(in crate::flow) async fn run(shared: Arc<Shared>) {
    let mut crew = Crew::default();
    loop {
        shared.quiet.begin(LOOP);
        let mut worked = false;
        let next = loop {
            let looked = clock::now();
            match round(&shared, &mut crew, looked).await {
                Ok(0) => {
                    break shared.next(looked, |next| next.intake).await;
                }
                Ok(_) => worked = true,
                Err(failure) => {
                    tracing::error!(%failure, "Arrivals could not be fetched; trying again soon.");
                    break Some(clock::now().after(limits::PAUSE_AFTER_FAILURE));
                }
            }
            if shared.stop.is_cancelled() {
                break None;
            }
            shared.quiet.alive(LOOP);
        };
        shared.quiet.end(LOOP, worked);
        if !shared.wait(&shared.wakes.fetch, next).await {
            // Fetching leaves no trace: what is cut off is fetched after the next start.
            return;
        }
    }
}

/// Begins what is due at sources that rest, and waits for one that is at work. Returns how many were
/// begun or at work.
async fn round(shared: &Arc<Shared>, crew: &mut Crew, now: Millis) -> Result<usize, Failure> {
    let due = shared
        .ledger()
        .due_fetch(now, ArrivalId(0), &crew.busy(), limits::BATCH_ARRIVALS)
        .await?;
    let count = due.len();
    let mut by_source: BTreeMap<String, Vec<DueFetch>> = BTreeMap::new();
    for arrival in due {
        by_source
            .entry(arrival.source.clone())
            .or_default()
            .push(arrival);
    }
    for (source, due) in by_source {
        let shared = Arc::clone(shared);
        let name = source.clone();
        crew.begin(source, async move {
            Collector::new(&shared, &name, due).collect().await
        });
    }
    let at_work = crew.wait(shared, &shared.wakes.fetch).await?;
    Ok(count.max(usize::from(at_work)))
}

/// Takes the pieces of one source's arrivals and makes files of them.
struct Collector<'a> {
    shared: &'a Shared,
    source: &'a str,
    due: HashMap<ArrivalId, DueFetch>,
    order: Vec<ArrivalId>,
    /// Those whose pieces are coming in.
    current: HashMap<ArrivalId, Current>,
    /// The piece that is being stored while the next one is fetched.
    storing: Option<BoxFuture<'a, Result<(), Failure>>>,
    ready: Vec<Fetched>,
    ready_bytes: usize,
}

/// An arrival whose pieces are coming in.
#[derive(Default)]
struct Current {
    bytes: u64,
    hash: Sha256,
    held: BytesMut,
    stored: u32,
}

impl<'a> Collector<'a> {
    fn new(shared: &'a Shared, source: &'a str, due: Vec<DueFetch>) -> Self {
        Self {
            shared,
            source,
            order: due.iter().map(|due| due.arrival).collect(),
            due: due.into_iter().map(|due| (due.arrival, due)).collect(),
            current: HashMap::new(),
            storing: None,
            ready: Vec::new(),
            ready_bytes: 0,
        }
    }

    async fn collect(mut self) -> Result<(), Failure> {
        let Some(inlet) = self.shared.ports.inlets.get(self.source) else {
            return self.no_source().await;
        };
        self.refuse_too_large(inlet.pickup.max_bytes);
        let entries: Vec<_> = self
            .order
            .iter()
            .filter_map(|id| self.due.get(id).map(|due| (*id, due.entry.clone())))
            .collect();
        let (sender, mut pieces) = mpsc::channel(8);
        let source = Arc::clone(&inlet.source);
        let fetching = tokio::spawn(async move { source.fetch(entries, sender).await });
        while let Some(piece) = pieces.recv().await {
            self.take(piece).await?;
            self.shared.quiet.alive(LOOP);
        }
        self.flush().await?;
        if let Err(error) = fetching.await {
            tracing::error!(source = self.source, %error, "Fetching ended abruptly.");
        }
        self.leftovers().await
    }

    /// Too large to be an order: recorded without its bytes, so that its sender hears of it.
    fn refuse_too_large(&mut self, max: u64) {
        let large = |due: &DueFetch| due.entry.version.size > max.min(limits::FILE_BYTES);
        let ids: Vec<_> = self
            .due
            .values()
            .filter(|due| large(due))
            .map(|due| due.arrival)
            .collect();
        for id in ids {
            if let Some(due) = self.due.remove(&id) {
                let bytes = due.entry.version.size;
                self.ready
                    .push(self.fetched(&due, bytes, [0; 32], Some(Bytes::new())));
            }
        }
    }

    async fn take(&mut self, piece: Piece) -> Result<(), Failure> {
        match piece {
            Piece::Bytes(arrival, bytes) => self.bytes(arrival, bytes).await,
            Piece::Complete(arrival) => self.complete(arrival).await,
            Piece::Gone(arrival) => {
                self.current.remove(&arrival);
                self.gone(arrival).await
            }
            Piece::Failed(arrival, failure) => {
                self.current.remove(&arrival);
                self.failed(arrival, &failure).await
            }
        }
    }

    async fn bytes(&mut self, arrival: ArrivalId, bytes: Bytes) -> Result<(), Failure> {
        let current = self.current.entry(arrival).or_default();
        current.bytes += bytes.len() as u64;
        current.hash.update(&bytes);
        current.held.extend_from_slice(&bytes);
        while current.held.len() > limits::CHUNK_BYTES {
            let chunk = current.held.split_to(limits::CHUNK_BYTES).freeze();
            let seq = current.stored;
            current.stored += 1;
            if let Some(storing) = self.storing.take() {
                storing.await?;
            }
            let shared = self.shared;
            let mut storing =
                async move { shared.ledger().chunk(arrival, seq, chunk).await }.boxed();
            match futures_util::poll!(&mut storing) {
                Poll::Ready(stored) => stored?,
                Poll::Pending => self.storing = Some(storing),
            }
        }
        Ok(())
    }

    async fn complete(&mut self, arrival: ArrivalId) -> Result<(), Failure> {
        let current = self.current.remove(&arrival).unwrap_or_default();
        let Some(due) = self.due.remove(&arrival) else {
            return Ok(());
        };
        if let Some(storing) = self.storing.take() {
            storing.await?;
        }
        let rest = current.held.freeze();
        let body = if current.stored == 0 {
            self.ready_bytes += rest.len();
            Some(rest)
        } else {
            self.shared
                .ledger()
                .chunk(arrival, current.stored, rest)
                .await?;
            None
        };
        let hash = current.hash.finalize().into();
        self.ready
            .push(self.fetched(&due, current.bytes, hash, body));
        if self.ready.len() >= limits::FETCHED_BATCH || self.ready_bytes >= limits::BATCH_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    fn fetched(
        &self,
        due: &DueFetch,
        bytes: u64,
        sha256: [u8; 32],
        body: Option<Bytes>,
    ) -> Fetched {
        Fetched {
            arrival: due.arrival,
            sender: self.shared.ports.plan.sender(self.source),
            file: NewFile {
                name: names::label_in(&due.entry.locator.0, self.name_encoding()),
                sha256,
                bytes,
                body,
            },
        }
    }

    fn name_encoding(&self) -> &'static Encoding {
        let inlet = self.shared.ports.inlets.get(self.source);
        inlet.map_or(encoding_rs::UTF_8, |inlet| inlet.name_encoding)
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        if self.ready.is_empty() {
            return Ok(());
        }
        self.ready_bytes = 0;
        self.shared
            .ledger()
            .fetched(std::mem::take(&mut self.ready))
            .await?;
        self.shared.wakes.parse.notify_one();
        self.shared.wakes.index.notify_one();
        Ok(())
    }

    /// Gone before its bytes were ours: whoever took it has it, and a later version is an arrival
    /// of its own.
    async fn gone(&mut self, arrival: ArrivalId) -> Result<(), Failure> {
        let Some(due) = self.due.remove(&arrival) else {
            return Ok(());
        };
        tracing::warn!(source = self.source, name = %due.entry.locator, "Gone or changed before it was fetched.");
        let why = "It was taken away or changed before it was fetched.".to_owned();
        self.shared.ledger().unclaimed(vec![(arrival, why)]).await?;
        if let Some(known) = self.shared.known.get(self.source) {
            known.forget(&due.entry);
        }
        if let Some(watch) = self.shared.wakes.watch.get(self.source) {
            watch.notify_one();
        }
        Ok(())
    }

    async fn failed(&mut self, arrival: ArrivalId, failure: &Failure) -> Result<(), Failure> {
        let Some(due) = self.due.remove(&arrival) else {
            return Ok(());
        };
        tracing::warn!(source = self.source, name = %due.entry.locator, %failure, "Not fetched; trying again.");
        if !failure.is_temporary() {
            let subject = format!("A file of source {} cannot be read", self.source);
            let text = format!("{}\n\n{failure}", due.entry.locator);
            self.shared
                .alert(
                    // A server that lets us in no more is told once, and not for each of its files.
                    &format!("fetch/{}/{}", self.source, failure.during),
                    &subject,
                    &text,
                )
                .await;
        }
        let wait = backoff::default_wait(7, 0);
        self.shared
            .ledger()
            .postponed(arrival, clock::now().after(wait), &failure.to_string())
            .await
    }

    /// The source ended early: what it did not answer is tried again after a while.
    async fn leftovers(&mut self) -> Result<(), Failure> {
        let until = clock::now().after(limits::PAUSE_AFTER_FAILURE);
        for arrival in std::mem::take(&mut self.due).into_keys() {
            self.shared
                .ledger()
                .postponed(arrival, until, "The source ended early.")
                .await?;
        }
        Ok(())
    }

    /// The configuration no longer has the source: its claims wait for it to come back.
    async fn no_source(&mut self) -> Result<(), Failure> {
        let until = clock::now().after(limits::WAIT_FOR_OPERATOR);
        let why = format!(
            "The configuration has no source “{}” any more.",
            self.source
        );
        for arrival in std::mem::take(&mut self.due).into_keys() {
            self.shared.ledger().postponed(arrival, until, &why).await?;
        }
        let subject = format!("Files of the removed source {} wait", self.source);
        self.shared
            .alert(&format!("no-source/{}", self.source), &subject, &why)
            .await;
        Ok(())
    }
}
