//! How the values of the configuration are written: `"5s"`, `"256MB"`, `"10/s"`, `"5%"`. Pure.

use std::net::IpAddr;
use std::time::Duration;

use toml::de::DeValue;

use crate::problem::excerpt;
use crate::profiles::MaxBadOrders;

/// A value read from TOML. The error ends a sentence that began with "`key` must be".
pub(super) trait FromToml: Sized {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String>;
}

fn text<'a>(value: &'a DeValue<'_>, wanted: &str) -> Result<&'a str, String> {
    value.as_str().ok_or_else(|| not(value, wanted))
}

/// `…, not …`: what was expected and what stands there.
fn not(value: &DeValue<'_>, wanted: &str) -> String {
    match value {
        DeValue::String(text) => format!("{wanted}, not \"{}\"", excerpt(text)),
        DeValue::Integer(number) => format!("{wanted}, not {}", excerpt(number.as_str())),
        _ => format!("{wanted}, not {}", a_kind(value.type_str())),
    }
}

fn a_kind(kind: &str) -> String {
    match kind {
        "integer" | "array" => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

impl FromToml for String {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        text(value, "text in quotes").map(str::to_owned)
    }
}

impl FromToml for bool {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        value.as_bool().ok_or_else(|| not(value, "true or false"))
    }
}

impl FromToml for usize {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let number = value.as_integer();
        number
            .and_then(|n| usize::from_str_radix(n.as_str(), n.radix()).ok())
            .ok_or_else(|| not(value, "a whole number from 0 on"))
    }
}

impl FromToml for char {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let mut chars = text(value, "one character in quotes")?.chars();
        match (chars.next(), chars.next()) {
            (Some(c), None) => Ok(c),
            _ => Err(not(value, "one character in quotes")),
        }
    }
}

impl FromToml for Vec<String> {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let wanted = "text in quotes, or a list of them";
        if let Some(one) = value.as_str() {
            return Ok(vec![one.to_owned()]);
        }
        let list = value.as_array().ok_or_else(|| not(value, wanted))?;
        list.iter()
            .map(|item| text(item.get_ref(), wanted).map(str::to_owned))
            .collect()
    }
}

impl FromToml for Duration {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let wanted = "a time such as \"5s\", \"10m\", \"72h\" or \"30d\"";
        value
            .as_str()
            .and_then(duration)
            .ok_or_else(|| not(value, wanted))
    }
}

/// A whole number and its unit; several in a row add up (`1h30m`).
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let unit = match rest.get(..letters)? {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" | "min" => Duration::from_mins(1),
            "h" => Duration::from_hours(1),
            "d" => Duration::from_hours(24),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(u32::try_from(number).ok()?)?)?;
        rest = rest.get(letters..)?.trim_start();
    }
    Some(total)
}

/// A number of bytes; units are powers of 1024, as everywhere in [`crate::limits`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub(super) u64);

impl FromToml for Size {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let wanted = "a size such as \"500KB\", \"256MB\" or \"1GB\"";
        if let Ok(bytes) = usize::from_toml(value) {
            return Ok(Self(bytes as u64));
        }
        value
            .as_str()
            .and_then(size)
            .map(Self)
            .ok_or_else(|| not(value, wanted))
    }
}

fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text.get(..digits)?.parse().ok()?;
    let unit: u64 = match text.get(digits..)?.trim_start() {
        "B" => 1,
        "KB" | "kB" => 1 << 10,
        "MB" => 1 << 20,
        "GB" => 1 << 30,
        "TB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(unit)
}

/// At most so many in such a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many.
    pub count: u32,
    /// In such a time.
    pub per: Duration,
}

impl FromToml for Rate {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        let wanted = "a rate such as \"10/s\", \"600/min\" or \"1000/h\"";
        let read = |text: &str| {
            let (count, unit) = text.split_once('/')?;
            let count = count.trim().parse().ok().filter(|count| *count > 0)?;
            let per = match unit.trim() {
                "s" => Duration::from_secs(1),
                "m" | "min" => Duration::from_mins(1),
                "h" => Duration::from_hours(1),
                "d" => Duration::from_hours(24),
                _ => return None,
            };
            Some(Self { count, per })
        };
        value
            .as_str()
            .and_then(read)
            .ok_or_else(|| not(value, wanted))
    }
}

impl FromToml for MaxBadOrders {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        if let Ok(count) = usize::from_toml(value) {
            return Ok(Self::Count(count as u64));
        }
        let percent = value.as_str().and_then(|text| text.strip_suffix('%'));
        percent
            .and_then(|percent| percent.trim().parse().ok())
            .filter(|percent| *percent <= 100)
            .map(Self::Percent)
            .ok_or_else(|| not(value, "a number such as 10, or a share such as \"5%\""))
    }
}

/// A time of day, `07:00`.
impl FromToml for jiff::civil::Time {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        value
            .as_str()
            .filter(|text| text.len() == 5)
            .and_then(|text| Self::strptime("%H:%M", text).ok())
            .ok_or_else(|| not(value, "a time of day such as \"07:00\""))
    }
}

/// The parts of a URL that the configuration decides on. The URL itself goes on as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) text: String,
    pub(super) scheme: String,
    pub(super) host: String,
    pub(super) has_user: bool,
    pub(super) has_password: bool,
}

impl FromToml for Url {
    fn from_toml(value: &DeValue<'_>) -> Result<Self, String> {
        // The URL may hold a password: a wrong one is never shown.
        let wrong = "a URL such as \"https://partner.example/orders\"";
        value.as_str().and_then(url).ok_or_else(|| wrong.to_owned())
    }
}

/// scheme://\[user@\]host\[:port\]\[/…\]; `None` for anything else or for characters that readers of URLs
/// disagree about.
fn url(text: &str) -> Option<Url> {
    if text
        .chars()
        .any(|c| c.is_control() || c == '\\' || c == '<' || c == '>')
    {
        return None;
    }
    let (scheme, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (user, place) = match authority.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, authority),
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(v6) => {
            let (host, port) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (
                host,
                port.strip_prefix(':').or(port.is_empty().then_some("")),
            )
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, Some("")),
        },
    };
    let port = port?;
    let port_fits = port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0);
    let host_fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(host_fits) || !port_fits || scheme.is_empty() {
        return None;
    }
    Some(Url {
        text: text.to_owned(),
        scheme: scheme.to_ascii_lowercase(),
        host: host.to_ascii_lowercase(),
        has_user: user.is_some(),
        has_password: user.is_some_and(|user| user.contains(':')),
    })
}

impl Url {
    /// Whether it never leaves this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}
