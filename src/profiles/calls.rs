//! Expressions that need no engine: calls, texts, columns, joins and choices, as a tree of our own.
//!
//! An expression is always compiled by the engine first; what it refuses is refused. If this module
//! understands all of it, the tree runs instead, because it costs a tenth: no context, no values.
//! What it does not understand (lists, tests, arithmetic signs) stays with the engine. A test runs
//! both on the same expressions and compares.

use std::borrow::Cow;

use super::functions::{self, Function, Given, Tools};

/// What a tree reads.
pub(crate) trait Reads<'s> {
    /// The text of the nth reference.
    fn reference(&self, number: usize) -> Cow<'s, str>;
    /// The text of the nth earlier field.
    fn earlier(&self, number: usize) -> Cow<'s, str>;
}

/// A compiled expression.
#[derive(Debug)]
pub(crate) enum Tree {
    Text(String),
    Reference(usize),
    Earlier(usize),
    Call(&'static Function, Vec<Tree>),
    Join(Vec<Tree>),
    If(Box<Condition>, Box<Tree>, Box<Tree>),
}

/// What an `if` asks.
#[derive(Debug)]
pub(crate) enum Condition {
    Filled(Tree),
    Equal(Tree, Tree),
    Not(Box<Condition>),
    All(Vec<Condition>),
    Any(Vec<Condition>),
}

impl std::fmt::Debug for Function {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Tree {
    /// The tree of `text`, in which `r0`, `r1` … are references and `f0`, `f1` … earlier fields;
    /// `None` if it needs the engine.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser {
            tokens: tokens(text)?,
            at: 0,
        };
        let tree = parser.choice()?;
        (parser.at == parser.tokens.len()).then_some(tree)
    }

    /// Its value.
    ///
    /// # Errors
    /// What a function says.
    pub(crate) fn text<'s>(&'s self, reads: &impl Reads<'s>, tools: &Tools<'_>) -> Given<'s> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Reference(number) => Ok(reads.reference(*number)),
            Self::Earlier(number) => Ok(reads.earlier(*number)),
            Self::Call(function, args) => {
                let mut texts = Vec::with_capacity(args.len());
                for arg in args {
                    texts.push(arg.text(reads, tools)?);
                }
                function.call(&texts, tools)
            }
            Self::Join(parts) => {
                let mut text = String::new();
                for part in parts {
                    text.push_str(&part.text(reads, tools)?);
                }
                Ok(Cow::Owned(text))
            }
            Self::If(condition, then, otherwise) => {
                let branch = if condition.holds(reads, tools)? {
                    then
                } else {
                    otherwise
                };
                branch.text(reads, tools)
            }
        }
    }
}

impl Condition {
    fn holds<'s>(&'s self, reads: &impl Reads<'s>, tools: &Tools<'_>) -> Result<bool, String> {
        Ok(match self {
            Self::Filled(tree) => !tree.text(reads, tools)?.is_empty(),
            Self::Equal(left, right) => left.text(reads, tools)? == right.text(reads, tools)?,
            Self::Not(inner) => !inner.holds(reads, tools)?,
            Self::All(all) => {
                for condition in all {
                    if !condition.holds(reads, tools)? {
                        return Ok(false);
                    }
                }
                true
            }
            Self::Any(any) => {
                for condition in any {
                    if condition.holds(reads, tools)? {
                        return Ok(true);
                    }
                }
                false
            }
        })
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Names, texts and the few signs that a tree knows; `None` for any other.
fn tokens(text: &str) -> Option<Vec<Token>> {
    const SIGNS: [&str; 7] = ["==", "!=", "(", ")", ",", "~", "|"];
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            tokens.push(Token::Sign(sign));
            rest = rest.get(sign.len()..)?;
        } else if first == '\'' || first == '"' {
            let (inside, after) = quoted(rest, first)?;
            tokens.push(Token::Text(inside));
            rest = after;
        } else {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            let (name, after) = rest
                .split_at_checked(end)
                .filter(|(name, _)| !name.is_empty())?;
            let digits = name.bytes().all(|b| b.is_ascii_digit());
            // `1.5` would be another number as the engine writes it.
            if after.starts_with('.') || (digits && name.len() > 1 && name.starts_with('0')) {
                return None;
            }
            tokens.push(if digits {
                Token::Number(name.to_owned())
            } else {
                Token::Name(name.to_owned())
            });
            rest = after;
        }
        rest = rest.trim_start();
    }
    Some(tokens)
}

