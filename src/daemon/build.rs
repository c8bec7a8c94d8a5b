//! A configuration becomes ports: the one place that names every adapter.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use globset::GlobBuilder;
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::clients::ftp::FtpServer;
use crate::clients::sftp::SftpServer;
use crate::config::{
    Config, ConfigError, DestinationConfig, DestinationKind, MailConfig, RouteConfig, SourceConfig,
    SourceKind,
};
use crate::control::PartnerOf;
use crate::expression::Expression;
use crate::failure::Failure;
use crate::flow::hear::Hearing;
use crate::flow::plan::{AnswerTo, Plan, Route, Sender, To};
use crate::flow::{Desk, Inlet, Lane, Ports, Rate, Room};
use crate::jail::{Jail, Texts};
use crate::ledger::Ledger;
use crate::ledger::sqlite::Options;
use crate::mail::Mailer;
use crate::mail::smtp::{SmtpMailer, SmtpSettings};
use crate::partners::Partner;
use crate::partners::file::Place;
use crate::partners::http::HttpPartner;
use crate::partners::tracker::Tracker;
use crate::profiles::ProfileSet;
use crate::secret::{Secret, SecretRef};
use crate::sources::Source;
use crate::sources::imap::ImapSource;
use crate::sources::local::LocalSource;
use crate::sources::remote::RemoteSource;
use crate::sources::upload::UploadSource;

use super::{ftp, http, imap, partners, sftp};

/// The profiles of a configuration: the built-in ones and those beside it.
#[derive(Debug)]
pub struct Profiles {
    /// The operator's own as text, for the children; they have the built-in ones.
    pub texts: Texts,
    /// Compiled, for checks.
    pub set: ProfileSet,
}

impl Profiles {
    /// Compiles all profiles of `config`.
    ///
    /// # Errors
    /// Every mistake, with file and line.
    pub fn load(config: &Config) -> Result<Self, Vec<String>> {
        let own = config.profiles.iter();
        let texts: Texts = own
            .map(|(path, text)| (path.display().to_string(), text.clone()))
            .collect();
        match ProfileSet::load(texts.clone()) {
            Ok(set) => Ok(Self { texts, set }),
            Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
        }
    }
}

/// What the ledger needs to know.
pub(super) fn ledger_options(config: &Config) -> Options {
    let from = config.mail.as_ref().map_or("", |mail| &mail.from);
    Options {
        host: Desk::message_host(from),
    }
}

/// All ports of `config`.
///
/// # Errors
/// What cannot be built: a secret that cannot be read, a condition that does not compile.
pub fn ports(
    config: &Config,
    ledger: Arc<dyn Ledger>,
    jail: Jail,
    once: bool,
) -> Result<Ports, Failure> {
    let mut inlets = BTreeMap::new();
    for source in &config.sources {
        let inlet = Inlet {
            source: self::source(source)?,
            pickup: source.pickup.clone(),
            read: source.read.clone(),
            contact: source.contact.clone(),
            reports: source.reports,
            hold: source.hold,
            name_encoding: source.name_encoding,
            mailbox: source.mailbox.clone(),
            unpack_zip: source.unpack_zip,
        };
        inlets.insert(source.name.clone(), inlet);
    }
    let mut lanes = BTreeMap::new();
    for destination in &config.destinations {
        lanes.insert(
            destination.name.clone(),
            lane(destination, config.mail.as_ref())?,
        );
    }
    Ok(Ports {
        ledger,
        inlets,
        lanes,
        jail,
        mailer: mailer(config.mail.as_ref())?,
        desk: desk(config)?,
        answers: answers(config)?,
        plan: plan(config).map_err(|error| Failure::operator("reading the routes", error))?,
        tracking: super::tracking::rules(config)?,
        room: room(&config.state_dir, config.min_free),
        retention: config.retention,
        once,
    })
}

/// The adapter of a source.
///
/// # Errors
/// What cannot be built: a secret that cannot be read, a pattern that is wrong.
pub fn source(config: &SourceConfig) -> Result<Arc<dyn Source>, Failure> {
    let pickup = config.pickup.clone();
    Ok(match &config.kind {
        SourceKind::Local { path } => Arc::new(LocalSource::open(path.clone(), pickup)?),
        SourceKind::Ftp(config) => {
            let server = Box::new(FtpServer::new(ftp::settings(config)?)?);
            let root = config.path.clone().into_bytes();
            let source = RemoteSource::open(server, root, pickup, config.connections)?;
            Arc::new(source)
        }
        SourceKind::Imap(config) => Arc::new(ImapSource::open(imap::settings(config)?, pickup)?),
        SourceKind::Sftp(config) => {
            let server = Box::new(SftpServer::new(sftp::settings(config)?)?);
            let root = config.path.clone().into_bytes();
            let source = RemoteSource::open(server, root, pickup, config.connections)?;
            Arc::new(source)
        }
        SourceKind::Upload => Arc::new(UploadSource),
    })
}

