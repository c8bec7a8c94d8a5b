//! Code lists: countries, currencies, units, packages.
//!
//! `is_…` tells whether a text is a code; `…_code` finds the code of a name as people write it in
//! English, German, Dutch, French or Swedish, and leaves a text that is a code already as it is. A
//! name with two meanings is in no table: it would have to be guessed. Every look-up searches a static
//! table and allocates nothing.

mod fold;
mod iso3166;
mod iso4217;
mod names;
mod ranked;
mod rec20;
mod rec21;
#[cfg(test)]
mod tests;

pub(crate) use fold::{Folded, fold};
use names::Names;
use ranked::{Ranked, places};

static COUNTRY_NAMES: Names = Names::new(include_str!("countries.tsv"));
static UNIT_NAMES: Names = Names::new(include_str!("units.tsv"));
static PACKAGE_NAMES: Names = Names::new(include_str!("packages.tsv"));

// Every order line asks for its unit and the decimals of its currency several times.
static COUNTRIES: Ranked<{ places(iso3166::COUNTRIES.len()) }> = Ranked::new(iso3166::COUNTRIES);
static PACKAGES: Ranked<{ places(rec21::PACKAGES.len()) }> = Ranked::new(rec21::PACKAGES);
/// The currencies of the first group: nearly all that are met.
static USUAL: Ranked<{ places(iso4217::CURRENCIES[0].1.len()) }> =
    Ranked::new(iso4217::CURRENCIES[0].1);
static UNITS: Ranked<{ places(rec20::UNITS.len()) }> = Ranked::new(rec20::UNITS);
static RETIRED: Ranked<{ places(rec20::RETIRED.len()) }> = Ranked::new(rec20::RETIRED);
static COUNTED: Ranked<{ places(rec20::COUNTED.len()) }> = Ranked::new(rec20::COUNTED);

/// Words that order tables write in capitals although the same letters are the code of something
/// nobody orders: pascal, cigarette stick, kilogram per second, content ton, flake ton, pound per
/// square foot. Here the word wins.
static WORDS_BEFORE_CODES: &[&str] = &["CTN", "FL", "FP", "KGS", "PAL", "STK"];

fn find(table: &'static [&'static str], code: &str) -> Option<&'static str> {
    let index = table.binary_search(&code).ok()?;
    table.get(index).copied()
}

/// Whether `code` is an ISO 3166-1 alpha-2 code, in capitals (or `XK`, Kosovo).
#[must_use]
pub fn is_country(code: &str) -> bool {
    COUNTRIES.find(code).is_some()
}

/// Whether `code` is a current ISO 4217 code, in capitals.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    currency_group(code).is_some()
}

/// Decimals of the smallest amount in `currency`; `None` if it has no smallest amount or is unknown.
#[must_use]
pub(super) fn minor_unit(code: &str) -> Option<u32> {
    currency_group(code)?.0
}

/// The currencies among which `code` is.
fn currency_group(code: &str) -> Option<&'static iso4217::Group> {
    if USUAL.find(code).is_some() {
        return iso4217::CURRENCIES.first();
    }
    iso4217::CURRENCIES
        .iter()
        .find(|(_, codes)| find(codes, code).is_some())
}

/// Whether `code` is a UN/ECE Rec 20 unit, in capitals: the current list, retired codes that are
/// still in use, and `X` with a package code.
#[must_use]
pub fn is_unit(code: &str) -> bool {
    unit(code).is_some() || code.strip_prefix('X').is_some_and(is_package)
}

fn unit(code: &str) -> Option<&'static str> {
    UNITS.find(code).or_else(|| RETIRED.find(code))
}

/// Whether `code` is a UN/ECE Rec 21 package, in capitals.
#[must_use]
pub(super) fn is_package(code: &str) -> bool {
    PACKAGES.find(code).is_some()
}

/// Whether a unit counts things, so that a fraction of one is a mistake.
#[must_use]
pub(super) fn is_counted_unit(code: &str) -> bool {
    COUNTED.find(code).is_some()
        || RETIRED.find(code).is_some()
        || code.strip_prefix('X').is_some_and(is_counted_package)
}

/// Whether a package is a thing that can be counted, and not loose bulk.
#[must_use]
pub(super) fn is_counted_package(code: &str) -> bool {
    is_package(code) && find(rec21::BULK, code).is_none()
}

/// The ISO code of a country's name or code: `Pays-Bas`, `nld` and `nl` are `NL`.
#[must_use]
pub fn country_code(name: &str) -> Option<&'static str> {
    let name = name.trim();
    if let [first, second] = name.as_bytes() {
        let upper = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        if let Some(code) = std::str::from_utf8(&upper)
            .ok()
            .and_then(|code| COUNTRIES.find(code))
        {
            return Some(code);
        }
    }
    COUNTRY_NAMES.code(name)
}

/// The Rec 20 code of a unit's common name: `Stück` is `H87`, `kg` is `KGM`, `doos` is `XBX`.
#[must_use]
pub fn unit_code(name: &str) -> Option<&'static str> {
    let name = name.trim();
    let is_word = find(WORDS_BEFORE_CODES, name).is_some();
    if !is_word && let Some(code) = unit(name).or_else(|| package_unit(name)) {
        return Some(code);
    }
    UNIT_NAMES.code(name).or_else(|| {
        // A code in small letters that is no word of its own: `kgm`, `lm`.
        let mut upper = [0; 3];
        let upper = upper.get_mut(..name.len())?;
        upper.copy_from_slice(name.as_bytes());
        upper.make_ascii_uppercase();
        unit(std::str::from_utf8(upper).ok()?)
    })
}

/// `XPX` as the table of units of packages would hold it.
fn package_unit(code: &str) -> Option<&'static str> {
    let index = rec21::PACKAGES
        .binary_search(&code.strip_prefix('X')?)
        .ok()?;
    rec21::AS_UNITS.get(index).copied()
}

/// The Rec 21 code of a package's common name: `colli` is `PK`, `Europalette` is `PX`; `XPX`, the
/// same as a unit, is `PX` too.
#[must_use]
pub fn package_code(name: &str) -> Option<&'static str> {
    let name = name.trim();
    PACKAGES
        .find(name)
        .or_else(|| match name.strip_prefix('X') {
            Some(code) if name.len() == 3 => PACKAGES.find(code),
            _ => None,
        })
        .or_else(|| PACKAGE_NAMES.code(name))
}
