//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.
//!
//! `cfg(test)` tells the lints that helpers here may expect what they wrote themselves.
#![cfg(test)]
#![expect(
    clippy::pedantic,
    clippy::disallowed_methods,
    reason = "tests stand outside: they look at the real clock and disk, and read as sentences"
)]

mod support;

// The built program: exit codes, help, output.
mod cli;
// What a configuration is told.
mod config;
// Real files of others, where ORDERDOCK_CORPUS names them.
mod corpus;
mod corpus_csv;
mod corpus_edi;
mod corpus_run;
mod corpus_sheet;
mod corpus_xml;
// Killed at every sync, rename and send.
mod crash;
// Tables that go back to be fixed.
mod correction;
// What each format makes of good and bad bytes.
mod formats;
// Whole files on their whole way, with the built program.
mod flow;
mod sheets;
// What is made to hurt.
mod bad_inputs;
mod hostile;
mod jail;
mod secrets;
// Who may import whom.
mod layout;
// The tour.
mod demo;
// Layouts as partners send them.
mod layouts;
// A mailbox as a source.
mod imap;
// Senders and operators hear.
mod mail;
// Mails come in: files out of them, answers back.
mod mailbox;
// Messages and blocks become orders.
mod messages;
// A destination that speaks HTTP.
mod partner_http;
// Files become the orders that stand beside them, or the problems.
mod profiles;
// Partner systems, played by their sandboxes: files on their whole way there.
mod partners;
// What the page on profiles promises.
mod profile_docs;
// A folder as a source.
mod source_local;
// Every kind of source, against real servers.
mod sources;
// What is told of orders, and who hears of it.
mod tracking;
// Browsers and programs.
mod web;
// The watched folder in the running house: hints, absences, neighbours.
mod watching;
// The stand-ins for partners, by requests written from the partners' documents.
mod sandbox;
