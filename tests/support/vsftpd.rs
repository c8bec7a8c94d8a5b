//! A real vsftpd on loopback. Its one account is the anonymous one, who may write here: that needs
//! neither PAM nor a password.

use std::path::PathBuf;

use super::ftpd;
use super::proftpd::unpacked;
use super::world::{World, free_ports};

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
    world: World,
    pub(crate) port: u16,
}

impl Vsftpd {
    /// Starts one. `more` is appended to its configuration.
    pub(crate) fn start(tls: Tls, more: &str) -> Self {
        let program = unpacked("vsftpd").join("usr/sbin/vsftpd");
        let [port] = free_ports();
        let mut world = ftpd::world("vsftpd");
        let config = format!(
            "listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n\
             anonymous_enable=YES\nlocal_enable=NO\nno_anon_password=NO\nftp_username=daemon\n\
             anon_root=/srv/edi\nwrite_enable=YES\nanon_upload_enable=YES\n\
             anon_mkdir_write_enable=YES\nanon_other_write_enable=YES\n\
             anon_world_readable_only=NO\nanon_umask=022\nsecure_chroot_dir=/run/ftpd\n\
             use_localtime=NO\nseccomp_sandbox=NO\n{}{more}",
            Self::tls(tls),
        );
        world.write("etc/ftpd/vsftpd.conf", &config);
        let command = [program.to_str().unwrap(), "/etc/ftpd/vsftpd.conf"];
        ftpd::run(&mut world, port, &command);
        Self { world, port }
    }

    fn tls(tls: Tls) -> String {
        let on = "ssl_enable=YES\nrsa_cert_file=/etc/ftpd/both.pem\n\
                  rsa_private_key_file=/etc/ftpd/both.pem\nssl_ciphers=HIGH:!aNULL\n\
                  allow_anon_ssl=YES\nforce_anon_logins_ssl=YES\nforce_anon_data_ssl=YES\n\
                  require_ssl_reuse=YES\n";
        match tls {
            Tls::None => String::new(),
            Tls::Explicit => on.to_owned(),
            Tls::Implicit => format!("{on}implicit_ssl=YES\n"),
        }
    }

    /// The folder `in` of its account.
    pub(crate) fn inbox(&self) -> PathBuf {
        self.world.path("srv/edi/in")
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.world.path("etc/ftpd/cert.pem")
    }
}
