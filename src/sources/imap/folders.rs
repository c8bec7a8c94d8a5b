//! Where settled mails go, in the server's own terms.
//!
//! Done and error are children of the watched mailbox: `INBOX/done` at one server, `INBOX.done` at
//! another, going by the separator and the prefix that the server tells (RFC 2342). Where a mailbox can
//! have no children they lie beside it. A pattern that begins with `/` begins at the top.

use super::session::command::Command;
use super::session::{Answer, Fault, Session};
use super::utf7;
use super::wire::value::Value;
use crate::limits;

/// How a server names mailboxes, and which one is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// Between the levels; `None`: there are no levels.
    separator: Option<char>,
    /// Before every mailbox of ours but INBOX: `INBOX.`, mostly nothing.
    prefix: String,
    /// The watched mailbox, as the server calls it.
    pub(super) watched: String,
}

/// One line of a listing.
struct Listed {
    flags: Vec<String>,
    separator: Option<char>,
    name: String,
}

impl Layout {
    /// Learns it from the server. `mailbox` is as people write it, with `/` between levels.
    pub(super) async fn learn(session: &mut Session, mailbox: &str) -> Result<Self, Fault> {
        let (prefix, mut separator) = namespace(session).await?;
        if separator.is_none() {
            separator = list(session, "")
                .await?
                .into_iter()
                .find_map(|l| l.separator);
        }
        let mut layout = Self {
            separator,
            prefix,
            watched: String::new(),
        };
        let plain = layout.joined(mailbox.split('/'))?;
        let prefixed = format!("{}{plain}", layout.prefix);
        if plain.eq_ignore_ascii_case("INBOX") {
            "INBOX".clone_into(&mut layout.watched);
            return Ok(layout);
        }
        for name in [&plain, &prefixed] {
            if exists(session, name).await? {
                layout.watched.clone_from(name);
                return Ok(layout);
            }
        }
        Err(Fault::Unfit(format!(
            "there is no mailbox “{mailbox}”; this server would call it {plain}"
        )))
    }

    fn joined<'a>(&self, parts: impl Iterator<Item = &'a str>) -> Result<String, Fault> {
        let separator = self.separator.unwrap_or('-').to_string();
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let name = parts.join(&separator);
        if name.is_empty() || name.contains(['*', '%']) || name.chars().any(char::is_control) {
            return Err(Fault::Unfit(format!(
                "“{}” is no name for a mailbox",
                name.escape_debug()
            )));
        }
        Ok(name)
    }

    /// The names that a folder may have, the best first. Pure.
    pub(super) fn names(&self, path: &str) -> Result<Vec<String>, Fault> {
        let name = self.joined(path.split('/'))?;
        let top = format!("{}{name}", self.prefix);
        let Some(separator) = self.separator.filter(|_| !path.starts_with('/')) else {
            return Ok(vec![top]);
        };
        let child = format!("{}{separator}{name}", self.watched);
        let beside = match self.watched.rsplit_once(separator) {
            Some((above, _)) => format!("{above}{separator}{name}"),
            None => top,
        };
        let mut names = vec![child];
        if !names.contains(&beside) {
            names.push(beside);
        }
        Ok(names)
    }

    /// Those of a folder's names that are mailboxes.
    pub(super) async fn existing(
        &self,
        session: &mut Session,
        path: &str,
    ) -> Result<Vec<String>, Fault> {
        let mut found = Vec::new();
        for name in self.names(path)? {
            if exists(session, &name).await? {
                found.push(name);
            }
        }
        Ok(found)
    }

    /// The mailbox for `path`; made if there is none.
    pub(super) async fn made(&self, session: &mut Session, path: &str) -> Result<String, Fault> {
        if let Some(name) = self.existing(session, path).await?.into_iter().next() {
            return Ok(name);
        }
        let mut refused = None;
        for name in self.names(path)? {
            match session
                .run(&Command::new("CREATE").mailbox(&name), |_| ())
                .await
            {
                Ok(_) => {
                    show(session, &name).await?;
                    return Ok(name);
                }
                // Another of ours was faster.
                Err(fault) if fault.has("ALREADYEXISTS") => return Ok(name),
                Err(Fault::Refused(status)) => refused = Some((name, status)),
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::Unfit(match refused {
            Some((name, status)) => format!(
                "the mailbox {name} cannot be created: the server said {status}. Create it by \
                 hand, or set done and error to others"
            ),
            None => format!("there is no name for {path}"),
        }))
    }
}

