//! What `orderdock check` says about a configuration that could be loaded.

use std::fmt::Write;

use super::{Config, ConfigError, SourceConfig};
use crate::problem::excerpt;

/// Findings about a loaded configuration.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// What is there, in sentences.
    pub found: Vec<String>,
    /// What is allowed and yet worth a look.
    pub warnings: Vec<String>,
    /// What keeps it from running.
    pub errors: Vec<String>,
}

impl Config {
    /// Looks at what [`Config::load`] does not: secrets, and what is missing although it may be.
    #[must_use]
    pub fn check_report(&self) -> CheckReport {
        let mut report = CheckReport::default();
        self.tell_found(&mut report);
        let warnings = self.warnings.iter().map(ConfigError::to_string);
        report.warnings.extend(warnings);
        self.tell_missing(&mut report);
        self.tell_routes(&mut report);
        self.tell_files(&mut report);
        self.tell_source_files(&mut report);
        for secret in self.secrets() {
            if secret.needs_service() {
                report.found.push(format!(
                    "{} is a credential of the service and was not looked at",
                    secret.key
                ));
            } else if let Err(failure) = secret.read() {
                report.errors.push(failure.to_string());
            }
        }
        report
    }

    fn tell_files(&self, report: &mut CheckReport) {
        let mail = self.mail.as_ref().and_then(|mail| mail.ca.as_ref());
        let partners = self.destinations.iter();
        let partners = partners.flat_map(|destination| destination.kind.files());
        for (key, path) in mail.map(|path| ("ca", path)).into_iter().chain(partners) {
            if let Err(error) = std::fs::File::open(path) {
                report
                    .errors
                    .push(format!("`{key}`: {}: {error}", path.display()));
            }
        }
    }

    fn tell_source_files(&self, report: &mut CheckReport) {
        for (key, path) in self.sources.iter().flat_map(SourceConfig::files) {
            if let Err(error) = std::fs::File::open(path) {
                let place = path.display();
                report.errors.push(format!("`{key}`: {place}: {error}"));
            }
        }
    }

    fn tell_found(&self, report: &mut CheckReport) {
        let found = &mut report.found;
        found.push(format!("ledger in {}", self.state_dir.display()));
        for source in &self.sources {
            found.push(format!(
                "source {}: {} ▸ {}/ or {}/",
                source.name,
                source.place(),
                excerpt(&source.pickup.done),
                excerpt(&source.pickup.error),
            ));
        }
        for destination in &self.destinations {
            let place = destination.kind.place();
            found.push(format!("destination {}: {place}", destination.name));
        }
        found.push(format!(
            "{}, {} and {}",
            count(self.senders.len(), "sender"),
            count(self.routes.len(), "route"),
            count(self.profiles.len(), "profile file"),
        ));
        if let Some(mail) = &self.mail {
            found.push(format!("mail through {}", mail.url));
        }
    }

    fn tell_missing(&self, report: &mut CheckReport) {
        let mut warn = |text: &str| report.warnings.push(text.to_owned());
        if self.sources.is_empty() {
            warn("there is no [[source]]: nothing is ever picked up");
        }
        if self.destinations.is_empty() {
            warn("there is no [[destination]]: orders are read and then wait");
        } else if self.routes.is_empty() {
            warn("there is no [[route]]: orders are read and then wait");
        }
        match &self.mail {
            None => warn("there is no [mail]: neither senders nor operators hear of anything"),
            Some(mail) if mail.operators.is_empty() => {
                warn("[mail] names no `operators`: nobody is alerted when something fails");
            }
            Some(_) => {}
        }
        for source in &self.sources {
            let sender = self.sender_of(&source.name);
            let known = self.senders.iter().find(|known| known.name == sender);
            let told = source.contact.is_some() || known.is_some_and(|s| s.contact.is_some());
            if self.mail.is_some() && source.reports && !told {
                report.warnings.push(format!(
                    "source {}: neither it nor its sender has a `contact`: reports go to the operators",
                    source.name
                ));
            }
        }
    }

    fn tell_routes(&self, report: &mut CheckReport) {
        for (index, route) in self.routes.iter().enumerate() {
            if route.to.is_empty() {
                report.warnings.push(format!(
                    "{}: route {} has no `destination`: its orders are read and then wait",
                    route.at,
                    index + 1
                ));
            }
            let before = self.routes.iter().take(index);
            if let Some(first) = before.into_iter().position(|other| other.covers(route)) {
                report.warnings.push(format!(
                    "{}: route {} is never used: route {} takes all of its files",
                    route.at,
                    index + 1,
                    first + 1
                ));
            }
        }
        for destination in &self.destinations {
            let mut targets = self.routes.iter().flat_map(|route| &route.to);
            if !self.routes.is_empty() && !targets.any(|to| to.destination == destination.name) {
                report.warnings.push(format!(
                    "destination {}: no route leads to it",
                    destination.name
                ));
            }
        }
    }
}

impl CheckReport {
    /// The text for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let groups = [
            ("ok      ", &self.found),
            ("warning ", &self.warnings),
            ("error   ", &self.errors),
        ];
        for (word, lines) in groups {
            for line in lines {
                // Writing to a String does not fail.
                writeln!(text, "{word} {line}").unwrap_or_default();
            }
        }
        text
    }
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}
