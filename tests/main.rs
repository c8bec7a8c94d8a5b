//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

mod profiles;
