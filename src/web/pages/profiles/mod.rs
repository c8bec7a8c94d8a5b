//! Profiles: which are known, and a bench on which one is written: a sample is tried against it, each
//! field explained, and the text saved as a new version with its samples as tests.
//!
//! The bench keeps nothing on the server: text and sample travel with its form, so that a page that was
//! left open for an hour still works. Samples are read in children and never here.

mod form;

use axum::extract::multipart::Multipart;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::act::may;
use super::{Reader, message, missing};
use crate::control::{Draft, Explanation, ProfileRow, Saved, Unfit, With};
use crate::limits;
use crate::profiles::{Guess, Outcome};
use crate::web::access::Person;
use crate::web::{Shared, guard, view};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/profiles", get(list))
        .route("/profiles/suggest", post(suggest))
        .route("/profiles/try", post(attempt))
        .route("/profiles/bench", post(work))
        .route("/profiles/{name}", get(show))
        .layer(DefaultBodyLimit::max(form::MOST))
        .layer(middleware::from_fn(guard::patience))
}

#[derive(Serialize)]
struct List {
    reader: Reader,
    own: Vec<ProfileRow>,
    built_in: Vec<ProfileRow>,
    may_change: bool,
}

/// All that are known.
async fn list(State(site): State<Shared>, person: Person) -> Response {
    let known = site.desk.workshop().known();
    let (built_in, own) = known.into_iter().partition(|profile| profile.built_in);
    let page = List {
        reader: Reader::new(&person, "profiles"),
        own,
        built_in,
        may_change: may(&person),
    };
    site.views.show("profiles.html", page)
}

/// The bench with all that lies on it.
#[derive(Serialize)]
struct Bench {
    reader: Reader,
    may_change: bool,
    /// The profile that is in use, where there is one of this name.
    known: Option<ProfileRow>,
    name: String,
    text: String,
    /// Name and Base64 of the sample that travels with the form.
    sample: Option<(String, String)>,
    guesses: Vec<Guess>,
    left: Vec<String>,
    tried: Option<Told>,
    saved: bool,
    /// What is wrong with the text, a line each.
    wrong: Vec<String>,
    /// What samples would give instead of what they gave before.
    differ: Vec<String>,
    notes: Vec<String>,
}

