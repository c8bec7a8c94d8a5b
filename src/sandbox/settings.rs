//! What can be set: credentials, lifetimes, and how strict each partner is.
//!
//! The same names serve `--set`, the control path and tests: `trademax.secret`,
//! `contargo.token_seconds`. What the partners' documents leave open is here with its default.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kind::Kind;

/// All settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Ids are made from it: the same seed gives the same ids.
    pub seed: String,
    /// Where mails go: `smtp://127.0.0.1:25`. Without it they only appear in the log.
    pub smtp: Option<String>,
    /// Contargo COLA.
    pub contargo: Contargo,
    /// Trademax.
    pub trademax: Trademax,
    /// Cargamos.
    pub cargamos: Cargamos,
    /// CargoCONNECT.
    pub cargoconnect: CargoConnect,
    /// Cargooffice.
    pub cargooffice: Cargooffice,
    /// Any SOAP endpoint.
    pub soap: Soap,
}

/// Settings of the Contargo sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contargo {
    /// The user that may log in.
    pub user: String,
    /// Its password.
    pub password: String,
    /// How long an access token lives.
    pub token_seconds: u64,
    /// How long a refresh token lives.
    pub refresh_seconds: u64,
    /// Refuse container numbers that are not written like `MSKU 123456-7`.
    pub strict_numbers: bool,
    /// Whether a stream that comes back with `Last-Event-ID` is told what it missed.
    pub replay: bool,
    /// Close a stream after so many events.
    pub close_stream_after: Option<usize>,
    /// Milliseconds that a stream's client is told to wait before it comes back.
    pub retry_ms: u64,
    /// Name every streamed event `gate-out`, as the partner's own example does: only the data tell.
    pub misleading_names: bool,
}

/// Settings of the Trademax sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Trademax {
    /// The public key.
    pub api_key: String,
    /// The secret that requests are signed with.
    pub secret: String,
    /// Seconds that a timestamp may be off; `null` for any.
    pub timestamp_window: Option<u64>,
    /// Warehouses that exist, in lower case.
    pub warehouses: Vec<String>,
    /// Warehouses that the key may not use.
    pub denied_warehouses: Vec<String>,
    /// Actions that the key may not do, like `POST receipt`.
    pub denied_actions: Vec<String>,
    /// Answer as the documents' samples do where they contradict the text: `code` instead of
    /// `error_code` in vendor dispatches, no envelope around order lines.
    pub quirks: bool,
}

/// Settings of the Cargamos sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cargamos {
    /// The shipper's key.
    pub key: String,
    /// The user, an e-mail address.
    pub user: String,
    /// Its password.
    pub password: String,
    /// How long a token lives.
    pub token_seconds: u64,
    /// Postcodes without coverage.
    pub uncovered: Vec<String>,
    /// Send errors with HTTP 200.
    pub errors_under_200: bool,
    /// What the caller's own tracking id is called; one page of the documents says
    /// `shipmentTrackingId`.
    pub tracking_id_name: String,
}

/// Settings of the CargoCONNECT sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CargoConnect {
    /// The `x-api-key`; also the key of signed callbacks.
    pub api_key: String,
    /// How long a subscription lives.
    pub subscription_days: u64,
    /// Airline prefixes whose updates are limited.
    pub limited_prefixes: Vec<String>,
    /// How callbacks say who they are from.
    pub callback: Callback,
}

/// How callbacks say who they are from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "auth", rename_all = "lowercase", deny_unknown_fields)]
pub enum Callback {
    /// They do not.
    None,
    /// With a user and a password.
    Basic {
        /// Who.
        user: String,
        /// And the password.
        password: String,
    },
    /// With a fixed token.
    Bearer {
        /// The token.
        token: String,
    },
    /// With the HMAC-SHA256 of the bytes under the API key.
    Hmac,
}

/// Settings of the Cargooffice sandbox.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Cargooffice {
    /// The secret key.
    pub key: String,
    /// The carrier's number (`CN`) that orders must name; `null` for any.
    pub carrier: Option<String>,
    /// Seconds that a `ts` may be off; `null` for any, as the documents know no window.
    pub timestamp_window: Option<u64>,
}

/// Settings of the SOAP sandbox.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Soap {
    /// The only action that is known; `null` for any.
    pub action: Option<String>,
    /// The element that a message's body must hold; `null` for any.
    pub element: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: "sandbox".to_owned(),
            smtp: None,
            contargo: Contargo::default(),
            trademax: Trademax::default(),
            cargamos: Cargamos::default(),
            cargoconnect: CargoConnect::default(),
            cargooffice: Cargooffice::default(),
            soap: Soap::default(),
        }
    }
}

