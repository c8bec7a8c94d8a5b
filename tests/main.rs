//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.
//!
//! `cfg(test)` on each tells the lints that helpers here may expect what they wrote themselves.

mod support;

// The built program: exit codes, help, output.
mod cli;
// What a configuration is told.
#[cfg(test)]
mod config;
// Real files of others, where ORDERDOCK_CORPUS names them.
mod corpus_sheet;
// What each format makes of good and bad bytes.
#[cfg(test)]
mod corpus_sheet;
#[cfg(test)]
mod sheets;
// Who may import whom.
mod layout;
// Senders and operators hear.
mod mail;
// A destination that speaks HTTP.
mod partner_http;
// A folder as a source.
mod source_local;
mod profiles;
// The built program from outside: exit codes, help, output.
#[cfg(test)]
mod cli;
