//! Stacked bars over time, as places in a picture of a fixed size that the page scales.

use serde::Serialize;

use crate::clock::Millis;

/// Size of the picture, and of the part that bars may fill.
const WIDTH: u64 = 600;
const TOP: u64 = 10;
const HEIGHT: u64 = 150;
const LEFT: u64 = 58;
/// Bars between two words below them.
const WORDS: usize = 6;

/// The picture and its numbers.
#[derive(Debug, Serialize)]
pub(super) struct Bars {
    /// Name, colour and sum of each part.
    parts: Vec<(String, String, u64)>,
    columns: Vec<Column>,
    /// Height and number of each line across.
    lines: Vec<(u64, u64)>,
    /// All of it.
    sum: u64,
    left: u64,
    width: u64,
    base: u64,
}

/// One bar.
#[derive(Debug, Serialize)]
struct Column {
    at: i64,
    /// `14:00`, or the day where one begins.
    word: String,
    /// The word is written below.
    written: bool,
    counts: Vec<u64>,
    sum: u64,
    x: u64,
    width: u64,
    /// Colour, top and height of each part that is not empty.
    pieces: Vec<(String, u64, u64)>,
}

impl Bars {
    /// Empty bars at these times, of parts with a name and a colour.
    pub(super) fn new(times: &[Millis], parts: &[(&str, &str)]) -> Self {
        let columns = times.iter().map(|at| Column {
            at: at.0,
            word: word(*at),
            written: false,
            counts: vec![0; parts.len()],
            sum: 0,
            x: 0,
            width: 0,
            pieces: Vec::new(),
        });
        let parts = parts.iter();
        Self {
            parts: parts
                .map(|(name, colour)| ((*name).to_owned(), (*colour).to_owned(), 0))
                .collect(),
            columns: columns.collect(),
            lines: Vec::new(),
            sum: 0,
            left: LEFT,
            width: WIDTH,
            base: TOP + HEIGHT,
        }
    }

    /// Counts for a part at a time; what belongs to no bar or part is left out.
    pub(super) fn add(&mut self, at: Millis, part: Option<usize>, count: u64) {
        let column = self.columns.iter_mut().find(|column| column.at == at.0);
        let (Some(column), Some(part)) = (column, part) else {
            return;
        };
        if let (Some(sum), Some(whole)) = (column.counts.get_mut(part), self.parts.get_mut(part)) {
            *sum += count;
            column.sum += count;
            whole.2 += count;
            self.sum += count;
        }
    }

    /// Every bar at its place.
    pub(super) fn drawn(mut self) -> Self {
        let largest = self.columns.iter().map(|column| column.sum).max();
        let top = round_up(largest.unwrap_or(0));
        let each = (WIDTH - LEFT) / (self.columns.len() as u64).max(1);
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.x = LEFT + index as u64 * each + 1;
            column.width = each.saturating_sub(2).max(1);
            column.written = index % WORDS == 0;
            let mut below = 0;
            for (count, (_, colour, _)) in column.counts.iter().zip(&self.parts) {
                let (from, to) = (height(below, top), height(below + count, top));
                below += count;
                if *count > 0 {
                    // Whatever happened at all can be seen.
                    let tall = (to - from).max(1);
                    column
                        .pieces
                        .push((colour.clone(), TOP + HEIGHT - from - tall, tall));
                }
            }
        }
        self.lines = [0, top / 2, top]
            .into_iter()
            .map(|count| (TOP + HEIGHT - height(count, top), count))
            .collect();
        self.lines.dedup_by_key(|(_, count)| *count);
        self
    }
}

fn height(count: u64, top: u64) -> u64 {
    (count * HEIGHT + top / 2) / top.max(1)
}

/// The next of 2, 4, 6, 8, 10, 20, 40, …: a number whose half is whole.
fn round_up(largest: u64) -> u64 {
    let mut step = 1;
    loop {
        for top in [2, 4, 6, 8, 10] {
            if step * top >= largest {
                return step * top;
            }
        }
        let Some(next) = u64::checked_mul(step, 10) else {
            return largest;
        };
        step = next;
    }
}

fn word(at: Millis) -> String {
    let at = at.timestamp();
    let hour = at.strftime("%H:%M").to_string();
    if hour == "00:00" {
        at.strftime("%d %b").to_string()
    } else {
        hour
    }
}
