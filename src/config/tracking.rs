//! `[tracking]`: what is told of orders after they were sent, and who may hear of it. Without the
//! section events are kept and shown to those who log in, and to nobody else.

use std::time::Duration;

use super::Config;
use super::section::Section;
use crate::callbacks::nets::Nets;
use crate::limits;
use crate::secret::SecretRef;

/// How what is told of orders is kept and forwarded.
#[derive(Debug, Clone)]
pub struct TrackingConfig {
    /// How long a status waits for an order that is not known yet (default 24 hours).
    pub status_grace: Duration,
    /// Whether the public page is open.
    pub page: bool,
    /// Whether those who follow an order hear by mail.
    pub mails: bool,
    /// Whether they hear by URL.
    pub callbacks: bool,
    /// What signs links and callbacks.
    pub secret: Option<SecretRef>,
    /// Private networks that may be called.
    pub allow_private: Nets,
    /// How long somebody follows an order at most (default 90 days).
    pub follow_for: Duration,
}

impl Default for TrackingConfig {
    fn default() -> Self {
        Self {
            status_grace: limits::STATUS_GRACE,
            page: false,
            mails: false,
            callbacks: false,
            secret: None,
            allow_private: Nets::default(),
            follow_for: limits::FOLLOW_FOR,
        }
    }
}

pub(super) fn read(section: Section<'_, '_>) -> TrackingConfig {
    let day = Duration::from_hours(24);
    let tracking = TrackingConfig {
        status_grace: section.within(
            "status_grace",
            limits::STATUS_GRACE,
            Duration::ZERO..=day * 30,
            "from \"0s\" to \"30d\"",
        ),
        page: section.or("page", false),
        mails: section.or("mails", false),
        callbacks: section.or("callbacks", false),
        secret: super::secrets::secret(&section, "secret"),
        allow_private: nets(&section),
        follow_for: section.within(
            "follow_for",
            limits::FOLLOW_FOR,
            day..=day * 366,
            "from \"1d\" to \"366d\"",
        ),
    };
    let outward = tracking.page || tracking.mails || tracking.callbacks;
    if outward && tracking.secret.is_none() {
        section.error(
            "secret",
            "`page`, `mails` and `callbacks` need a `secret`, which signs links and callbacks: \
             { credential = \"tracking\" }, made for instance by `openssl rand -hex 32`",
        );
    }
    section.finish();
    tracking
}

fn nets(section: &Section<'_, '_>) -> Nets {
    let texts: Vec<String> = section.or("allow_private", Vec::new());
    Nets::parse(&texts).unwrap_or_else(|wrong| {
        let wrong = crate::problem::excerpt(&wrong);
        section.error(
            "allow_private",
            format!(
                "`allow_private`: \"{wrong}\" is neither an address nor a network such as \
                 \"10.1.0.0/16\""
            ),
        );
        Nets::default()
    })
}

/// Those who hear of all orders of a sender, route or destination: mail addresses and URLs.
pub(super) fn followers(section: &Section<'_, '_>) -> Vec<String> {
    let followers: Vec<String> = section.or("followers", Vec::new());
    for follower in &followers {
        if !super::source::is_address(follower) && url::Url::parse(follower).is_err() {
            let shown = crate::problem::excerpt(follower);
            section.error(
                "followers",
                format!("`followers`: \"{shown}\" is neither a mail address nor a URL"),
            );
        }
    }
    followers
}

/// What the section needs of others, and others of it.
pub(super) fn check(root: &Section<'_, '_>, config: &Config) {
    let tracking = &config.tracking;
    let public = config.web.as_ref().and_then(|web| web.public_url.as_ref());
    if tracking.page && config.web.is_none() {
        root.error("tracking", "`page` of [tracking] needs [http]");
    }
    if tracking.mails && (config.mail.is_none() || public.is_none()) {
        root.error(
            "tracking",
            "`mails` of [tracking] needs [mail], and [http] with `public_url` for the link to leave",
        );
    }
    let standing = config.senders.iter().flat_map(|sender| &sender.followers);
    let lanes = config.destinations.iter().flat_map(|lane| &lane.followers);
    let routes = config.routes.iter().flat_map(|route| &route.followers);
    for follower in standing.chain(routes).chain(lanes) {
        let is_url = follower.contains("://");
        if is_url && !tracking.callbacks || !is_url && !tracking.mails {
            let key = if is_url { "callbacks" } else { "mails" };
            let shown = crate::problem::excerpt(follower);
            root.warn(
                "tracking",
                format!("`followers` name \"{shown}\", who hears nothing: set `{key} = true` in [tracking]"),
            );
        }
    }
}
