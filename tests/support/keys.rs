//! SSH keys for the tests, made once: RSA ones take their time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::world::INSTALL;

/// Name, kind, what opens it, whether it is written in the old PEM form.
const KEYS: [(&str, &str, &str, bool); 12] = [
    ("host-ed25519", "ed25519", "", false),
    ("host-rsa", "rsa", "", true),
    ("host-ecdsa", "ecdsa", "", true),
    ("other-ed25519", "ed25519", "", false),
    ("other-rsa", "rsa", "", true),
    ("other-ecdsa", "ecdsa", "", true),
    ("ed25519", "ed25519", "", false),
    ("rsa", "rsa", "", false),
    ("ecdsa", "ecdsa", "", false),
    ("sealed", "ed25519", "key-passphrase", false),
    ("pem", "rsa", "", true),
    ("stranger", "ed25519", "", false),
];

/// The private key of this name; the public one lies beside it with `.pub`.
pub(crate) fn key(name: &str) -> PathBuf {
    folder().join(name)
}

/// The public key of this name, kind and base64.
pub(crate) fn public(name: &str) -> String {
    let text = fs::read_to_string(key(name).with_extension("pub")).unwrap();
    let words: Vec<&str> = text.split(' ').take(2).collect();
    words.join(" ").trim().to_owned()
}

/// The fingerprint of this name, as an operator would set it.
pub(crate) fn fingerprint(name: &str) -> String {
    let made = keygen(&["-l", "-f"], &key(name).with_extension("pub"));
    made.split(' ').nth(1).unwrap().to_owned()
}

/// Where they all lie. Made under another name first: several test programs may come at once.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ssh-keys");
        if !folder.exists() {
            let made = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            for (name, kind, passphrase, pem) in KEYS {
                let mut arguments = vec!["-q", "-t", kind, "-N", passphrase, "-C", name];
                if kind == "rsa" {
                    arguments.extend(["-b", "2048"]);
                }
                if pem {
                    arguments.extend(["-m", "PEM"]);
                }
                arguments.push("-f");
                keygen(&arguments, &made.path().join(name));
            }
            // Somebody else's are as good.
            fs::rename(made.path(), &folder).unwrap_or_default();
        }
        folder
    })
}

fn keygen(arguments: &[&str], file: &Path) -> String {
    let made = Command::new("ssh-keygen")
        .args(arguments)
        .arg(file)
        .output()
        .unwrap_or_else(|_| panic!("ssh-keygen {INSTALL}"));
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    String::from_utf8(made.stdout).unwrap()
}
