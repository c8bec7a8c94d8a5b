//! How what is told of orders is kept and forwarded, from the configuration.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::callbacks::{Callbacks, HttpCallbacks};
use crate::config::{Config, SourceConfig};
use crate::failure::Failure;
use crate::flow::tracking::{Links, StatusFolder, TrackingRules};
use crate::limits;
use crate::partners::file::Place;
use crate::secret::{Secret, SecretRef};

/// All of it.
///
/// # Errors
/// What cannot be built: the secret cannot be read, or is too short to be one.
pub(super) fn rules(config: &Config) -> Result<TrackingRules, Failure> {
    let tracking = &config.tracking;
    let secret = tracking.secret.as_ref().map(read).transpose()?;
    let callbacks = match &secret {
        Some(secret) if tracking.callbacks => {
            let secret = secret.clone().into_inner();
            let callbacks = HttpCallbacks::new(secret, tracking.allow_private.clone())?;
            Some(Arc::new(callbacks) as Arc<dyn Callbacks>)
        }
        _ => None,
    };
    let base = config.web.as_ref().and_then(|web| web.public_url.clone());
    let folders = config.sources.iter().filter_map(folder);
    let folders: BTreeMap<String, StatusFolder> = folders.collect::<Result<_, Failure>>()?;
    let senders = config.senders.iter();
    let lanes = config.destinations.iter();
    Ok(TrackingRules {
        grace: tracking.status_grace,
        mails: tracking.mails,
        callbacks,
        follow_for: tracking.follow_for,
        links: secret.map(|secret| Links {
            base,
            secret: secret.expose().as_bytes().into(),
            page: tracking.page,
        }),
        folders,
        of_sender: senders
            .map(|sender| (sender.name.clone(), sender.followers.clone()))
            .collect(),
        of_route: config
            .routes
            .iter()
            .map(|route| route.followers.clone())
            .collect(),
        of_destination: lanes
            .map(|lane| (lane.name.clone(), lane.followers.clone()))
            .collect(),
    })
}

/// The secret that signs links and callbacks.
fn read(secret: &SecretRef) -> Result<Secret, Failure> {
    let value = secret.read()?;
    if value.expose().chars().count() < limits::SIGNING_SECRET_CHARS {
        let why = format!(
            "it must have at least {} characters, or links could be guessed",
            limits::SIGNING_SECRET_CHARS
        );
        return Err(Failure::operator(format!("reading {}", secret.key), why));
    }
    Ok(value)
}

/// What writes into the status folder of a source.
fn folder(source: &SourceConfig) -> Option<Result<(String, StatusFolder), Failure>> {
    let csv = source.status_to.as_ref()?.csv;
    let made = place(source)?.map(|folder| (source.name.clone(), StatusFolder { folder, csv }));
    Some(made)
}

/// Where a source finds the news of its orders.
pub(super) fn place(source: &SourceConfig) -> Option<Result<Arc<dyn Place>, Failure>> {
    let to = source.status_to.as_ref()?;
    Some(super::partners::at(source, &to.folder))
}
