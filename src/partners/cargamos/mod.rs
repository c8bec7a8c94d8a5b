//! Cargamos: last-mile deliveries in Mexico, Colombia, the United States and Brazil.
//!
//! Promises: what an answer means is decided by the codes of its errors, under any status; a parcel
//! that is there already is success only where an answer of ours was lost; each delivery has one
//! tracking id at all attempts. Shipments cannot be changed or taken back through this interface.

mod answer;
mod errands;
mod login;
mod orders;
#[cfg(test)]
mod tests;
mod tracking;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use hyper::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use self::login::Login;
use self::orders::Rules;
pub use self::tracking::TrackingSettings;
use super::errands::Errands;
use super::form::Fields;
use super::wire::bearer::Bearer;
use super::wire::link::{Call, Link};
use super::{Body, Found, LinkSettings, Outcome, Partner, Refusal, Request};
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;
use crate::token::{Ask, Tokens};

/// The settings of one Cargamos destination.
#[derive(Debug, Clone)]
pub struct CargamosSettings {
    /// Where it is. `url` is the host; all paths are below it.
    pub link: LinkSettings,
    /// The shipper's key.
    pub key: SecretString,
    /// Who we are there: an e-mail address.
    pub user: String,
    /// Our password.
    pub password: SecretString,
    /// The path of the log-in.
    pub login_path: String,
    /// The path of shipments.
    pub shipments_path: String,
    /// The path of the address that its webhook calls.
    pub webhooks_path: String,
    /// Our own address for those calls; who knows it can make them.
    pub callback: Option<SecretString>,
    /// What our own tracking id is called there.
    pub tracking_id_name: String,
    /// How shipments are followed.
    pub tracking: TrackingSettings,
    /// Fields that are taken from elsewhere.
    pub fields: BTreeMap<String, String>,
}

/// One Cargamos destination.
#[derive(Debug)]
pub struct Cargamos {
    link: Arc<Link>,
    bearer: Bearer,
    login: Arc<Login>,
    shipments_path: String,
    webhooks_path: String,
    callback: Option<SecretString>,
    rules: Rules,
    tracking: TrackingSettings,
    fields: Fields,
}

impl Cargamos {
    /// Compiles `settings`. Asks for nothing yet.
    ///
    /// # Errors
    /// What is wrong with them, for the operator.
    pub fn new(settings: &CargamosSettings) -> Result<Self, Failure> {
        let during = format!("setting up the destination “{}”", settings.link.name);
        let fields = Fields::compile(&settings.fields, &[orders::FIELDS]);
        let secrets = [settings.key.clone(), settings.password.clone()];
        let callback = settings.callback.as_ref().map(ExposeSecret::expose_secret);
        let step = callback.and_then(|url| url.rsplit('/').next());
        let secrets = secrets.into_iter().chain(step.map(SecretString::from));
        let link = Arc::new(Link::new(&settings.link, secrets)?);
        let login = Arc::new(Login::new(Arc::clone(&link), settings));
        let asking: Arc<dyn Ask> = Arc::<Login>::clone(&login);
        Ok(Self {
            bearer: Bearer::new(Tokens::by(asking), answer::is_unauthorized),
            link,
            login,
            shipments_path: settings.shipments_path.clone(),
            webhooks_path: settings.webhooks_path.clone(),
            callback: settings.callback.clone(),
            rules: Rules {
                tracking_id_name: settings.tracking_id_name.clone(),
            },
            tracking: settings.tracking.clone(),
            fields: fields.map_err(|why| Failure::operator(during, why))?,
        })
    }
}

#[async_trait]
impl Partner for Cargamos {
    fn check(&self, order: &Order) -> Vec<Problem> {
        orders::fill(order, "", &self.rules, &self.fields).1
    }

    fn checks(&self) -> bool {
        true
    }

    fn render(&self, canonical: &[u8], key: &str) -> Result<Body, Failure> {
        let during = || "writing an order in Cargamos' form";
        let order = serde_json::from_slice(canonical).map_err(|e| Failure::ours(during(), e))?;
        let (body, _) = orders::fill(&order, key, &self.rules, &self.fields);
        Ok(Body::Rendered(body.to_string().into()))
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        if request.action != Action::Create {
            return Outcome::Refused(Refusal {
                code: "no changes".to_owned(),
                words: "Cargamos takes no changes and no cancels of shipments".to_owned(),
            });
        }
        let make = || {
            Call::new(Method::POST, &self.shipments_path)
                .body("application/json", request.body.clone())
        };
        match self.bearer.exchange(&self.link, make).await {
            Ok(answer) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
                let own = body.get(&self.rules.tracking_id_name);
                let own = own.and_then(Value::as_str).unwrap_or_default();
                answer::outcome(&self.link, &answer, request, own)
            }
            Err(outcome) => outcome,
        }
    }

    /// A repeat is recognised by its tracking id: nothing has to be asked.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Logs in.
    async fn probe(&self) -> Result<(), Failure> {
        self.login.ask(None).await.map(drop)
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        true
    }

    fn errands(&self) -> Option<&dyn Errands> {
        Some(self)
    }
}
