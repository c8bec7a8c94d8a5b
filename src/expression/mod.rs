//! The one expression language of the product: conditions of routes, mappings, bodies, mails.
//!
//! Jinja expressions (`order.kind == 'pickup' and order.lines | length > 3`), evaluated in a
//! sandbox: no templates, includes or files, undefined names are errors. An expression has no loops
//! and no word that multiplies ([`language`]): what one run costs is bounded by the length of its
//! text times the size of its data, and fuel bounds the text.
//! Expressions come from the operator's own texts, never from an order file; an order file is only
//! ever a value in the context. Evaluation has no effect on anything and depends on nothing but
//! the context.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use minijinja::value::Serde;
use minijinja::{Environment, Value};

use crate::limits;
use crate::order::Order;

mod language;
#[cfg(test)]
mod tests;

pub use language::{environment, joined, replaced};

/// The plain language, without the functions that a room adds for itself.
static PLAIN: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// A compiled expression.
pub struct Expression {
    compiled: minijinja::Expression<'static, 'static>,
    text: String,
}

/// Why an expression is none, or has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ExpressionError(pub String);

impl Expression {
    /// Compiles in the plain language.
    ///
    /// # Errors
    /// What is wrong with the text, as a sentence.
    pub fn compile(text: &str) -> Result<Self, ExpressionError> {
        Self::compile_in(&PLAIN, text)
    }

    /// Compiles in a language of a room.
    ///
    /// # Errors
    /// What is wrong with the text, as a sentence.
    pub fn compile_in(
        environment: &'static Environment<'static>,
        text: &str,
    ) -> Result<Self, ExpressionError> {
        language::check(text)?;
        let compiled = environment
            .compile_expression_owned(text.to_owned())
            .map_err(|error| told(&error))?;
        Ok(Self {
            compiled,
            text: text.to_owned(),
        })
    }

    /// The names that the context must give.
    #[must_use]
    pub fn variables(&self) -> HashSet<String> {
        self.compiled.undeclared_variables(false)
    }

    /// The value in `context`.
    ///
    /// # Errors
    /// Undefined names, wrong types, fuel used up.
    pub fn eval(&self, context: Value) -> Result<Value, ExpressionError> {
        self.compiled.eval(context).map_err(|error| told(&error))
    }

    /// The value as a condition.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn is_true(&self, context: Value) -> Result<bool, ExpressionError> {
        Ok(self.eval(context)?.is_true())
    }

    /// Whether the condition holds for an order, which it sees as `order`.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn holds_for(&self, order: &Order) -> Result<bool, ExpressionError> {
        self.is_true(Value::from_pairs([("order", Value::from(Serde(order)))]))
    }

    /// The value as text; nothing and `none` are empty.
    ///
    /// # Errors
    /// As [`Expression::eval`]; a text longer than a cell may be.
    pub fn text(&self, context: Value) -> Result<String, ExpressionError> {
        let value = self.eval(context)?;
        if value.is_none() || value.is_undefined() {
            return Ok(String::new());
        }
        let text = value.to_string();
        if text.len() > limits::CELL_BYTES {
            return Err(ExpressionError("the result is too long".to_owned()));
        }
        Ok(text)
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expression({})", self.text)
    }
}

/// The library's words without its template names.
fn told(error: &minijinja::Error) -> ExpressionError {
    let what = error.kind().to_string();
    ExpressionError(match error.detail() {
        Some(detail) => format!("{what}: {detail}"),
        None => what,
    })
}
