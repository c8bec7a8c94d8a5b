//! What every kind of source promises, and what each kind meets besides.

mod contract;
mod faults;

// One file a kind: where it is, and that it keeps the contract.
mod ftp;
mod imap;
mod local;
mod sftp;
