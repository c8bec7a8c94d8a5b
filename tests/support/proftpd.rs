//! A real ProFTPD on loopback, six servers in one: FTP (with explicit TLS for who wants it), FTPS that
//! demands session re-use, implicit FTPS, one that lists as Windows does, SFTP by mod_sftp, and SFTP
//! crippled as partners do it: no extensions, old algorithms, no renames, slow, few sessions.
//!
//! Accounts `alice` and `bob` are its own; passwords are the name and `-secret`. Each sees its own folder
//! with `in` and `out` in it. The certificate is its own authority, for localhost and 127.0.0.1.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::keys;
use super::postfix::certificate;
use super::world::{INSTALL, World, free_ports, hashed};

/// A running server.
pub(crate) struct Proftpd {
    world: World,
    /// FTP, plain or with AUTH TLS.
    pub(crate) ftp: u16,
    /// FTP only with AUTH TLS, and data only in the session of its control connection.
    pub(crate) reuse: u16,
    /// TLS from the first byte.
    pub(crate) implicit: u16,
    /// Lists as Windows does, has neither MLSD nor SIZE nor EPSV.
    pub(crate) dos: u16,
    /// SFTP.
    pub(crate) sftp: u16,
    /// SFTP of which much is missing.
    pub(crate) crippled: u16,
}

impl Proftpd {
    /// Starts one; returns when its ports are open.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// One with these lines for all of its servers.
    pub(crate) fn start_with(extra: &str) -> Self {
        let program = unpacked("proftpd");
        let [ftp, reuse, implicit, dos, sftp, crippled] = free_ports();
        let mut proftpd = Self {
            world: World::new("proftpd"),
            ftp,
            reuse,
            implicit,
            dos,
            sftp,
            crippled,
        };
        proftpd.accounts();
        certificate(&proftpd.world.path("etc/proftpd"));
        let config = proftpd.config(&program, extra);
        proftpd.world.write("etc/proftpd/proftpd.conf", &config);
        let binary = program.join("usr/sbin/proftpd");
        proftpd.world.run(
            "STARTUP",
            &[
                binary.to_str().unwrap(),
                "--nodaemon",
                "-c",
                "/etc/proftpd/proftpd.conf",
            ],
        );
        super::ftpd::wait_for(proftpd.crippled);
        proftpd
    }

    /// The folder `in` of an account.
    pub(crate) fn inbox(&self, user: &str) -> PathBuf {
        self.world.path(&format!("srv/{user}/in"))
    }

    /// The authority that signed its certificate.
    pub(crate) fn ca(&self) -> PathBuf {
        self.world.path("etc/proftpd/cert.pem")
    }

    /// The fingerprint of its host key of this kind; the crippled one has only `rsa`.
    pub(crate) fn fingerprint(&self, kind: &str) -> String {
        keys::fingerprint(&format!("host-{kind}"))
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        self.world.log()
    }

