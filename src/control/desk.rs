//! Answers requests from the ledger, and from what only a running daemon knows.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::{
    Answer, Blob, Call, Callback, Draft, Explanation, LiveLane, LiveSource, ProfileRow, Request,
    Response, Running, Sample, Saved, Screen, Shown, Thing, Unfit, UploadPlace, With, Workshop,
};
use crate::arrival::{FileId, OrderId};
use crate::config::{CheckReport, hint};
use crate::failure::Failure;
use crate::flow::tracking::TrackingRules;
use crate::ledger::people::{NewKey, People};
use crate::ledger::{
    Change, DestinationStatus, FileRow, Filter, Ledger, SourceStatus, Status, Who,
};
use crate::limits;
use crate::order::Order;
use crate::partners::Partner;
use crate::problem::{Place, Problem};
use crate::profiles::Suggestion;

/// What only a running daemon can do.
#[async_trait]
pub trait Live: Workshop {
    /// Names of sources and destinations: what can be paused.
    fn names(&self) -> Vec<String>;

    /// The names of its destinations.
    fn lanes(&self) -> Vec<String>;

    /// The adapter of one of them; `None`: there is none of this name.
    ///
    /// # Errors
    /// It cannot be built: a secret that cannot be read.
    fn partner(&self, name: &str) -> Result<Option<Arc<dyn Partner>>, Failure>;

    /// What it is doing now; `None` without a daemon.
    fn running(&self) -> Option<Running>;

    /// A source or lane was paused or resumed in the ledger: act on it now. A resumed lane probes at
    /// once.
    fn paused(&self, name: &str, paused: bool);

    /// Files, orders or deliveries were changed: every loop looks again.
    fn changed(&self);

    /// The sources that take uploads.
    fn uploads(&self) -> Vec<UploadPlace>;

    /// Whether there is room to take more in.
    ///
    /// # Errors
    /// What is full.
    fn room(&self) -> Result<(), Failure>;

    /// What the destinations' own checks find in an order.
    fn check(&self, order: &Order, destinations: &[String]) -> Vec<Problem>;

    /// How news of orders are kept and told, as the configuration that runs now says.
    fn tracking(&self) -> Arc<TrackingRules>;

    /// Checks the configuration as it lies on the disk now; with `connect`, tries every source and
    /// destination.
    ///
    /// # Errors
    /// It could not be looked at.
    async fn examine(&self, connect: bool) -> Result<CheckReport, Failure>;

    /// A partner calls us at the address that ends in `step`.
    async fn call(&self, step: &str, call: &Callback) -> Call;

    /// Reads the configuration again; what was done, or why the old one stays.
    ///
    /// # Errors
    /// The mistakes, one a line.
    async fn reload(&self) -> Result<String, String>;
}

/// How a destination's adapter is had without a daemon.
pub type PartnerOf = Arc<dyn Fn(&str) -> Result<Option<Arc<dyn Partner>>, Failure> + Send + Sync>;

/// The desk of a command that found no daemon: nothing runs, so nothing is to be told.
#[derive(Clone)]
pub struct NoDaemon {
    /// Names of destinations.
    pub lanes: Vec<String>,
    /// Their adapters.
    pub partner: PartnerOf,
    /// Names of sources and destinations of the configuration.
    pub names: Vec<String>,
}

#[async_trait]
impl Live for NoDaemon {
    fn names(&self) -> Vec<String> {
        self.names.clone()
    }

    fn lanes(&self) -> Vec<String> {
        self.lanes.clone()
    }

    fn partner(&self, name: &str) -> Result<Option<Arc<dyn Partner>>, Failure> {
        (self.partner)(name)
    }

    fn running(&self) -> Option<Running> {
        None
    }

    fn paused(&self, _: &str, _: bool) {}

    fn changed(&self) {}

    fn uploads(&self) -> Vec<UploadPlace> {
        Vec::new()
    }

