//! Number formats: whether a number is a date, and whether an id is shown with leading zeros.
//!
//! Only what changes the meaning of a cell is taken from its format. Currency signs, percent, thousands
//! and colours are looks: the number itself is told. A format like `00000000` is different: it is how
//! people keep the zeros of an id that their spreadsheet turned into a number.

use std::collections::HashMap;

use super::dates::{self, Shape};
use super::numbers;
use crate::formats::CellKind;

/// What a number format means for the text of a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum NumberFormat {
    /// The number as it is.
    #[default]
    General,
    /// A date, time or both.
    Date(Shape),
    /// Digits padded with zeros, perhaps with signs between: `00000000`, `0000-000`.
    Zeros(Vec<Piece>),
}

/// A part of a format of zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Digit,
    Sign(char),
}

impl NumberFormat {
    /// The meaning of a format's text (ECMA-376 part 1, 18.8.31).
    pub(super) fn of_code(code: &str) -> Self {
        let tokens = first_section(code);
        let shape = date_shape(&tokens);
        if shape.date || shape.time {
            return Self::Date(shape);
        }
        zeros(&tokens).map_or(Self::General, Self::Zeros)
    }

    /// The meaning of a built-in format (18.8.30), also those of East Asian and Thai versions.
    pub(super) fn of_builtin(id: u16) -> Self {
        let (date, time, elapsed) = match id {
            14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 | 71..=74 => (true, false, false),
            22 | 81 => (true, true, false),
            18..=21 | 32..=35 | 45 | 47 | 55 | 56 | 75..=78 | 80 => (false, true, false),
            46 | 79 => (false, true, true),
            _ => return Self::General,
        };
        Self::Date(Shape {
            date,
            time,
            elapsed,
        })
    }

    /// Writes a number whose text in the file is `raw` (where the file has text). `None` where `raw`
    /// is no number.
    pub(super) fn write_text(
        &self,
        raw: &str,
        epoch_1904: bool,
        out: &mut String,
    ) -> Option<CellKind> {
        match self {
            Self::General => numbers::from_text(raw, out),
            Self::Date(_) | Self::Zeros(_) => {
                let start = out.len();
                let kind = numbers::from_text(raw, out)?;
                let value: f64 = raw.trim().parse().ok()?;
                if kind == CellKind::Imprecise {
                    return Some(kind);
                }
                let mut styled = String::new();
                match self.styled(value, epoch_1904, &mut styled) {
                    Some(kind) => {
                        out.truncate(start);
                        out.push_str(&styled);
                        Some(kind)
                    }
                    None => Some(kind),
                }
            }
        }
    }

    /// Writes a number.
    pub(super) fn write(&self, value: f64, epoch_1904: bool, out: &mut String) -> CellKind {
        self.styled(value, epoch_1904, out)
            .unwrap_or_else(|| numbers::plain(value, out))
    }

    fn styled(&self, value: f64, epoch_1904: bool, out: &mut String) -> Option<CellKind> {
        match self {
            Self::General => None,
            Self::Date(shape) => {
                dates::write(value, *shape, epoch_1904, out).then_some(CellKind::Date)
            }
            Self::Zeros(pieces) => {
                if value < 0.0 || value.fract() != 0.0 || value >= 1e15 {
                    return None;
                }
                let mut digits = String::new();
                numbers::plain(value, &mut digits);
                Some(padded(pieces, &digits, out))
            }
        }
    }
}

/// The number formats of a workbook, by the style number that cells carry.
#[derive(Debug, Default)]
pub(super) struct Formats {
    codes: HashMap<u16, NumberFormat>,
    styles: Vec<NumberFormat>,
}

impl Formats {
    /// A format of the workbook's own.
    pub(super) fn define(&mut self, id: u16, code: &str) {
        self.codes.insert(id, NumberFormat::of_code(code));
    }

    /// The next style's number format.
    pub(super) fn add_style(&mut self, id: u16) {
        let format = self
            .codes
            .get(&id)
            .cloned()
            .unwrap_or_else(|| NumberFormat::of_builtin(id));
        self.styles.push(format);
    }

