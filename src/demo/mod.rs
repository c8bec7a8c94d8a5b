//! `orderdock demo`: a tour without servers and without configuration.
//!
//! One scratch folder with an inbox, done/ and error/; a partner endpoint on loopback; mail captured
//! as files. The samples are dropped into the inbox and a running commentary says what happens to
//! each. Everything but the two stand-ins (`partner`, `outbox`) is the product itself, run from the
//! configuration file that lies in the folder.

mod commentary;
mod outbox;
mod partner;

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
use crate::daemon::{self, Profiles};
use crate::failure::Failure;
use crate::flow::{Desk, Flow};
use crate::ledger::Ledger;

/// The files that are dropped, in this order.
const SAMPLES: [(&str, &[u8]); 4] = [
    (
        "garden-centre.csv",
        include_bytes!("../../fixtures/demo/garden-centre.csv"),
    ),
    (
        "bakery-order.xml",
        include_bytes!("../../fixtures/demo/bakery-order.xml"),
    ),
    (
        "kaffeehaus.xls",
        include_bytes!("../../fixtures/demo/kaffeehaus.xls"),
    ),
    (
        "bike-parts-with-mistakes.csv",
        include_bytes!("../../fixtures/demo/bike-parts-with-mistakes.csv"),
    ),
];

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

async fn tour(once: bool) -> Result<Exit, Failure> {
    let folder = scratch()?;
    let partner = partner::Partner::listen().await?;
    let config = write_config(&folder, &partner.url())?;
    say(&commentary::welcome(&folder, &partner.url()));
    let profiles = Profiles::load(&config)
        .map_err(|errors| Failure::ours("loading the profiles", errors.join("; ")))?;
    let ledger = daemon::open_ledger(&config).await?;
    let jail = daemon::jail(2, profiles.texts);
    let mut ports = daemon::ports(&config, Arc::clone(&ledger) as Arc<dyn Ledger>, jail, false)?;
    ports.mailer = Some(Arc::new(outbox::Outbox::new(folder.join("mail"))));
    ports.desk = Desk {
        from: "Demo order desk <orders@orderdock.example>".to_owned(),
        operators: vec!["operator@orderdock.example".to_owned()],
        ..Desk::default()
    };
    let flow = Flow::start(ports);
    let dropping = folder.clone();
    let drops = tokio::task::spawn_blocking(move || drop_samples(&dropping));
    drops
        .await
        .map_err(|error| Failure::ours("dropping the samples", error))??;
    let told = commentary::follow(&*ledger, &folder, &partner, once.then_some(SAMPLES.len())).await;
    flow.drain().await;
    ledger.close().await?;
    told?;
    say(&commentary::farewell(&folder));
    Ok(Exit::Done)
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
                for name in ["inbox", "mail", "state"] {
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

fn write_config(folder: &Path, url: &str) -> Result<Config, Failure> {
    let path = folder.join("orderdock.toml");
    let text = format!(
        "# The configuration of this demo: all that orderdock needs to know.\n\
         state_dir = \"{folder}/state\"\n\
         min_free = \"1MB\"\n\n\
         [[source]]\n\
         name = \"inbox\"\n\
         kind = \"local\"\n\
         path = \"{folder}/inbox\"\n\
         stable = \"1s\"\n\
         contact = \"partner@example.com\"   # who hears when a file is wrong\n\n\
         [[destination]]\n\
         name = \"partner\"\n\
         kind = \"http\"\n\
         url = \"{url}\"\n\n\
         [[route]]\n\
         source = \"inbox\"\n\
         destination = [\"partner\"]\n",
        folder = folder.display()
    );
    fs::write(&path, text).map_err(|error| io_failure(&error))?;
    Config::load(&path).map_err(|errors| {
        let words: Vec<_> = errors.iter().map(ToString::to_string).collect();
        Failure::ours("reading the demo's configuration", words.join("; "))
    })
}

/// Drops the samples as a careful partner would: under another name first.
fn drop_samples(folder: &Path) -> Result<(), Failure> {
    let inbox = folder.join("inbox");
    for (name, bytes) in SAMPLES {
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