    fn room(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn check(&self, _: &Order, _: &[String]) -> Vec<Problem> {
        Vec::new()
    }

    fn tracking(&self) -> Arc<TrackingRules> {
        Arc::default()
    }

    async fn call(&self, _: &str, _: &Callback) -> Call {
        Call::Nowhere
    }

    async fn examine(&self, _: bool) -> Result<CheckReport, Failure> {
        Ok(CheckReport::default())
    }

    async fn reload(&self) -> Result<String, String> {
        Err("no daemon is running; it reads the configuration when it starts".to_owned())
    }
}

#[async_trait]
impl Workshop for NoDaemon {
    fn known(&self) -> Vec<ProfileRow> {
        Vec::new()
    }

    fn text(&self, _: &str) -> Option<String> {
        None
    }

    async fn parse(&self, _: Sample, _: Option<String>, _: bool) -> Result<Value, Unfit> {
        Err(nothing_runs())
    }

    async fn suggest(&self, _: Sample) -> Result<Suggestion, Unfit> {
        Err(nothing_runs())
    }

    async fn explain(&self, _: Sample, _: With) -> Result<Explanation, Unfit> {
        Err(nothing_runs())
    }

    async fn save(&self, _: Draft, _: Option<Sample>, _: bool) -> Result<Saved, Unfit> {
        Err(nothing_runs())
    }

    async fn show(&self, _: Arc<dyn Ledger>, _: &FileRow, _: Vec<Place>) -> Result<Shown, Unfit> {
        Err(nothing_runs())
    }
}

fn nothing_runs() -> Unfit {
    Unfit::Failed("no daemon is running".to_owned())
}

/// Where requests are answered.
#[derive(Clone)]
pub struct Desk {
    pub(super) ledger: Arc<dyn Ledger>,
    people: Arc<dyn People>,
    pub(super) live: Arc<dyn Live>,
}

impl Desk {
    /// A desk over a ledger.
    #[must_use]
    pub fn new<L: Ledger + People + 'static>(ledger: &Arc<L>, live: Arc<dyn Live>) -> Self {
        Self {
            ledger: Arc::clone(ledger) as Arc<dyn Ledger>,
            people: Arc::clone(ledger) as Arc<dyn People>,
            live,
        }
    }

    /// A partner calls us at the address that ends in `step`.
    pub async fn call(&self, step: &str, call: &Callback) -> Call {
        self.live.call(step, call).await
    }

