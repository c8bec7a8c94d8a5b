//! `[[destination]]`: a partner that orders are pushed to.

use std::path::PathBuf;
use std::time::Duration;

use self::cargamos::CargamosConfig;
use self::cargoconnect::CargoConnectConfig;
use self::cargooffice::CargoofficeConfig;
use self::contargo::ContargoConfig;
use self::file::FileConfig;
use self::http::HttpConfig;
use self::link::LinkConfig;
pub(super) use self::link::{address, file};
use self::soap::SoapConfig;
use self::track::{HookConfig, Waits};
use self::trademax::TrademaxConfig;
use super::section::Section;
use super::source::kind;
use super::values::Rate;
use crate::limits;
use crate::secret::SecretRef;

pub(super) mod cargamos;
pub(super) mod cargoconnect;
pub(super) mod cargooffice;
pub(super) mod contargo;
pub(super) mod file;
pub(super) mod http;
pub(super) mod link;
pub(super) mod soap;
pub(super) mod track;
pub(super) mod trademax;

/// One destination.
#[derive(Debug, Clone)]
pub struct DestinationConfig {
    /// Its name.
    pub name: String,
    /// Requests in flight at most (default 16).
    pub concurrency: usize,
    /// Requests at most in a time (default: no limit of ours).
    pub rate: Option<Rate>,
    /// What to do when an answer was lost (default: send the same bytes under the same key again).
    pub on_unknown: OnUnknown,
    /// From when on a delivery that cannot be made waits for a person (default 72 h).
    pub give_up_after: Duration,
    /// Who hears what is told of the orders that it was given: mail addresses and URLs.
    pub followers: Vec<String>,
    /// What is spoken there.
    pub kind: DestinationKind,
}

/// What a destination speaks.
#[derive(Debug, Clone)]
pub enum DestinationKind {
    /// HTTP.
    Http(Box<HttpConfig>),
    /// Contargo COLA.
    Contargo(Box<ContargoConfig>),
    /// Trademax.
    Trademax(Box<TrademaxConfig>),
    /// Cargamos.
    Cargamos(Box<CargamosConfig>),
    /// CargoCONNECT.
    CargoConnect(Box<CargoConnectConfig>),
    /// Cargooffice's REST interface.
    Cargooffice(Box<CargoofficeConfig>),
    /// A SOAP endpoint.
    Soap(Box<SoapConfig>),
    /// A folder, an account on a file server or a mailbox that takes orders as files.
    File(Box<FileConfig>),
}

impl DestinationKind {
    /// What is there, for people.
    #[must_use]
    pub fn place(&self) -> String {
        let (word, url) = match self {
            Self::Http(http) => (http.method.as_str(), &http.url),
            Self::Contargo(contargo) => ("Contargo at", &contargo.link.url),
            Self::Trademax(trademax) => ("Trademax at", &trademax.link.url),
            Self::Cargamos(cargamos) => ("Cargamos at", &cargamos.link.url),
            Self::CargoConnect(connect) => ("CargoCONNECT at", &connect.link.url),
            Self::Cargooffice(cargooffice) => ("Cargooffice at", &cargooffice.link.url),
            Self::Soap(soap) => ("SOAP at", &soap.link.url),
            Self::File(file) => return file.place(),
        };
        // Queries hold keys at some partners.
        format!("{word} {}", url.split(['?', '#']).next().unwrap_or(url))
    }

    fn link(&self) -> Option<&LinkConfig> {
        match self {
            Self::Http(_) | Self::File(_) => None,
            Self::Contargo(contargo) => Some(&contargo.link),
            Self::Trademax(trademax) => Some(&trademax.link),
            Self::Cargamos(cargamos) => Some(&cargamos.link),
            Self::CargoConnect(connect) => Some(&connect.link),
            Self::Cargooffice(cargooffice) => Some(&cargooffice.link),
            Self::Soap(soap) => Some(&soap.link),
        }
    }

    /// The secrets it names.
    #[must_use]
    pub fn secrets(&self) -> Vec<&SecretRef> {
        let mut secrets = match self {
            Self::Http(http) => http.secrets(),
            Self::Contargo(contargo) => vec![&contargo.password],
            Self::Trademax(trademax) => vec![&trademax.secret],
            Self::Cargamos(cargamos) => vec![&cargamos.key, &cargamos.password],
            Self::CargoConnect(connect) => vec![&connect.api_key],
            Self::Cargooffice(cargooffice) => vec![&cargooffice.key],
            Self::Soap(soap) => soap.user.iter().map(|(_, password)| password).collect(),
            Self::File(file) => file.secrets(),
        };
        let client = self.link().and_then(|link| link.client.as_ref());
        secrets.extend(client.map(|client| &client.key));
        secrets.extend(self.hook().into_iter().flat_map(HookConfig::secrets));
        secrets
    }

