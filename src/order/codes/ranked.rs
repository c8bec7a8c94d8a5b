//! A list of short codes, found in one or two looks.
//!
//! Every line of every order asks for its unit several times. The table is laid by the compiler: where a
//! code's number leads, there it lies, or close behind. Never for codes of more than four bytes.

/// How many places a list of `count` codes has: a power of two, at most half of them taken, so that a
/// search meets an empty one soon.
pub(super) const fn places(count: usize) -> usize {
    (count * 2).next_power_of_two()
}

/// One list of codes in `P` places.
pub(super) struct Ranked<const P: usize> {
    /// The number of the code in each place; none has the number 0.
    numbers: [u32; P],
    /// Which code of the list that is.
    which: [u16; P],
    codes: &'static [&'static str],
}

impl<const P: usize> Ranked<P> {
    /// Lays `codes`; too long a code or another count than [`places`] was given does not compile.
    pub(super) const fn new(codes: &'static [&'static str]) -> Self {
        assert!(P == places(codes.len()), "as many places as the list needs");
        assert!(codes.len() < u16::MAX as usize, "counted in two bytes");
        let (mut numbers, mut which) = ([0; P], [0; P]);
        let mut at = 0_u16;
        while (at as usize) < codes.len() {
            let number = number(codes[at as usize].as_bytes());
            let mut place = first::<P>(number);
            while numbers[place] != 0 {
                place = (place + 1) % P;
            }
            numbers[place] = number;
            which[place] = at;
            at += 1;
        }
        Self {
            numbers,
            which,
            codes,
        }
    }

    /// The code as the list holds it.
    pub(super) fn find(&self, code: &str) -> Option<&'static str> {
        if code.is_empty() || code.len() > size_of::<u32>() {
            return None;
        }
        let number = number(code.as_bytes());
        let mut place = first::<P>(number);
        loop {
            match *self.numbers.get(place)? {
                0 => return None,
                found if found == number => break,
                _ => place = (place + 1) % P,
            }
        }
        // The number does not tell a zero byte from the end of the text.
        let which = usize::from(*self.which.get(place)?);
        self.codes
            .get(which)
            .copied()
            .filter(|found| *found == code)
    }
}

/// Up to four bytes as a number.
const fn number(code: &[u8]) -> u32 {
    let mut bytes = [0; 4];
    let mut at = 0;
    while at < code.len() {
        bytes[at] = code[at];
        at += 1;
    }
    u32::from_be_bytes(bytes)
}

/// Where the search for a number begins: the top bits of Fibonacci hashing, 2 to the 32nd by the golden
/// ratio.
const fn first<const P: usize>(number: u32) -> usize {
    let mixed = number.wrapping_mul(0x9E37_79B9);
    (mixed >> (u32::BITS - P.trailing_zeros())) as usize
}
