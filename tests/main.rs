//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

mod support;

mod partner_http;
mod source_local;
