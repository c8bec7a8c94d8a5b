//! The body of a request: the canonical JSON as it is, or a template's text.
//!
//! Templates are compiled when the destination is set up, see one variable, `order` (the canonical
//! order), and are strict: what is not there is a failure for the operator, not an empty string at
//! the partner. The engine counts its steps and the text is bounded, so that no loop over a
//! sender's lines runs away.

use std::fmt;
use std::io;

use bytes::Bytes;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use crate::limits;

const NAME: &str = "body";

/// What the body is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum BodyForm {
    /// The canonical order as JSON.
    #[default]
    Canonical,
    /// A template over `order`.
    Template {
        /// Its text.
        source: String,
        /// How values are written into it.
        escape: Escape,
    },
}

/// How values are written into a template's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Escape {
    /// As JSON values, quotes included: `{"number": {{ order.reference }}}`.
    #[default]
    Json,
    /// As text of XML: `<number>{{ order.reference }}</number>`.
    Xml,
    /// As they are.
    None,
}

impl BodyForm {
    /// The content type that suits it.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Canonical
            | Self::Template {
                escape: Escape::Json,
                ..
            } => "application/json",
            Self::Template {
                escape: Escape::Xml,
                ..
            } => "application/xml; charset=utf-8",
            Self::Template {
                escape: Escape::None,
                ..
            } => "text/plain; charset=utf-8",
        }
    }
}

/// A compiled template.
pub(in crate::partners) struct Template {
    engine: Environment<'static>,
    escape: Escape,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Template")
            .field("escape", &self.escape)
            .finish_non_exhaustive()
    }
}

impl Template {
    pub(in crate::partners) fn compile(form: &BodyForm) -> Result<Option<Self>, String> {
        let BodyForm::Template { source, escape } = form else {
            return Ok(None);
        };
        let escape = *escape;
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(limits::TEMPLATE_STEPS));
        engine.set_auto_escape_callback(move |_| match escape {
            Escape::Json => AutoEscape::Json,
            Escape::Xml => AutoEscape::Html,
            Escape::None => AutoEscape::None,
        });
        engine
            .add_template_owned(NAME, source.clone())
            .map_err(|error| format!("the body's template is wrong: {error}"))?;
        Ok(Some(Self { engine, escape }))
    }

    pub(in crate::partners) fn render(&self, canonical: &[u8]) -> Result<Bytes, String> {
        let wrong = |error: minijinja::Error| format!("the body's template failed: {error}");
        let order: serde_json::Value =
            serde_json::from_slice(canonical).map_err(|error| error.to_string())?;
        let context = Value::from_pairs([("order", Value::from(Serde(&order)))]);
        let template = self.engine.get_template(NAME).map_err(wrong)?;
        let mut text = Bounded(Vec::with_capacity(canonical.len()));
        template
            .render_captured_to(context, &mut text)
            .map(drop)
            .map_err(wrong)?;
        if self.escape == Escape::Json {
            // Else the partner would refuse it, and the sender would be told of our mistake.
            serde_json::from_slice::<IgnoredAny>(&text.0)
                .map_err(|error| format!("the body's template makes no JSON: {error}"))?;
        }
        Ok(text.0.into())
    }
}

/// Text up to [`limits::BODY_BYTES`].
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > limits::BODY_BYTES {
            let bound = limits::BODY_BYTES;
            return Err(io::Error::other(format!(
                "its text is longer than {bound} bytes"
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
