//! `orderdock evidence`.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use clap::Args;

use super::ask::{Counter, exit_of, myself};
use super::{Cli, Exit, complain, show};
use crate::arrival::OrderId;
use crate::config::Config;
use crate::control::{Drain, Request, Response, evidence, evidence_name};
use crate::failure::Failure;
use crate::ledger::{Filter, OrderStory};
use crate::limits;

/// Everything about one order in a zip archive: the original, the canonical order, requests, answers,
/// mails and history.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock evidence 99 -o order-99.zip      by its number in `orders list`
  orderdock evidence PO-1001                 by the sender's number; written to order-PO-1001.zip

Nothing in it authenticates anybody: requests are kept without keys, tokens and passwords.")]
pub(super) struct EvidenceArgs {
    /// Its number, or the sender's.
    #[arg(value_name = "ORDER")]
    order: String,
    /// Where to write; by default order-REFERENCE.zip in this folder.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl EvidenceArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let config = match cli.load() {
            Ok(config) => config,
            Err(exit) => return exit,
        };
        crate::logging::start(config.log, cli.verbose);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let done = match runtime {
            Ok(runtime) => runtime.block_on(self.collect(&config)),
            Err(error) => Err(Failure::ours("starting", error)),
        };
        match done {
            Ok(Ok(path)) => show(&format!("{}\n", path.display()), Exit::Done),
            Ok(Err(why)) => {
                complain(&why);
                Exit::Failed
            }
            Err(failure) => {
                complain(&failure);
                exit_of(&failure)
            }
        }
    }

    /// Where it was written, or why there is nothing to write.
    async fn collect(&self, config: &Config) -> Result<Result<PathBuf, String>, Failure> {
        let of_reference = Filter {
            reference: Some(self.order.clone()),
            limit: limits::WEB_ROWS,
            ..Filter::default()
        };
        let (counter, found) = Counter::open(config, Request::Orders(of_reference)).await?;
        let mut ids: Vec<OrderId> = match found {
            Response::Orders(rows) => {
                let same = rows.iter().filter(|row| row.reference == self.order);
                same.map(|row| row.id).collect()
            }
            other => return Ok(Err(refused(&other))),
        };
        // Ours comes first: the sender's may look like it.
        if let Ok(id) = self.order.parse() {
            ids.insert(0, OrderId(id));
        }
        let written = self.write(&counter, &ids).await;
        counter.close().await?;
        written
    }

    async fn write(
        &self,
        counter: &Counter,
        ids: &[OrderId],
    ) -> Result<Result<PathBuf, String>, Failure> {
        let who = myself();
        let mut stories: Vec<OrderStory> = Vec::new();
        for id in ids {
            match counter.desk().answer(Request::Order(*id), &who).await {
                Response::Order(Some(story)) => stories.push(*story),
                Response::Order(None) => {}
                other => return Ok(Err(refused(&other))),
            }
        }
        let by_number = stories
            .iter()
            .position(|story| story.order.id.to_string() == self.order);
        let story = match (by_number, &stories[..]) {
            (Some(at), _) => stories.remove(at),
            (None, []) => return Ok(Err(format!("there is no order {}", self.order))),
            (None, [_]) => stories.remove(0),
            (None, several) => {
                let ids: Vec<String> = several.iter().map(|s| s.order.id.to_string()).collect();
                return Ok(Err(format!(
                    "there are several orders {}: name one by its number ({})",
                    self.order,
                    ids.join(", ")
                )));
            }
        };
        let path = self
            .output
            .clone()
            .unwrap_or_else(|| PathBuf::from(evidence_name(&story)));
        let mut out = Written::create(&path)?;
        let done = evidence(counter.desk(), &who, &story, &mut out).await;
        if done.is_err() {
            // Half an archive proves nothing.
            std::fs::remove_file(&path).unwrap_or_default();
        }
        done.map(|()| Ok(path))
    }
}

fn refused(answer: &Response) -> String {
    match answer {
        Response::Refused(why) | Response::Failed(why) => why.clone(),
        _ => "the daemon answered another question: is it another version?".to_owned(),
    }
}

/// The archive's file. Only its owner reads it: it holds what the order holds.
struct Written {
    file: File,
    path: PathBuf,
}

impl Written {
    fn create(path: &Path) -> Result<Self, Failure> {
        let opened = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path);
        opened
            .map(|file| Self {
                file,
                path: path.to_owned(),
            })
            .map_err(|error| failed(path, &error))
    }
}

fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::operator("writing evidence", format!("{}: {error}", path.display()))
}

#[async_trait]
impl Drain for Written {
    async fn piece(&mut self, bytes: Bytes) -> Result<(), Failure> {
        self.file
            .write_all(&bytes)
            .map_err(|error| failed(&self.path, &error))
    }
}
