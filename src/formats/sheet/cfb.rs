//! OLE2 compound files ([MS-CFB]): the container of xls workbooks and of encrypted ones.
//!
//! Only what is needed: the streams of the root storage, by name. Every chain is bounded by the number
//! of sectors that the file can have, so that a loop in a table is damage and never an endless walk;
//! memory is four bytes a sector.

use std::io::{self, Read, Seek, SeekFrom};

use super::{Step, damaged, io_problem, truncated};
use crate::formats::Input;
use crate::problem::Problem;

const WORD: &str = "xls";
/// Sector numbers from here on are marks: free, end of chain, tables.
const FIRST_MARK: u32 = 0xFFFF_FFFA;
const NONE: u32 = 0xFFFF_FFFF;
const ENTRY: usize = 128;
const MINI_SECTOR: u64 = 64;

/// An opened compound file.
pub(super) struct Compound<'i> {
    input: &'i mut dyn Input,
    sector: u64,
    fat: Vec<u32>,
    entries: Vec<Entry>,
    mini_fat_start: u32,
    mini_cutoff: u64,
}

/// A stream of the root storage.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    name: String,
    start: u32,
    size: u64,
    left: u32,
    right: u32,
    child: u32,
}

impl<'i> Compound<'i> {
    /// Reads the tables and the directory.
    pub(super) fn open(input: &'i mut dyn Input) -> Step<Self> {
        let mut header = [0; 512];
        read_at(input, 0, &mut header)?;
        let shift = u16_at(&header, 30);
        if !matches!(shift, 9 | 12) {
            return Err(damaged(WORD, "its sectors have an impossible size").into());
        }
        let mut file = Self {
            input,
            sector: 1 << shift,
            fat: Vec::new(),
            entries: Vec::new(),
            mini_fat_start: u32_at(&header, 60),
            mini_cutoff: u64::from(u32_at(&header, 56)),
        };
        file.read_fat(&header)?;
        let directory = file.chain(u32_at(&header, 48))?;
        file.read_directory(&directory)?;
        Ok(file)
    }

    /// The stream called `name`, whatever its case, in the root storage.
    pub(super) fn find(&self, name: &str) -> Option<Entry> {
        let root = self.entries.first()?;
        let mut waiting = vec![root.child];
        let mut looks = self.entries.len();
        while let Some(number) = waiting.pop() {
            let Some(entry) = usize::try_from(number)
                .ok()
                .and_then(|number| self.entries.get(number))
            else {
                continue;
            };
            if entry.name.eq_ignore_ascii_case(name) {
                return Some(entry.clone());
            }
            // A tree that visits more entries than there are is a loop.
            looks = looks.checked_sub(1)?;
            waiting.extend([entry.left, entry.right]);
        }
        None
    }

    /// The bytes of a stream.
    pub(super) fn stream(mut self, entry: &Entry) -> Step<Chain<'i>> {
        let runs = if entry.size < self.mini_cutoff {
            self.mini_chain(entry.start)?
        } else {
            self.chain(entry.start)?
        };
        Ok(Chain::new(self.input, &runs, entry.size))
    }

    /// The sectors that hold the table of sectors: 109 in the header, the rest in a chain.
    fn read_fat(&mut self, header: &[u8]) -> Step {
        let most = self.input.size() / self.sector + 1;
        let mut numbers: Vec<u32> = (0..109).map(|n| u32_at(header, 76 + 4 * n)).collect();
        let mut next = u32_at(header, 68);
        let mut left = most;
        let mut buffer = vec![0; self.sector_len()];
        while next < FIRST_MARK {
            left = left.checked_sub(1).ok_or_else(looped)?;
            let offset = self.offset(next);
            read_at(self.input, offset, &mut buffer)?;
            let last = buffer.len() - 4;
            numbers.extend((0..last / 4).map(|n| u32_at(&buffer, 4 * n)));
            next = u32_at(&buffer, last);
        }
        numbers.retain(|number| *number < FIRST_MARK);
        if numbers.len() as u64 > most {
            return Err(looped().into());
        }
        for number in numbers {
            let offset = self.offset(number);
            if !read_some(self.input, offset, &mut buffer)? {
                break;
            }
            self.fat
                .extend((0..buffer.len() / 4).map(|n| u32_at(&buffer, 4 * n)));
        }
        Ok(())
    }

    /// The bytes of a chain of sectors as runs of the file, in order.
    fn chain(&self, start: u32) -> Step<Vec<Run>> {
        let mut runs: Vec<Run> = Vec::new();
        let mut next = start;
        let mut left = self.input.size() / self.sector + 1;
        while next < FIRST_MARK {
            left = left.checked_sub(1).ok_or_else(looped)?;
            let offset = self.offset(next);
            match runs.last_mut() {
                Some(run) if run.offset + run.len == offset => run.len += self.sector,
                _ => runs.push(Run {
                    offset,
                    len: self.sector,
                }),
            }
            next = usize::try_from(next)
                .ok()
                .and_then(|next| self.fat.get(next).copied())
                .unwrap_or(NONE);
        }
        Ok(runs)
    }

    /// The runs of a small stream, whose sectors of 64 bytes lie in the root's own stream
    /// ([MS-CFB] 2.4).
    fn mini_chain(&mut self, start: u32) -> Step<Vec<Run>> {
        let root = self.entries.first().map_or(NONE, |root| root.start);
        let root = self.chain(root)?;
        let mut table = Vec::new();
        let mut buffer = vec![0; self.sector_len()];
        for run in self.chain(self.mini_fat_start)? {
            for at in (run.offset..run.offset + run.len).step_by(self.sector_len()) {
                if read_some(self.input, at, &mut buffer)? {
                    table.extend((0..buffer.len() / 4).map(|n| u32_at(&buffer, 4 * n)));
                }
            }
        }
        let mut runs = Vec::new();
        let mut next = start;
        let mut left = table.len() + 1;
        while next < FIRST_MARK {
            left = left.checked_sub(1).ok_or_else(looped)?;
            let Some(offset) = position(&root, u64::from(next) * MINI_SECTOR) else {
                break;
            };
            runs.push(Run {
                offset,
                len: MINI_SECTOR,
            });
            next = usize::try_from(next)
                .ok()
                .and_then(|next| table.get(next).copied())
                .unwrap_or(NONE);
        }
        Ok(runs)
    }

    fn read_directory(&mut self, runs: &[Run]) -> Step {
        for run in runs {
            let mut bytes = vec![0; ENTRY];
            let mut at = run.offset;
            while at + ENTRY as u64 <= run.offset + run.len {
                if !read_some(self.input, at, &mut bytes)? {
                    return Ok(());
                }
                at += ENTRY as u64;
                let units = usize::from(u16_at(&bytes, 64)) / 2;
                let name: Vec<u16> = (0..units.saturating_sub(1).min(31))
                    .map(|n| u16_at(&bytes, 2 * n))
                    .collect();
                self.entries.push(Entry {
                    name: String::from_utf16_lossy(&name),
                    start: u32_at(&bytes, 116),
                    // The upper half is garbage in files of version 3.
                    size: u64::from(u32_at(&bytes, 120)),
                    left: u32_at(&bytes, 68),
                    right: u32_at(&bytes, 72),
                    child: u32_at(&bytes, 76),
                });
            }
        }
        Ok(())
    }

    fn offset(&self, sector: u32) -> u64 {
        (u64::from(sector) + 1) * self.sector
    }

    fn sector_len(&self) -> usize {
        usize::try_from(self.sector).unwrap_or(512)
    }
}

