//! What the tour says while it happens, from what the ledger knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use super::partner::Partner;
use super::say;
use super::sftp::{SftpServer, USER};
use crate::arrival::{DeliveryState, FileId, Stage, Verdict};
use crate::failure::Failure;
use crate::ledger::{FileRow, FileStory, Filter, Ledger};
use crate::problem::excerpt;

/// How often the ledger is looked at: often enough to feel live, seldom enough to cost nothing.
const LOOK: Duration = Duration::from_millis(150);

/// How much of an answer is told: the console has all of it.
const FACTS: usize = 3;

/// The opening words.
pub(super) fn welcome(folder: &Path, partner: &str, log: &str, port: u16) -> String {
    format!(
        "\norderdock {version}: a tour\n\n  \
         {folder}/inbox           files are dropped here\n  \
         {folder}/inbox/done      … and end here when every order in them was accepted\n  \
         {folder}/inbox/error     … or here, with an explanation beside them\n  \
         {folder}/sftp            the same, as a partner sees it at sftp://127.0.0.1:{port}\n  \
         {folder}/mail            what would have been mailed\n  \
         {folder}/orderdock.toml  the configuration\n  \
         {partner}  a partner's API, on this machine\n  \
         {log}  what Trademax, Contargo, Cargamos and Cargooffice\n    \
         are asked and answer, played by their sandboxes\n\n\
         Nine files are dropped: a csv, a UBL order, an Excel workbook, a csv with mistakes, an EDIFACT\n\
         message at the SFTP server, and an order for each of the four.\n",
        version = env!("CARGO_PKG_VERSION"),
        folder = folder.display(),
    )
}

/// The closing words.
pub(super) fn farewell(folder: &Path) -> String {
    format!(
        "\nEverything stays in {} until you remove it.\n",
        folder.display()
    )
}

/// What the tour plays in.
pub(super) struct Scene<'a> {
    pub(super) folder: &'a Path,
    pub(super) partner: &'a Partner,
    pub(super) server: &'a SftpServer,
    /// What lets somebody into the console once.
    pub(super) link: Option<&'a str>,
}

/// Comments on every file until the process is told to end; with `once`, until the samples are
/// settled and reported.
pub(super) async fn follow(
    ledger: &dyn Ledger,
    scene: &Scene<'_>,
    once: bool,
) -> Result<(), Failure> {
    let mut told = Told::default();
    let mut invited = false;
    loop {
        let files = ledger
            .files(&Filter {
                limit: 1_000,
                ..Filter::default()
            })
            .await?;
        for file in files.iter().rev() {
            told.comment(ledger, file).await?;
        }
        let quiet = files.iter().all(|file| file.stage == Stage::Settled)
            && ledger.status().await?.mails == 0;
        let over = quiet && files.len() >= super::SAMPLES.len();
        if over && !std::mem::replace(&mut invited, true) {
            summary(&files, scene)?;
            if once {
                return Ok(());
            }
            say(&invitation(scene));
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = tokio::signal::ctrl_c() => return Ok(()),
        }
    }
}

fn invitation(scene: &Scene<'_>) -> String {
    let server = scene.server;
    let console = scene.link.map_or_else(String::new, |link| {
        format!("See all of it in the console (this link lets in once):\n\n    {link}\n\n")
    });
    format!(
        "{console}Now drop a file of your own, or fix the wrong one and put it back:\n\n    \
         cp YOUR-ORDERS.csv {folder}/inbox/\n\n\
         Or be a partner, at the SFTP server that lives in this demo and ends with it:\n\n    \
         sftp -P {port} -o UserKnownHostsFile={known} {USER}@127.0.0.1\n    \
         password: {password}\n    \
         sftp> put YOUR-ORDERS.csv\n\n\
         To watch a server or mailbox of your own, see the end of {folder}/orderdock.toml.\n\n\
         Watching. End with Ctrl-C.\n",
        folder = scene.folder.display(),
        port = server.port,
        known = server.known_hosts.display(),
        password = server.password,
    )
}

/// What was said already, by file.
#[derive(Default)]
struct Told {
    stages: BTreeMap<FileId, BTreeSet<&'static str>>,
}

