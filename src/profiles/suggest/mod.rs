//! A starting profile from a sample: what each column or path probably is, with a score, and the
//! samples it was judged by.
//!
//! A suggestion is a profile that compiles, with comments for whoever corrects it. It is never used
//! by itself: nothing is sent by a guess.

mod body;
mod guess;
mod labels;
mod survey;
mod tables;
mod trees;
mod write;

use serde::{Deserialize, Serialize};

use self::survey::Survey;
use crate::formats::Records;
use crate::problem::Problem;

/// A suggested profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    /// The profile's text, commented.
    pub profile: String,
    /// What each field was guessed from.
    pub guesses: Vec<Guess>,
    /// Columns or paths that nothing is known about.
    pub left: Vec<String>,
}

/// One guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guess {
    /// The canonical field: `lines.quantity`.
    pub field: String,
    /// What stands on the right in the profile: `@Menge`.
    pub value: String,
    /// How sure it is, of a hundred.
    pub score: u8,
    /// Some of the values.
    pub samples: Vec<String>,
}

/// What was found out about a sample beside the guesses.
#[derive(Debug, Default)]
struct Draft {
    format: &'static str,
    /// Keys at the top: name and TOML value, with a comment.
    keys: Vec<(String, String, String)>,
    /// `[recognise]`, likewise.
    recognise: Vec<(String, String)>,
    /// `each` of levels.
    each: Vec<(&'static str, String)>,
    /// Groups of columns side by side: of which level, and how many.
    repeat: Option<(&'static str, usize)>,
    /// Further sections, whole.
    sections: Vec<String>,
    guesses: Vec<Guess>,
    left: Vec<(String, Vec<String>)>,
}

/// The suggestion for what `read` tells, a file called `file`.
///
/// # Errors
/// Why there is none: the file cannot be read, needs no profile, or has nothing to go by.
pub fn suggest(
    file: &str,
    read: impl FnOnce(&mut dyn Records) -> Result<(), Problem>,
) -> Result<Suggestion, Problem> {
    let mut survey = Survey::default();
    let end = read(&mut survey);
    if survey.canonical {
        let what = "The file holds orders in our own JSON; they need no profile.";
        return Err(Problem::error("suggest.canonical", what));
    }
    let draft = if survey.is_tree() {
        trees::draft(&survey)
    } else {
        tables::draft(&survey)
    };
    // What was read before it broke off may be enough.
    let Some(draft) = draft.filter(|draft| !draft.guesses.is_empty()) else {
        end?;
        let what = "Nothing in the file looks like a part of an order.";
        return Err(Problem::error("suggest.nothing", what)
            .with_hint("See what it holds:  orderdock parse --records FILE"));
    };
    Ok(Suggestion {
        profile: write::text(&draft, file),
        left: draft.left.iter().map(|(what, _)| what.clone()).collect(),
        guesses: draft.guesses,
    })
}