    /// What style `number` means; an unknown one means nothing special.
    pub(super) fn style(&self, number: usize) -> &NumberFormat {
        const GENERAL: &NumberFormat = &NumberFormat::General;
        self.styles.get(number).unwrap_or(GENERAL)
    }

    /// How many styles there are.
    pub(super) fn len(&self) -> usize {
        self.styles.len()
    }
}

/// A letter or sign of a format that may mean something, or text that stands for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Code(char),
    Literal(char),
    Elapsed,
}

/// The tokens of the section for positive numbers: literal text told apart, colours, conditions and
/// locales dropped.
fn first_section(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            ';' => break,
            '"' => tokens.extend(chars.by_ref().take_while(|&c| c != '"').map(Token::Literal)),
            '\\' => tokens.extend(chars.next().map(Token::Literal)),
            // `_x` leaves a gap as wide as x, `*x` fills the cell with x: looks.
            '_' | '*' => {
                chars.next();
            }
            '[' => {
                let inner: String = chars.by_ref().take_while(|&c| c != ']').collect();
                let lower = inner.to_ascii_lowercase();
                if !lower.is_empty()
                    && ["h", "m", "s"]
                        .iter()
                        .any(|unit| lower.chars().all(|c| unit.contains(c)))
                {
                    tokens.push(Token::Elapsed);
                }
            }
            _ => tokens.push(Token::Code(c.to_ascii_lowercase())),
        }
    }
    tokens
}

fn date_shape(tokens: &[Token]) -> Shape {
    let codes: String = tokens
        .iter()
        .map(|token| match token {
            Token::Code(c) => *c,
            Token::Literal(_) => ' ',
            Token::Elapsed => 'h',
        })
        .collect();
    let mut shape = Shape {
        elapsed: tokens.contains(&Token::Elapsed),
        ..Shape::default()
    };
    // The words for "as it is" in the languages whose Excel writes them into files.
    let codes = codes.replace("general", " ").replace("standard", " ");
    let clock = codes.replace("am/pm", "h").replace("a/p", "h");
    shape.time = clock.contains(['h', 's']);
    shape.date = clock.contains(['y', 'd']);
    // An m beside hours or seconds is minutes, else it is months.
    if clock.contains('m') && !shape.time {
        shape.date = true;
    }
    if shape.elapsed {
        shape.date = false;
        shape.time = true;
    }
    // `0.00E+00` has no d, y, h, m or s; a number with placeholders is no date, but `ss.00` is.
    if clock.contains(['#', '?']) {
        return Shape::default();
    }
    shape
}

/// The pieces of a format that pads with zeros: two or more zeros, and nothing that makes it the format
/// of an amount.
fn zeros(tokens: &[Token]) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    for token in tokens {
        pieces.push(match token {
            Token::Code('0') => Piece::Digit,
            Token::Code(c @ ('-' | ' ' | '/' | '(' | ')')) | Token::Literal(c) => Piece::Sign(*c),
            Token::Code(_) | Token::Elapsed => return None,
        });
    }
    let digits = pieces
        .iter()
        .filter(|piece| **piece == Piece::Digit)
        .count();
    (digits >= 2).then_some(pieces)
}

/// Digits in a pattern of zeros; more digits than places go before the first, as on the screen.
fn padded(pieces: &[Piece], digits: &str, out: &mut String) -> CellKind {
    let places = pieces
        .iter()
        .filter(|piece| **piece == Piece::Digit)
        .count();
    let zeros = places.saturating_sub(digits.len());
    let mut all = std::iter::repeat_n('0', zeros).chain(digits.chars());
    let mut surplus = digits.len().saturating_sub(places);
    for piece in pieces {
        match piece {
            Piece::Sign(c) => out.push(*c),
            Piece::Digit => {
                out.extend(all.by_ref().take(1 + surplus));
                surplus = 0;
            }
        }
    }
    if pieces.contains(&Piece::Digit) && pieces.iter().all(|piece| *piece == Piece::Digit) {
        CellKind::Number
    } else {
        // With signs between, what is shown is no number any more.
        CellKind::Text
    }
}
