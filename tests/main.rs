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
mod support;

/// Files of other people, where a folder with them is named: what is read against what others read.
mod corpus_csv;
mod corpus_sheet;
/// The same for XML.
mod corpus_xml;
/// A file that was refused goes back ready to fix, and is read again when it returns.
mod correction;
/// Every fixture of the text formats: the bytes beside what they are read as.
mod formats;
/// A sender or operator hears what happened, once, and never a machine.
mod mail;
mod sheets;
