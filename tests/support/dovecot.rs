//! A private Dovecot on loopback: IMAP, IMAPS and LMTP, passwords and access tokens.

use std::fs;
use std::os::unix::fs::chown;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{KeyInit as _, Mac as _};

use super::imapd::{Mailboxes, PASSWORD, USER, World, free_port};

/// Whose mailboxes they are; no account of the machine.
const OWNER: u32 = 64_000;

/// What signs the tokens it takes.
const TOKEN_KEY: &[u8] = b"token-signing-key-of-this-test-0123456789";

/// A running server.
pub(crate) struct Dovecot {
    world: World,
    port: u16,
    tls_port: u16,
    lmtp_port: u16,
}

impl Dovecot {
    /// Starts one that can do all.
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// Starts one that has neither IDLE nor MOVE nor UIDPLUS.
    pub(crate) fn old() -> Self {
        Self::with("protocol imap {\n  imap_capability = IMAP4rev1 LITERAL+ SASL-IR\n}\n")
    }

    /// Starts one with a longer configuration.
    pub(crate) fn with(more: &str) -> Self {
        let mut world = World::new("dovecot");
        let [port, tls_port, lmtp_port] = [(); 3].map(|()| free_port());
        for folder in ["mail", "base", "keys/default/HS256"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        chown(world.path("mail"), Some(OWNER), Some(OWNER)).unwrap();
        fs::write(
            world.path("keys/default/HS256/default"),
            STANDARD.encode(TOKEN_KEY),
        )
        .unwrap();
        let at = |name: &str| world.path(name).display().to_string();
        let users: String = [USER, "ben@mail.test", "claims@mail.test"]
            .map(|user| {
                format!(
                    "{user}:{{PLAIN}}{PASSWORD}:{OWNER}:{OWNER}::{}/{user}::\n",
                    at("mail")
                )
            })
            .concat();
        fs::write(world.path("users"), users).unwrap();
        let tokens = format!(
            "introspection_mode = local\nlocal_validation_key_dict = fs:posix:prefix={}/\n\
             username_attribute = email\n",
            at("keys")
        );
        fs::write(world.path("tokens.conf"), tokens).unwrap();
        fs::write(
            world.path("dovecot.conf"),
            format!(
                "base_dir = {run}\nstate_dir = {run}/state\nlog_path = {log}\nprotocols = imap lmtp
listen = 127.0.0.1
default_internal_user = daemon
default_internal_group = daemon
default_login_user = nobody
ssl = yes
ssl_cert = <{cert}\nssl_key = <{key}
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
auth_username_format = %Lu
mail_location = maildir:~/Maildir
first_valid_uid = 1000
mail_max_userip_connections = 400
recipient_delimiter = +
postmaster_address = postmaster@mail.test
hostname = mail.test
passdb {{\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = {tokens}\n}}
passdb {{\n  driver = passwd-file\n  args = username_format=%u {users}\n}}
userdb {{\n  driver = passwd-file\n  args = username_format=%u {users}\n}}
namespace inbox {{\n  inbox = yes\n  separator = /\n}}
service imap-login {{
  inet_listener imap {{\n    port = {port}\n  }}
  inet_listener imaps {{\n    port = {tls_port}\n    ssl = yes\n  }}
  service_count = 0\n  process_min_avail = 1\n  client_limit = 1000\n}}
service imap {{\n  client_limit = 1\n  process_limit = 1000\n}}
service lmtp {{\n  inet_listener lmtp {{\n    address = 127.0.0.1\n    port = {lmtp_port}\n  }}\n}}
service anvil {{\n  client_limit = 3000\n}}
service auth {{\n  client_limit = 3000\n}}
service stats {{\n  client_limit = 3000\n}}
{more}",
                run = at("base"),
                log = at("log"),
                cert = at("cert.pem"),
                key = at("key.pem"),
                tokens = at("tokens.conf"),
                users = at("users"),
            ),
        )
        .unwrap();
        let script = format!("exec dovecot -F -c {}", at("dovecot.conf"));
        world.start(&script, &[port, tls_port, lmtp_port]);
        Self {
            world,
            port,
            tls_port,
            lmtp_port,
        }
    }

    /// Where a mail exchanger hands mails over (LMTP).
    pub(crate) fn lmtp_port(&self) -> u16 {
        self.lmtp_port
    }

    /// Hands it a mail as a mail exchanger does.
    pub(crate) fn deliver(&self, recipient: &str, mail: &[u8]) {
        super::imapd::deliver(self.lmtp_port, recipient, mail);
    }

    /// A token for this user that ends at `expires` (seconds since 1970).
    pub(crate) fn token(user: &str, expires: u64) -> String {
        let encode = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let head = encode(r#"{"alg":"HS256","typ":"JWT"}"#);
        let claims = encode(&format!(
            r#"{{"sub":"{user}","email":"{user}","iat":1700000000,"nbf":1700000000,"exp":{expires}}}"#
        ));
        let signed = format!("{head}.{claims}");
        let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(TOKEN_KEY).unwrap();
        mac.update(signed.as_bytes());
        format!(
            "{signed}.{}",
            URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
        )
    }

    /// Runs its administration tool.
    pub(crate) fn admin(&self, command: &str) {
        let config = self.world.path("dovecot.conf");
        let ran = self
            .world
            .run(&format!("doveadm -c {} {command}", config.display()));
        assert!(
            ran.status.success(),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
    }
}

impl Mailboxes for Dovecot {
    fn port(&self) -> u16 {
        self.port
    }

    fn tls_port(&self) -> u16 {
        self.tls_port
    }

    fn separator(&self) -> char {
        '/'
    }

    fn ca(&self) -> PathBuf {
        self.world.path("cert.pem")
    }
}