    fn accounts(&self) {
        let world = &self.world;
        for folder in ["etc/proftpd", "etc/proftpd/keys", "run/proftpd"] {
            world.folder(folder);
        }
        let mut users = String::new();
        for (number, name) in (61_001..).zip(["alice", "bob"]) {
            let hash = hashed(&format!("{name}-secret"));
            users += &format!("{name}:{hash}:{number}:61000::/srv/{name}:/bin/false\n");
            world.folder_of(&format!("srv/{name}"), number);
            world.folder_of(&format!("srv/{name}/in"), number);
            world.folder_of(&format!("srv/{name}/out"), number);
            let known = ["ed25519", "rsa", "ecdsa"].map(rfc4716);
            world.write(&format!("etc/proftpd/keys/{name}"), &known.concat());
        }
        let private = |path: PathBuf| {
            fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap();
        };
        private(world.write("etc/proftpd/users", &users));
        private(world.write("etc/proftpd/groups", "ftpv:x:61000:\n"));
        for kind in ["ed25519", "rsa", "ecdsa"] {
            let key = world.path(&format!("etc/proftpd/{kind}"));
            fs::copy(keys::key(&format!("host-{kind}")), &key).unwrap();
            fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    fn config(&self, program: &Path, extra: &str) -> String {
        const TLS: &str = "TLSEngine on
  TLSProtocol TLSv1.2 TLSv1.3
  TLSECCertificateFile /etc/proftpd/cert.pem
  TLSECCertificateKeyFile /etc/proftpd/key.pem
  TLSRenegotiate none
";
        const SFTP: &str = "SFTPEngine on
  SFTPAuthorizedUserKeys file:/etc/proftpd/keys/%u
  SFTPAuthMethods publickey password
  SFTPHostKey /etc/proftpd/rsa
";
        let Self {
            ftp,
            reuse,
            implicit,
            dos,
            sftp,
            crippled,
            ..
        } = self;
        let modules = program.join("usr/lib/proftpd");
        format!(
            r#"ModulePath {}
LoadModule mod_tls.c
LoadModule mod_sftp.c
LoadModule mod_site_misc.c
ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
UseIPv6 off
UseReverseDNS off
WtmpLog off
PidFile /run/proftpd/pid
ScoreboardFile /run/proftpd/score
DelayEngine off
SystemLog none
TransferLog none
User root
Group root
MaxInstances 200
Port {ftp}
<Global>
  AuthOrder mod_auth_file.c
  AuthUserFile /etc/proftpd/users
  AuthGroupFile /etc/proftpd/groups
  RequireValidShell off
  DefaultRoot ~
  AllowOverwrite on
  AllowStoreRestart on
  AllowRetrieveRestart on
  Umask 022
  UseSendfile off
  {extra}
</Global>
{TLS}
TLSRequired off
TLSOptions NoSessionReuseRequired
<VirtualHost 127.0.0.1>
  Port {reuse}
  {TLS}
  TLSRequired on
</VirtualHost>
<VirtualHost 127.0.0.1>
  Port {implicit}
  {TLS}
  TLSRequired on
  TLSOptions UseImplicitSSL NoSessionReuseRequired
</VirtualHost>
<VirtualHost 127.0.0.1>
  ServerIdent on "Microsoft FTP Service"
  Port {dos}
  ListStyle Windows
  FactsAdvertise off
  <Limit SIZE MDTM MLSD MLST EPSV EPRT>
    DenyAll
  </Limit>
</VirtualHost>
<VirtualHost 127.0.0.1>
  Port {sftp}
  {SFTP}
  SFTPHostKey /etc/proftpd/ecdsa
  SFTPHostKey /etc/proftpd/ed25519
  SFTPCompression off
  MaxLoginAttempts 6
</VirtualHost>
<VirtualHost 127.0.0.1>
  Port {crippled}
  {SFTP}
  SFTPExtensions -checkFile -copyFile -fsync -hardlink -homeDirectory -posixRename -spaceAvailable -statvfs -vendorID -versionSelect
  SFTPClientMatch ".*" sftpProtocolVersion 3 channelWindowSize 8KB channelPacketSize 2KB
  SFTPMaxChannels 1
  SFTPKeyExchanges diffie-hellman-group14-sha1
  SFTPCiphers aes256-ctr
  SFTPDigests hmac-sha1
  HiddenStores on
  MaxClientsPerUser 2
  MaxLoginAttempts 1
  TimeoutIdle 20
  <Limit SITE_CHMOD MFMT RNTO RMD>
    DenyAll
  </Limit>
</VirtualHost>
"#,
            modules.display(),
        )
    }
}

/// Where a server was unpacked that cannot be installed beside others.
pub(crate) fn unpacked(name: &str) -> PathBuf {
    let place = std::env::var_os("ORDERDOCK_TEST_SERVERS");
    let place = place.map_or_else(
        || PathBuf::from("/var/cache/orderdock-tests"),
        PathBuf::from,
    );
    let folder = place.join(name);
    assert!(folder.join(".whole").exists(), "{name} {INSTALL}");
    folder
}

/// The public key in the form that mod_sftp reads.
fn rfc4716(name: &str) -> String {
    let public = keys::public(name);
    let body = public.split(' ').nth(1).unwrap();
    let lines: Vec<String> = body
        .as_bytes()
        .chunks(70)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "---- BEGIN SSH2 PUBLIC KEY ----\n{}\n---- END SSH2 PUBLIC KEY ----\n",
        lines.join("\n")
    )
}
