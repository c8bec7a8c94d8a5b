//! The numbers behind the charts of the console.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::change;
use super::fault::Fault;
use super::view::instant;
use crate::control::{Request, Response as Told};
use crate::ledger::{Count, Counted};
use crate::limits;
use crate::web::Shared;

/// How far back, and how finely.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Span {
    /// Hours that are looked back: a week at most.
    #[serde(default = "day")]
    #[param(minimum = 1, maximum = 168, default = 24)]
    hours: u32,
    /// Hours that are added up.
    #[serde(default = "hour")]
    #[param(minimum = 1, maximum = 24, default = 1)]
    span: u32,
}

fn day() -> u32 {
    24
}

fn hour() -> u32 {
    1
}

/// What was counted.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ChartsView {
    /// What became of orders, by the hour, the source and the outcome.
    orders: Vec<OrdersCount>,
    /// How long deliveries took from due to accepted, by destination.
    deliveries: Vec<TimesCount>,
    /// What was found wrong in files, by the hour and the sender.
    findings: Vec<FoundCount>,
}

/// So many orders.
#[derive(Debug, Serialize, ToSchema)]
struct OrdersCount {
    /// When the hours that were added up begin.
    #[schema(format = DateTime)]
    at: String,
    source: String,
    /// delivered, repeat, withheld or refused.
    outcome: String,
    count: u64,
}

/// How long deliveries to one destination took.
#[derive(Debug, Serialize, ToSchema)]
struct TimesCount {
    destination: String,
    count: u64,
    steps: Vec<Step>,
}

/// So many took no longer, and longer than the step before says.
#[derive(Debug, Serialize, ToSchema)]
struct Step {
    /// Nothing in the last: what took longer still.
    milliseconds: Option<u64>,
    count: u64,
}

/// So often this was found in the files of one sender.
#[derive(Debug, Serialize, ToSchema)]
struct FoundCount {
    /// When the hours that were added up begin.
    #[schema(format = DateTime)]
    at: String,
    sender: String,
    /// Stable and dotted: `order.reference.missing`.
    code: String,
    count: u64,
}

/// What became of orders, how long deliveries took, and what was found wrong: the numbers of the page
/// of charts.
#[utoipa::path(get, path = "/api/v1/charts", tag = "house", params(Span),
    responses((status = 200, body = ChartsView), (status = "default", body = Fault)))]
pub(super) async fn charts(
    State(site): State<Shared>,
    asker: Asker,
    span: Result<Query<Span>, QueryRejection>,
) -> Result<Json<ChartsView>, Fault> {
    asker.sees_all()?;
    let Query(Span { hours, span }) = span?;
    let most = u32::try_from(limits::CHART_HOURS).unwrap_or(u32::MAX);
    if !(1..=most).contains(&hours) || !(1..=24).contains(&span) {
        return Err(Fault::bad(
            "`hours` is from 1 to 168, and `span` from 1 to 24.",
        ));
    }
    match change::ask(&site, &asker, Request::Counts { hours, span }).await? {
        Told::Counts(counts) => Ok(Json(view(counts))),
        _ => Err(change::strange()),
    }
}

fn view(mut counts: Vec<Count>) -> ChartsView {
    counts.sort_by(|a, b| (a.at, &a.name, &a.what).cmp(&(b.at, &b.name, &b.what)));
    let (mut orders, mut findings) = (Vec::new(), Vec::new());
    let mut times: BTreeMap<String, [u64; Count::STEPS.len() + 1]> = BTreeMap::new();
    for Count {
        at,
        what,
        name,
        count,
    } in counts
    {
        let at = instant(at);
        match what {
            Counted::Orders(outcome) => orders.push(OrdersCount {
                at,
                source: name,
                outcome,
                count,
            }),
            Counted::Took(step) => {
                if let Some(sum) = times.entry(name).or_default().get_mut(step) {
                    *sum += count;
                }
            }
            Counted::Found(code) => findings.push(FoundCount {
                at,
                sender: name,
                code,
                count,
            }),
        }
    }
    let deliveries = times.into_iter().map(|(destination, sums)| {
        let bounds = Count::STEPS.into_iter().map(Some).chain([None]);
        let steps = bounds.zip(sums).map(|(milliseconds, count)| Step {
            milliseconds,
            count,
        });
        TimesCount {
            destination,
            count: sums.iter().sum(),
            steps: steps.collect(),
        }
    });
    ChartsView {
        orders,
        deliveries: deliveries.collect(),
        findings,
    }
}
