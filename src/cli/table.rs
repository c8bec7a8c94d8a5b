//! Aligned tables and small words for a terminal. Pure, except for [`Look::of_stdout`].

use std::io::IsTerminal;
use std::time::Duration;

use crate::clock::{self, Millis};
use crate::logging::one_line;

/// What the output is looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal; `None`: a file or pipe, nothing is cut.
    pub width: Option<usize>,
    /// Whether colours are wanted.
    pub colour: bool,
    /// The time to which ages relate.
    pub now: Millis,
}

impl Look {
    /// As standard output is: a terminal has a width and, unless `NO_COLOR` is set, colours.
    #[must_use]
    pub fn of_stdout() -> Self {
        let out = std::io::stdout();
        let terminal = out.is_terminal();
        let size = rustix::termios::tcgetwinsize(&out).ok();
        let width = size.map(|size| usize::from(size.ws_col)).filter(|w| *w > 0);
        Self {
            width: width.filter(|_| terminal),
            colour: terminal && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty()),
            now: clock::now(),
        }
    }

    /// `12 s ago`, `in 5 min`: one number is enough for people.
    #[must_use]
    pub fn age(&self, at: Millis) -> String {
        if at > self.now {
            return format!("in {}", span(self.now.until(at)));
        }
        format!("{} ago", span(at.until(self.now)))
    }

    pub(super) fn paint(&self, tone: Tone, text: &str) -> String {
        let code = match tone {
            _ if !self.colour => return text.to_owned(),
            Tone::Plain => return text.to_owned(),
            Tone::Good => "32",
            Tone::Bad => "31",
            Tone::Open => "33",
            Tone::Faint => "2",
            Tone::Head => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// A time span in its largest unit.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A size in its largest unit.
pub(super) fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "KB")];
    for (unit, name) in units {
        if bytes >= unit {
            let tenths = bytes / (unit / 10);
            return match tenths {
                0..100 => format!("{}.{} {name}", tenths / 10, tenths % 10),
                _ => format!("{} {name}", bytes / unit),
            };
        }
    }
    format!("{bytes} B")
}

/// What a cell says beside its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Good,
    Bad,
    Open,
    Faint,
    Head,
}

/// One cell. Text from outside is made safe here: nothing can move the cursor.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(super) fn toned(text: &str, tone: Tone) -> Self {
        Self {
            text: one_line(text),
            tone,
        }
    }
}

impl<T: std::fmt::Display> From<T> for Cell {
    fn from(value: T) -> Self {
        Self::toned(&value.to_string(), Tone::Plain)
    }
}

/// A number that is only worth a look when it is not zero.
pub(super) fn number(value: u64, tone: Tone) -> Cell {
    match value {
        0 => Cell::toned("0", Tone::Faint),
        _ => Cell::toned(&value.to_string(), tone),
    }
}

/// A number of which only what is not zero deserves room.
pub(super) fn some(value: u64, tone: Tone) -> Cell {
    match value {
        0 => Cell::toned("", tone),
        _ => number(value, tone),
    }
}

/// How a column behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    /// Text, never cut.
    Left,
    /// A number.
    Right,
    /// Text that is cut where the terminal is too narrow.
    Flex,
}

/// Narrowest a column is cut to.
const NARROWEST: usize = 8;
/// Between two columns.
const GAP: &str = "  ";

/// Rows under a head.
pub(super) struct Table {
    columns: Vec<(&'static str, Column)>,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    pub(super) fn new(columns: &[(&'static str, Column)]) -> Self {
        Self {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// Takes out columns in which no row says anything: they would take room from the others.
    pub(super) fn without_empty(mut self) -> Self {
        let is_told = |index: usize| {
            let mut cells = self.rows.iter().filter_map(|row| row.get(index));
            cells.any(|cell| !cell.text.is_empty())
        };
        let kept: Vec<bool> = (0..self.columns.len()).map(is_told).collect();
        let mut verdicts = kept.iter();
        self.columns
            .retain(|_| verdicts.next().is_some_and(|kept| *kept));
        for row in &mut self.rows {
            let mut verdicts = kept.iter();
            row.retain(|_| verdicts.next().is_some_and(|kept| *kept));
        }
        self
    }

    /// The table as text, each line with a line end.
    pub(super) fn render(&self, look: &Look) -> String {
        let widths = self.widths(look);
        let mut text = String::new();
        let head: Vec<Cell> = self
            .columns
            .iter()
            .map(|(title, _)| Cell::toned(title, Tone::Head))
            .collect();
        for row in std::iter::once(&head).chain(&self.rows) {
            text.push_str(&self.line(row, &widths, look));
            text.push('\n');
        }
        text
    }

    fn widths(&self, look: &Look) -> Vec<usize> {
        let mut widths: Vec<usize> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, (title, _))| {
                let cells = self.rows.iter().filter_map(|row| row.get(index));
                let longest = cells.map(|cell| cell.text.chars().count()).max();
                longest.unwrap_or(0).max(title.chars().count())
            })
            .collect();
        let gaps = GAP.len() * widths.len().saturating_sub(1);
        let Some(room) = look.width.map(|width| width.saturating_sub(gaps)) else {
            return widths;
        };
        // Takes from the widest flexible column, one character at a time: the cheapest fair way.
        while widths.iter().sum::<usize>() > room {
            let flexible = widths.iter_mut().zip(&self.columns);
            let widest = flexible
                .filter(|(width, (_, column))| *column == Column::Flex && **width > NARROWEST)
                .max_by_key(|(width, _)| **width);
            match widest {
                Some((width, _)) => *width -= 1,
                None => break,
            }
        }
        widths
    }

    fn line(&self, row: &[Cell], widths: &[usize], look: &Look) -> String {
        let mut line = String::new();
        let last = widths.len().saturating_sub(1);
        for (index, ((cell, width), (_, column))) in
            row.iter().zip(widths).zip(&self.columns).enumerate()
        {
            let text = cut(&cell.text, *width);
            let pad = " ".repeat(width.saturating_sub(text.chars().count()));
            let text = look.paint(cell.tone, &text);
            match column {
                Column::Right => line.extend([pad, text]),
                _ if index == last => line.push_str(&text),
                _ => line.extend([text, pad]),
            }
            if index < last {
                line.push_str(GAP);
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// `word: text`, on as many lines as the terminal needs; the further ones stand in.
pub(super) fn paragraph(word: &str, tone: Tone, text: &str, look: &Look) -> String {
    const INDENT: usize = 4;
    let mut lines = format!("{}:", look.paint(tone, word));
    let mut used = word.chars().count() + 1;
    for piece in one_line(text).split(' ') {
        let length = piece.chars().count();
        if look
            .width
            .is_some_and(|width| used + 1 + length > width && used > INDENT)
        {
            lines.push('\n');
            lines.push_str(&" ".repeat(INDENT));
            used = INDENT;
        } else {
            lines.push(' ');
            used += 1;
        }
        lines.push_str(piece);
        used += length;
    }
    lines.push('\n');
    lines
}

/// `key   value` lines: the head of a story.
pub(super) fn pairs(lines: &[(&str, String)], look: &Look) -> String {
    let width = lines.iter().map(|(key, _)| key.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut text = String::new();
    for (key, value) in lines {
        let pad = " ".repeat(width.saturating_sub(key.chars().count()));
        let key = look.paint(Tone::Faint, key);
        text.extend([
            key.as_str(),
            pad.as_str(),
            GAP,
            one_line(value).as_str(),
            "\n",
        ]);
    }
    text
}
