//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.
//!
//! `cfg(test)` on each tells the lints that helpers here may expect what they wrote themselves.

#[cfg(test)]
mod corpus_sheet;
#[cfg(test)]
mod sheets;
