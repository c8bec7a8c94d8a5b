//! A sorted list of short codes, searched by numbers that lie side by side.
//!
//! Texts lie elsewhere than their list: a search among them waits for memory at every step. Ranks are
//! computed by the compiler and fit in the first cache. Never for codes of more than four bytes.

/// One list with the rank of each of its codes.
pub(super) struct Ranked<const N: usize> {
    ranks: [u32; N],
    codes: &'static [&'static str],
}

impl<const N: usize> Ranked<N> {
    /// Ranks `codes`, which are sorted; too long a code or another count does not compile.
    pub(super) const fn new(codes: &'static [&'static str]) -> Self {
        let mut ranks = [0; N];
        let mut at = 0;
        while at < N {
            ranks[at] = rank(codes[at].as_bytes());
            at += 1;
        }
        Self { ranks, codes }
    }

    /// The code as the list holds it.
    pub(super) fn find(&self, code: &str) -> Option<&'static str> {
        if code.len() > size_of::<u32>() {
            return None;
        }
        let index = self.ranks.binary_search(&rank(code.as_bytes())).ok()?;
        // The rank does not tell a zero byte from the end of the text.
        self.codes
            .get(index)
            .copied()
            .filter(|found| *found == code)
    }
}

/// Up to four bytes as a number that sorts as they do.
const fn rank(code: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    let mut at = 0;
    while at < code.len() {
        bytes[at] = code[at];
        at += 1;
    }
    u32::from_be_bytes(bytes)
}
