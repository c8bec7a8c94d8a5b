//! `[[destination]]` of `kind = "cargoconnect"`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::secrets::needed;
use super::super::section::Section;
use super::link::{self, LinkConfig};
use super::track::{self, HookConfig};
use crate::limits;
use crate::secret::SecretRef;

/// The documented one.
const URL: &str = "https://api.cargoai.co/solutions";
/// Subscriptions end after 21 days.
const DAY: Duration = Duration::from_hours(24);

/// `kind = "cargoconnect"`.
#[derive(Debug, Clone)]
pub struct CargoConnectConfig {
    /// Where it is (default: the documented address).
    pub link: LinkConfig,
    /// Our key.
    pub api_key: SecretRef,
    /// Where it calls us.
    pub hook: Option<HookConfig>,
    /// Mail addresses that it tells of every order.
    pub emails: Vec<String>,
    /// Whether it tells the addresses that an order names (default: where it does not call us).
    pub pass_on: bool,
    /// How long one subscription is relied upon (default 20 days).
    pub renew: Duration,
    /// Subscriptions for one order at most (default 3).
    pub rounds: usize,
    /// The path of subscribing (default `track/subscribe`).
    pub subscribe_path: String,
    /// The path of the contrary (default `track/unsubscribe`).
    pub unsubscribe_path: String,
    /// Fields that are taken from elsewhere: expressions over `order`.
    pub fields: BTreeMap<String, String>,
}

pub(super) fn read(section: &Section<'_, '_>) -> CargoConnectConfig {
    let hook = track::hook(section, true);
    let emails: Vec<String> = section.or("emails", Vec::new());
    if emails.len() > 5 {
        section.error("emails", "`emails` may be five addresses at most");
    }
    if let Some(wrong) = emails.iter().find(|address| !address.contains('@')) {
        let wrong = crate::problem::excerpt(wrong);
        section.error(
            "emails",
            format!("`emails`: \"{wrong}\" is no mail address"),
        );
    }
    CargoConnectConfig {
        link: link::read_or(section, Some(URL)),
        api_key: needed(section, "api_key"),
        emails,
        pass_on: section.or("pass_on", hook.is_none()),
        hook,
        renew: section.within(
            "renew",
            DAY * 20,
            limits::TRACKING_EVERY_LEAST..=DAY * 21,
            "from \"1s\" to \"21d\"",
        ),
        rounds: section.within("rounds", 3, 1..=52, "from 1 to 52"),
        subscribe_path: section.or("subscribe_path", "track/subscribe".to_owned()),
        unsubscribe_path: section.or("unsubscribe_path", "track/unsubscribe".to_owned()),
        fields: link::texts(section, "fields"),
    }
}
