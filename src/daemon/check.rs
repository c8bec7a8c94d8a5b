//! `orderdock check`: what the configuration's own reading cannot see, because it needs adapters.

use std::path::Path;

use futures_util::StreamExt;
use futures_util::stream;

use crate::config::{CheckReport, Config, DestinationConfig, SourceConfig};
use crate::failure::Failure;
use crate::limits;
use crate::sources::Probe;

use super::build::{self, Profiles};

/// All that can be said of the configuration in `path`: what `orderdock check` says.
#[must_use]
pub(super) fn examine(path: &Path, connect: bool) -> CheckReport {
    match Config::load(path) {
        Ok(config) => whole(&config, connect),
        Err(errors) => CheckReport {
            errors: errors.iter().map(ToString::to_string).collect(),
            ..CheckReport::default()
        },
    }
}

/// What its own reading finds, and what needs adapters.
#[must_use]
pub fn whole(config: &Config, connect: bool) -> CheckReport {
    let mut report = config.check_report();
    let more = check(config, connect);
    report.found.extend(more.found);
    report.warnings.extend(more.warnings);
    report.errors.extend(more.errors);
    report
}

/// Compiles profiles and conditions; with `connect`, tries every source, destination and the mail
/// server. Nothing is sent.
#[must_use]
pub fn check(config: &Config, connect: bool) -> CheckReport {
    let mut report = CheckReport::default();
    match Profiles::load(config) {
        Ok(profiles) => {
            let all = profiles.set.known().count();
            report.found.push(format!(
                "{all} profiles, {} of them yours",
                profiles.set.known().filter(|known| !known.built_in).count()
            ));
            unknown_profiles(config, &profiles, &mut report);
        }
        Err(errors) => report.errors.extend(errors),
    }
    if let Err(error) = build::plan(config) {
        report.errors.push(error.to_string());
    }
    if connect && report.errors.is_empty() {
        match tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
        {
            Ok(runtime) => runtime.block_on(probe(config, &mut report)),
            Err(error) => report.errors.push(error.to_string()),
        }
    }
    report
}

/// Routes may name profiles that do not exist: files would wait for ever.
fn unknown_profiles(config: &Config, profiles: &Profiles, report: &mut CheckReport) {
    for route in &config.routes {
        let Some(name) = &route.profile else { continue };
        if profiles.set.get(name).is_none() {
            let known: Vec<_> = profiles
                .set
                .known()
                .map(|known| known.known_as.name)
                .collect();
            let hint = crate::config::hint(name, known.iter().map(String::as_str));
            report
                .errors
                .push(format!("{}: there is no profile “{name}”{hint}", route.at));
        }
    }
}

/// What is found at one source, in lines.
async fn probe_source(source: &SourceConfig) -> Result<String, Failure> {
    let adapter = build::source(source)?;
    let found = adapter.probe(Probe::Connect).await?;
    let (name, how) = (&source.name, adapter.watched());
    let first = format!("source {name} can be read; watched {how}");
    let lines: Vec<_> = std::iter::once(first).chain(found).collect();
    Ok(lines.join("\n  "))
}

/// Whether a destination takes orders, and tells what becomes of them where it is asked to.
async fn probe_destination(
    destination: &DestinationConfig,
    config: &Config,
) -> Result<String, Failure> {
    let (partner, tracker) = build::adapter(destination, config.mail.as_ref())?;
    partner.probe().await?;
    let name = &destination.name;
    let Some(tracker) = tracker else {
        return Ok(format!("destination {name} answers"));
    };
    tracker.try_out().await?;
    Ok(format!(
        "destination {name} answers, and can be asked what becomes of its orders"
    ))
}

/// Whether news can be laid where a source finds those of its orders.
async fn probe_status(source: &SourceConfig) -> Option<Result<String, Failure>> {
    let place = match super::tracking::place(source)? {
        Ok(place) => place,
        Err(failure) => return Some(Err(failure)),
    };
    let words = format!("the status folder of source {} can be written", source.name);
    Some(place.probe().await.map(|()| words))
}

async fn probe(config: &Config, report: &mut CheckReport) {
    // Side by side, told in their order: one that does not answer takes its time and no other's.
    let mut trials = stream::iter(&config.sources)
        .map(|source| async move { (&source.name, probe_source(source).await) })
        .buffered(limits::PROBES);
    while let Some((name, probed)) = trials.next().await {
        tell(report, &format!("source {name}"), probed);
    }
    for destination in &config.destinations {
        let probed = probe_destination(destination, config).await;
        tell(report, &format!("destination {}", destination.name), probed);
    }
    for source in &config.sources {
        let Some(probed) = probe_status(source).await else {
            continue;
        };
        tell(
            report,
            &format!("status_to of source {}", source.name),
            probed,
        );
    }
    let probed = match build::mailer(config.mail.as_ref()) {
        Ok(Some(mailer)) => mailer.probe().await,
        Ok(None) => return,
        Err(failure) => Err(failure),
    };
    tell(
        report,
        "mail",
        probed.map(|()| "the mail server answers".to_owned()),
    );
}

fn tell(report: &mut CheckReport, what: &str, probed: Result<String, Failure>) {
    match probed {
        Ok(words) => report.found.push(words),
        Err(failure) => report.errors.push(format!("{what}: {failure}")),
    }
}
