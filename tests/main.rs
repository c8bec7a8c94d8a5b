//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

mod support;

/// A sender or operator hears what happened, once, and never a machine.
mod mail;
