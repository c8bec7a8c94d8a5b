//! The control socket: length-prefixed JSON over a Unix socket, one request a connection.
//!
//! Every wait and every size is bounded: a caller that hangs or lies about a length costs one of
//! [`limits::CONTROL_CALLERS`] for [`limits::CONTROL_PATIENCE`], and no memory.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Answer, Request, Response};
use crate::failure::Failure;
use crate::ledger::Who;
use crate::limits;

/// What became of a call.
#[derive(Debug)]
pub enum Called {
    /// The daemon answered.
    Answer(Box<Response>),
    /// No daemon listens there.
    NobodyThere,
}

/// Listens at `path` (mode 0660), in the place of a socket that a killed process left behind. The
/// caller holds the ledger's lock, so nobody else can be listening there.
///
/// # Errors
/// What the system said.
pub fn bind(path: &Path) -> Result<UnixListener, Failure> {
    let failed = |error: std::io::Error| {
        Failure::operator("opening the control socket", shown(path, &error))
    };
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let listener = UnixListener::bind(path).map_err(failed)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)).map_err(failed)?;
    Ok(listener)
}

fn shown(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Answers callers until it is dropped.
pub async fn serve(listener: UnixListener, desk: impl Answer + Clone + 'static) {
    let places = Arc::new(Semaphore::new(limits::CONTROL_CALLERS));
    let mut callers = tokio::task::JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        while callers.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                let desk = desk.clone();
                callers.spawn(async move {
                    let served = timeout(limits::CONTROL_PATIENCE, attend(stream, &desk)).await;
                    if let Ok(Err(failure)) = served {
                        tracing::warn!(%failure, "A caller of the control socket got no answer.");
                    }
                    drop(place);
                });
            }
            // Out of file handles: another moment may be better, and a busy loop helps nobody.
            Err(error) => {
                tracing::warn!(%error, "The control socket could not take a caller.");
                tokio::time::sleep(limits::BACKOFF_BASE).await;
            }
        }
    }
}

async fn attend(mut stream: UnixStream, desk: &impl Answer) -> Result<(), Failure> {
    let who = caller(&stream);
    let request = receive(&mut stream, limits::CONTROL_REQUEST_BYTES).await?;
    let response = match serde_json::from_slice::<Request>(&request) {
        Ok(request) => desk.answer(request, &who).await,
        Err(error) => Response::Refused(format!(
            "the daemon does not understand this request (is it another version?): {error}"
        )),
    };
    send_response(&mut stream, &response).await
}

async fn send_response(stream: &mut UnixStream, response: &Response) -> Result<(), Failure> {
    let encode = |response: &Response| {
        serde_json::to_vec(response).map_err(|error| Failure::ours("writing an answer", error))
    };
    let mut body = encode(response)?;
    if body.len() > limits::CONTROL_BYTES {
        body = encode(&Response::Refused(
            "the answer is too large: ask for fewer rows with `--limit`".to_owned(),
        ))?;
    }
    send(stream, &body).await
}

/// Who is calling, by the kernel's word.
fn caller(stream: &UnixStream) -> Who {
    let uid = stream.peer_cred().map(|peer| peer.uid());
    Who {
        name: uid.map_or_else(|_| "unknown".to_owned(), account),
        via: "control socket".to_owned(),
    }
}

/// The name of an account, or its number where the system's list has none.
#[must_use]
pub(crate) fn account(uid: u32) -> String {
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| format!("uid {uid}"))
}

/// Asks the daemon that listens at `path`.
///
/// # Errors
/// It listens and yet did not answer, or may not be asked.
pub async fn call(path: &Path, request: &Request) -> Result<Called, Failure> {
    let during = "asking the daemon";
    let mut stream = match UnixStream::connect(path).await {
        Ok(stream) => stream,
        Err(error) => {
            return match error.kind() {
                ErrorKind::NotFound | ErrorKind::ConnectionRefused => Ok(Called::NobodyThere),
                ErrorKind::PermissionDenied => Err(Failure::operator(
                    during,
                    format!(
                        "{}: only root and the daemon's group may; become a member of it",
                        path.display()
                    ),
                )),
                _ => Err(Failure::operator(during, shown(path, &error))),
            };
        }
    };
    let body = serde_json::to_vec(request).map_err(|error| Failure::ours(during, error))?;
    let conversation = async {
        send(&mut stream, &body).await?;
        receive(&mut stream, limits::CONTROL_BYTES).await
    };
    let answer = timeout(limits::CONTROL_PATIENCE, conversation)
        .await
        .map_err(|_| Failure::temporary(during, "it did not answer in time"))??;
    serde_json::from_slice(&answer)
        .map(|response| Called::Answer(Box::new(response)))
        .map_err(|error| Failure::ours(during, format!("its answer makes no sense: {error}")))
}

/// The daemon behind a socket, for what asks more than one question.
#[derive(Debug, Clone)]
pub struct Socket(pub std::path::PathBuf);

#[async_trait]
impl Answer for Socket {
    /// Who asks is for the kernel to say.
    async fn answer(&self, request: Request, _: &Who) -> Response {
        match call(&self.0, &request).await {
            Ok(Called::Answer(response)) => *response,
            Ok(Called::NobodyThere) => Response::Failed("the daemon has ended".to_owned()),
            Err(failure) => Response::Failed(failure.to_string()),
        }
    }
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), body: &[u8]) -> Result<(), Failure> {
    let length = u32::try_from(body.len())
        .map_err(|error| Failure::ours("writing to the control socket", error))?;
    let write = async {
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(body).await?;
        stream.flush().await
    };
    write
        .await
        .map_err(|error: std::io::Error| Failure::temporary("writing to the control socket", error))
}

/// One message. Memory grows with what arrives, never with what was announced.
async fn receive(stream: &mut (impl AsyncRead + Unpin), most: usize) -> Result<Vec<u8>, Failure> {
    let failed =
        |error: std::io::Error| Failure::temporary("reading from the control socket", error);
    let mut length = [0; 4];
    stream.read_exact(&mut length).await.map_err(failed)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > most {
        return Err(Failure::temporary(
            "reading from the control socket",
            format!("{length} bytes were announced, {most} are allowed"),
        ));
    }
    let mut body = Vec::new();
    stream
        .take(length as u64)
        .read_to_end(&mut body)
        .await
        .map_err(failed)?;
    if body.len() < length {
        return Err(failed(ErrorKind::UnexpectedEof.into()));
    }
    Ok(body)
}
