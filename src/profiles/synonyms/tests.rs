//! No word has two meanings, and every meaning is a field.

use std::collections::BTreeMap;

use super::*;

#[test]
fn paths_are_sorted() {
    assert!(PATHS.is_sorted_by(|a, b| a < b));
}

#[test]
fn no_word_has_two_meanings_and_every_meaning_is_a_field() {
    let mut seen: BTreeMap<(&str, String), &str> = BTreeMap::new();
    let mut fields = 0;
    let mut wrong = Vec::new();
    for (target, word) in words() {
        let table = match target.as_bytes()[0] {
            b'@' => "place",
            b'.' => "part",
            b'~' => "stop",
            _ => "field",
        };
        match table {
            "field" => {
                assert!(PATHS.contains(&target), "{target}");
                fields += 1;
            }
            "part" => assert!(
                PATHS.contains(&format!("parties.buyer{target}").as_str()),
                "{target}"
            ),
            _ => {}
        }
        for normal in spellings(word) {
            assert!(!normal.is_empty(), "{target}: {word}");
            let other = seen.insert((table, normal.clone()), target);
            if other.is_some_and(|other| other != target)
                || (table == "field" && field(&normal) != Some(target))
            {
                wrong.push(format!(
                    "{word} is {target} and {:?}",
                    other.or(field(&normal))
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(fields > 1000, "{fields}");
}

#[test]
fn every_field_is_known_by_its_own_name() {
    for path in PATHS {
        assert_eq!(field(path), Some(*path));
        assert_eq!(field(&path.replace('.', "_")), Some(*path));
        assert_eq!(field(&path.to_uppercase().replace('.', " ")), Some(*path));
    }
    assert_eq!(field("gtin"), Some("lines.gtin"));
    assert_eq!(
        field("Loading metres"),
        Some("shipments.goods.loading_metres")
    );
}

/// However a header may be cut into a place and a part, it means the same field.
#[test]
fn a_place_and_a_part_mean_one_field() {
    let mut wrong = Vec::new();
    for (word, place) in &INDEX.places {
        for part in INDEX.parts.keys() {
            let path = INDEX.part(part, place);
            let Some(path) = path.and_then(|part| known(&format!("{place}{part}"))) else {
                continue;
            };
            for header in [format!("{word}{part}"), format!("{part}{word}")] {
                let found = field(&header);
                if found != Some(path) && !INDEX.fields.contains_key(&header) {
                    wrong.push(format!("{header} is {found:?} instead of {path}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn headers_of_real_tables_are_known() {
    for line in include_str!("../../../fixtures/values/headers.tsv").lines() {
        if line.starts_with('#') {
            continue;
        }
        let (header, path) = line.split_once('\t').unwrap();
        assert_eq!(
            field(header),
            Some(path).filter(|path| !path.is_empty()),
            "{header}"
        );
    }
}

#[test]
fn normal_forms_keep_what_matters() {
    for (header, normal) in [
        ("N° de commande", "ndecommande"),
        ("Order #", "orderno"),
        ("Gewicht (kg)", "gewichtkg"),
        ("Volumen [m³]", "volumenm3"),
        ("Größe", "grosse"),
        ("  Ship-To_ZIP ", "shiptozip"),
        ("Prix €", "prixeur"),
        ("Beställningsnr.", "bestallningsnr"),
        ("Bestallningsnr", "bestallningsnr"),
        ("Beställningsnr", "bestallningsnr"),
        ("数量", "数量"),
        ("—", ""),
    ] {
        assert_eq!(normalise(header), normal, "{header}");
    }
}
