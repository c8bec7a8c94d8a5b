//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

// What a configuration is told.
mod config;
// The built program from outside: exit codes, help, output.
mod cli;
#[cfg(test)]
mod support;

#[cfg(test)]
mod partner_http;
#[cfg(test)]
mod source_local;
mod corpus_sheet;
mod sheets;