/// What became of a sample.
#[derive(Serialize)]
struct Told {
    sample: String,
    profile: String,
    format: String,
    outcome: &'static str,
    count: u64,
    withheld: u64,
    problems: Vec<(String, String, &'static str)>,
    orders: Vec<Fields>,
}

/// An order, field by field: field, value, where it was read, what the profile says.
#[derive(Serialize)]
struct Fields {
    reference: String,
    good: bool,
    all: Vec<(String, String, String, String)>,
}

impl From<Explanation> for Told {
    fn from(told: Explanation) -> Self {
        let summary = told.summary;
        let problems = told.problems.iter().map(|problem| {
            let mood = if problem.is_error() {
                "error"
            } else {
                "warning"
            };
            let mut words = problem.message.to_string();
            for more in [&problem.expected, &problem.hint].into_iter().flatten() {
                words.push(' ');
                words.push_str(more);
            }
            (problem.place.to_string(), words, mood)
        });
        let few = told.orders.into_iter().take(limits::EXPLAINED_ORDERS);
        let orders = few.map(|order| Fields {
            reference: order.reference,
            good: order.good,
            all: order
                .fields
                .into_iter()
                .map(|one| (one.field, one.value, one.place.to_string(), one.rule))
                .collect(),
        });
        Self {
            sample: String::new(),
            profile: summary.profile.map(|used| used.name).unwrap_or_default(),
            format: summary
                .format
                .map(|format| format.as_str().to_owned())
                .unwrap_or_default(),
            outcome: match summary.outcome {
                Outcome::Accepted => "accepted",
                Outcome::Partial => "partial",
                Outcome::Rejected => "rejected",
            },
            count: summary.orders,
            withheld: summary.withheld,
            problems: problems.collect(),
            orders: orders.collect(),
        }
    }
}

impl Bench {
    fn new(site: &Shared, person: &Person, name: &str, text: String) -> Self {
        let known = site.desk.workshop().known();
        Self {
            reader: Reader::new(person, "profiles"),
            may_change: may(person),
            known: known.into_iter().find(|profile| profile.name == name),
            name: name.to_owned(),
            text,
            sample: None,
            guesses: Vec::new(),
            left: Vec::new(),
            tried: None,
            saved: false,
            wrong: Vec::new(),
            differ: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Lays on the bench why something was not done.
    fn unfit(&mut self, why: Unfit) {
        match why {
            Unfit::Text(lines) => self.wrong = lines,
            Unfit::Samples(lines) => self.differ = lines,
            Unfit::Failed(line) => self.notes = vec![line],
        }
    }

    /// The page; what was not fit is told as such.
    fn shown(self, site: &Shared) -> Response {
        let fine = self.wrong.is_empty() && self.differ.is_empty();
        let page = site.views.show("profile.html", self);
        if fine {
            page
        } else {
            (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
        }
    }
}

#[derive(Deserialize)]
struct After {
    /// The version that was just saved.
    #[serde(default)]
    saved: String,
    /// What does not follow from it.
    #[serde(default)]
    note: String,
}

/// One profile on the bench.
async fn show(
    State(site): State<Shared>,
    person: Person,
    Path(name): Path<String>,
    Query(after): Query<After>,
) -> Response {
    let Some(text) = site.desk.workshop().text(&name) else {
        return missing(State(site)).await;
    };
    let mut bench = Bench::new(&site, &person, &name, text);
    bench.saved = !after.saved.is_empty();
    bench
        .notes
        .extend(Some(after.note).filter(|note| !note.is_empty()));
    bench.shown(&site)
}

/// A sample becomes a starting profile.
async fn suggest(State(site): State<Shared>, person: Person, form: Multipart) -> Response {
    let filled = match form::read(&site, &person, form).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let Some(sample) = filled.sample() else {
        return no_sample(&site);
    };
    let workshop = site.desk.workshop();
    let told = workshop.suggest(sample.clone()).await;
    let suggestion = match told {
        Ok(suggestion) => suggestion,
        Err(Unfit::Text(lines) | Unfit::Samples(lines)) => {
            let why = lines.join("\n");
            return message(
                &site,
                StatusCode::UNPROCESSABLE_ENTITY,
                "No suggestion",
                &why,
            );
        }
        Err(Unfit::Failed(why)) => {
            return message(&site, StatusCode::SERVICE_UNAVAILABLE, "Not done", &why);
        }
    };
    let name = form::named(&suggestion.profile).unwrap_or_else(|| "new-profile".to_owned());
    let mut bench = Bench::new(&site, &person, &name, suggestion.profile);
    bench.known = None;
    bench.guesses = suggestion.guesses;
    bench.left = suggestion.left;
    bench.sample = Some((sample.name, STANDARD.encode(&sample.bytes)));
    bench.shown(&site)
}

fn no_sample(site: &Shared) -> Response {
    let text = "Choose a sample first: a file of the partner's.";
    message(site, StatusCode::BAD_REQUEST, "No sample", text)
}

/// A sample is read with a known profile, or with whatever recognises it.
async fn attempt(State(site): State<Shared>, person: Person, form: Multipart) -> Response {
    let filled = match form::read(&site, &person, form).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let Some(sample) = filled.sample() else {
        return no_sample(&site);
    };
    let workshop = site.desk.workshop();
    let with = if filled.name.is_empty() {
        With::Any
    } else {
        With::Known(filled.name.clone())
    };
    match workshop.explain(sample.clone(), with).await {
        Ok(told) => {
            let mut told = Told::from(told);
            told.sample.clone_from(&sample.name);
            let text = workshop.text(&told.profile).unwrap_or_default();
            let mut bench = Bench::new(&site, &person, &told.profile, text);
            bench.tried = Some(told);
            bench.sample = Some((sample.name, STANDARD.encode(&sample.bytes)));
            bench.shown(&site)
        }
        Err(Unfit::Text(lines) | Unfit::Samples(lines)) => message(
            &site,
            StatusCode::UNPROCESSABLE_ENTITY,
            "Not read",
            &lines.join("\n"),
        ),
        Err(Unfit::Failed(why)) => {
            message(&site, StatusCode::SERVICE_UNAVAILABLE, "Not read", &why)
        }
    }
}

/// The draft on the bench is tried or saved.
async fn work(State(site): State<Shared>, person: Person, form: Multipart) -> Response {
    let filled = match form::read(&site, &person, form).await {
        Ok(filled) => filled,
        Err(response) => return response,
    };
    let draft = Draft {
        name: filled.name.clone(),
        text: filled.text.clone(),
    };
    let sample = filled.sample();
    let mut bench = Bench::new(&site, &person, &filled.name, filled.text.clone());
    bench.sample = sample
        .as_ref()
        .map(|sample| (sample.name.clone(), STANDARD.encode(&sample.bytes)));
    if filled.act == "save" {
        let kept = sample.filter(|_| filled.keeps);
        let desk = &site.desk;
        match desk
            .save_profile(draft, kept, filled.anyway, &person.who())
            .await
        {
            Ok(saved) => return to_saved(&saved),
            Err(why) => bench.unfit(why),
        }
        return bench.shown(&site);
    }
    let Some(sample) = sample else {
        bench.notes = vec!["Choose a sample to try it with.".to_owned()];
        return bench.shown(&site);
    };
    let name = sample.name.clone();
    match site
        .desk
        .workshop()
        .explain(sample, With::Draft(draft))
        .await
    {
        Ok(told) => {
            let mut told = Told::from(told);
            told.sample = name;
            bench.tried = Some(told);
        }
        Err(why) => bench.unfit(why),
    }
    bench.shown(&site)
}

fn to_saved(saved: &Saved) -> Response {
    let note = saved.notes.join(" ");
    let address = format!(
        "/profiles/{}?saved={}&note={}",
        saved.name,
        view::escape_query(&saved.version),
        view::escape_query(&note)
    );
    Redirect::to(&address).into_response()
}
