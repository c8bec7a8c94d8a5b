//! A connection that can be reset: some faults are not answers but the lack of one.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::limits;

/// The switch of one connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Link(Arc<AtomicBool>);

impl Link {
    /// The next byte that would be written resets the connection instead.
    pub(super) fn reset(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Accepts connections with a switch.
#[derive(Debug)]
pub(super) struct Door(pub(super) TcpListener);

/// One connection.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    link: Link,
}

impl Listener for Door {
    type Io = Wire;
    type Addr = Link;

    async fn accept(&mut self) -> (Wire, Link) {
        loop {
            match self.0.accept().await {
                Ok((stream, _)) => {
                    // Without it answers only come later; that is no reason to refuse the caller.
                    stream.set_nodelay(true).unwrap_or_default();
                    let link = Link::default();
                    let wire = Wire {
                        stream,
                        link: link.clone(),
                    };
                    return (wire, link);
                }
                Err(error) => {
                    tracing::warn!(%error, "The sandbox could not accept a connection.");
                    tokio::time::sleep(limits::SANDBOX_ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Link> {
        Ok(Link::default())
    }
}

impl Door {
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Link {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Self {
        stream.remote_addr().clone()
    }
}

impl Wire {
    /// An error once the switch is set; then the socket is closed by a reset and not by a goodbye.
    fn whole(&self) -> io::Result<()> {
        if self.link.0.load(Ordering::Acquire) {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.whole()?;
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.whole()?;
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.whole()?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
