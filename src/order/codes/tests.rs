//! The code lists are sorted, whole and known by their names.

use super::*;

fn assert_sorted(what: &str, table: &[&str]) {
    for pair in table.windows(2) {
        assert!(pair[0] < pair[1], "{what}: {} before {}", pair[0], pair[1]);
    }
}

#[test]
fn code_lists_are_sorted_and_hold_nothing_twice() {
    assert_sorted("countries", iso3166::COUNTRIES);
    assert_sorted("units", rec20::UNITS);
    assert_sorted("retired units", rec20::RETIRED);
    assert_sorted("counted units", rec20::COUNTED);
    assert_sorted("packages", rec21::PACKAGES);
    assert_sorted("bulk", rec21::BULK);
    assert_sorted("words", WORDS_BEFORE_CODES);
    let mut seen = std::collections::BTreeSet::new();
    for (_, codes) in iso4217::CURRENCIES {
        assert_sorted("currencies", codes);
        assert!(codes.iter().all(|code| seen.insert(*code)));
    }
    for (package, unit) in rec21::PACKAGES.iter().zip(rec21::AS_UNITS) {
        assert_eq!(unit.strip_prefix('X'), Some(*package));
    }
}

#[test]
fn name_tables_are_sorted_folded_and_lead_to_codes() {
    let tables = [
        ("countries", COUNTRY_NAMES, is_country as fn(&str) -> bool),
        ("units", UNIT_NAMES, is_unit),
        ("packages", PACKAGE_NAMES, is_package),
    ];
    for (what, table, is_code) in tables {
        let names: Vec<_> = table.all().map(|(name, _)| name).collect();
        assert_sorted(what, &names);
        for (name, code) in table.all() {
            let key = fold::Key::of(name).expect("a name that is too long is never found");
            assert_eq!(
                key.as_bytes(),
                name.as_bytes(),
                "{what}: {name} is not folded"
            );
            assert!(is_code(code), "{what}: {name} leads to {code}");
            assert_eq!(table.code(name), Some(code), "{what}: {name} is not found");
        }
        assert_eq!(table.code(""), None);
        assert_eq!(table.code("zzzz"), None);
        assert_eq!(table.code(&"x".repeat(1000)), None);
    }
}

#[test]
fn countries_are_known_by_code_and_by_name() {
    for (name, code) in [
        ("DE", "DE"),
        (" de ", "DE"),
        ("DEU", "DE"),
        ("D", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Tyskland", "DE"),
        ("Österreich", "AT"),
        ("OESTERREICH", "AT"),
        ("Oostenrijk", "AT"),
        ("The Netherlands", "NL"),
        ("Pays-Bas", "NL"),
        ("Holland", "NL"),
        ("UK", "GB"),
        ("Großbritannien", "GB"),
        ("U.S.A.", "US"),
        ("États-Unis", "US"),
        ("Verenigde Staten", "US"),
        ("Côte d’Ivoire", "CI"),
        ("Tschechien", "CZ"),
        ("Türkei", "TR"),
        ("Kosovo", "XK"),
    ] {
        assert_eq!(country_code(name), Some(code), "{name}");
    }
    for name in ["", "Congo", "Atlantis", "ZZ", "Ägyptisch", "1", "中国"] {
        assert_eq!(country_code(name), None, "{name}");
    }
    assert!(is_country("SE") && !is_country("se") && !is_country("EUR") && !is_country(""));
}

#[test]
fn currencies_know_their_minor_unit() {
    for (code, decimals) in [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("XCG", 2)] {
        assert!(is_currency(code));
        assert_eq!(minor_unit(code), Some(decimals), "{code}");
    }
    assert!(is_currency("XAU") && minor_unit("XAU").is_none());
    for code in ["", "eur", "DEM", "XXX", "EURO", "€"] {
        assert!(!is_currency(code), "{code}");
    }
}

#[test]
fn units_are_known_by_code_and_by_name() {
    for (name, code) in [
        ("C62", "C62"),
        ("PCE", "PCE"),
        ("pce", "PCE"),
        ("kgm", "KGM"),
        ("XPX", "XPX"),
        ("Stück", "H87"),
        ("Stueck", "H87"),
        ("St.", "H87"),
        ("STK", "H87"),
        ("stuks", "H87"),
        ("pièces", "H87"),
        ("st", "H87"),
        ("each", "EA"),
        ("Kg", "KGM"),
        ("KGS", "KGM"),
        ("ltr", "LTR"),
        ("m²", "MTK"),
        ("m³", "MTQ"),
        ("Karton", "XCT"),
        ("PAL", "XPX"),
        ("pallet", "XPX"),
        ("doos", "XBX"),
        ("Paar", "PR"),
        ("timmar", "HUR"),
    ] {
        assert_eq!(unit_code(name), Some(code), "{name}");
    }
    for name in ["", "btl", "handful", "XZ9", "kgmm", "é"] {
        assert_eq!(unit_code(name), None, "{name}");
    }
    assert!(is_unit("XBX") && is_unit("CT") && !is_unit("XXX") && !is_unit("kg"));
    assert!(is_counted_unit("H87") && is_counted_unit("PCE") && is_counted_unit("XPX"));
    assert!(!is_counted_unit("KGM") && !is_counted_unit("XVO") && !is_counted_unit("HUR"));
}

#[test]
fn packages_are_known_by_code_and_by_name() {
    for (name, code) in [
        ("PX", "PX"),
        ("XPX", "PX"),
        ("pallet", "PX"),
        ("Europaletten", "PX"),
        ("EUR-pallet", "PX"),
        ("carton", "CT"),
        ("doos", "BX"),
        ("colli", "PK"),
        ("Packstück", "PK"),
        ("bulk", "VO"),
        ("Schüttgut", "VO"),
        ("fût", "DR"),
        ("krat", "CR"),
        ("zak", "BG"),
        ("IBC", "WA"),
    ] {
        assert_eq!(package_code(name), Some(code), "{name}");
    }
    for name in ["", "X", "XX", "px9", "thing"] {
        assert_eq!(package_code(name), None, "{name}");
    }
    assert!(is_package("CT") && !is_package("XCT") && !is_package("ct"));
}
