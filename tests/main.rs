//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

// What a configuration is told.
#[cfg(test)]
mod config;
// The built program from outside: exit codes, help, output.
#[cfg(test)]
mod cli;