fn lane(config: &DestinationConfig, mail: Option<&MailConfig>) -> Result<Lane, Failure> {
    let (partner, tracker) = adapter(config, mail)?;
    Ok(Lane {
        name: config.name.clone(),
        partner,
        concurrency: config.concurrency,
        rate: config.rate.map(|rate| Rate {
            count: rate.count,
            per: rate.per,
        }),
        give_up_after: config.give_up_after,
        hearing: tracker
            .map(|tracker| hearing(config, tracker))
            .transpose()?,
    })
}

/// How a destination is heard about its orders.
fn hearing(config: &DestinationConfig, tracker: Arc<dyn Tracker>) -> Result<Hearing, Failure> {
    let hook = config.kind.hook().map(partners::hook_step).transpose()?;
    Ok(Hearing {
        tracker,
        hook: hook.map(|step| Sha256::digest(step.expose_secret()).into()),
        lasts: config.kind.waits().map(|waits| waits.lasts),
    })
}

/// The adapter of a destination.
pub(super) fn partner(
    config: &DestinationConfig,
    mail: Option<&MailConfig>,
) -> Result<Arc<dyn Partner>, Failure> {
    Ok(adapter(config, mail)?.0)
}

/// The adapter of each destination of `config`, for a command without a daemon.
#[must_use]
pub fn partner_of(config: Config) -> PartnerOf {
    Arc::new(move |name| {
        let mut destinations = config.destinations.iter();
        let found = destinations.find(|destination| destination.name == name);
        found
            .map(|destination| partner(destination, config.mail.as_ref()))
            .transpose()
    })
}

/// Both sides of it; the second where the configuration says that it tells what becomes of orders.
pub(super) type Adapter = (Arc<dyn Partner>, Option<Arc<dyn Tracker>>);

pub(super) fn adapter(
    config: &DestinationConfig,
    mail: Option<&MailConfig>,
) -> Result<Adapter, Failure> {
    let heard = config.kind.waits().is_some() || config.kind.hook().is_some();
    Ok(match &config.kind {
        DestinationKind::Http(http) => {
            let settings = http::settings(config, http)?;
            both(Arc::new(HttpPartner::new(&settings)?), heard)
        }
        DestinationKind::Contargo(contargo) => both(partners::contargo(config, contargo)?, heard),
        DestinationKind::Trademax(trademax) => (partners::trademax(config, trademax)?, None),
        DestinationKind::Cargamos(cargamos) => both(partners::cargamos(config, cargamos)?, heard),
        DestinationKind::CargoConnect(connect) => {
            both(partners::cargoconnect(config, connect)?, heard)
        }
        DestinationKind::Cargooffice(office) => both(partners::cargooffice(config, office)?, heard),
        DestinationKind::Soap(soap) => (partners::soap(config, soap)?, None),
        DestinationKind::File(file) => (partners::file(config, file, mail)?, None),
    })
}

fn both<T: Partner + Tracker + 'static>(made: Arc<T>, heard: bool) -> Adapter {
    let tracker = Arc::<T>::clone(&made);
    (made, heard.then_some(tracker as Arc<dyn Tracker>))
}

/// The adapter of the mail server.
pub(super) fn mailer(config: Option<&MailConfig>) -> Result<Option<Arc<dyn Mailer>>, Failure> {
    let Some(config) = config else {
        return Ok(None);
    };
    let password = config.password.as_ref().map(SecretRef::read).transpose()?;
    let settings = SmtpSettings {
        url: config.url.clone(),
        user: config.user.clone(),
        password: password.map(Secret::into_inner),
        ca: config.ca.clone(),
        hello_name: config.hello_name.clone(),
        allow_plaintext: config.allow_plaintext,
    };
    Ok(Some(Arc::new(SmtpMailer::new(&settings)?)))
}

fn desk(whole: &Config) -> Result<Desk, Failure> {
    let Some(config) = &whole.mail else {
        return Ok(Desk::default());
    };
    let time_zone = jiff::tz::TimeZone::get(&config.time_zone);
    Ok(Desk {
        from: config.from.clone(),
        operators: config.operators.clone(),
        daily_summary: config.daily_summary,
        own: own_addresses(whole, config),
        bounces: config.bounces.clone(),
        time_zone: time_zone
            .map_err(|error| Failure::operator("reading [mail] time_zone", error))?,
    })
}

/// Every address at which our own mail would come back to us.
fn own_addresses(whole: &Config, config: &MailConfig) -> Vec<String> {
    let from = config.from.rsplit('<').next().unwrap_or_default();
    let mailboxes = whole
        .sources
        .iter()
        .filter_map(|source| source.mailbox.as_ref());
    let watched = mailboxes.filter_map(|mailbox| mailbox.address.clone());
    let mut own = config.own_addresses.clone();
    own.push(from.trim_end_matches('>').trim().to_owned());
    own.extend(config.bounces.clone());
    own.extend(watched);
    own.extend(
        whole
            .sources
            .iter()
            .filter_map(|source| match &source.kind {
                SourceKind::Imap(imap) if imap.user.contains('@') => Some(imap.user.clone()),
                _ => None,
            }),
    );
    own
}

