//! A private Courier-IMAP on loopback: the old-fashioned one. Mailboxes below `INBOX.`, no MOVE, no
//! LITERAL+, IDLE by looking.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::PathBuf;

use super::imapd::{Mailboxes, PASSWORD, USER, World, free_port};

const OWNER: u32 = 64_000;
const COURIER: u32 = 64_001;

/// A running server.
pub(crate) struct Courier {
    world: World,
    port: u16,
    tls_port: u16,
}

impl Courier {
    pub(crate) fn start() -> Self {
        let mut world = World::new("courier");
        let [port, tls_port] = [(); 2].map(|()| free_port());
        world.accounts(&[("vmail", OWNER), ("courier", COURIER)]);
        for folder in ["run/courier/authdaemon", "etc/courier/shared", "mail"] {
            fs::create_dir_all(world.path(folder)).unwrap();
        }
        let maildir = world.path("mail/Maildir");
        for part in ["cur", "new", "tmp"] {
            fs::create_dir_all(maildir.join(part)).unwrap();
            chown(maildir.join(part), Some(OWNER), Some(OWNER)).unwrap();
        }
        for folder in [world.path("mail"), maildir.clone()] {
            chown(folder, Some(OWNER), Some(OWNER)).unwrap();
        }
        let user = format!(
            "{USER}\tuid={OWNER}|gid={OWNER}|home={home}|mail={maildir}|systempw=$1$x$HASH\n",
            home = world.path("mail").display(),
            maildir = maildir.display()
        );
        let userdb = world.path("etc/courier/userdb");
        fs::write(&userdb, user).unwrap();
        fs::set_permissions(&userdb, fs::Permissions::from_mode(0o600)).unwrap();
        let [key, cert] = ["key.pem", "cert.pem"].map(|name| fs::read(world.path(name)).unwrap());
        let both = world.path("etc/courier/imapd.pem");
        fs::write(&both, [key, cert].concat()).unwrap();
        fs::set_permissions(&both, fs::Permissions::from_mode(0o600)).unwrap();
        chown(&both, Some(COURIER), None).unwrap();
        fs::write(world.path("etc/courier/authdaemonrc"), AUTH).unwrap();
        world.start(&script(port, tls_port), &[port, tls_port]);
        Self {
            world,
            port,
            tls_port,
        }
    }
}

const AUTH: &str = "authmodulelist=\"authuserdb\"
authmodulelistorig=\"authuserdb\"
daemons=3
authdaemonvar=/run/courier/authdaemon
subsystem=mail
DEBUG_LOGIN=0
DEFAULTOPTIONS=\"\"
LOGGEROPTS=\"\"
";

/// The user's password is hashed, the password daemon started and waited for, then both listeners.
fn script(port: u16, tls_port: u16) -> String {
    format!(
        "hash=$(openssl passwd -6 '{PASSWORD}')
awk -v hash=\"$hash\" '{{ at = index($0, \"$1$x$HASH\"); print substr($0, 1, at - 1) hash }}' /etc/courier/userdb > /etc/courier/userdb.new
cat /etc/courier/userdb.new > /etc/courier/userdb; rm /etc/courier/userdb.new
makeuserdb
export authmodulelist=authuserdb authmodulelistorig=authuserdb daemons=3 subsystem=mail
export authdaemonvar=/run/courier/authdaemon DEBUG_LOGIN=0 DEFAULTOPTIONS= LOGGEROPTS=
/usr/lib/courier/courier-authlib/authdaemond &
while [ ! -S /run/courier/authdaemon/socket ]; do :; done
export IMAP_CAPABILITY='IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT SORT QUOTA IDLE'
export IMAP_KEYWORDS=1 IMAP_ACL=0 IMAP_IDLE_TIMEOUT=1 IMAP_ENHANCEDIDLE=0 IMAP_CHECK_ALL_FOLDERS=1
export IMAP_USELOCKS=1 IMAP_UMASK=022 IMAP_ULIMITD=131072 IMAP_TRASHFOLDERNAME=Trash IMAP_EMPTYTRASH=
export MAILDIRPATH=Maildir HEADERFROM=X-S IMAP_STARTTLS=YES IMAP_TLS_REQUIRED=0
export COURIERTLS=/usr/bin/couriertls TLS_CERTFILE=/etc/courier/imapd.pem TLS_VERIFYPEER=NONE
export TLS_TRUSTCERTS=/etc/ssl/certs TLS_PRIORITY=NORMAL
listen() {{
  /usr/sbin/couriertcpd -address=127.0.0.1 -maxprocs=60 -maxperip=60 -nodnslookup -noidentlookup \"$@\"
}}
IMAP_TLS=0 listen {port} /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
IMAP_TLS=1 listen {tls_port} /usr/bin/couriertls -server -tcpd /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir &
wait
"
    )
}

impl Mailboxes for Courier {
    fn port(&self) -> u16 {
        self.port
    }

    fn tls_port(&self) -> u16 {
        self.tls_port
    }

    fn separator(&self) -> char {
        '.'
    }

    fn ca(&self) -> PathBuf {
        self.world.path("cert.pem")
    }
}
