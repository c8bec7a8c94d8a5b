//! Segments of EDIFACT and X12 as text: elements of components, counted, with their separators kept
//! out of the data.

/// What separates.
#[derive(Debug, Clone, Copy)]
struct Signs {
    component: char,
    element: char,
    /// Takes the meaning from the character behind it; X12 has none.
    release: Option<char>,
    segment: char,
}

/// A text of segments in the making.
#[derive(Debug)]
pub(super) struct Segments {
    signs: Signs,
    text: String,
    count: usize,
}

impl Segments {
    /// With the separators that ISO 9735-1 has unless UNA says otherwise.
    pub(super) fn edifact() -> Self {
        Self::with(Signs {
            component: ':',
            element: '+',
            release: Some('?'),
            segment: '\'',
        })
    }

    /// With those that X12 partners use mostly.
    pub(super) fn x12() -> Self {
        Self::with(Signs {
            component: '>',
            element: '*',
            release: None,
            segment: '~',
        })
    }

    fn with(signs: Signs) -> Self {
        Self {
            signs,
            text: String::new(),
            count: 0,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// A segment: elements of components; empty ones at the end are left out.
    pub(super) fn put(&mut self, tag: &str, elements: &[&[&str]]) {
        self.text.push_str(tag);
        let filled = |element: &&[&str]| element.iter().any(|part| !part.is_empty());
        let last = elements.iter().rposition(filled).map_or(0, |at| at + 1);
        for element in elements.iter().take(last) {
            self.text.push(self.signs.element);
            let last = element.iter().rposition(|part| !part.is_empty());
            for (at, part) in element.iter().take(last.map_or(0, |at| at + 1)).enumerate() {
                if at > 0 {
                    self.text.push(self.signs.component);
                }
                self.push(part);
            }
        }
        self.end();
    }

    /// A segment whose elements keep their place and width, also where they are empty (ISA).
    pub(super) fn fixed(&mut self, tag: &str, elements: &[&str]) {
        self.text.push_str(tag);
        for element in elements {
            self.text.push(self.signs.element);
            self.text.push_str(element);
        }
        self.end();
    }

    fn end(&mut self) {
        self.text.push(self.signs.segment);
        self.text.push('\n');
        self.count += 1;
    }

    /// Data: no control characters, and no separators that would be taken for such.
    fn push(&mut self, part: &str) {
        let Signs {
            component,
            element,
            release,
            segment,
        } = self.signs;
        for c in part.chars() {
            match (c, release) {
                (c, _) if c.is_control() => self.text.push(' '),
                (c, Some(release)) if [component, element, segment, release].contains(&c) => {
                    self.text.extend([release, c]);
                }
                (c, None) if [component, element, segment].contains(&c) => self.text.push(' '),
                (c, _) => self.text.push(c),
            }
        }
    }

    /// The text so far.
    pub(super) fn finish(self) -> String {
        self.text
    }
}

/// The first `most` characters.
pub(super) fn cut(text: &str, most: usize) -> &str {
    text.char_indices()
        .nth(most)
        .map_or(text, |(at, _)| text.get(..at).unwrap_or(text))
}

/// A line in pieces of at most `each` characters, broken at blanks where there are any: a reader puts
/// a blank between pieces.
pub(super) fn pieces(line: &str, each: usize) -> Vec<&str> {
    let mut rest = line.trim();
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let whole = cut(rest, each);
        let piece = if whole.len() == rest.len()
            || rest
                .get(whole.len()..)
                .is_some_and(|tail| tail.starts_with(' '))
        {
            whole
        } else {
            whole
                .rfind(' ')
                .and_then(|at| whole.get(..at))
                .filter(|piece| !piece.trim().is_empty())
                .unwrap_or(whole)
        };
        pieces.push(piece.trim());
        rest = rest.get(piece.len()..).unwrap_or_default().trim_start();
    }
    pieces
}