/// Who is who and what goes where.
///
/// # Errors
/// The first condition or pattern that does not compile, with its place.
pub(super) fn plan(config: &Config) -> Result<Plan, ConfigError> {
    let senders = config.senders.iter().map(|sender| Sender {
        name: sender.name.clone(),
        sources: sender.matches.sources.clone(),
        addresses: sender.matches.addresses.clone(),
        customers: sender.matches.customers.clone(),
        contact: sender.contact.clone(),
        carries: sender.carries.clone(),
        time_zone: sender
            .time_zone
            .as_deref()
            .and_then(|name| jiff::tz::TimeZone::get(name).ok()),
        on_bad_row: sender.policy.on_bad_row,
        max_bad_orders: sender.policy.max_bad_orders,
        on_change: sender.policy.on_change,
    });
    let routes = config.routes.iter().map(route).collect::<Result<_, _>>()?;
    Ok(Plan {
        senders: senders.collect(),
        routes,
    })
}

fn route(config: &RouteConfig) -> Result<Route, ConfigError> {
    let wrong = |at, about: &str, message: String| ConfigError {
        at,
        about: about.to_owned(),
        message,
    };
    let file = config.file.as_ref().map(|glob| {
        let built = GlobBuilder::new(glob)
            .case_insensitive(true)
            .literal_separator(true)
            .build();
        built
            .map(|glob| glob.compile_matcher())
            .map_err(|error| wrong(config.at.clone(), "file", error.to_string()))
    });
    let mut to = Vec::with_capacity(config.to.len());
    for one in &config.to {
        let when = one.when.as_ref().map(|text| {
            Expression::compile(text)
                .map_err(|error| wrong(one.at.clone(), "when", error.to_string()))
        });
        to.push(To {
            destination: one.destination.clone(),
            when: when.transpose()?,
        });
    }
    Ok(Route {
        source: config.source.clone(),
        sender: config.sender.clone(),
        file: file.transpose()?,
        formats: config.format.into_iter().collect(),
        profile: config.profile.clone(),
        to,
        on_bad_row: config.policy.on_bad_row,
        max_bad_orders: config.policy.max_bad_orders,
        on_change: config.policy.on_change,
        hold: config.hold,
        answer: config.answer.as_ref().map(|answer| AnswerTo {
            format: answer.format,
            to: answer.to.clone(),
            folder: answer.folder.clone(),
            our_id: answer.our_id.clone(),
            partner_id: answer.partner_id.clone(),
        }),
    })
}

/// Where answers are laid: at destinations, and at the sources whose files are answered there.
fn answers(config: &Config) -> Result<BTreeMap<String, Arc<dyn Place>>, Failure> {
    let plan = plan(config).map_err(|error| Failure::operator("reading the routes", error))?;
    let mut places = BTreeMap::new();
    for (route, answer) in plan
        .routes
        .iter()
        .filter_map(|route| Some((route, route.answer.as_ref()?)))
    {
        let of_route = |source: &&SourceConfig| {
            route
                .source
                .as_ref()
                .is_none_or(|name| *name == source.name)
        };
        for source in config.sources.iter().filter(of_route) {
            let name = answer.place(&source.name);
            if places.contains_key(&name) {
                continue;
            }
            if let Some(place) = answer_place(config, answer, source)? {
                places.insert(name, place);
            }
        }
    }
    Ok(places)
}

fn answer_place(
    config: &Config,
    answer: &AnswerTo,
    source: &SourceConfig,
) -> Result<Option<Arc<dyn Place>>, Failure> {
    let Some(to) = &answer.to else {
        return partners::beside(source, &answer.folder);
    };
    let mut destinations = config.destinations.iter();
    let found = destinations.find(|destination| destination.name == *to);
    match found.map(|destination| &destination.kind) {
        Some(DestinationKind::File(file)) => {
            partners::place(to, &file.place, config.mail.as_ref()).map(Some)
        }
        _ => Ok(None),
    }
}

/// Whether the disk under `state_dir` has room.
fn room(state_dir: &Path, min_free: u64) -> Room {
    let state_dir = state_dir.to_path_buf();
    Arc::new(move || {
        let during = "looking for room on the disk";
        let stat =
            rustix::fs::statvfs(&state_dir).map_err(|error| Failure::operator(during, error))?;
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        if free >= min_free {
            return Ok(());
        }
        let message = format!(
            "{} MB are free under {}, and {} MB are to be kept free (min_free). Intake has stopped; \
             deliveries go on",
            free >> 20,
            state_dir.display(),
            min_free >> 20
        );
        Err(Failure::temporary(during, message))
    })
}
