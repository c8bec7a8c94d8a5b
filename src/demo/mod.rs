//! `orderdock demo`: a tour without servers and without configuration.
//!
//! One scratch folder with an inbox, done/ and error/; an SFTP server, a partner's endpoint and the
//! sandboxes of four partners on loopback; mail captured as files. The samples are dropped into the
//! inbox and at the server, and a running commentary says what happens to each and what every partner
//! answered. Everything but the stand-ins (`sftp`, `partner`, `sandboxes`, `outbox`) is the product
//! itself, console included, run from the configuration file that lies in the folder.

mod commentary;
mod outbox;
mod partner;
mod sandboxes;
mod sftp;

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{CWD, RenameFlags};

use crate::cli::Exit;
use crate::clock;
use crate::config::Config;
use crate::daemon::{self, Means, Profiles, Service};
use crate::failure::Failure;
use crate::flow::{Desk, Ports};
use crate::ledger::people::{People, Role};
use crate::ledger::sqlite::SqliteLedger;
use crate::ledger::{Ledger, Who};
use crate::mail::Mailer;
use crate::web;

/// The files that are dropped, in this order: folder, name and bytes.
const SAMPLES: [(&str, &str, &[u8]); 9] = [
    (
        "inbox",
        "garden-centre.csv",
        include_bytes!("../../fixtures/demo/garden-centre.csv"),
    ),
    (
        "inbox",
        "bakery-order.xml",
        include_bytes!("../../fixtures/demo/bakery-order.xml"),
    ),
    (
        "inbox",
        "kaffeehaus.xls",
        include_bytes!("../../fixtures/demo/kaffeehaus.xls"),
    ),
    (
        "inbox",
        "bike-parts-with-mistakes.csv",
        include_bytes!("../../fixtures/demo/bike-parts-with-mistakes.csv"),
    ),
    (
        "sftp",
        "weinhandel.edi",
        include_bytes!("../../fixtures/demo/weinhandel.edi"),
    ),
    (
        "inbox",
        "sofas.json",
        include_bytes!("../../fixtures/demo/sofas.json"),
    ),
    (
        "inbox",
        "container.json",
        include_bytes!("../../fixtures/demo/container.json"),
    ),
    (
        "inbox",
        "parcels-mexico.csv",
        include_bytes!("../../fixtures/demo/parcels-mexico.csv"),
    ),
    (
        "inbox",
        "transport.csv",
        include_bytes!("../../fixtures/demo/transport.csv"),
    ),
];

/// What lies in the scratch folder as its configuration, with names in braces for what each tour has
/// of its own.
const CONFIG: &str = include_str!("orderdock.toml");

/// Runs the tour; with `once` it ends after the samples.
#[must_use]
pub fn run(once: bool) -> Exit {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let result = match runtime {
        Ok(runtime) => {
            let result = runtime.block_on(tour(once));
            runtime.shutdown_timeout(Duration::from_secs(1));
            result
        }
        Err(error) => Err(Failure::ours("starting the demo", error)),
    };
    match result {
        Ok(exit) => exit,
        Err(failure) => {
            say(&format!("orderdock demo: {failure}"));
            Exit::Io
        }
    }
}

/// Who looks at the console of the tour.
const VISITOR: &str = "you";

async fn tour(once: bool) -> Result<Exit, Failure> {
    let folder = scratch()?;
    let partner = partner::Partner::listen().await?;
    let sandboxes = sandboxes::Sandboxes::start().await?;
    let server = sftp::SftpServer::listen(folder.join("sftp"), &folder).await?;
    let config = write_config(&folder, &partner.url(), &server, &sandboxes)?;
    say(&commentary::welcome(
        &folder,
        &partner.url(),
        &sandboxes.log(),
        server.port,
    ));
    let (service, ledger) = open(config, folder.join("mail")).await?;
    let link = service.invite(VISITOR)?;
    let stop = service.stopper();
    let dropping = folder.clone();
    let drops = tokio::task::spawn_blocking(move || drop_samples(&dropping));
    drops
        .await
        .map_err(|error| Failure::ours("dropping the samples", error))??;
    let scene = commentary::Scene {
        folder: &folder,
        partner: &partner,
        server: &server,
        link: link.as_deref(),
    };
    let running = service.serve();
    tokio::pin!(running);
    let (exit, told) = tokio::select! {
        exit = &mut running => (exit, Ok(())),
        told = commentary::follow(&*ledger, &scene, once) => {
            stop.cancel();
            (running.await, told)
        }
    };
    told?;
    say(&commentary::farewell(&folder));
    Ok(exit)
}

