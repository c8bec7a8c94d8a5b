//! What people and programs ask of partners beside orders.
//!
//! Who asked, for what, and what came of it is on record wherever something may be another way
//! afterwards: before the request leaves, and after its answer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::time::timeout;

use super::{Desk, Response};
use crate::config::hint;
use crate::failure::Failure;
use crate::ledger::Who;
use crate::limits;
use crate::partners::Partner;
use crate::partners::errands::{Arguments, Errand, Errands, words};

/// A question to a destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Whom.
    pub destination: String,
    /// For what.
    pub errand: String,
    /// What it has to be told.
    pub told: Arguments,
}

/// Something that a destination can be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrandRow {
    /// Whom.
    pub destination: String,
    /// Its name.
    pub errand: String,
    /// What it does.
    pub about: String,
    /// Whether something is another way afterwards.
    pub changes: bool,
    /// What it has to be told.
    pub takes: Vec<ArgumentRow>,
}

/// Something that an errand is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArgumentRow {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// It must be told.
    pub needed: bool,
    /// It may be told more than once.
    pub many: bool,
}

impl Desk {
    /// What can be asked: of one destination, or of all.
    pub(super) fn errands(&self, destination: Option<&str>) -> Result<Response, Failure> {
        let names = self.live.lanes();
        if let Some(name) = destination
            && !names.iter().any(|known| known == name)
        {
            return Ok(no_destination(name, &names));
        }
        let mut rows = Vec::new();
        let wanted = |name: &&String| destination.is_none_or(|wanted| wanted == name.as_str());
        for name in names.iter().filter(wanted) {
            let Some(partner) = self.live.partner(name)? else {
                continue;
            };
            let errands = partner.errands().map(Errands::errands);
            rows.extend(errands.into_iter().flatten().map(|one| row(name, one)));
        }
        Ok(Response::Errands(rows))
    }

    /// Asks one of them.
    pub(super) async fn errand(&self, asked: &Asked, who: &Who) -> Result<Response, Failure> {
        let Asked {
            destination,
            errand,
            told,
        } = asked;
        let names = self.live.lanes();
        let partner = match self.live.partner(destination)? {
            Some(partner) if names.iter().any(|known| known == destination) => partner,
            _ => return Ok(no_destination(destination, &names)),
        };
        let Some(known) = find(&partner, errand) else {
            let known = partner.errands().map(Errands::errands);
            let known = known.unwrap_or_default().iter().map(|one| one.name);
            let shown = crate::problem::excerpt(errand);
            let hint = hint(errand, known);
            let why = format!(
                "{destination} has no errand “{shown}”{hint}; `orderdock destinations errands {destination}` tells what it has"
            );
            return Ok(Response::Refused(why));
        };
        if let Some(why) = known.objection(told) {
            return Ok(Response::Refused(why));
        }
        if known.changes {
            let what = format!("asks {destination} for {errand}: {}", shown(told));
            self.ledger.note(&what, who).await?;
        }
        let answer = ask(&partner, known, told).await;
        if known.changes {
            let came = match &answer {
                Ok(_) => "did it".to_owned(),
                Err(why) => crate::problem::excerpt(why),
            };
            let what = format!("{destination}, asked for {errand}: {came}");
            self.ledger.note(&what, who).await?;
        }
        Ok(answer.map_or_else(Response::Refused, Response::Told))
    }
}

/// One question; why there is no answer, in a sentence.
async fn ask(
    partner: &Arc<dyn Partner>,
    errand: &Errand,
    told: &Arguments,
) -> Result<serde_json::Value, String> {
    let Some(port) = partner.errands() else {
        return Err("it runs no errands".to_owned());
    };
    match timeout(limits::ERRAND_PATIENCE, port.run(errand.name, told)).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(outcome)) => Err(words(outcome, errand.changes)),
        Err(_) if !errand.changes => Err("it did not answer in time".to_owned()),
        Err(_) => Err(
            "it did not answer in time, and may have done it or not: look there first".to_owned(),
        ),
    }
}

fn find(partner: &Arc<dyn Partner>, errand: &str) -> Option<&'static Errand> {
    let errands = partner.errands()?.errands();
    errands.iter().find(|one| one.name == errand)
}

/// What was told, on one line.
fn shown(told: &Arguments) -> String {
    let pairs = told.0.iter().flat_map(|(name, values)| {
        let values = values.iter();
        values.map(move |value| format!("{name}={}", crate::problem::excerpt(value)))
    });
    pairs.collect::<Vec<_>>().join(" ")
}

fn no_destination(name: &str, known: &[String]) -> Response {
    let hint = hint(name, known.iter().map(String::as_str));
    let shown = crate::problem::excerpt(name);
    Response::Refused(format!("there is no destination “{shown}”{hint}"))
}

fn row(destination: &str, errand: &Errand) -> ErrandRow {
    ErrandRow {
        destination: destination.to_owned(),
        errand: errand.name.to_owned(),
        about: errand.about.to_owned(),
        changes: errand.changes,
        takes: errand
            .takes
            .iter()
            .map(|one| ArgumentRow {
                name: one.name.to_owned(),
                about: one.about.to_owned(),
                needed: one.needed,
                many: one.many,
            })
            .collect(),
    }
}
