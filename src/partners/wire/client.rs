//! Requests over kept connections.
//!
//! Promises: one request a connection at a time, so that a connection that breaks leaves one order
//! unknown; a request is sent again only if no byte of it had left; every wait is bounded. A
//! connection is driven by the request that uses it: no task of its own, and nobody to wake.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Method, Response, Uri};
use hyper_util::rt::TokioIo;
use tokio::time::{Sleep, sleep};
use url::Url;

use super::answer::Answer;
use super::connect::{Connector, Origin};
use super::settings::WireSettings;
use super::stream::Stream;
use super::trouble::Trouble;
use crate::clock::{self, Moment};
use crate::limits;

type Wire = http1::Connection<TokioIo<Stream>, Full<Bytes>>;
type Http = hyper::Request<Full<Bytes>>;

/// What is asked, but for the address.
#[derive(Clone)]
pub(in crate::partners) struct Draft {
    pub(in crate::partners) method: Method,
    pub(in crate::partners) headers: HeaderMap,
    pub(in crate::partners) body: Bytes,
}

/// An answer whose body comes in piece by piece, for as long as the partner likes.
pub(in crate::partners) struct Open {
    line: Line,
    from: Incoming,
}

/// A stream, or the answer that came instead.
pub(in crate::partners) enum Opened {
    Stream(Open),
    Answer(Answer),
}

impl Open {
    /// The next piece, within `silence`; `None` at the end.
    pub(in crate::partners) async fn piece(
        &mut self,
        silence: Duration,
    ) -> Result<Option<Bytes>, Trouble> {
        loop {
            let next = drive(&mut self.line.wire, self.from.frame());
            let next = tokio::time::timeout(silence, next).await;
            match next.map_err(|_| Trouble::Late)? {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    let piece = frame.into_data().unwrap_or_default();
                    if !piece.is_empty() {
                        return Ok(Some(piece));
                    }
                }
                Some(Err(error)) => return Err(Trouble::Lost(error)),
            }
        }
    }
}

/// The connections to one destination.
pub(in crate::partners) struct Client {
    connector: Connector,
    pool: Arc<Pool>,
    response_timeout: Duration,
    total_timeout: Duration,
}

impl Client {
    pub(in crate::partners) fn new(settings: &WireSettings, secure: bool) -> Result<Self, String> {
        Ok(Self {
            connector: Connector::new(settings, secure)?,
            pool: Arc::new(Pool {
                most: settings.concurrency,
                kept: Mutex::default(),
            }),
            response_timeout: settings.response_timeout,
            total_timeout: settings.total_timeout,
        })
    }

    /// Sends one request and reads its answer up to [`limits::ANSWER_BYTES`].
    pub(in crate::partners) async fn exchange(
        &self,
        url: &Url,
        draft: Draft,
    ) -> Result<Answer, Trouble> {
        self.exchange_up_to(url, draft, limits::ANSWER_BYTES).await
    }

    /// The same up to `most`.
    pub(in crate::partners) async fn exchange_up_to(
        &self,
        url: &Url,
        draft: Draft,
        most: usize,
    ) -> Result<Answer, Trouble> {
        let origin = Origin::of(url)?;
        let mut deadline = pin!(sleep(self.total_timeout));
        let (line, response) = self.send(&origin, url, draft, deadline.as_mut()).await?;
        Ok(self.answer(origin, line, response, deadline, most).await)
    }

    /// Sends one request whose answer is a stream if `is_stream` says so of its head.
    pub(in crate::partners) async fn open(
        &self,
        url: &Url,
        draft: Draft,
        is_stream: impl Fn(&Response<Incoming>) -> bool,
    ) -> Result<Opened, Trouble> {
        let origin = Origin::of(url)?;
        let mut deadline = pin!(sleep(self.total_timeout));
        let (line, response) = self.send(&origin, url, draft, deadline.as_mut()).await?;
        if is_stream(&response) {
            let from = response.into_body();
            return Ok(Opened::Stream(Open { line, from }));
        }
        let answer = self.answer(origin, line, response, deadline, limits::ANSWER_BYTES);
        Ok(Opened::Answer(answer.await))
    }

    async fn answer(
        &self,
        origin: Origin,
        mut line: Line,
        response: Response<Incoming>,
        deadline: Pin<&mut Sleep>,
        most: usize,
    ) -> Answer {
        let (head, body) = response.into_parts();
        let (body, whole) = self.read(&mut line, body, deadline, most).await;
        if whole {
            self.pool.keep(origin, line).await;
        }
        Answer {
            status: head.status,
            headers: head.headers,
            body,
            whole,
        }
    }

    /// Until the head of the answer is here.
    async fn send(
        &self,
        origin: &Origin,
        url: &Url,
        draft: Draft,
        mut deadline: Pin<&mut Sleep>,
    ) -> Result<(Line, Response<Incoming>), Trouble> {
        let mut request = self.request(origin, url, draft)?;
        loop {
            let kept = self.pool.take(origin).await;
            let is_new = kept.is_none();
            let mut line = match kept {
                Some(line) => line,
                None => Line::new(self.connector.dial(origin).await?).await?,
            };
            let sent = line.sender.try_send_request(request);
            let answered = drive(&mut line.wire, sent);
            let answered = within(deadline.as_mut(), self.response_timeout, answered);
            match answered.await.ok_or(Trouble::Late)? {
                Ok(response) => return Ok((line, response)),
                Err(mut error) => match error.take_message() {
                    // The peer had closed it while it was idle. Each turn uses up a kept one.
                    Some(unsent) if !is_new => request = unsent,
                    _ => return Err(Trouble::Lost(error.into_error())),
                },
            }
        }
    }

