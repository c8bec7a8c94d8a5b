//! The threads that answer questions.
//!
//! The loops have a thread of their own, so that a person's search through everything never delays
//! what is due. Connections are query_only and see the last commit; they neither wait for the writer
//! nor hold it up. A question that takes too long is broken off with a failure that says so.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault;
use super::open;
use crate::clock;
use crate::failure::Failure;
use crate::limits;

type Question = Box<dyn FnOnce(&mut Connection) + Send>;

/// Threads that share a queue of questions.
pub(super) struct Readers {
    queue: mpsc::Sender<Question>,
}

impl Readers {
    /// Starts `count` threads; their handles, to be joined after this was dropped.
    pub(super) fn start(
        state_dir: &Path,
        name: &str,
        count: usize,
    ) -> Result<(Self, Vec<JoinHandle<()>>), String> {
        let (queue, questions) = mpsc::channel::<Question>(limits::READER_QUEUE);
        let questions = Arc::new(Mutex::new(questions));
        let mut threads = Vec::new();
        for _ in 0..count {
            let db = open::reader(state_dir).map_err(|error| error.to_string())?;
            let questions = Arc::clone(&questions);
            let thread = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || serve(db, &questions))
                .map_err(|error| error.to_string())?;
            threads.push(thread);
        }
        Ok((Self { queue }, threads))
    }

    /// Asks and waits. The question sees one state of the ledger from start to end.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |db| {
            // A caller that went away no longer wants to know.
            drop(reply.send(one_state(db, question)));
        });
        let closed = || Failure::ours("reading the ledger", "it is closed");
        self.queue.send(question).await.map_err(|_| closed())?;
        answer
            .await
            .map_err(|_| closed())?
            .map_err(|error| fault::reading(&error))
    }
}

fn serve(mut db: Connection, questions: &Mutex<mpsc::Receiver<Question>>) {
    loop {
        let next = questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .blocking_recv();
        match next {
            Some(question) => question(&mut db),
            None => return,
        }
    }
}

fn one_state<T>(
    db: &mut Connection,
    question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let started = clock::moment();
    db.progress_handler(
        OPERATIONS_BETWEEN_LOOKS,
        Some(move || started.elapsed() > limits::READ),
    )?;
    let view = db.unchecked_transaction()?;
    let answer = question(&view)?;
    view.finish()?;
    Ok(answer)
}

/// Steps of SQLite's machine between two looks at the clock: some milliseconds.
const OPERATIONS_BETWEEN_LOOKS: i32 = 200_000;
