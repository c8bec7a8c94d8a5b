//! `orderdock key`: with what programs ask the API.

use clap::{Args, Subcommand};

use super::ask::strange;
use super::table::{Cell, Column, Table};
use super::user::Word;
use super::{Cli, Exit, Look, complain, json, show};
use crate::control::{Request, Response};
use crate::ledger::people::{Key, NAMES, NewKey, is_name};
use crate::web::{hashed, new_key};

/// Keys with which programs ask the API.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock key add erp --role coordinator
  orderdock key add acme-portal --role coordinator --sender acme
  orderdock key list
  orderdock key remove erp

The key is shown once: orderdock itself keeps only its hash. With --sender it sees and sends that
sender's files and orders only.")]
pub(super) struct KeyArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a key and show it.
    Add {
        /// How people speak of it.
        name: String,
        /// What it may do.
        #[arg(long, value_enum, default_value = "viewer")]
        role: Word,
        /// The only sender it is for.
        #[arg(long, value_name = "NAME")]
        sender: Option<String>,
    },
    /// Take a key away.
    Remove {
        /// Its name.
        name: String,
    },
    /// All keys.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

impl KeyArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match &self.what {
            What::Add { name, role, sender } => add(cli, name, *role, sender.clone()),
            What::Remove { name } => answer(cli, Request::RemoveKey { name: name.clone() }, false),
            What::List { json } => answer(cli, Request::Keys, *json),
        }
    }
}

fn answer(cli: &Cli, request: Request, json: bool) -> Exit {
    match cli.ask(request) {
        Ok(Response::Done(done)) => show(&format!("{done}\n"), Exit::Done),
        Ok(Response::Keys(keys)) => show(&listed(&keys, json), Exit::Done),
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}

fn add(cli: &Cli, name: &str, role: Word, sender: Option<String>) -> Exit {
    if !is_name(name) {
        complain(&NAMES);
        return Exit::Usage;
    }
    let secret = match new_key() {
        Ok(secret) => secret,
        Err(failure) => {
            complain(&failure);
            return Exit::Ours;
        }
    };
    let key = NewKey {
        name: name.to_lowercase(),
        role: role.into(),
        sender,
        hash: hashed(&secret),
    };
    match cli.ask(Request::PutKey(key)) {
        Ok(Response::Done(done)) => {
            complain(&format!("{done}. It is not shown again:"));
            show(&format!("{secret}\n"), Exit::Done)
        }
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}

fn listed(keys: &[Key], as_json: bool) -> String {
    if as_json {
        return json::plain(keys);
    }
    if keys.is_empty() {
        return "There are no keys yet: orderdock key add NAME --role coordinator\n".to_owned();
    }
    let look = Look::of_stdout();
    let mut table = Table::new(&[
        ("NAME", Column::Left),
        ("ROLE", Column::Left),
        ("SENDER", Column::Left),
        ("LAST USE", Column::Left),
    ]);
    for key in keys {
        table.row(vec![
            Cell::from(&key.name),
            Cell::from(key.role.as_str()),
            Cell::from(key.sender.as_deref().unwrap_or("all")),
            Cell::from(
                key.seen
                    .map_or_else(|| "never".to_owned(), |at| look.age(at)),
            ),
        ]);
    }
    table.render(&look)
}
