//! The web side of the running daemon: started with it, ended with it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::control::Desk;
use crate::failure::Failure;
use crate::ledger::sqlite::SqliteLedger;
use crate::limits;
use crate::web::{self, Invitations, Site};

/// The web server while it runs.
pub(super) struct Web {
    address: Option<SocketAddr>,
    invitations: Invitations,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Web {
    /// Listens, if the configuration says so.
    ///
    /// # Errors
    /// The operator's: the address is taken, the certificate cannot be used.
    pub(super) async fn start(
        config: &Config,
        desk: &Desk,
        ledger: &Arc<SqliteLedger>,
    ) -> Result<Option<Self>, Failure> {
        let Some(settings) = &config.web else {
            return Ok(None);
        };
        let bound = web::bind(settings).await?;
        let address = bound.address();
        match &address {
            Ok(address) => tracing::info!(%address, "The console is open."),
            Err(error) => tracing::debug!(%error, "The console's address is not known."),
        }
        let mut site = Site::new(desk.clone(), ledger, settings.clone());
        if let Some(open) = &settings.cargooffice {
            site = site.with_cargooffice(open.key.read()?.into_inner());
        }
        if let Some(oidc) = &settings.oidc {
            site = site.with_provider(super::openid::provider(settings, oidc)?);
        }
        let invitations = site.invitations();
        let stop = CancellationToken::new();
        let task = tokio::spawn(web::serve(bound, site, stop.clone()));
        Ok(Some(Self {
            address: address.ok(),
            invitations,
            stop,
            task,
        }))
    }

    /// The address of a link that lets this person in once.
    ///
    /// # Errors
    /// Ours: the system gives no random bytes.
    pub(super) fn invite(&self, person: &str) -> Result<Option<String>, Failure> {
        let Some(address) = self.address else {
            return Ok(None);
        };
        let path = self.invitations.invite(person)?;
        Ok(Some(format!("http://{address}{path}")))
    }

    /// Takes no more requests; those under way have a moment.
    pub(super) async fn end(self) {
        self.stop.cancel();
        if tokio::time::timeout(limits::WEB_HEADERS, self.task)
            .await
            .is_err()
        {
            tracing::debug!("Answers of the console were cut off.");
        }
    }
}
