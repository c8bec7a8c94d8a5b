//! What waits for the writer: first what a lane waits for, then everything else as it came.
//!
//! A partner that has answered is kept waiting by nothing but the piece of work under way: the reading
//! of a big file hands over thousands of orders at a time, and no answer stands behind them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use tokio::sync::mpsc;

use super::work::Work;
use crate::clock;
use crate::limits;

/// What travels to the writer.
pub(super) enum Order {
    /// A piece of work.
    Work(Box<dyn Work>),
    /// One that a lane waits for.
    Urgent(Box<dyn Work>),
    /// The last one: mark the end as clean and stop.
    Close(Box<dyn Work>),
}

impl Order {
    /// The work itself.
    pub(super) fn into_work(self) -> Box<dyn Work> {
        let (Self::Work(work) | Self::Urgent(work) | Self::Close(work)) = self;
        work
    }
}

/// The writer's end of the queue. What was taken from the channel to be sorted is bounded like the
/// channel itself.
pub(super) struct Queue {
    incoming: mpsc::Receiver<Order>,
    urgent: VecDeque<Order>,
    others: VecDeque<Order>,
}

/// What came of waiting.
pub(super) enum Next {
    Order(Order),
    /// Nothing came in time.
    Quiet,
    /// Nothing will come any more.
    Ended,
}

impl Queue {
    pub(super) fn new(incoming: mpsc::Receiver<Order>) -> Self {
        Self {
            incoming,
            urgent: VecDeque::new(),
            others: VecDeque::new(),
        }
    }

    /// The next one, if there is one now.
    pub(super) fn ready(&mut self) -> Option<Order> {
        self.urgent().or_else(|| self.others.pop_front())
    }

    /// The next one that a lane waits for, if there is one now.
    pub(super) fn urgent(&mut self) -> Option<Order> {
        while self.others.len() < limits::WRITER_QUEUE
            && let Ok(order) = self.incoming.try_recv()
        {
            self.sort(order);
        }
        self.urgent.pop_front()
    }

    fn sort(&mut self, order: Order) {
        match order {
            Order::Urgent(_) => self.urgent.push_back(order),
            Order::Work(_) | Order::Close(_) => self.others.push_back(order),
        }
    }

    /// Waits for the next one, at most so long. For the thread of the writer only.
    pub(super) fn wait(&mut self, longest: Option<Duration>) -> Next {
        if let Some(order) = self.ready() {
            return Next::Order(order);
        }
        let began = clock::moment();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut context = Context::from_waker(&waker);
        loop {
            match self.incoming.poll_recv(&mut context) {
                Poll::Ready(Some(order)) => return Next::Order(order),
                Poll::Ready(None) => return Next::Ended,
                Poll::Pending => {}
            }
            match longest.map(|longest| longest.saturating_sub(began.elapsed())) {
                None => thread::park(),
                Some(Duration::ZERO) => return Next::Quiet,
                Some(rest) => thread::park_timeout(rest),
            }
        }
    }

    /// Takes no more; what waits, to be answered.
    pub(super) fn close(&mut self) -> impl Iterator<Item = Order> {
        self.incoming.close();
        std::iter::from_fn(|| match self.wait(None) {
            Next::Order(order) => Some(order),
            Next::Quiet | Next::Ended => None,
        })
    }
}

/// Wakes the writer.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
