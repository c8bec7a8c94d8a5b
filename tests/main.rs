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
/// Files of other people, where a folder with them is named: what is read against what others read.
mod corpus_csv;
/// The same for XML.
mod corpus_xml;
/// Every fixture of the text formats: the bytes beside what they are read as.
mod formats;
/// Files become the orders that stand beside them, or the problems.
mod profiles;
// The built program from outside: exit codes, help, output.
#[cfg(test)]
mod cli;
