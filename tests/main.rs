//! The promises, one module each, spoken from outside: files, sockets, mails, exit codes.

#[cfg(test)]
mod support;

#[cfg(test)]
mod partner_http;
#[cfg(test)]
mod source_local;
