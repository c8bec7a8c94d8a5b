//! A private vsftpd on loopback. Its one user is the anonymous one, who may write here: that needs
//! neither PAM nor an account of the machine.

use std::fs;
use std::path::PathBuf;

use super::ftpd::{House, Process, free_port, unpacked};

/// How it wants to be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    None,
    /// Demanded, and data connections must resume the session.
    Explicit,
    /// From the first byte.
    Implicit,
}

/// A running server.
pub(crate) struct Vsftpd {
    house: House,
    pub(crate) port: u16,
    _process: Process,
}

impl Vsftpd {
    /// Starts one. `more` is appended to its configuration.
    pub(crate) fn start(tls: Tls, more: &str) -> Self {
        let house = House::new("vsftpd");
        let program = unpacked("vsftpd/usr/sbin/vsftpd");
        let port = free_port();
        fs::create_dir(house.path("empty")).unwrap();
        let at = |name: &str| house.path(name).display().to_string();
        let config = format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n\
             anonymous_enable=YES\nlocal_enable=NO\nno_anon_password=NO\nftp_username=daemon\n\
             anon_root={home}\nallow_writeable_chroot=YES\nwrite_enable=YES\n\
             anon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\n\
             anon_world_readable_only=NO\nanon_umask=022\nsecure_chroot_dir={empty}\n\
             use_localtime=NO\nseccomp_sandbox=NO\nxferlog_enable=YES\nlog_ftp_protocol=YES\n\
             vsftpd_log_file={log}\n{tls}{more}",
            home = at("home"),
            empty = at("empty"),
            log = at("log"),
            tls = Self::tls(tls, &house),
        );
        let path = house.path("vsftpd.conf");
        fs::write(&path, config).unwrap();
        let arguments = [path.to_str().unwrap()];
        let process = Process::start(&program, &arguments, &house.path("output"), port);
        Self {
            house,
            port,
            _process: process,
        }
    }

    fn tls(tls: Tls, house: &House) -> String {
        let both = house.path("both.pem");
        let both = both.display();
        let on = format!(
            "ssl_enable=YES\nrsa_cert_file={both}\nrsa_private_key_file={both}\n\
             ssl_ciphers=HIGH:!aNULL\nallow_anon_ssl=YES\nforce_anon_logins_ssl=YES\n\
             force_anon_data_ssl=YES\n"
        );
        match tls {
            Tls::None => String::new(),
            Tls::Explicit => format!("{on}require_ssl_reuse=YES\n"),
            Tls::Implicit => format!("{on}implicit_ssl=YES\nrequire_ssl_reuse=YES\n"),
        }
    }

    /// A path in the folder of its user.
    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.house.path("home").join(below)
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.house.path("cert.pem")
    }

    /// What it wrote about the commands it was given.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.house.path("log")).unwrap_or_default()
    }
}