impl Told {
    fn first(&mut self, file: FileId, what: &'static str) -> bool {
        self.stages.entry(file).or_default().insert(what)
    }

    async fn comment(&mut self, ledger: &dyn Ledger, file: &FileRow) -> Result<(), Failure> {
        let name = excerpt(&file.name);
        if self.first(file.id, "arrived") {
            say(&format!(
                "▸ {name}: arrived at {}, {} bytes, now safe in the ledger",
                file.source, file.bytes
            ));
        }
        let read = !matches!(file.stage, Stage::Claimed | Stage::Fetched);
        if read && self.first(file.id, "read") {
            say(&how_it_was_read(&name, file));
        }
        if file.stage == Stage::Settled
            && self.first(file.id, "settled")
            && let Some(story) = ledger.file(file.id).await?
        {
            say(&ending(&name, &story));
            for answer in answers(ledger, file.id).await? {
                say(&answer);
            }
        }
        Ok(())
    }
}

/// What each partner said to each order of a file.
async fn answers(ledger: &dyn Ledger, file: FileId) -> Result<Vec<String>, Failure> {
    let of_file = Filter {
        file: Some(file),
        limit: 20,
        ..Filter::default()
    };
    let mut deliveries = ledger.deliveries(&of_file).await?;
    deliveries.reverse();
    let told = deliveries.iter().map(|delivery| {
        let mut text = format!("      {} → {}", delivery.reference, delivery.destination);
        let known = delivery
            .remote_id
            .iter()
            .map(|id| ("known there as".to_owned(), id));
        let facts = delivery.facts.iter();
        let facts = facts.map(|(name, value)| (name.replace('_', " "), value));
        if delivery.state != DeliveryState::Delivered {
            write!(text, " {}", delivery.state.as_str()).unwrap_or_default();
        }
        for (index, (name, value)) in known.chain(facts).take(FACTS).enumerate() {
            let sign = if index == 0 { ": " } else { ", " };
            write!(text, "{sign}{name} {}", excerpt(value)).unwrap_or_default();
        }
        text
    });
    Ok(told.collect())
}

fn how_it_was_read(name: &str, file: &FileRow) -> String {
    let format = file.format.as_deref().unwrap_or("unknown");
    let profile = file.profile.as_deref().unwrap_or("none");
    match (file.orders, file.withheld) {
        (orders, 0) if orders > 0 => format!(
            "  {name}: read as {format} by profile {profile}: {}",
            count(orders, "order")
        ),
        (_, withheld) => format!(
            "  {name}: read as {format} by profile {profile}: {} with mistakes, {}",
            count(withheld, "order"),
            count(file.problems, "finding")
        ),
    }
}

fn count(number: u64, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

fn ending(name: &str, story: &FileStory) -> String {
    let mut text = String::new();
    let to = story.file.settled_to.as_deref().unwrap_or("its place");
    if story.file.verdict == Some(Verdict::Done) {
        return format!("✔ {name}: every order was accepted by the partner, moved to {to}");
    }
    writeln!(text, "✘ {name}: nothing was ordered, moved to {to}").unwrap_or_default();
    for problem in story.problems.iter().filter(|problem| problem.is_error()) {
        writeln!(text, "      {problem}").unwrap_or_default();
    }
    write!(text, "  {name}: an explanation lies beside it").unwrap_or_default();
    text
}

fn summary(files: &[FileRow], scene: &Scene<'_>) -> Result<(), Failure> {
    let done = files
        .iter()
        .filter(|file| file.verdict == Some(Verdict::Done))
        .count();
    let error = files.len() - done;
    let mut text = format!(
        "\n{done} files in done/, {error} in error/; the partner has {} orders, each exactly once, and \
         the four sandboxes have theirs.\n",
        scene.partner.orders()
    );
    let mails = std::fs::read_dir(scene.folder.join("mail"));
    let mails = mails.map_err(|error| Failure::operator("listing the captured mails", error))?;
    for mail in mails.flatten() {
        writeln!(text, "Mailed: {}", mail.path().display()).unwrap_or_default();
    }
    say(&text);
    Ok(())
}
