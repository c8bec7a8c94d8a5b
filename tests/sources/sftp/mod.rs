//! SFTP against OpenSSH and ProFTPD's mod_sftp.

mod house;
mod kept;
mod logins;
mod quirks;

use super::contract;
use super::local::Folder;
