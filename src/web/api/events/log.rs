//! The latest news in their order, numbered: what streams tell and what those who come back are told.
//! Bounded in pieces and in bytes; what is too old is forgotten, and that it is is known.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use bytes::Bytes;

use crate::limits;

/// One piece of news, and whose it is.
#[derive(Debug, Clone)]
pub(super) struct News {
    pub(super) sender: Arc<str>,
    pub(super) text: Bytes,
    row: (&'static str, i64),
}

/// What happened since a number.
pub(super) enum Since {
    Nothing,
    /// So much, up to this number.
    News(u64, Vec<News>),
    /// Nobody knows; this text says so, and from this number on it is known again.
    Gap(u64, Bytes),
}

/// The latest news.
#[derive(Debug)]
pub(super) struct Log {
    /// Tells the numbers of this life of the log from those of others.
    life: String,
    /// The number of the latest.
    latest: u64,
    news: VecDeque<News>,
    bytes: usize,
    /// What was told last of a row that is in `news`, and under which number: the same is not told
    /// again.
    told: HashMap<(&'static str, i64), (u64, u64)>,
}

impl Log {
    pub(super) fn new(life: String) -> Self {
        Self {
            life,
            latest: 0,
            news: VecDeque::new(),
            bytes: 0,
            told: HashMap::new(),
        }
    }

    /// The number of the latest.
    pub(super) fn latest(&self) -> u64 {
        self.latest
    }

    /// The number of a piece of news as a reader knows it.
    pub(super) fn id(&self, number: u64) -> String {
        format!("{}-{number}", self.life)
    }

    /// The number in an id of this life.
    pub(super) fn number(&self, id: &str) -> Option<u64> {
        let (life, number) = id.rsplit_once('-')?;
        let number = number.parse().ok()?;
        (life == self.life && number <= self.latest).then_some(number)
    }

    /// Adds a row as it is now, unless just that was told of it last.
    pub(super) fn add(&mut self, kind: &'static str, id: i64, sender: &str, json: &str) {
        let mut hash = DefaultHasher::new();
        json.hash(&mut hash);
        let hash = hash.finish();
        if self
            .told
            .get(&(kind, id))
            .is_some_and(|told| told.0 == hash)
        {
            return;
        }
        self.latest += 1;
        self.told.insert((kind, id), (hash, self.latest));
        let text = format!(
            "id: {}\nevent: {kind}\ndata: {json}\n\n",
            self.id(self.latest)
        );
        self.bytes += text.len();
        self.news.push_back(News {
            sender: sender.into(),
            text: text.into(),
            row: (kind, id),
        });
        while self.news.len() > limits::STREAM_KEPT || self.bytes > limits::STREAM_KEPT_BYTES {
            let Some(gone) = self.news.pop_front() else {
                break;
            };
            self.bytes -= gone.text.len();
            let number = self.latest - self.news.len() as u64;
            if self
                .told
                .get(&gone.row)
                .is_some_and(|told| told.1 == number)
            {
                self.told.remove(&gone.row);
            }
        }
    }

    /// Something was missed: nobody can go on from before this.
    pub(super) fn lose(&mut self) {
        self.news.clear();
        self.told.clear();
        self.bytes = 0;
        self.latest += 1;
    }

    /// What happened after `cursor`, in pieces that a slow reader can take.
    pub(super) fn since(&self, cursor: u64) -> Since {
        if cursor >= self.latest {
            return Since::Nothing;
        }
        let oldest = self.latest - self.news.len() as u64 + 1;
        if cursor + 1 < oldest {
            return Since::Gap(self.latest, self.gap());
        }
        let from = usize::try_from(cursor + 1 - oldest).unwrap_or(usize::MAX);
        let news = self.news.iter().skip(from).take(limits::STREAM_PIECE);
        let news: Vec<News> = news.cloned().collect();
        Since::News(cursor + news.len() as u64, news)
    }

    /// What a reader is told that cannot be told what it missed.
    pub(super) fn gap(&self) -> Bytes {
        let id = self.id(self.latest);
        format!("id: {id}\nevent: gap\ndata: {{\"ask\":\"the lists\"}}\n\n").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(since: &Since) -> Vec<String> {
        let Since::News(_, news) = since else {
            return Vec::new();
        };
        let text = |one: &News| String::from_utf8(one.text.to_vec()).unwrap();
        let lines = news.iter().map(text);
        lines
            .map(|text| text.lines().next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_reader_goes_on_where_it_was_and_the_same_is_told_once() {
        let mut log = Log::new("a".to_owned());
        log.add("file", 1, "acme", "{}");
        log.add("file", 1, "acme", "{}");
        log.add("file", 1, "acme", "{1}");
        log.add("delivery", 1, "acme", "{}");
        assert_eq!(ids(&log.since(0)), ["id: a-1", "id: a-2", "id: a-3"]);
        assert_eq!(ids(&log.since(2)), ["id: a-3"]);
        assert!(matches!(log.since(3), Since::Nothing));
        assert_eq!((log.number("a-2"), log.number("b-2")), (Some(2), None));
        assert_eq!((log.number("a-4"), log.number("a-x")), (None, None));
    }

    #[test]
    fn what_is_too_old_or_was_missed_is_a_gap() {
        let mut log = Log::new("a".to_owned());
        for id in 0..=i64::try_from(limits::STREAM_KEPT).unwrap() {
            log.add("file", id, "acme", "{}");
        }
        assert!(matches!(log.since(0), Since::Gap(..)));
        assert_eq!(ids(&log.since(1))[0], "id: a-2");
        log.lose();
        let before = log.latest() - 1;
        assert!(matches!(log.since(before), Since::Gap(..)));
        log.add("file", 1, "acme", "{}");
        assert_eq!(ids(&log.since(log.latest() - 1)).len(), 1);
    }
}
