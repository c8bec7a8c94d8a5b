//! The workbook part: sheets in their order, the calendar, and where the other parts are.

use std::collections::HashMap;

use crate::formats::sheet::markup::{Scanner, Token};
use crate::formats::sheet::package::Package;
use crate::formats::sheet::{Step, damaged};

/// What the workbook says of itself.
#[derive(Debug, Default)]
pub(in crate::formats::sheet) struct Workbook {
    pub(super) sheets: Vec<SheetPart>,
    pub(super) epoch_1904: bool,
    pub(super) strings: Option<String>,
    pub(super) styles: Option<String>,
}

/// A worksheet and its part.
#[derive(Debug)]
pub(in crate::formats::sheet) struct SheetPart {
    pub(super) name: String,
    pub(super) hidden: bool,
    pub(super) part: String,
}

/// A relationship's target and the last word of its type (`worksheet`, `styles`).
#[derive(Debug)]
pub(in crate::formats::sheet) struct Relation {
    pub(in crate::formats::sheet) target: String,
    pub(in crate::formats::sheet) kind: String,
}

impl Workbook {
    pub(super) fn read(package: &mut Package<'_>, word: &'static str) -> Step<Self> {
        let part = main_part(package, "xl/workbook.xml", word)?;
        let relations = relations(package, &part, word)?;
        let Some(source) = package.part(&part)? else {
            return Err(damaged(word, "its workbook part is missing").into());
        };
        let mut book = Self {
            strings: target_of(&relations, "sharedstrings"),
            styles: target_of(&relations, "styles"),
            ..Self::default()
        };
        let mut scanner = Scanner::new(source, word)?;
        loop {
            match scanner.next()? {
                Token::Open(tag) if tag.local() == b"workbookPr" => {
                    book.epoch_1904 = tag.truth("date1904");
                }
                Token::Open(tag) if tag.local() == b"sheet" => {
                    let state = tag.attribute("state").unwrap_or(b"visible");
                    let hidden = state != b"visible";
                    let name = tag.text("name").unwrap_or_default();
                    let relation = tag.text("id").and_then(|id| relations.get(&id));
                    book.add(name, hidden, relation, word)?;
                }
                Token::End => return Ok(book),
                _ => {}
            }
        }
    }

    /// Adds a sheet if it is one of cells: charts and dialogs have no rows.
    fn add(
        &mut self,
        name: String,
        hidden: bool,
        relation: Option<&Relation>,
        word: &'static str,
    ) -> Step {
        let Some(relation) = relation else {
            return Err(damaged(word, &format!("sheet {name} leads nowhere")).into());
        };
        if relation.kind == "worksheet" {
            self.sheets.push(SheetPart {
                name,
                hidden,
                part: relation.target.clone(),
            });
        }
        Ok(())
    }
}

/// The part that the package's own relationships call the document, else `usual`.
pub(in crate::formats::sheet) fn main_part(
    package: &mut Package<'_>,
    usual: &str,
    word: &'static str,
) -> Step<String> {
    let relations = relations(package, "", word)?;
    Ok(target_of(&relations, "officedocument")
        .filter(|part| package.has(part))
        .unwrap_or_else(|| usual.to_owned()))
}

/// The target of the first relationship of a kind.
pub(in crate::formats::sheet) fn target_of(
    relations: &HashMap<String, Relation>,
    kind: &str,
) -> Option<String> {
    relations
        .values()
        .find(|relation| relation.kind == kind)
        .map(|relation| relation.target.clone())
}

/// The relationships of a part (of the package, for an empty name) by their ids.
pub(in crate::formats::sheet) fn relations(
    package: &mut Package<'_>,
    part: &str,
    word: &'static str,
) -> Step<HashMap<String, Relation>> {
    let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
    let name = format!("{folder}/_rels/{file}.rels");
    let mut relations = HashMap::new();
    let Some(source) = package.part(&name)? else {
        return Ok(relations);
    };
    let mut scanner = Scanner::new(source, word)?;
    loop {
        match scanner.next()? {
            Token::Open(tag) if tag.local() == b"Relationship" => {
                let (Some(id), Some(target)) = (tag.text("Id"), tag.text("Target")) else {
                    continue;
                };
                let kind = tag.text("Type").unwrap_or_default();
                let kind = kind.rsplit('/').next().unwrap_or_default();
                relations.insert(
                    id,
                    Relation {
                        target: resolve(folder, &target),
                        kind: kind.to_ascii_lowercase(),
                    },
                );
            }
            Token::End => return Ok(relations),
            _ => {}
        }
    }
}

/// A target as a part name: absolute, or relative to the folder of its source.
fn resolve(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut segments: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for segment in target.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    segments.join("/")
}