impl Default for Contargo {
    fn default() -> Self {
        Self {
            user: "sandbox".to_owned(),
            password: "contargo-password".to_owned(),
            token_seconds: 300,
            refresh_seconds: 21_600,
            strict_numbers: true,
            replay: true,
            close_stream_after: None,
            retry_ms: 60_000,
            misleading_names: false,
        }
    }
}

impl Default for Trademax {
    fn default() -> Self {
        Self {
            api_key: "SANDBOX".to_owned(),
            secret: "trademax-secret".to_owned(),
            timestamp_window: Some(300),
            warehouses: vec!["nw".to_owned()],
            denied_warehouses: Vec::new(),
            denied_actions: Vec::new(),
            quirks: false,
        }
    }
}

impl Default for Cargamos {
    fn default() -> Self {
        Self {
            key: "cargamos-key".to_owned(),
            user: "sandbox@example.com".to_owned(),
            password: "cargamos-password".to_owned(),
            token_seconds: 3_600,
            uncovered: vec!["033002".to_owned()],
            errors_under_200: false,
            tracking_id_name: "shipperTrackingId".to_owned(),
        }
    }
}

impl Default for CargoConnect {
    fn default() -> Self {
        Self {
            api_key: "cargoconnect-key".to_owned(),
            subscription_days: 21,
            limited_prefixes: vec!["999".to_owned()],
            callback: Callback::None,
        }
    }
}

impl Default for Cargooffice {
    fn default() -> Self {
        Self {
            key: "cargooffice-key".to_owned(),
            carrier: None,
            timestamp_window: None,
        }
    }
}

impl Settings {
    /// These settings with one changed: `trademax.secret=abc`. A value that is no JSON is a text.
    pub fn set(&self, assignment: &str) -> Result<Self, String> {
        let (name, value) = assignment
            .split_once('=')
            .ok_or_else(|| format!("{assignment:?} has no `=`; write NAME=VALUE"))?;
        let value = value.trim();
        let parsed = serde_json::from_str(value).unwrap_or_else(|_| json!(value));
        let nested = |parsed: Value| {
            let keys = name.trim().rsplit('.');
            keys.fold(parsed, |inner, key| json!({ key: inner }))
        };
        // `0815` is no number in JSON and `815` is one: a text is meant where only a text fits.
        self.merge(&nested(parsed))
            .or_else(|first| self.merge(&nested(json!(value))).map_err(|_| first))
    }

    /// These settings with those of `changes` in their place.
    pub fn merge(&self, changes: &Value) -> Result<Self, String> {
        let mut all = serde_json::to_value(self).map_err(|error| error.to_string())?;
        lay_over(&mut all, changes);
        serde_path_to_error::deserialize(all)
            .map_err(|error| format!("{}: {}", error.path(), error.inner()))
    }

    /// What a destination needs, as its keys in the configuration.
    #[must_use]
    pub fn credentials(&self, kind: Kind) -> Vec<(&'static str, String)> {
        let pairs: &[(&str, &String)] = match kind {
            Kind::Contargo => &[
                ("user", &self.contargo.user),
                ("password", &self.contargo.password),
            ],
            Kind::Trademax => &[
                ("api_key", &self.trademax.api_key),
                ("secret", &self.trademax.secret),
            ],
            Kind::Cargamos => &[
                ("key", &self.cargamos.key),
                ("user", &self.cargamos.user),
                ("password", &self.cargamos.password),
            ],
            Kind::CargoConnect => &[("api_key", &self.cargoconnect.api_key)],
            Kind::Cargooffice => &[("key", &self.cargooffice.key)],
            Kind::Soap => &[],
        };
        let owned = pairs.iter().map(|(name, value)| (*name, (*value).clone()));
        owned.collect()
    }
}

/// Objects are merged, everything else is replaced. A choice (`callback`) is replaced whole, since
/// the keys of another choice mean nothing to it.
fn lay_over(all: &mut Value, changes: &Value) {
    match (all, changes) {
        (Value::Object(all), Value::Object(changes)) if !changes.contains_key("auth") => {
            for (key, value) in changes {
                lay_over(all.entry(key).or_insert(Value::Null), value);
            }
        }
        (all, changes) => *all = changes.clone(),
    }
}
