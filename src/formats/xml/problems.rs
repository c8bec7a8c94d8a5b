//! What the XML reader complains about, in words for the sender.

use quick_xml::Error;
use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::attributes::AttrError;
use quick_xml::name::NamespaceError;

use super::text::Fault;
use super::tree::TooLarge;
use crate::limits;
use crate::problem::{Place, Problem};

/// An internal subset: entities are how a small file becomes a large one, or reads others.
pub(super) fn declarations(place: Place) -> Problem {
    Problem::error(
        "xml.dtd",
        "The DOCTYPE brings declarations of its own, which are not accepted.",
    )
    .at(place)
    .with_hint(
        "Leave out what stands between [ and ] in the DOCTYPE, and write the values themselves.",
    )
}

/// A document that breaks a rule of XML.
pub(super) fn malformed(what: &str, place: Place) -> Problem {
    Problem::error(
        "xml.malformed",
        format!("The file is not well-formed XML: {what}."),
    )
    .at(place)
}

/// The document ends within `element`, which opened on `line`.
pub(super) fn truncated(element: &str, line: u64, place: Place) -> Problem {
    Problem::error(
        "xml.truncated",
        format!("The file ends within the element {element} of line {line}."),
    )
    .at(place)
    .with_hint("The file was probably cut off while it was written; send it again.")
}

/// A text or value that cannot be understood.
pub(super) fn fault(fault: &Fault, place: Place) -> Problem {
    match fault {
        Fault::Malformed(what) => malformed(what, place),
        Fault::Entity(name) => Problem::error(
            "xml.entity",
            "The file uses an entity that XML itself does not define; entities are never loaded.",
        )
        .at(place)
        .with_value(&format!("&{name};"))
        .expecting("one of &amp; &lt; &gt; &quot; &apos; or a character reference such as &#160;"),
    }
}

/// Something larger than the limits.
pub(super) fn too_large(what: TooLarge, place: Place) -> Problem {
    let (code, message) = match what {
        TooLarge::Text => (
            "xml.text-too-long",
            format!("A text is longer than {} bytes.", limits::CELL_BYTES),
        ),
        TooLarge::Record => (
            "xml.record-too-large",
            format!(
                "One record is larger than {} bytes.",
                limits::XML_RECORD_BYTES
            ),
        ),
    };
    Problem::error(code, message).at(place)
}

/// The problem with a word on what to do about it. Whoever sent the file rarely wrote the program
/// that made it, so the word is mostly one to pass on.
pub(super) fn advised(problem: Problem) -> Problem {
    if problem.hint.is_some() {
        return problem;
    }
    let advice = match &*problem.code {
        "xml.malformed" | "xml.namespace" | "xml.after-root" => {
            "Every XML reader refuses such a file: pass this on to whoever makes it, and send it again."
        }
        "xml.entity" => "Write the character itself; the file's encoding can hold it.",
        "xml.too-deep" | "xml.too-many-attributes" | "xml.too-many-namespaces" => {
            "This is not how orders are written: check the program that made the file."
        }
        "xml.token-too-long" | "xml.text-too-long" | "xml.record-too-large" => {
            "Check what stands there, or split the file into smaller ones."
        }
        _ => return problem,
    };
    problem.with_hint(advice)
}

/// An attribute list that cannot be read, and where in its tag.
pub(super) fn attribute(error: &AttrError) -> (&'static str, usize) {
    match error {
        AttrError::ExpectedEq(at) => ("an attribute has no `=`", *at),
        AttrError::ExpectedValue(at) => ("an attribute has no value", *at),
        AttrError::UnquotedValue(at) => ("an attribute's value is not quoted", *at),
        AttrError::ExpectedQuote(at, _) => ("an attribute's value has no closing quote", *at),
        AttrError::Duplicated(at, _) => ("an attribute stands twice in one tag", *at),
    }
}

/// What an error of the reader means. `None`: the file ended within a tag, comment or the like.
pub(super) fn reader(error: &Error, place: Place) -> Option<Problem> {
    let problem = match error {
        Error::Syntax(SyntaxError::InvalidBangMarkup) => {
            malformed("`<!` starts nothing that XML knows", place)
        }
        Error::Syntax(_) => return None,
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => malformed(
            &format!(
                "</{}> closes what <{}> opened",
                crate::problem::excerpt(found),
                crate::problem::excerpt(expected)
            ),
            place,
        ),
        Error::IllFormed(IllFormedError::UnclosedReference) => {
            malformed("an `&` stands alone; it is written `&amp;`", place)
        }
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => {
            malformed("a comment contains `--`", place)
        }
        Error::IllFormed(other) => malformed(&crate::problem::excerpt(&other.to_string()), place),
        Error::Namespace(
            NamespaceError::TooManyBindings(_) | NamespaceError::TooDeeplyNested(_),
        ) => Problem::error(
            "xml.too-many-namespaces",
            "More namespaces are declared at once than any document needs.",
        )
        .at(place),
        Error::Namespace(other) => {
            Problem::error("xml.namespace", "A namespace declaration is not allowed.")
                .at(place)
                .with_value(&other.to_string())
        }
        Error::InvalidAttr(error) => malformed(attribute(error).0, place),
        Error::Io(_) | Error::Encoding(_) | Error::Escape(_) => {
            malformed(&crate::problem::excerpt(&error.to_string()), place)
        }
    };
    Some(problem)
}
