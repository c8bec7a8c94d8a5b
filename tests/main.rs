//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

/// Files of other people, where a folder with them is named: what is read against what others read.
mod corpus_csv;
/// The same for XML.
mod corpus_xml;
/// Every fixture of the text formats: the bytes beside what they are read as.
mod formats;
/// Files become the orders that stand beside them, or the problems.
mod profiles;
