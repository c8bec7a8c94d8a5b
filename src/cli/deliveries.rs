//! `orderdock deliveries`.

use clap::{Args, Subcommand};

use super::ask::strange;
use super::filter::{Page, Which, delivery_state};
use super::orders::Changing;
use super::{Cli, Exit, Look, complain, json, render, show};
use crate::control::{Request, Response, Thing};
use crate::ledger::Filter;

/// Look up deliveries, send them again, release or cancel them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock deliveries list --state parked
  orderdock deliveries show 12                    with every attempt and what was answered
  orderdock deliveries retry --destination erp --state parked
  orderdock deliveries cancel 12 --why \"the customer withdrew\"")]
pub(super) struct DeliveriesArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Deliveries, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Only those that are held, due, attempting, delivered, repeat, refused, cancelled or parked.
        #[arg(long, value_parser = delivery_state, help_heading = "Which")]
        state: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// One delivery with every attempt.
    Show {
        /// Its number.
        id: i64,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Send refused and parked deliveries again.
    Retry(Changing),
    /// Let held and parked deliveries go.
    Release(Changing),
    /// Take back what has not been sent.
    Cancel {
        #[command(flatten)]
        changing: Changing,
        /// Why; it is kept with the delivery.
        #[arg(long)]
        why: String,
    },
}

impl DeliveriesArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match &self.action {
            Action::List { which, state, page } => {
                let request = Request::Deliveries(which.page(page, state.as_deref()));
                match cli.ask(request) {
                    Ok(Response::Deliveries(rows)) if page.json => {
                        show(&json::deliveries(&rows), Exit::Done)
                    }
                    Ok(Response::Deliveries(rows)) => show(
                        &render::deliveries_table(&rows, &Look::of_stdout()),
                        Exit::Done,
                    ),
                    Ok(other) => strange(&other),
                    Err(exit) => exit,
                }
            }
            Action::Show { id, json } => show_delivery(cli, *id, *json),
            Action::Retry(changing) => changing.retry(cli, Thing::Delivery),
            Action::Release(changing) => changing.release(cli, Thing::Delivery),
            Action::Cancel { changing, why } => changing.cancel(cli, Thing::Delivery, why),
        }
    }
}

/// A delivery's attempts are told with its order.
fn show_delivery(cli: &Cli, id: i64, as_json: bool) -> Exit {
    let one = Filter {
        ids: vec![id],
        ..Filter::default()
    };
    let order = match cli.ask(Request::Deliveries(one)) {
        Ok(Response::Deliveries(rows)) => rows.first().map(|row| row.order),
        Ok(other) => return strange(&other),
        Err(exit) => return exit,
    };
    let story = match order.map(|order| cli.ask(Request::Order(order))) {
        Some(Ok(Response::Order(story))) => story,
        Some(Ok(other)) => return strange(&other),
        Some(Err(exit)) => return exit,
        None => None,
    };
    let found =
        story.and_then(|story| story.deliveries.into_iter().find(|(row, _)| row.id.0 == id));
    match found {
        Some((row, attempts)) if as_json => show(&json::delivery(&row, &attempts), Exit::Done),
        Some((row, attempts)) => show(
            &render::delivery(&row, &attempts, &Look::of_stdout()),
            Exit::Done,
        ),
        None => {
            complain(&format_args!("there is no delivery {id}"));
            Exit::Failed
        }
    }
}
