//! Tables of names: sorted text, searched where it lies.
//!
//! Each line is a folded name, a tab and its code. The text is what people edit; it needs no
//! building at start and no memory but the program's own pages. A test proves that it is sorted and
//! that no name stands twice.

use super::fold::Key;

/// One table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names(&'static str);

impl Names {
    /// The table in `text`.
    pub(super) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The code of `name`, however it is written.
    pub(super) fn code(self, name: &str) -> Option<&'static str> {
        let key = Key::of(name)?;
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let (start, line) = self.line_at(low, low.midpoint(high))?;
            let (found, code) = line.split_once('\t')?;
            match found.as_bytes().cmp(key.as_bytes()) {
                std::cmp::Ordering::Equal => return Some(code),
                std::cmp::Ordering::Less => low = start + line.len() + 1,
                std::cmp::Ordering::Greater => high = start,
            }
        }
        None
    }

    /// The line around byte `at`, and where it starts, not before `low`, itself a line's start.
    fn line_at(self, low: usize, at: usize) -> Option<(usize, &'static str)> {
        let bytes = self.0.as_bytes();
        let start = memchr::memrchr(b'\n', bytes.get(low..at)?).map_or(low, |i| low + i + 1);
        let rest = self.0.get(start..)?;
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        Some((start, rest.get(..end)?))
    }

    /// All names with their codes.
    #[cfg(test)]
    pub(super) fn all(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.lines().filter_map(|line| line.split_once('\t'))
    }
}
