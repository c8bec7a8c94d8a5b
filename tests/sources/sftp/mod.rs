//! SFTP against OpenSSH and ProFTPD's mod_sftp.

mod kept;

use super::contract;
use super::local::Folder;
