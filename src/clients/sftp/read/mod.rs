//! Reading files with many requests on their way at a time.
//!
//! Small files by the dozen, a large one piece by piece: either way the line is kept busy and what
//! waits in memory is bounded by the requests on their way. Each file is looked at after it was
//! opened, read until the server says that it ends, and looked at again (`file`).

mod file;

use std::collections::{HashMap, VecDeque};

use tokio::sync::mpsc;

use self::file::{Asked, File};
use super::pipe::Pipe;
use crate::arrival::ArrivalId;
use crate::clients::Piece;
use crate::clients::Wanted;
use crate::failure::Failure;
use crate::limits;

/// Fetches all of `wanted`, several at a time. What was not ended is in `wanted` again afterwards.
pub(super) async fn fetch(
    pipe: &mut Pipe,
    wanted: &mut Vec<Wanted>,
    pieces: &mpsc::Sender<Piece>,
) -> Result<(), Failure> {
    let mut reading = Reading {
        pipe,
        pieces,
        waiting: std::mem::take(wanted).into(),
        files: Vec::new(),
        asked: HashMap::new(),
    };
    let ended = reading.run().await;
    wanted.extend(reading.files.into_iter().filter_map(File::unended));
    wanted.extend(reading.waiting);
    if !matches!(ended, Ok(Heard::All)) {
        // Answers are still on their way.
        pipe.close();
    }
    ended.map(drop)
}

/// Whether somebody listened to the end.
enum Heard {
    All,
    NoMore,
}

struct Reading<'a> {
    pipe: &'a mut Pipe,
    pieces: &'a mpsc::Sender<Piece>,
    waiting: VecDeque<Wanted>,
    /// At work, in the order in which they were begun, so that the first ends first.
    files: Vec<File>,
    /// Which request is on its way for which file.
    asked: HashMap<u32, (ArrivalId, Asked)>,
}

impl Reading<'_> {
    async fn run(&mut self) -> Result<Heard, Failure> {
        loop {
            self.ask();
            if self.asked.is_empty() {
                return Ok(Heard::All);
            }
            let (id, answer) = self.pipe.answer().await?;
            let Some((arrival, asked)) = self.asked.remove(&id) else {
                return Err(self.pipe.out_of_step());
            };
            let of_arrival = |file: &File| file.arrival() == arrival;
            let Some(place) = self.files.iter().position(of_arrival) else {
                return Err(self.pipe.out_of_step());
            };
            let file = &mut self.files[place];
            if file.take(asked, answer).is_err() {
                return Err(self.pipe.out_of_step());
            }
            while let Some(piece) = file.piece() {
                if self.pieces.send(piece).await.is_err() {
                    return Ok(Heard::NoMore);
                }
            }
            if file.is_closed() {
                self.files.remove(place);
            }
        }
    }

    /// Puts as many requests on their way as may be.
    fn ask(&mut self) {
        for file in &mut self.files {
            while self.asked.len() < limits::SFTP_REQUESTS
                && let Some((id, asked)) = file.ask(self.pipe)
            {
                self.asked.insert(id, (file.arrival(), asked));
            }
        }
        while self.files.len() < limits::SFTP_FILES
            && self.asked.len() < limits::SFTP_REQUESTS
            && let Some(wanted) = self.waiting.pop_front()
        {
            let mut file = File::new(wanted);
            if let Some((id, asked)) = file.ask(self.pipe) {
                self.asked.insert(id, (file.arrival(), asked));
            }
            self.files.push(file);
        }
    }
}