    fn request(&self, origin: &Origin, url: &Url, draft: Draft) -> Result<Http, Trouble> {
        let wrong = |error: &dyn fmt::Display| Trouble::Address(error.to_string());
        // RFC 9112, 3.2: a proxy is told the whole address, an origin only its own part of it.
        let target = if self.connector.is_relayed(origin) {
            url.as_str()
        } else {
            &url[url::Position::BeforePath..url::Position::AfterQuery]
        };
        let mut request = Http::new(Full::new(draft.body));
        *request.method_mut() = draft.method;
        *request.uri_mut() = Uri::try_from(target).map_err(|error| wrong(&error))?;
        *request.headers_mut() = draft.headers;
        let host = HeaderValue::from_str(&origin.authority()).map_err(|error| wrong(&error))?;
        request.headers_mut().insert(HOST, host);
        self.connector.introduce(origin, request.headers_mut());
        Ok(request)
    }

    /// The body, and whether all of it. The status is here and says what became of the order; the
    /// rest is words.
    async fn read(
        &self,
        line: &mut Line,
        mut from: Incoming,
        mut deadline: Pin<&mut Sleep>,
        most: usize,
    ) -> (Bytes, bool) {
        let mut body = Bytes::new();
        loop {
            let next = drive(&mut line.wire, from.frame());
            let next = within(deadline.as_mut(), self.response_timeout, next).await;
            let piece = match next {
                Some(None) => return (body, true),
                Some(Some(Ok(frame))) => frame.into_data().unwrap_or_default(),
                Some(Some(Err(_))) | None => return (body, false),
            };
            let room = most.saturating_sub(body.len());
            let fits = piece.len() <= room;
            if body.is_empty() && fits {
                body = piece;
                continue;
            }
            let mut longer = Vec::from(body);
            longer.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            body = longer.into();
            if !fits {
                return (body, false);
            }
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

/// One connection, free for a request.
struct Line {
    sender: http1::SendRequest<Full<Bytes>>,
    /// What moves the bytes; `None` once the connection has ended.
    wire: Option<Box<Wire>>,
}

impl Line {
    async fn new(io: Stream) -> Result<Self, Trouble> {
        let (sender, wire) = http1::handshake(TokioIo::new(io))
            .await
            .map_err(Trouble::Lost)?;
        Ok(Self {
            sender,
            wire: Some(Box::new(wire)),
        })
    }

    /// Lets the connection notice what has happened to it; whether it can take a request.
    async fn is_free(&mut self) -> bool {
        drive(&mut self.wire, async {}).await;
        self.wire.is_some() && self.sender.is_ready()
    }
}

/// Waits for `work` while the connection moves its bytes.
async fn drive<T>(wire: &mut Option<Box<Wire>>, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|cx| {
        if let Some(open) = wire
            && Pin::new(open.as_mut()).poll(cx).is_ready()
        {
            *wire = None;
        }
        work.as_mut().poll(cx)
    })
    .await
}

/// The result of `work`, unless it takes longer than `limit` or until the deadline.
async fn within<T>(
    mut deadline: Pin<&mut Sleep>,
    limit: Duration,
    work: impl Future<Output = T>,
) -> Option<T> {
    let mut work = pin!(work);
    // Most answers are here at the first look or two: no timer is set before.
    let first = poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx))).await;
    if let Poll::Ready(result) = first {
        return Some(result);
    }
    tokio::select! {
        biased;
        result = work => Some(result),
        () = &mut deadline => None,
        () = sleep(limit) => None,
    }
}

/// Connections without a request.
struct Pool {
    most: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    lines: Vec<(Origin, Line, Moment)>,
    /// Somebody will let go of those that stay idle.
    tended: bool,
}

impl Pool {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection used last, if it can take a request.
    async fn take(&self, origin: &Origin) -> Option<Line> {
        loop {
            let mut line = {
                let lines = &mut self.kept().lines;
                let at = lines.iter().rposition(|(to, ..)| to == origin)?;
                let (_, line, since) = lines.remove(at);
                if since.elapsed() >= limits::HTTP_KEEP_ALIVE {
                    continue;
                }
                line
            };
            if line.is_free().await {
                return Some(line);
            }
        }
    }

    async fn keep(self: &Arc<Self>, origin: Origin, mut line: Line) {
        if !line.is_free().await {
            return;
        }
        let mut kept = self.kept();
        if kept.lines.len() < self.most {
            kept.lines.push((origin, line, clock::moment()));
        }
        if !std::mem::replace(&mut kept.tended, true) {
            tokio::spawn(tend(Arc::downgrade(self)));
        }
    }
}

/// Closes connections that stay idle; ends with the last of them.
async fn tend(pool: Weak<Pool>) {
    loop {
        sleep(limits::HTTP_KEEP_ALIVE).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut kept = pool.kept();
        kept.lines
            .retain(|(_, _, since)| since.elapsed() < limits::HTTP_KEEP_ALIVE);
        if kept.lines.is_empty() {
            kept.tended = false;
            return;
        }
    }
}