fn looped() -> Problem {
    damaged(WORD, "its table of sectors runs in circles")
}

/// A piece of a stream where the file has it in one.
#[derive(Debug, Clone, Copy)]
struct Run {
    offset: u64,
    len: u64,
}

/// Where byte `at` of a chain lies in the file.
fn position(runs: &[Run], at: u64) -> Option<u64> {
    let mut before = 0;
    for run in runs {
        if at < before + run.len {
            return Some(run.offset + at - before);
        }
        before += run.len;
    }
    None
}

/// A stream, readable from any place.
pub(super) struct Chain<'i> {
    input: &'i mut dyn Input,
    /// Runs with the place in the stream where each starts.
    runs: Vec<(u64, Run)>,
    size: u64,
    at: u64,
    /// Whether the input stands where `at` lies.
    placed: bool,
}

impl<'i> Chain<'i> {
    fn new(input: &'i mut dyn Input, runs: &[Run], size: u64) -> Self {
        let mut placed = Vec::with_capacity(runs.len());
        let mut start = 0;
        for run in runs {
            placed.push((start, *run));
            start += run.len;
        }
        Self {
            input,
            runs: placed,
            size: size.min(start),
            at: 0,
            placed: false,
        }
    }

    /// The whole input as one stream: workbooks from before compound files.
    pub(super) fn whole(input: &'i mut dyn Input) -> Self {
        let len = input.size();
        Self::new(input, &[Run { offset: 0, len }], len)
    }
}

impl Read for Chain<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.size {
            return Ok(0);
        }
        let index = self.runs.partition_point(|(start, _)| *start <= self.at);
        let Some((start, run)) = index.checked_sub(1).and_then(|index| self.runs.get(index)) else {
            return Ok(0);
        };
        let inside = self.at - start;
        if !self.placed || inside == 0 {
            self.input.seek(SeekFrom::Start(run.offset + inside))?;
            self.placed = true;
        }
        let most = (run.len - inside).min(self.size - self.at);
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(buf.len());
        let available = self.input.fill_buf()?;
        let count = available.len().min(most);
        buf[..count].copy_from_slice(&available[..count]);
        self.input.consume(count);
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Chain<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = target.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        self.placed = false;
        Ok(self.at)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |pair| u16::from_le_bytes([pair[0], pair[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn read_at(input: &mut dyn Input, at: u64, buffer: &mut [u8]) -> Step {
    if read_some(input, at, buffer)? {
        Ok(())
    } else {
        Err(truncated(WORD).into())
    }
}

/// Fills `buffer` from `at`; `false` if the file ends before, as the last sector of some does.
fn read_some(input: &mut dyn Input, at: u64, buffer: &mut [u8]) -> Step<bool> {
    let read = input
        .seek(SeekFrom::Start(at))
        .and_then(|_| input.read_exact(buffer));
    match read {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(io_problem(WORD, &error).into()),
    }
}
