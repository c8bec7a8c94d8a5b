//! Whether a line of a known_hosts file speaks of a server (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). Pure.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

/// How a server is called there: with its port, unless that is 22.
pub(super) fn known_as(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    match port {
        22 => host,
        port => format!("[{host}]:{port}"),
    }
}

/// Whether the first field of a line names `place`: patterns by commas, `!` excludes.
pub(super) fn is_told(hosts: &str, place: &str) -> bool {
    let mut told = false;
    for pattern in hosts.split(',') {
        if let Some(excluded) = pattern.strip_prefix('!') {
            if matches(excluded.as_bytes(), place.as_bytes()) {
                return false;
            }
        } else if pattern.starts_with('|') {
            told |= is_hash_of(pattern, place).unwrap_or(false);
        } else {
            told |= matches(pattern.to_ascii_lowercase().as_bytes(), place.as_bytes());
        }
    }
    told
}

/// `|1|salt|HMAC-SHA1 of the name`, both in base64.
fn is_hash_of(pattern: &str, place: &str) -> Option<bool> {
    let (salt, hash) = pattern.strip_prefix("|1|")?.split_once('|')?;
    let (salt, hash) = (STANDARD.decode(salt).ok()?, STANDARD.decode(hash).ok()?);
    let mut mac = Hmac::<Sha1>::new_from_slice(&salt).ok()?;
    mac.update(place.as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// `*` stands for anything, `?` for one character. Linear but for one step back a star.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(sign) if *sign == b'?' || sign == byte => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((from, taken)) => {
                    star = Some((from, taken + 1));
                    (at, read) = (from + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|sign| *sign == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_server_by_name_pattern_and_port() {
        let told = |hosts, host, port| is_told(hosts, &known_as(host, port));
        assert!(told("sftp.acme.example,192.0.2.7", "SFTP.acme.example", 22));
        assert!(told("*.acme.example", "sftp.acme.example", 22));
        assert!(told("sftp?.acme.example", "sftp1.acme.example", 22));
        assert!(told("[sftp.acme.example]:2022", "sftp.acme.example", 2022));
        assert!(!told("sftp.acme.example", "sftp.acme.example", 2022));
        assert!(!told(
            "*.acme.example,!old.acme.example",
            "old.acme.example",
            22
        ));
        assert!(!told("acme.example", "sftp.acme.example", 22));
        assert!(!told("", "sftp.acme.example", 22));
    }

    /// As `ssh-keygen -H` wrote it.
    #[test]
    fn a_hashed_name_is_recognised() {
        let mut mac = Hmac::<Sha1>::new_from_slice(b"salt of twenty bytes").unwrap();
        mac.update(b"[host.example]:2022");
        let hash = STANDARD.encode(mac.finalize().into_bytes());
        let hosts = format!("|1|{}|{hash}", STANDARD.encode(b"salt of twenty bytes"));
        assert!(is_told(&hosts, &known_as("host.example", 2022)));
        assert!(!is_told(&hosts, &known_as("host.example", 22)));
        assert!(!is_told("|1|%|%", "host.example"));
    }

    #[test]
    fn many_stars_take_no_time() {
        let text = "a".repeat(200);
        assert!(!matches(
            "*a".repeat(60).as_bytes(),
            format!("{text}b").as_bytes()
        ));
    }
}
