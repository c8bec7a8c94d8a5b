//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]

/// Files of other people, where a folder with them is named: what is read against what others read.
mod corpus_csv;
/// The same for XML.
mod corpus_xml;
/// Every fixture of the text formats: the bytes beside what they are read as.
mod formats;
