//! `orderdock check`: what the configuration's own reading cannot see, because it needs adapters.

use crate::config::{CheckReport, Config};
use crate::failure::Failure;
use crate::sources::Probe;

use super::build::{self, Profiles};

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

async fn probe(config: &Config, report: &mut CheckReport) {
    for source in &config.sources {
        let probed = match build::source(source) {
            Ok(adapter) => adapter
                .probe(Probe::Connect)
                .await
                .map(|found| (adapter.watched(), found)),
            Err(failure) => Err(failure),
        };
        let words = |(how, found): (String, Vec<String>)| {
            let name = &source.name;
            let first = format!("source {name} can be read; watched {how}");
            std::iter::once(first)
                .chain(found)
                .collect::<Vec<_>>()
                .join("\n  ")
        };
        tell(
            report,
            &format!("source {}", source.name),
            probed.map(words),
        );
    }
    for destination in &config.destinations {
        let probed = match build::partner(destination) {
            Ok(partner) => partner.probe().await,
            Err(failure) => Err(failure),
        };
        let words = format!("destination {} answers", destination.name);
        tell(
            report,
            &format!("destination {}", destination.name),
            probed.map(|()| words),
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
