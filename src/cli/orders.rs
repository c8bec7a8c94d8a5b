//! `orderdock orders`.

use clap::{Args, Subcommand};

use super::ask::strange;
use super::files::change;
use super::filter::{How, Page, Which, delivery_state};
use super::{Cli, Exit, Look, complain, json, render, show};
use crate::arrival::OrderId;
use crate::control::{Request, Response, Thing};
use crate::ledger::Change;

/// Look up orders, send them again, release or cancel them.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  orderdock orders list --reference PO-1001
  orderdock orders list --text \"schmidt 20095\"      by any word in it
  orderdock orders show 99                          the order, its deliveries, every attempt
  orderdock orders retry --destination erp --state refused --since 1h
  orderdock orders release --source mailbox")]
pub(super) struct OrdersArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Orders, newest first.
    List {
        #[command(flatten)]
        which: Which,
        /// Only with a delivery that is held, due, delivered, repeat, refused, cancelled or parked.
        #[arg(long, value_parser = delivery_state, help_heading = "Which")]
        state: Option<String>,
        #[command(flatten)]
        page: Page,
    },
    /// One order with its deliveries and every attempt.
    Show {
        /// Its number.
        id: i64,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Send refused and parked deliveries again.
    Retry(Changing),
    /// Let held and parked orders go.
    Release(Changing),
    /// Take back what has not been sent.
    Cancel {
        #[command(flatten)]
        changing: Changing,
        /// Why; it is kept with the order.
        #[arg(long)]
        why: String,
    },
}

/// What orders and deliveries have in common when they are changed.
#[derive(Debug, Args)]
pub(super) struct Changing {
    /// Numbers; or name conditions.
    ids: Vec<i64>,
    #[command(flatten)]
    which: Which,
    /// Only deliveries that are held, refused, parked or due.
    #[arg(long, value_parser = delivery_state, help_heading = "Which")]
    state: Option<String>,
    #[command(flatten)]
    how: How,
}

impl Changing {
    pub(super) fn retry(&self, cli: &Cli, of: Thing) -> Exit {
        change(cli, Change::RetryDeliveries(self.filter()), of, &self.how)
    }

    pub(super) fn release(&self, cli: &Cli, of: Thing) -> Exit {
        change(cli, Change::Release(self.filter()), of, &self.how)
    }

    pub(super) fn cancel(&self, cli: &Cli, of: Thing, why: &str) -> Exit {
        let cancel = Change::Cancel(self.filter(), why.to_owned());
        change(cli, cancel, of, &self.how)
    }

    fn filter(&self) -> crate::ledger::Filter {
        self.which.filter(&self.ids, self.state.as_deref())
    }
}

impl OrdersArgs {
    pub(super) fn run(&self, cli: &Cli) -> Exit {
        match &self.action {
            Action::List { which, state, page } => {
                let request = Request::Orders(which.page(page, state.as_deref()));
                match cli.ask(request) {
                    Ok(Response::Orders(rows)) if page.json => {
                        show(&json::orders(&rows), Exit::Done)
                    }
                    Ok(Response::Orders(rows)) => {
                        show(&render::orders_table(&rows, &Look::of_stdout()), Exit::Done)
                    }
                    Ok(other) => strange(&other),
                    Err(exit) => exit,
                }
            }
            Action::Show { id, json } => show_order(cli, *id, *json),
            Action::Retry(changing) => changing.retry(cli, Thing::Order),
            Action::Release(changing) => changing.release(cli, Thing::Order),
            Action::Cancel { changing, why } => changing.cancel(cli, Thing::Order, why),
        }
    }
}

fn show_order(cli: &Cli, id: i64, as_json: bool) -> Exit {
    match cli.ask(Request::Order(OrderId(id))) {
        Ok(Response::Order(Some(story))) if as_json => show(&json::order(&story), Exit::Done),
        Ok(Response::Order(Some(story))) => {
            show(&render::order(&story, &Look::of_stdout()), Exit::Done)
        }
        Ok(Response::Order(None)) => {
            complain(&format_args!("there is no order {id}"));
            Exit::Failed
        }
        Ok(other) => strange(&other),
        Err(exit) => exit,
    }
}
