//! What the sandbox says when it starts: what to write into a destination, and where to look.

use std::fmt::Write;

use super::kind::Kind;
use super::settings::Settings;

/// The text for the kinds that are served under `origin` (scheme, host and port).
pub(super) fn text(origin: &str, kinds: &[Kind], settings: &Settings) -> String {
    let mut text = String::from("The sandbox listens. Write this into your configuration:\n");
    for kind in kinds {
        let base = kind.base();
        let lines = [
            "\n[[destination]]".to_owned(),
            format!("name = \"{kind}\""),
            format!("kind = \"{kind}\""),
            format!("url = \"{origin}/{kind}{base}\""),
        ];
        let token = (*kind == Kind::Contargo).then(|| {
            let path = super::contargo::TOKEN_PATH;
            format!("token_url = \"{origin}/{kind}/{path}\"")
        });
        let credentials = settings.credentials(*kind);
        let credentials = credentials
            .into_iter()
            .map(|(name, value)| format!("{name} = {value:?}"));
        for line in lines.into_iter().chain(token).chain(credentials) {
            put(&mut text, &line);
        }
    }
    put(&mut text, "");
    put(
        &mut text,
        &format!("What came and what was said: {origin}/_sandbox/log"),
    );
    put(
        &mut text,
        &format!(
            "Make something fail: curl -d '{} = 503:5, times=1' {origin}/_sandbox/faults",
            kinds.first().map_or("soap", |kind| kind.as_str())
        ),
    );
    put(
        &mut text,
        "Let time pass: curl -d '{\"advance\": \"5m\"}' ORIGIN/_sandbox/clock"
            .replace("ORIGIN", origin)
            .as_str(),
    );
    put(&mut text, "Nothing is kept when it ends (Ctrl-C).");
    text
}

fn put(text: &mut String, line: &str) {
    // Writing to a String never fails.
    writeln!(text, "{line}").unwrap_or_default();
}
