//! An original as people look at it: a table with the bad cells marked, a tree or segments with the
//! place marked. Read in a child, and only when somebody looks.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Serialize;

use super::{Reader, message, missing};
use crate::arrival::FileId;
use crate::control::{Shown, Unfit};
use crate::problem::Problem;
use crate::web::Shared;
use crate::web::access::Person;

#[derive(Serialize)]
struct Page {
    reader: Reader,
    id: i64,
    shown: Option<Shown>,
    /// The columns' letters, as many as the widest table has.
    letters: Vec<String>,
    marks: Vec<Mark>,
    /// Why nothing can be shown.
    why: String,
}

/// What is said where a mark is.
#[derive(Serialize)]
struct Mark {
    severity: &'static str,
    words: String,
}

impl From<&Problem> for Mark {
    fn from(problem: &Problem) -> Self {
        let expected = problem.expected.as_ref();
        let expected = expected.map(|expected| format!(" Expected {expected}."));
        let words = problem.message.to_string() + &expected.unwrap_or_default();
        Self {
            severity: if problem.is_error() {
                "error"
            } else {
                "warning"
            },
            words,
        }
    }
}

/// The page, or for the script the part of it that goes into the file's own page.
pub(super) async fn view(
    State(site): State<Shared>,
    person: Person,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Response {
    let mut page = Page {
        reader: Reader::new(&person, "files"),
        id,
        shown: None,
        letters: Vec::new(),
        marks: Vec::new(),
        why: String::new(),
    };
    match site.desk.original(FileId(id)).await {
        Ok(Some((shown, problems))) => {
            let tables = shown.tables.iter().map(|table| table.width);
            page.letters = (0..tables.max().unwrap_or(0)).map(letter).collect();
            page.shown = Some(shown);
            page.marks = problems.iter().map(Mark::from).collect();
        }
        Ok(None) => return missing(State(site)).await,
        Err(Unfit::Failed(why)) => page.why = why,
        Err(Unfit::Text(lines) | Unfit::Samples(lines)) => page.why = lines.join("\n"),
    }
    let name = if headers.contains_key("x-part") {
        "original-body.html"
    } else {
        "original.html"
    };
    site.views.show(name, page)
}

/// `C` of 2, `AA` of 26: what a spreadsheet calls a column.
fn letter(mut index: usize) -> String {
    let mut name = String::new();
    loop {
        let letter = u8::try_from(index % 26).unwrap_or(0);
        name.insert(0, char::from(b'A' + letter));
        match (index / 26).checked_sub(1) {
            Some(rest) => index = rest,
            None => return name,
        }
    }
}

/// A mail about a file as it was sent: its words, and the whole of it for a mail program.
pub(super) async fn mail(
    State(site): State<Shared>,
    person: Person,
    Path((id, report)): Path<(i64, i64)>,
) -> Response {
    let found = match super::mail::of_file(&site, &person, id, report).await {
        Ok(found) => found,
        Err(response) => return response,
    };
    let Some(mail) = found else {
        let text = "This mail was not made yet, or is no longer kept.";
        return message(&site, StatusCode::NOT_FOUND, "No such mail", text);
    };
    let reader = Reader::new(&person, "files");
    let page = serde_json::json!({ "reader": reader, "id": id, "report": report, "mail": mail });
    site.views.show("mail.html", page)
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn columns_are_called_as_in_a_spreadsheet() {
        let names: Vec<String> = [0, 25, 26, 701, 702].map(letter).into();
        assert_eq!(names, ["A", "Z", "AA", "ZZ", "AAA"]);
    }
}
