//! A partner's order endpoint on loopback: takes every order once, by its key.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::limits;

/// What the endpoint took: reference by key.
type Taken = Arc<Mutex<HashMap<String, String>>>;

/// The endpoint; ends when dropped.
pub(super) struct Partner {
    address: SocketAddr,
    taken: Taken,
    serving: tokio::task::JoinHandle<()>,
}

impl Partner {
    pub(super) async fn listen() -> Result<Self, Failure> {
        let during = "starting the demo's partner";
        let failed = |error: std::io::Error| Failure::operator(during, error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let taken = Taken::default();
        let serving = tokio::spawn(serve(listener, Arc::clone(&taken)));
        Ok(Self {
            address,
            taken,
            serving,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/orders", self.address)
    }

    /// How many different orders it has.
    pub(super) fn orders(&self) -> usize {
        self.taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, taken: Taken) {
    while let Ok((stream, _)) = listener.accept().await {
        let taken = Arc::clone(&taken);
        tokio::spawn(async move {
            let service = service_fn(move |request| take(request, Arc::clone(&taken)));
            let served = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                tracing::debug!(%error, "A connection to the demo's partner ended.");
            }
        });
    }
}

async fn take(
    request: Request<Incoming>,
    taken: Taken,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let key = request
        .headers()
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok());
    let key = key.unwrap_or_default().to_owned();
    let body = Limited::new(request.into_body(), limits::FRAME_BYTES)
        .collect()
        .await;
    let order: Option<Value> = body
        .ok()
        .and_then(|body| serde_json::from_slice(&body.to_bytes()).ok());
    let reference = order
        .as_ref()
        .and_then(|order| order.get("reference")?.as_str());
    let (status, answer) = match reference {
        None => (
            StatusCode::BAD_REQUEST,
            json!({ "message": "an order has a reference" }),
        ),
        Some(reference) => {
            let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
            let number = taken.len() + 1;
            let new = taken.insert(key, reference.to_owned()).is_none();
            let status = if new {
                StatusCode::CREATED
            } else {
                StatusCode::OK
            };
            (
                status,
                json!({ "id": format!("P-{number:04}"), "reference": reference }),
            )
        }
    };
    let mut response = Response::new(Full::new(Bytes::from(answer.to_string())));
    *response.status_mut() = status;
    Ok(response)
}