    /// What the daemon does now; `None` without one.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        self.live.running()
    }

    /// How news of orders are kept and told now: another answer after a reload.
    #[must_use]
    pub fn tracking(&self) -> Arc<TrackingRules> {
        self.live.tracking()
    }

    /// Checks the configuration as it lies on the disk now; with `connect`, tries what it names.
    ///
    /// # Errors
    /// It could not be looked at.
    pub async fn examine(&self, connect: bool) -> Result<CheckReport, Failure> {
        self.live.examine(connect).await
    }

    /// Lets a source or destination be tried at once, whatever wait there is.
    pub fn probe(&self, name: &str) {
        self.live.paused(name, false);
    }

    async fn try_answer(&self, request: Request, who: &Who) -> Result<Response, Failure> {
        let ledger = &self.ledger;
        Ok(match request {
            Request::Files(filter) => Response::Files(ledger.files(&bounded(filter)).await?),
            Request::File(id) => Response::File(ledger.file(id).await?.map(Box::new)),
            Request::Orders(filter) => Response::Orders(ledger.orders(&bounded(filter)).await?),
            Request::Order(id) => Response::Order(ledger.order(id).await?.map(Box::new)),
            Request::Deliveries(filter) => {
                Response::Deliveries(ledger.deliveries(&bounded(filter)).await?)
            }
            request @ (Request::Piece { .. }
            | Request::Body(_)
            | Request::Mail(_)
            | Request::Counts { .. }) => self.stored(request).await?,
            Request::Status => {
                let (mut status, daemon) = (ledger.status().await?, self.live.running());
                if let Some(daemon) = &daemon {
                    with_all(&mut status, daemon);
                }
                Response::Status(Box::new(Screen {
                    ledger: status,
                    daemon,
                }))
            }
            Request::Pause { name, why } => self.pause(&name, Some(&why), who).await?,
            Request::Resume { name } => self.pause(&name, None, who).await?,
            Request::Change {
                change,
                of,
                dry_run,
            } => self.change(change, of, dry_run, who).await?,
            Request::Errands { destination } => self.errands(destination.as_deref())?,
            Request::Errand(errand) => self.errand(&errand, who).await?,
            Request::Reload => match self.live.reload().await {
                Ok(done) => Response::Done(done),
                Err(why) => Response::Refused(why),
            },
            Request::Keys => Response::Keys(self.people.keys().await?),
            Request::PutKey(key) => self.put_key(key, who).await?,
            Request::RemoveKey { name } => {
                if self.people.remove_key(&name, who).await? {
                    Response::Done(format!("the key {name} can no longer be used"))
                } else {
                    Response::Refused(format!("there is no key called {name}"))
                }
            }
            Request::Users => Response::Users(self.people.users().await?),
            Request::PutUser {
                name,
                role,
                password,
            } => {
                self.people.put_user(&name, role, &password, who).await?;
                Response::Done(format!("{name} can log in as {}", role.as_str()))
            }
            Request::RemoveUser { name } => {
                if self.people.remove_user(&name, who).await? {
                    Response::Done(format!("{name} can no longer log in"))
                } else {
                    Response::Refused(format!("there is nobody called {name}"))
                }
            }
        })
    }

    async fn put_key(&self, key: NewKey, who: &Who) -> Result<Response, Failure> {
        let name = key.name.clone();
        Ok(if self.people.put_key(key, who).await? {
            Response::Done(format!("the key {name} can be used"))
        } else {
            Response::Refused(format!("there is a key called {name} already"))
        })
    }

    /// What is kept beside the rows: bytes, and counts.
    async fn stored(&self, request: Request) -> Result<Response, Failure> {
        let ledger = &self.ledger;
        let bytes = match request {
            Request::Piece { file, offset } => {
                ledger.bytes(file, offset, limits::CHUNK_BYTES).await?
            }
            Request::Body(delivery) => ledger.body(delivery).await?,
            Request::Mail(report) => ledger.mail(report).await?,
            Request::Counts { hours, span } => {
                return Ok(Response::Counts(ledger.counts(hours, span).await?));
            }
            _ => None,
        };
        Ok(Response::Bytes(bytes.map(Blob)))
    }

    async fn pause(&self, name: &str, why: Option<&str>, who: &Who) -> Result<Response, Failure> {
        let known = self.live.names();
        let paused_before = self
            .ledger
            .paused()
            .await?
            .iter()
            .any(|other| other == name);
        // A name that left the configuration while paused can still be resumed.
        let is_known = known.iter().any(|other| other == name) || paused_before;
        if !is_known {
            let shown = crate::problem::excerpt(name);
            return Ok(Response::Refused(format!(
                "there is no source or destination \"{shown}\"{}",
                hint(name, known.iter().map(String::as_str))
            )));
        }
        let done = match (why.is_some(), paused_before) {
            (true, true) => return Ok(Response::Done(format!("{name} is paused already"))),
            (false, false) => format!("{name} is not paused; it looks again at once"),
            (true, false) => format!("{name} is paused until `orderdock resume {name}`"),
            (false, true) => format!("{name} runs again"),
        };
        self.ledger.pause(name, why, who).await?;
        self.live.paused(name, why.is_some());
        Ok(Response::Done(done))
    }

    async fn change(
        &self,
        mut change: Change,
        of: Thing,
        dry_run: bool,
        who: &Who,
    ) -> Result<Response, Failure> {
        if filter_of(&mut change) == &Filter::default() {
            return Ok(Response::Refused(
                "name what to change: numbers, or at least one condition".to_owned(),
            ));
        }
        if !matches!(change, Change::RetryFiles(_)) {
            let filter = filter_of(&mut change);
            let named = !filter.ids.is_empty();
            filter.ids = deliveries_of(self.ledger.as_ref(), of, &filter.ids).await?;
            // Numbers that lead to no delivery must not become "all deliveries".
            if named && filter.ids.is_empty() {
                return Ok(Response::Changed(Vec::new()));
            }
        }
        let changed = self.ledger.change(change, dry_run, who).await?;
        if !dry_run && !changed.is_empty() {
            self.live.changed();
        }
        Ok(Response::Changed(changed))
    }
}

