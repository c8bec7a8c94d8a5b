//! Listings of systems that are not read, known by their look.

/// The system whose listing has such lines.
pub(super) fn system(line: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(line);
    let words: Vec<&str> = text.split_whitespace().take(12).collect();
    let first = words.first().copied().unwrap_or_default();
    if is_vms(first) {
        return Some("OpenVMS");
    }
    let third = words.get(2).copied().unwrap_or_default();
    if is_mvs(&words) {
        return Some("z/OS (MVS)");
    }
    if words.iter().take(6).any(|word| is_as400(word)) && !text.starts_with(['-', 'd', 'l']) {
        return Some("IBM i (OS/400)");
    }
    if matches!(first, "d" | "-") && words.get(1).is_some_and(|rights| rights.starts_with('[')) {
        return Some("NetWare");
    }
    let is_number = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    let date = |word: &&str| word.len() >= 8 && word.as_bytes().get(2) == Some(&b'-');
    if is_number(first) && words.iter().skip(1).take(3).any(date) {
        return Some("OS/2");
    }
    if first.len() == 10 && words.iter().skip(1).take(2).any(|word| *word == "folder") {
        return Some("classic Mac OS");
    }
    if first.starts_with("-C--E-----") || third.starts_with("QUA") && first.len() == 13 {
        return Some("an enterprise mainframe");
    }
    None
}

/// `NAME.EXT;3`.
fn is_vms(first: &str) -> bool {
    first.rsplit_once(';').is_some_and(|(name, version)| {
        name.contains('.') && !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `*FILE`, `*STMF`, `*DIR`, `*MEM`.
fn is_as400(word: &str) -> bool {
    word.strip_prefix('*').is_some_and(|kind| {
        (3..=8).contains(&kind.len()) && kind.bytes().all(|b| b.is_ascii_uppercase())
    })
}

/// Data sets, members of a library, and the spool.
fn is_mvs(words: &[&str]) -> bool {
    let word = |at: usize| words.get(at).copied().unwrap_or_default();
    let is_volume = |text: &str| (1..=6).contains(&text.len());
    let slashed = |text: &str| text.len() == 10 && text.as_bytes().get(4) == Some(&b'/');
    let data_set = is_volume(word(0)) && word(1).starts_with("33") && slashed(word(2));
    let heading =
        word(0) == "Name" && word(1) == "VV.MM" || word(0) == "Volume" && word(1) == "Unit";
    let member = word(1).as_bytes().get(2) == Some(&b'.') && slashed(word(2)) && slashed(word(3));
    let is_job = |text: &str| {
        ["JOB", "TSU", "STC"]
            .iter()
            .any(|kind| text.starts_with(kind))
            && text.len() == 8
    };
    data_set || heading || member || is_job(word(1)) && words.contains(&"OUTPUT")
}