/// Mail programs show what is subscribed. A courtesy: a refusal is none of ours.
async fn show(session: &mut Session, name: &str) -> Result<(), Fault> {
    match session
        .run(&Command::new("SUBSCRIBE").mailbox(name), |_| ())
        .await
    {
        Ok(_) | Err(Fault::Refused(_)) => Ok(()),
        Err(fault) => Err(fault),
    }
}

async fn exists(session: &mut Session, name: &str) -> Result<bool, Fault> {
    let listed = list(session, name).await?;
    let absent = |flag: &String| {
        ["\\NONEXISTENT", "\\NOSELECT"]
            .iter()
            .any(|absent| flag.eq_ignore_ascii_case(absent))
    };
    Ok(listed
        .iter()
        .any(|listed| listed.name == name && !listed.flags.iter().any(absent)))
}

async fn list(session: &mut Session, name: &str) -> Result<Vec<Listed>, Fault> {
    let mut all = Vec::new();
    let command = Command::new("LIST \"\"").mailbox(name);
    session
        .run(&command, |answer| {
            let listed = answer.data("LIST").and_then(|data| listed(&data.values));
            if all.len() < limits::NAMES_IN_MESSAGE {
                all.extend(listed);
            }
        })
        .await?;
    Ok(all)
}

fn listed(values: &[Value]) -> Option<Listed> {
    let [flags, separator, name] = values else {
        return None;
    };
    let flags = flags.list()?.iter().filter_map(Value::bytes);
    Some(Listed {
        flags: flags
            .map(|flag| String::from_utf8_lossy(flag).into_owned())
            .collect(),
        separator: character(separator),
        name: utf7::decoded(name.bytes()?),
    })
}

fn character(value: &Value) -> Option<char> {
    value.bytes()?.first().map(|byte| char::from(*byte))
}

/// Prefix and separator of our own mailboxes: the first of the personal namespaces.
async fn namespace(session: &mut Session) -> Result<(String, Option<char>), Fault> {
    let mut found = (String::new(), None);
    if !session.can("NAMESPACE") {
        return Ok(found);
    }
    let told = |answer: &Answer| {
        let personal = answer
            .data("NAMESPACE")?
            .values
            .first()?
            .list()?
            .first()?
            .list()?;
        let [prefix, separator, ..] = personal else {
            return None;
        };
        Some((utf7::decoded(prefix.bytes()?), character(separator)))
    };
    session
        .run(&Command::new("NAMESPACE"), |answer| {
            if let Some(told) = told(answer) {
                found = told;
            }
        })
        .await?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(separator: Option<char>, prefix: &str, watched: &str, path: &str) -> Vec<String> {
        let layout = Layout {
            separator,
            prefix: prefix.into(),
            watched: watched.into(),
        };
        layout.names(path).unwrap()
    }

    #[test]
    fn folders_are_children_and_else_lie_beside() {
        for (separator, prefix, watched, path, expected) in [
            (Some('/'), "", "INBOX", "done", vec!["INBOX/done", "done"]),
            (
                Some('.'),
                "INBOX.",
                "INBOX",
                "done/2026",
                vec!["INBOX.done.2026"],
            ),
            (
                Some('/'),
                "",
                "EDI/In",
                "done",
                vec!["EDI/In/done", "EDI/done"],
            ),
            (
                Some('.'),
                "INBOX.",
                "INBOX",
                "/Archive/x",
                vec!["INBOX.Archive.x"],
            ),
            (None, "", "INBOX", "done", vec!["done"]),
        ] {
            assert_eq!(names(separator, prefix, watched, path), expected);
        }
    }

    #[test]
    fn wildcards_are_no_names() {
        let layout = Layout {
            separator: Some('/'),
            prefix: String::new(),
            watched: "INBOX".into(),
        };
        for path in ["*", "a%", "", "/", "a\r\nb"] {
            assert!(layout.names(path).is_err(), "{path:?}");
        }
    }
}
