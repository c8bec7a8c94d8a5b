//! `orderdock files`.

use clap::{Args, Subcommand};

use super::ask::strange;
use super::filter::{How, Page, Which, file_state};
use super::{Cli, Exit, Look, complain, json, render, show};
use crate::arrival::FileId;
use crate::control::{Request, Response, Thing};
use crate::ledger::Change;

/// Look up files, read them again, release or cancel their orders.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock files list --state error --since 2d
  orderdock files show 4711                       everything about one file
  orderdock files retry 4711                      read its stored bytes with today's profiles
  orderdock files retry --sender acme --state error --dry-run
  orderdock files cancel 4711 --why \"sent twice by phone\"")]
pub(super) struct FilesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Files, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Only those that are claimed, fetched, due, concluded, settled, done, error, pending,
        /// waiting, accepted, partial or rejected.
        #[arg(long, value_parser = file_state, help_heading = "Which")]
        state: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// Everything about one file.
    Show {
        /// Its number.
        id: i64,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Read the stored bytes again with today's profiles.
    Retry {
        /// Numbers of files; or name conditions.
        ids: Vec<i64>,
        #[command(flatten)]
        which: Which,
        /// Only those that are done or error.
        #[arg(long, value_parser = file_state, help_heading = "Which")]
        state: Option<String>,
        #[command(flatten)]
        how: How,
    },
    /// Let their held and parked orders go.
    Release {
        /// Numbers of files; or name conditions.
        ids: Vec<i64>,
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        how: How,
    },
    /// Take back what has not been sent.
    Cancel {
        /// Numbers of files; or name conditions.
        ids: Vec<i64>,
        #[command(flatten)]
        which: Which,
        /// Why; it is kept with the file.
        #[arg(long)]
        why: String,
        #[command(flatten)]
        how: How,
    },
}

impl FilesArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match &self.action {
            Action::List { which, state, page } => {
                let request = Request::Files(which.page(page, state.as_deref()));
                match cli.ask(request) {
                    Ok(Response::Files(rows)) if page.json => show(&json::files(&rows), Exit::Done),
                    Ok(Response::Files(rows)) => {
                        show(&render::files_table(&rows, &Look::of_stdout()), Exit::Done)
                    }
                    Ok(other) => strange(&other),
                    Err(exit) => exit,
                }
            }
            Action::Show { id, json } => show_file(cli, *id, *json),
            Action::Retry {
                ids,
                which,
                state,
                how,
            } => {
                let filter = which.filter(ids, state.as_deref());
                change(cli, Change::RetryFiles(filter), Thing::File, how)
            }
            Action::Release { ids, which, how } => {
                let filter = which.filter(ids, None);
                change(cli, Change::Release(filter), Thing::File, how)
            }
            Action::Cancel {
                ids,
                which,
                why,
                how,
            } => {
                let filter = which.filter(ids, None);
                change(cli, Change::Cancel(filter, why.clone()), Thing::File, how)
            }
        }
    }
}

fn show_file(cli: &Cli, id: i64, as_json: bool) -> Exit {
    match cli.ask(Request::File(FileId(id))) {
        Ok(Response::File(Some(story))) if as_json => show(&json::file(&story), Exit::Done),
        Ok(Response::File(Some(story))) => {
            show(&render::file(&story, &Look::of_stdout()), Exit::Done)
        }
        Ok(Response::File(None)) => {
            complain(&format_args!("there is no file {id}"));
            Exit::Failed
        }
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}

/// Makes a change and shows what it did; nothing to do is a failure of what was asked for.
pub(super) fn change(cli: &Cli, change: Change, of: Thing, how: &How) -> Exit {
    let request = Request::Change {
        change,
        of,
        dry_run: how.dry_run,
    };
    match cli.ask(request) {
        Ok(Response::Changed(rows)) => {
            let exit = if rows.is_empty() {
                Exit::Failed
            } else {
                Exit::Done
            };
            if how.json {
                return show(&json::changes(&rows, how.dry_run), exit);
            }
            show(
                &render::changes(&rows, how.dry_run, &Look::of_stdout()),
                exit,
            )
        }
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}
