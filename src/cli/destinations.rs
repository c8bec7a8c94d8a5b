//! `orderdock destinations`.

use clap::{Args, Subcommand};

use super::ask::strange;
use super::{Cli, Exit, Look, complain, json, render, show};
use crate::control::{Arguments, Asked, Request, Response};

/// Ask partners for what is no order: stock, terminals, locks, how something stands there.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock destinations errands                  what can be asked, of whom
  orderdock destinations errands furniture
  orderdock destinations call furniture stock.read article=998 warehouse=nw
  orderdock destinations call furniture lines.lock order=FO1 warehouse=nw line=10000 line=20000
  orderdock destinations call star locations.search name=Duisburg type=ADMINISTRATIVE_TERMINAL
  orderdock destinations call star order.read id=0b52e366-2be7-4277-817f-70e1ba8b3917 --json
  orderdock destinations call parcels shipment.track code=CH00000000044
  orderdock destinations call air subscribe awb=000-12345675 email=me@acme.example

What changes something there is on record with who asked, and is asked once.")]
pub(super) struct DestinationsArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// What destinations can be asked.
    Errands {
        /// Only this destination.
        name: Option<String>,
        /// One JSON object a line.
        #[arg(long)]
        json: bool,
    },
    /// Ask one of them, once.
    Call {
        /// The destination's name.
        name: String,
        /// What for: `orderdock destinations errands NAME` tells.
        errand: String,
        /// What it has to be told; the same name again where there are several.
        #[arg(value_name = "NAME=VALUE", value_parser = pair)]
        told: Vec<(String, String)>,
        /// The partner's answer as one JSON object.
        #[arg(long)]
        json: bool,
    },
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl DestinationsArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match &self.what {
            What::Errands { name, json } => errands(cli, name.clone(), *json),
            What::Call {
                name,
                errand,
                told,
                json,
            } => {
                let mut arguments = Arguments::default();
                for (key, value) in told {
                    let values = arguments.0.entry(key.clone()).or_default();
                    values.push(value.clone());
                }
                let asked = Asked {
                    destination: name.clone(),
                    errand: errand.clone(),
                    told: arguments,
                };
                match cli.ask(Request::Errand(asked)) {
                    Ok(Response::Told(value)) if *json => show(&format!("{value}\n"), Exit::Done),
                    Ok(Response::Told(value)) => {
                        show(&render::told(&value, &Look::of_stdout()), Exit::Done)
                    }
                    Ok(other) => strange(&other),
                    Err(exit) => exit,
                }
            }
        }
    }
}

fn errands(cli: &Cli, destination: Option<String>, as_json: bool) -> Exit {
    match cli.ask(Request::Errands { destination }) {
        Ok(Response::Errands(rows)) if as_json => show(&json::plain(&rows), Exit::Done),
        Ok(Response::Errands(rows)) if rows.is_empty() => {
            complain(&"nothing can be asked there beside orders");
            Exit::Done
        }
        Ok(Response::Errands(rows)) => show(
            &render::errands_table(&rows, &Look::of_stdout()),
            Exit::Done,
        ),
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}
