//! Words as they compare: lower case, without accents, blanks and punctuation.
//!
//! `Stück`, `STUCK` and `stück.` are one word, and so are `N° de commande` and `n de commande`.
//! Letters of other scripts stay what they are. Nothing is allocated here.

/// What one character of a word becomes: none, one or two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Folded {
    /// Not part of the word: a blank, punctuation, a combining accent.
    Nothing,
    /// One character.
    One(char),
    /// A ligature's two letters.
    Two(char, char),
}

/// Folds one character. Accents fall off: `ä` is `a`, not `ae`, because Swedes and the French write
/// `a` where they cannot write `ä`; tables list the German `ae` spellings beside.
pub(crate) fn fold(c: char) -> Folded {
    if c.is_ascii() {
        return if c.is_ascii_alphanumeric() {
            Folded::One(c.to_ascii_lowercase())
        } else {
            Folded::Nothing
        };
    }
    match c {
        'Æ' | 'æ' => Folded::Two('a', 'e'),
        'Œ' | 'œ' => Folded::Two('o', 'e'),
        'ß' | 'ẞ' => Folded::Two('s', 's'),
        'Ĳ' | 'ĳ' => Folded::Two('i', 'j'),
        'Þ' | 'þ' => Folded::Two('t', 'h'),
        '²' => Folded::One('2'),
        '³' => Folded::One('3'),
        // Ordinal signs are alphanumeric to Unicode; in `Nº` they are an ornament.
        'ª' | 'º' | '\u{300}'..='\u{36f}' => Folded::Nothing,
        _ => match base(c) {
            Some(letter) => Folded::One(letter),
            None if c.is_alphanumeric() => {
                c.to_lowercase().next().map_or(Folded::Nothing, Folded::One)
            }
            None => Folded::Nothing,
        },
    }
}

/// The plain letter under the accent, for Latin-1, Latin Extended-A and Romanian commas.
fn base(c: char) -> Option<char> {
    Some(match c {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => 'a',
        'Ç' | 'ç' | 'Ć'..='č' => 'c',
        'Ð' | 'ð' | 'Ď'..='đ' => 'd',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => 'e',
        'Ĝ'..='ģ' => 'g',
        'Ĥ'..='ħ' => 'h',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => 'i',
        'Ĵ'..='ĵ' => 'j',
        'Ķ'..='ĸ' => 'k',
        'Ĺ'..='ł' => 'l',
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => 'n',
        'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => 'o',
        'Ŕ'..='ř' => 'r',
        'Ś'..='š' | 'Ș' | 'ș' => 's',
        'Ţ'..='ŧ' | 'Ț' | 'ț' => 't',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => 'u',
        'Ŵ'..='ŵ' => 'w',
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => 'y',
        'Ź'..='ž' => 'z',
        _ => return None,
    })
}

/// A folded word on the stack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    bytes: [u8; Key::LONGEST],
    length: usize,
}

impl Key {
    /// Longest word that a table of names holds; a test keeps the tables to it.
    pub(super) const LONGEST: usize = 56;

    /// Folds `text`; `None` if it is longer than any name, or not in Latin letters.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut key = Self {
            bytes: [0; Self::LONGEST],
            length: 0,
        };
        for c in text.chars() {
            match fold(c) {
                Folded::Nothing => {}
                Folded::One(one) => key.push(one)?,
                Folded::Two(one, two) => {
                    key.push(one)?;
                    key.push(two)?;
                }
            }
        }
        Some(key)
    }

    fn push(&mut self, c: char) -> Option<()> {
        let byte = u8::try_from(c).ok().filter(u8::is_ascii)?;
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    /// The folded bytes: lower-case ASCII letters and digits.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}