#[async_trait]
impl Answer for Desk {
    async fn answer(&self, request: Request, who: &Who) -> Response {
        self.try_answer(request, who)
            .await
            .unwrap_or_else(|failure| Response::Failed(failure.to_string()))
    }
}

/// The deliveries that numbers of files or orders stand for: the ledger counts deliveries.
async fn deliveries_of(ledger: &dyn Ledger, of: Thing, ids: &[i64]) -> Result<Vec<i64>, Failure> {
    let mut deliveries = Vec::new();
    for id in ids {
        match of {
            Thing::Delivery => deliveries.push(*id),
            Thing::Order => {
                let story = ledger.order(OrderId(*id)).await?;
                let rows = story.into_iter().flat_map(|story| story.deliveries);
                deliveries.extend(rows.map(|(row, _)| row.id.0));
            }
            Thing::File => {
                deliveries.extend(deliveries_of_file(ledger, FileId(*id)).await?);
                let story = ledger.file(FileId(*id)).await?;
                // A mail or archive stands for the files in it.
                for member in story.into_iter().flat_map(|story| story.members) {
                    deliveries.extend(deliveries_of_file(ledger, member.id).await?);
                }
            }
        }
    }
    Ok(deliveries)
}

/// The deliveries of one file, page by page.
async fn deliveries_of_file(ledger: &dyn Ledger, file: FileId) -> Result<Vec<i64>, Failure> {
    let mut page = Filter {
        file: Some(file),
        limit: limits::CONTROL_ROWS,
        ..Filter::default()
    };
    let mut deliveries = Vec::new();
    loop {
        let rows = ledger.deliveries(&page).await?;
        page.before = rows.last().map(|row| row.id.0);
        deliveries.extend(rows.iter().map(|row| row.id.0));
        if rows.is_empty() {
            return Ok(deliveries);
        }
    }
}

fn filter_of(change: &mut Change) -> &mut Filter {
    match change {
        Change::RetryFiles(filter)
        | Change::RetryDeliveries(filter)
        | Change::Release(filter)
        | Change::Cancel(filter, _) => filter,
    }
}

/// A filter whose answer fits on the socket.
fn bounded(mut filter: Filter) -> Filter {
    filter.limit = filter.limit.min(limits::CONTROL_ROWS);
    filter
}

/// Adds what the ledger has nothing of yet: a source that has never worked is the one to be seen.
fn with_all(status: &mut Status, daemon: &Running) {
    for LiveSource { name, .. } in &daemon.sources {
        if !status.sources.iter().any(|known| known.name == *name) {
            status.sources.push(SourceStatus {
                name: name.clone(),
                ..SourceStatus::default()
            });
        }
    }
    for LiveLane { name, .. } in &daemon.lanes {
        if !status.destinations.iter().any(|known| known.name == *name) {
            status.destinations.push(DestinationStatus {
                name: name.clone(),
                ..DestinationStatus::default()
            });
        }
    }
    status.sources.sort_by(|a, b| a.name.cmp(&b.name));
    status.destinations.sort_by(|a, b| a.name.cmp(&b.name));
}
