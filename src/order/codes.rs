//! Code lists: countries, currencies, units, packages.

/// Whether `code` is an ISO 3166-1 alpha-2 code.
#[must_use]
pub fn is_country(code: &str) -> bool {
    code.len() == 2
}
/// Whether `code` is an ISO 4217 code.
#[must_use]
pub fn is_currency(code: &str) -> bool {
    code.len() == 3
}
/// Whether `code` is a UN/ECE Rec 20 unit.
#[must_use]
pub fn is_unit(code: &str) -> bool {
    !code.is_empty()
}
/// The ISO code of a country's name or code.
#[must_use]
pub fn country_code(_name: &str) -> Option<&'static str> {
    None
}
/// The Rec 20 code of a unit's common name.
#[must_use]
pub fn unit_code(_name: &str) -> Option<&'static str> {
    None
}
/// The Rec 21 code of a package's common name.
#[must_use]
pub fn package_code(_name: &str) -> Option<&'static str> {
    None
}