/// The product itself, with its mail captured, and somebody who may look at everything.
async fn open(config: Config, mails: PathBuf) -> Result<(Service, Arc<SqliteLedger>), Failure> {
    let profiles = Profiles::load(&config)
        .map_err(|errors| Failure::ours("loading the profiles", errors.join("; ")))?;
    let ledger = daemon::open_ledger(&config).await?;
    // Nobody knows this password: the way in is the link.
    let password = web::hash_password(&web::new_key()?)?;
    let who = Who {
        name: "orderdock".to_owned(),
        via: "demo".to_owned(),
    };
    ledger
        .put_user(VISITOR, Role::Admin, &password, &who)
        .await?;
    let jail = daemon::jail(2, profiles.texts.clone());
    let ports = daemon::ports(
        &config,
        Arc::clone(&ledger) as Arc<dyn Ledger>,
        jail.clone(),
        false,
    )?;
    let outbox = Arc::new(outbox::Outbox::new(mails));
    let dress = Arc::new(move |ports: &mut Ports| {
        ports.mailer = Some(Arc::clone(&outbox) as Arc<dyn Mailer>);
        ports.desk = Desk {
            from: "Demo order desk <orders@orderdock.example>".to_owned(),
            operators: vec!["operator@orderdock.example".to_owned()],
            ..Desk::default()
        };
    });
    let means = Means {
        config,
        ledger: Arc::clone(&ledger),
        jail,
        profiles,
    };
    let service = Service::start(means, ports, dress).await?;
    Ok((service, ledger))
}

/// A folder of our own that nobody else can have prepared.
fn scratch() -> Result<PathBuf, Failure> {
    let base = std::env::temp_dir();
    let stamp = clock::now()
        .timestamp()
        .strftime("%Y%m%d-%H%M%S")
        .to_string();
    for n in 0..100 {
        let folder = base.join(format!("orderdock-demo-{stamp}-{n}"));
        match fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => {
                for name in ["inbox", "mail", "sftp", "state"] {
                    fs::create_dir(folder.join(name)).map_err(|error| io_failure(&error))?;
                }
                return Ok(folder);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(io_failure(&error)),
        }
    }
    Err(Failure::operator(
        "making a scratch folder",
        format!("no free name in {}", base.display()),
    ))
}

fn write_config(
    folder: &Path,
    url: &str,
    server: &sftp::SftpServer,
    sandboxes: &sandboxes::Sandboxes,
) -> Result<Config, Failure> {
    let path = folder.join("orderdock.toml");
    let text = CONFIG
        .replace("{folder}", &folder.display().to_string())
        .replace("{url}", url)
        .replace("{sandboxes}", &sandboxes.sections())
        .replace("{user}", sftp::USER)
        .replace("{port}", &server.port.to_string())
        .replace("{fingerprint}", &server.fingerprint);
    fs::write(&path, text).map_err(|error| io_failure(&error))?;
    Config::load(&path).map_err(|errors| {
        let words: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Failure::ours("reading the demo's configuration", words.join("; "))
    })
}

/// Drops the samples as a careful partner would: under another name first.
fn drop_samples(folder: &Path) -> Result<(), Failure> {
    for (place, name, bytes) in SAMPLES {
        let inbox = folder.join(place);
        let part = inbox.join(format!(".{name}.part"));
        fs::write(&part, bytes).map_err(|error| io_failure(&error))?;
        let to = inbox.join(name);
        rustix::fs::renameat_with(CWD, &part, CWD, &to, RenameFlags::NOREPLACE)
            .map_err(|error| io_failure(&error.into()))?;
    }
    Ok(())
}

fn io_failure(error: &io::Error) -> Failure {
    Failure::operator("preparing the demo's folder", error)
}

/// One piece of the tour's text. A reader that went away ends nothing.
fn say(text: &str) {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .unwrap_or_default();
}
