//! Four partners' systems, played by the sandbox, as destinations of the tour.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::failure::Failure;
use crate::sandbox::{Kind, Options, Sandbox, Settings};

/// The partners, each with the sample that goes there.
const PARTNERS: [(Kind, &str); 4] = [
    (Kind::Trademax, "sofas*"),
    (Kind::Contargo, "container*"),
    (Kind::Cargamos, "parcels*"),
    (Kind::Cargooffice, "transport*"),
];

/// The sandboxes; they end when dropped.
pub(super) struct Sandboxes {
    sandbox: Sandbox,
}

impl Sandboxes {
    pub(super) async fn start() -> Result<Self, Failure> {
        let kinds: Vec<Kind> = PARTNERS.iter().map(|(kind, _)| *kind).collect();
        let sandbox = Sandbox::start(&Options::new(&kinds)).await?;
        Ok(Self { sandbox })
    }

    /// Where every request and answer can be looked at.
    pub(super) fn log(&self) -> String {
        self.sandbox.control_url("log")
    }

    /// Destinations and routes for the configuration. What stands here as a password opens nothing
    /// but the sandbox.
    pub(super) fn sections(&self) -> String {
        let settings = Settings::default();
        let mut text = String::new();
        for (kind, file) in PARTNERS {
            let mut keys: BTreeMap<&str, String> = settings.credentials(kind).into_iter().collect();
            keys.insert("url", self.sandbox.url(kind));
            if kind == Kind::Contargo {
                keys.insert("token_url", self.sandbox.token_url());
            }
            write!(
                text,
                "[[destination]]\nname = \"{kind}\"\nkind = \"{kind}\"\n"
            )
            .unwrap_or_default();
            for (key, value) in keys {
                writeln!(text, "{key} = {value:?}").unwrap_or_default();
            }
            write!(
                text,
                "\n[[route]]\nfile = \"{file}\"\ndestination = [\"{kind}\"]\n\n"
            )
            .unwrap_or_default();
        }
        text
    }
}
