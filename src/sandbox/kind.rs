//! The partners that have a sandbox, and where each of them lives under one address.

use std::fmt;
use std::str::FromStr;

/// A partner that the sandbox stands in for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Contargo COLA: slot orders and tracking of containers.
    Contargo,
    /// Trademax: warehouse, dispatches and receipts.
    Trademax,
    /// Cargamos: last-mile delivery.
    Cargamos,
    /// CargoCONNECT: tracking of air freight.
    CargoConnect,
    /// Cargooffice: transport orders by REST.
    Cargooffice,
    /// Any SOAP endpoint.
    Soap,
}

impl Kind {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 6] = [
        Self::Contargo,
        Self::Trademax,
        Self::Cargamos,
        Self::CargoConnect,
        Self::Cargooffice,
        Self::Soap,
    ];

    /// The word in configurations, on the command line and in the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Contargo => "contargo",
            Self::Trademax => "trademax",
            Self::Cargamos => "cargamos",
            Self::CargoConnect => "cargoconnect",
            Self::Cargooffice => "cargooffice",
            Self::Soap => "soap",
        }
    }

    /// What follows the kind in the url that a destination is given.
    #[must_use]
    pub fn base(self) -> &'static str {
        match self {
            Self::Contargo => "/cola/1.0",
            Self::Trademax | Self::Cargooffice => "/api",
            Self::Cargamos | Self::Soap => "",
            Self::CargoConnect => "/solutions",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| {
                format!(
                    "{text:?} is none of {}",
                    Self::ALL.map(Self::as_str).join(", ")
                )
            })
    }
}
