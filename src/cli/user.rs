//! `orderdock user`: who may log in to the console.

use std::io::{BufRead, IsTerminal, Write};

use clap::{Args, Subcommand, ValueEnum};

use super::ask::strange;
use super::table::{Cell, Column, Table};
use super::{Cli, Exit, Look, complain, json, show};
use crate::control::{Request, Response};
use crate::ledger::people::{NAMES, Role, User, is_name};
use crate::limits;
use crate::web::hash_password;

/// People who may log in to the console.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock user add maria --role admin
  pass show orderdock/jan | orderdock user add jan --role viewer
  orderdock user list
  orderdock user remove jan

A viewer looks at everything; a coordinator also retries, releases, cancels, edits and uploads; an
admin also looks after people, keys and profiles. `add` for somebody who exists gives them a new
password and role and ends their sessions.")]
pub(super) struct UserArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Let somebody log in; asks for the password, or reads it from standard input.
    Add {
        /// The name to log in with.
        name: String,
        /// What they may do.
        #[arg(long, value_enum, default_value = "viewer")]
        role: Word,
    },
    /// Let somebody no longer log in.
    Remove {
        /// Their name.
        name: String,
    },
    /// Everybody who may log in.
    List {
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Word {
    Viewer,
    Coordinator,
    Admin,
}

impl From<Word> for Role {
    fn from(word: Word) -> Self {
        match word {
            Word::Viewer => Self::Viewer,
            Word::Coordinator => Self::Coordinator,
            Word::Admin => Self::Admin,
        }
    }
}

impl UserArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        let request = match &self.what {
            What::Add { name, role } => match add(name, (*role).into()) {
                Ok(request) => request,
                Err(why) => {
                    complain(&why);
                    return Exit::Usage;
                }
            },
            What::Remove { name } => Request::RemoveUser { name: name.clone() },
            What::List { .. } => Request::Users,
        };
        match cli.ask(request) {
            Ok(Response::Done(done)) => show(&format!("{done}\n"), Exit::Done),
            Ok(Response::Users(users)) => {
                let json = matches!(self.what, What::List { json: true });
                show(&listed(&users, json), Exit::Done)
            }
            Ok(other) => strange(&other),
            Err(exit) => exit,
        }
    }
}

fn add(name: &str, role: Role) -> Result<Request, String> {
    if !is_name(name) {
        return Err(NAMES.to_owned());
    }
    let password = password(name)?;
    if password.chars().count() < limits::PASSWORD_LETTERS {
        return Err(format!(
            "the password must have at least {} letters",
            limits::PASSWORD_LETTERS
        ));
    }
    let password = hash_password(&password).map_err(|failure| failure.to_string())?;
    Ok(Request::PutUser {
        name: name.to_lowercase(),
        role,
        password,
    })
}

/// Typed twice at a terminal, else the first line of standard input.
fn password(name: &str) -> Result<String, String> {
    if !std::io::stdin().is_terminal() {
        return line();
    }
    let first = typed(&format!("Password for {name}: "))?;
    if typed("The same again: ")? == first {
        Ok(first)
    } else {
        Err("the two passwords differ; nothing was changed".to_owned())
    }
}

/// One line that the terminal does not show.
fn typed(prompt: &str) -> Result<String, String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = std::io::stdin();
    let said = |error: rustix::io::Errno| format!("the terminal cannot be set: {error}");
    let before = tcgetattr(&stdin).map_err(said)?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &silent).map_err(said)?;
    let mut terminal = std::io::stderr();
    let asked = write!(terminal, "{prompt}").and_then(|()| terminal.flush());
    let read = line();
    tcsetattr(&stdin, OptionalActions::Flush, &before).map_err(said)?;
    writeln!(terminal)
        .and(asked)
        .map_err(|error| error.to_string())?;
    read
}

fn line() -> Result<String, String> {
    let mut line = String::new();
    let mut stdin = std::io::stdin().lock();
    let read = std::io::Read::take(&mut stdin, limits::SECRET_BYTES).read_line(&mut line);
    read.map_err(|error| format!("the password cannot be read: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn listed(users: &[User], as_json: bool) -> String {
    if as_json {
        return json::plain(users);
    }
    if users.is_empty() {
        return "Nobody can log in yet: orderdock user add NAME --role admin\n".to_owned();
    }
    let look = Look::of_stdout();
    let mut table = Table::new(&[
        ("NAME", Column::Left),
        ("ROLE", Column::Left),
        ("LAST LOG-IN", Column::Left),
    ]);
    for user in users {
        table.row(vec![
            Cell::from(&user.name),
            Cell::from(user.role.as_str()),
            Cell::from(
                user.seen
                    .map_or_else(|| "never".to_owned(), |at| look.age(at)),
            ),
        ]);
    }
    table.render(&look)
}