    /// Where the partner calls us.
    #[must_use]
    pub fn hook(&self) -> Option<&HookConfig> {
        match self {
            Self::CargoConnect(connect) => connect.hook.as_ref(),
            Self::Cargamos(cargamos) => cargamos.hook.as_ref(),
            _ => None,
        }
    }

    /// The same, to be told how the outside reaches us.
    pub(super) fn hook_mut(&mut self) -> Option<&mut HookConfig> {
        match self {
            Self::CargoConnect(connect) => connect.hook.as_mut(),
            Self::Cargamos(cargamos) => cargamos.hook.as_mut(),
            _ => None,
        }
    }

    /// When accepted orders are asked for; `None`: never. What is subscribed to lasts as long as its
    /// rounds.
    #[must_use]
    pub fn waits(&self) -> Option<Waits> {
        match self {
            Self::Http(http) => http.poll.as_ref().map(|poll| poll.waits),
            Self::Contargo(contargo) => contargo.track.as_ref().map(|track| track.waits),
            Self::Cargamos(cargamos) => cargamos.track.as_ref().map(|track| track.waits),
            Self::Cargooffice(cargooffice) => cargooffice.track,
            Self::CargoConnect(connect) => Some(Waits {
                first: connect.renew,
                every: connect.renew,
                lasts: connect
                    .renew
                    .saturating_mul(u32::try_from(connect.rounds).unwrap_or(u32::MAX)),
            }),
            Self::Trademax(_) | Self::Soap(_) | Self::File(_) => None,
        }
    }

    /// The files it names, by their keys.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, &PathBuf)> {
        if let Self::File(file) = self {
            return file.files();
        }
        let (ca, client) = match (self, self.link()) {
            (_, Some(link)) => (link.ca.as_ref(), link.client.as_ref()),
            (Self::Http(http), None) => (http.ca.as_ref(), http.client.as_ref()),
            (_, None) => (None, None),
        };
        let client = client.map(|client| &client.certificate);
        let ca = ca.into_iter().map(|path| ("ca", path));
        ca.chain(client.map(|path| ("client_certificate", path)))
            .collect()
    }
}

/// What to do when an answer was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// The same bytes under the same key: for partners that recognise a repeat.
    Resend,
    /// Wait for a person.
    Hold,
}

const KINDS: [&str; 12] = [
    "http",
    "contargo",
    "trademax",
    "cargamos",
    "cargoconnect",
    "cargooffice",
    "soap",
    "folder",
    "sftp",
    "ftp",
    "ftps",
    "mail",
];

pub(super) fn read(section: Section<'_, '_>) -> Option<DestinationConfig> {
    let name = section.name("destination");
    if name
        .as_ref()
        .is_some_and(|name| section.is_defined("source", name))
    {
        section.error(
            "name",
            "a source has this name: `pause NAME` must mean one thing",
        );
    }
    kind(&section, &KINDS)?;
    let spoken: String = section.get("kind")?;
    // These recognise no repeat: a lost answer waits for a person unless it is said otherwise.
    let usual = match spoken.as_str() {
        "contargo" | "soap" | "mail" => OnUnknown::Hold,
        _ => OnUnknown::Resend,
    };
    let on_unknown = [("resend", OnUnknown::Resend), ("hold", OnUnknown::Hold)];
    let destination = DestinationConfig {
        name: name.unwrap_or_default(),
        concurrency: section.within("concurrency", 16, 1..=limits::CONCURRENCY, "from 1 to 256"),
        rate: section.get("rate"),
        on_unknown: section.word("on_unknown", &on_unknown).unwrap_or(usual),
        followers: super::tracking::followers(&section),
        give_up_after: section.within(
            "give_up_after",
            Duration::from_hours(72),
            Duration::from_mins(1)..=Duration::from_hours(24 * 365),
            "from \"1m\" to \"365d\"",
        ),
        kind: match spoken.as_str() {
            "contargo" => DestinationKind::Contargo(Box::new(contargo::read(&section))),
            "trademax" => DestinationKind::Trademax(Box::new(trademax::read(&section))),
            "cargamos" => DestinationKind::Cargamos(Box::new(cargamos::read(&section))),
            "cargoconnect" => DestinationKind::CargoConnect(Box::new(cargoconnect::read(&section))),
            "cargooffice" => DestinationKind::Cargooffice(Box::new(cargooffice::read(&section))),
            "soap" => DestinationKind::Soap(Box::new(soap::read(&section))),
            kind @ ("folder" | "sftp" | "ftp" | "ftps" | "mail") => {
                DestinationKind::File(Box::new(file::read(&section, kind)))
            }
            _ => DestinationKind::Http(Box::new(http::read(&section))),
        },
    };
    section.finish();
    Some(destination)
}
