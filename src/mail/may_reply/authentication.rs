//! `Authentication-Results` (RFC 8601): whether our own mail server found the sender forged.
//!
//! Only headers under a trusted authserv-id count: anybody can write the others. Without a verdict
//! the mail is answered; what is believed is a failure.

use super::Rules;

/// Why the sender `from` is taken for forged; `None` without a trusted verdict against it.
pub(super) fn why(headers: &[String], from: &str, rules: &Rules) -> Option<&'static str> {
    let results: Vec<Verdict> = headers
        .iter()
        .map(|header| without_comments(header))
        .filter(|header| is_trusted(header, rules))
        .flat_map(|header| verdicts(&header))
        .collect();
    let said = |method: &'static str| {
        results
            .iter()
            .filter(move |verdict| verdict.method == method)
    };
    if said("dmarc").any(Verdict::is_fail) {
        return Some("Our mail server found the sender's address forged (DMARC).");
    }
    if said("dmarc").any(|verdict| verdict.result == "pass") {
        return None;
    }
    // Without DMARC either of its two legs holds the sender, if it speaks for the same domain.
    let domain = from.rsplit_once('@').map_or("", |(_, domain)| domain);
    let held = said("dkim")
        .chain(said("spf"))
        .any(|verdict| verdict.result == "pass" && verdict.speaks_for(domain));
    let failed = said("dkim").chain(said("spf")).any(Verdict::is_fail);
    (failed && !held).then_some("Our mail server found the sender's address forged (SPF, DKIM).")
}

/// One `method=result` with its properties.
#[derive(Debug, PartialEq, Eq)]
struct Verdict {
    method: String,
    result: String,
    /// Values of `header.d`, `smtp.mailfrom` and the like.
    properties: Vec<String>,
}

impl Verdict {
    /// `softfail` and `policy` (SPF, RFC 8601 section 2.7.2) are doubts that mail servers let pass;
    /// an answer to a stranger is not owed to them.
    fn is_fail(&self) -> bool {
        matches!(
            self.result.as_str(),
            "fail" | "hardfail" | "softfail" | "policy"
        )
    }

    fn speaks_for(&self, domain: &str) -> bool {
        self.properties.iter().any(|value| {
            let named = value.rsplit_once('@').map_or(value.as_str(), |(_, at)| at);
            super::same_domain(&format!("a@{domain}"), &format!("a@{named}"))
        })
    }
}

/// The id is the first word, before a version and the first `;`.
fn is_trusted(header: &str, rules: &Rules) -> bool {
    let id = header
        .split(';')
        .next()
        .and_then(|head| head.split_whitespace().next())
        .unwrap_or_default()
        .trim_matches('"');
    rules
        .trusted_authserv
        .iter()
        .any(|trusted| trusted.eq_ignore_ascii_case(id))
}

fn verdicts(header: &str) -> Vec<Verdict> {
    header.split(';').skip(1).filter_map(verdict).collect()
}

/// `dmarc=fail header.from=acme.example`, with blanks around `=` allowed and `method/version`.
fn verdict(part: &str) -> Option<Verdict> {
    let joined = part.replace(" =", "=").replace("= ", "=");
    let mut words = joined.split_whitespace();
    let (method, result) = words.next()?.split_once('=')?;
    let method = method.split('/').next().unwrap_or(method);
    Some(Verdict {
        method: method.to_ascii_lowercase(),
        result: result.to_ascii_lowercase(),
        properties: words
            .filter_map(|word| word.split_once('='))
            .filter(|(name, _)| *name != "reason")
            .map(|(_, value)| value.trim_matches('"').to_ascii_lowercase())
            .collect(),
    })
}

/// RFC 5322 comments nest; what stands in them is for people.
fn without_comments(header: &str) -> String {
    let mut depth = 0_u32;
    let mut quoted = false;
    let mut plain = String::new();
    for c in header.chars() {
        match c {
            '"' if depth == 0 => {
                quoted = !quoted;
                plain.push(c);
            }
            '(' if !quoted => depth = depth.saturating_add(1),
            ')' if !quoted && depth > 0 => depth -= 1,
            // A quoted `;` or `=` must not look like the start of a verdict.
            ';' | '=' if quoted => plain.push(' '),
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}