/// The text in quotes at the start of `rest`, and what follows.
fn quoted(rest: &str, quote: char) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut signs = rest.char_indices().skip(1);
    while let Some((at, c)) = signs.next() {
        if c == quote {
            return Some((text, rest.get(at + 1..)?));
        }
        if c != '\\' {
            text.push(c);
            continue;
        }
        text.push(match signs.next()?.1 {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            same @ ('\\' | '\'' | '"') => same,
            _ => return None,
        });
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next_is(&mut self, sign: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(is);
        is
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Name(found)) if found == word);
        self.at += usize::from(is);
        is
    }

    /// `a if condition else b`
    fn choice(&mut self) -> Option<Tree> {
        let then = self.joined()?;
        if !self.word("if") {
            return Some(then);
        }
        let condition = self.any()?;
        let otherwise = if self.word("else") {
            self.choice()?
        } else {
            Tree::Text(String::new())
        };
        Some(Tree::If(
            Box::new(condition),
            Box::new(then),
            Box::new(otherwise),
        ))
    }

    fn any(&mut self) -> Option<Condition> {
        let mut any = vec![self.all()?];
        while self.word("or") {
            any.push(self.all()?);
        }
        Some(if any.len() == 1 {
            any.pop()?
        } else {
            Condition::Any(any)
        })
    }

    fn all(&mut self) -> Option<Condition> {
        let mut all = vec![self.negated()?];
        while self.word("and") {
            all.push(self.negated()?);
        }
        Some(if all.len() == 1 {
            all.pop()?
        } else {
            Condition::All(all)
        })
    }

    fn negated(&mut self) -> Option<Condition> {
        if self.word("not") {
            return Some(Condition::Not(Box::new(self.negated()?)));
        }
        let left = self.joined()?;
        if self.next_is("==") {
            return Some(Condition::Equal(
                comparable(left)?,
                comparable(self.joined()?)?,
            ));
        }
        if self.next_is("!=") {
            let equal = Condition::Equal(comparable(left)?, comparable(self.joined()?)?);
            return Some(Condition::Not(Box::new(equal)));
        }
        Some(Condition::Filled(left))
    }

    fn joined(&mut self) -> Option<Tree> {
        let mut parts = vec![self.filtered()?];
        while self.next_is("~") {
            parts.push(self.filtered()?);
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        Some(Tree::Join(parts))
    }

    /// `a | upper | pad(3)`
    fn filtered(&mut self) -> Option<Tree> {
        let mut tree = self.single()?;
        while self.next_is("|") {
            let name = self.name()?;
            // These filters of the engine are others than our functions of the same names.
            if ["default", "first", "join", "round", "split"].contains(&name.as_str()) {
                return None;
            }
            let mut args = vec![tree];
            if self.next_is("(") {
                self.args(&mut args)?;
            }
            tree = call(&name, args)?;
        }
        Some(tree)
    }

    fn name(&mut self) -> Option<String> {
        let Token::Name(name) = self.tokens.get(self.at)? else {
            return None;
        };
        self.at += 1;
        Some(name.clone())
    }

    fn single(&mut self) -> Option<Tree> {
        if self.next_is("(") {
            let inside = self.choice()?;
            return self.next_is(")").then_some(inside);
        }
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Text(text) | Token::Number(text) => Some(Tree::Text(text)),
            Token::Sign(_) => None,
            Token::Name(name) if self.next_is("(") => {
                let mut args = Vec::new();
                self.args(&mut args)?;
                call(&name, args)
            }
            Token::Name(name) => {
                let (kind, number) = name.split_at_checked(1)?;
                let number = number.parse().ok()?;
                match kind {
                    "r" => Some(Tree::Reference(number)),
                    "f" => Some(Tree::Earlier(number)),
                    _ => None,
                }
            }
        }
    }

    fn args(&mut self, into: &mut Vec<Tree>) -> Option<()> {
        if self.next_is(")") {
            return Some(());
        }
        loop {
            into.push(self.choice()?);
            if self.next_is(")") {
                return Some(());
            }
            if !self.next_is(",") {
                return None;
            }
        }
    }
}

/// A number is equal to no text in the engine: what compares with one stays there.
fn comparable(tree: Tree) -> Option<Tree> {
    match &tree {
        Tree::Text(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => None,
        _ => Some(tree),
    }
}

fn call(name: &str, args: Vec<Tree>) -> Option<Tree> {
    let function = functions::find(name)?;
    function.fits(args.len()).ok()?;
    Some(Tree::Call(function, args))
}
