//! # orderdock
//!
//! A file arrives; it becomes orders; the orders reach the partners; the file moves; if it was
//! wrong, its sender hears why. **Nothing is lost, nothing is sent twice, and no file is ever in a
//! place that nobody can explain.**
//!
//! ```text
//!  watch                    intake                                  deliver                 settle
//!  list ▸ stable ▸ claim ─▶ fetch ▸ unpack ▸ parse ▸ stage ▸ due ─▶ attempt ▸ outcome ─▶ verdict ▸ done/ or error/
//!    ▲                                │ problems              ▲    │ later: back-off   └▸ report ▸ mail, sidecar
//!    └── hint (inotify) or poll       └───────────────────────┴────┘ verdict = error ───────┘
//! ```
//!
//! Four loops. Each asks the ledger "what is due?", takes a bounded batch and is woken by a hint, so
//! that a crash anywhere is the same thing as a slow step.
//!
//! # The map, in reading order
//!
//! *Vocabulary*, plain data and pure functions: [`order`] (the canonical order), [`arrival`] (the
//! life of an arrival), [`revision`] (new, repeat, update or conflict), [`problem`] (the sender's
//! turn), [`failure`] (the operator's or ours), [`letter`] (what a mail's headers say), [`tracking`]
//! (what is told of an order), [`limits`], [`backoff`], [`clock`], [`names`], [`expression`];
//! [`measure`] counts for `/metrics`.
//!
//! *Ports and their adapters*, a folder a family: [`sources`], [`containers`], [`formats`],
//! [`profiles`], [`jail`], [`partners`], [`mail`], [`callbacks`], [`ledger`]; and what adapters of
//! several families use: [`token`], [`clients`] (accounts on file servers), [`writers`] (orders and
//! answers as files). [`openid`] is people's sign-in at a provider of their own.
//!
//! *Flow*, which knows ports and never adapters: [`flow`].
//!
//! *Shell*, the only place that names adapters: [`config`], [`secret`], [`logging`], [`control`],
//! [`daemon`], [`demo`], [`sandbox`], [`web`], [`cli`].
//!
//! # Invariants
//!
//! - Flow never names an adapter; an adapter never names another.
//! - Nothing but [`ledger`] is durable; nothing but [`clock`] reads the time.
//! - Bytes that came through a source are never parsed in the daemon's own process: containers,
//!   formats and profiles run in the children of [`jail`].
//! - A name from outside never reaches the file system unless it went through [`names`].
//! - Every external effect has a ledger row before it, and the source is touched last.
//!
//! `tests/layout.rs` keeps the import table.

pub mod arrival;
pub mod backoff;
pub mod clock;
pub mod expression;
pub mod failure;
pub mod letter;
pub mod limits;
pub mod measure;
pub mod names;
pub mod order;
pub mod problem;
pub mod revision;
pub mod tracking;

pub mod callbacks;
pub mod clients;
pub mod containers;
pub mod formats;
pub mod jail;
pub mod ledger;
pub mod mail;
pub mod openid;
pub mod partners;
pub mod profiles;
pub mod sources;
pub mod token;
pub mod writers;

pub mod flow;

pub mod cli;
pub mod config;
pub mod control;
pub mod daemon;
pub mod demo;
pub mod logging;
pub mod sandbox;
pub mod secret;
pub mod web;
