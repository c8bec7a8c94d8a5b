//! The port's arrows, each handed to the writer as one piece of work.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::arrows::change::Doing;
use super::arrows::{
    answers, change, deliver, edit, house, intake, outbox, parsed, promote, retain, settle,
    unpacked, words,
};
use super::questions::filter;
use super::queue::Order;
use super::work;
use super::{Result, SqliteLedger};
use crate::arrival::{AnswerId, ArrivalId, DeliveryId, Entry, FileId, OrderId, ReportId, Settled};
use crate::clock::Millis;
use crate::ledger::{
    AnswerEnd, AttemptEnd, AttemptStart, Bounced, Change, Changed, Claimed, Correction, Fetched,
    Filter, Ledger, MemberPiece, OwedAnswer, ParsedFile, ReportEnd, ReportKind, Returned,
    StagedOrder, Unpacked, Who,
};
use crate::limits;

#[async_trait]
impl Ledger for SqliteLedger {
    async fn claim(&self, source: &str, entries: Vec<Entry>) -> Result<Vec<Claimed>> {
        let source = source.to_owned();
        self.write(move |tx| intake::claim(tx, &source, &entries))
            .await
    }

    async fn receive(&self, source: &str, entry: Entry) -> Result<ArrivalId> {
        let source = source.to_owned();
        self.write(move |tx| intake::receive(tx, &source, &entry))
            .await
    }

    async fn received(&self, fetched: Fetched, who: &Who) -> Result<FileId> {
        let (fetched, who) = ([fetched], who.clone());
        self.write(move |tx| intake::received(tx, &fetched, &who))
            .await
    }

    async fn chunk(&self, arrival: ArrivalId, seq: u32, bytes: Bytes) -> Result<()> {
        self.write(move |tx| intake::chunk(tx, arrival, seq, &bytes))
            .await
    }

    async fn fetched(&self, fetched: Vec<Fetched>) -> Result<()> {
        self.write(move |tx| intake::fetched(tx, &fetched)).await
    }

    async fn unclaimed(&self, arrivals: Vec<(ArrivalId, String)>) -> Result<()> {
        self.write(move |tx| intake::unclaimed(tx, &arrivals)).await
    }

    async fn postponed(&self, arrival: ArrivalId, until: Millis, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write(move |tx| intake::postponed(tx, arrival, until, &why))
            .await
    }

    async fn refetch(&self, arrival: ArrivalId, until: Millis) -> Result<()> {
        self.write(move |tx| intake::refetch(tx, arrival, until))
            .await
    }

    async fn piece(&self, piece: MemberPiece) -> Result<()> {
        self.write(move |tx| unpacked::piece(tx, &piece)).await
    }

    async fn unpacked(&self, one: Unpacked) -> Result<()> {
        self.write(move |tx| unpacked::unpacked(tx, &one)).await
    }

    async fn died(&self, file: FileId) -> Result<u32> {
        self.write(move |tx| intake::died(tx, file)).await
    }

    async fn stage(&self, file: FileId, first: bool, orders: Vec<StagedOrder>) -> Result<()> {
        self.write(move |tx| parsed::stage(tx, file, first, &orders))
            .await
    }

    async fn parsed(&self, files: Vec<ParsedFile>) -> Result<()> {
        self.write(move |tx| parsed::parsed(tx, &files)).await
    }

    async fn promote(&self) -> Result<bool> {
        self.write(promote::promote).await
    }

    async fn attempt(&self, starts: Vec<AttemptStart>) -> Result<Vec<bool>> {
        self.write_first(move |tx| deliver::attempt(tx, &starts))
            .await
    }

    async fn outcome(&self, ends: Vec<AttemptEnd>) -> Result<()> {
        self.write_first(move |tx| deliver::outcome(tx, &ends))
            .await
    }

    async fn unattempt(&self, deliveries: Vec<DeliveryId>) -> Result<()> {
        self.write(move |tx| deliver::unattempt(tx, &deliveries))
            .await
    }

    async fn settled(&self, settled: Vec<(ArrivalId, Settled)>) -> Result<()> {
        self.write(move |tx| settle::settled(tx, &settled)).await
    }

    async fn unsettled(&self, arrival: ArrivalId, until: Millis, why: &str) -> Result<()> {
        let why = why.to_owned();
        self.write(move |tx| settle::unsettled(tx, arrival, until, &why))
            .await
    }

    async fn composed(
        &self,
        report: ReportId,
        recipient: &str,
        said: Vec<String>,
        message: Bytes,
    ) -> Result<()> {
        let recipient = recipient.to_owned();
        self.write(move |tx| outbox::composed(tx, report, &recipient, &said, &message))
            .await
    }

    async fn bounced(&self, bounced: Bounced) -> Result<Option<Returned>> {
        self.write(move |tx| outbox::bounced(tx, &bounced)).await
    }

    async fn reported(&self, report: ReportId, end: ReportEnd) -> Result<()> {
        self.write(move |tx| outbox::reported(tx, report, &end))
            .await
    }

    async fn owe_answer(&self, owed: OwedAnswer) -> Result<()> {
        self.write(move |tx| answers::owe(tx, &owed)).await
    }

    async fn number_answer(&self, answer: AnswerId) -> Result<u64> {
        self.write(move |tx| answers::number(tx, answer)).await
    }

    async fn made_answer(&self, answer: AnswerId, name: &str, bytes: Bytes) -> Result<()> {
        let name = name.to_owned();
        self.write(move |tx| answers::made(tx, answer, &name, &bytes))
            .await
    }

    async fn answered(&self, answer: AnswerId, end: AnswerEnd) -> Result<()> {
        self.write(move |tx| answers::answered(tx, answer, &end))
            .await
    }

    async fn alert(&self, fold: &str, kind: ReportKind, subject: &str, text: &str) -> Result<bool> {
        let (fold, subject, text) = (fold.to_owned(), subject.to_owned(), text.to_owned());
        self.write(move |tx| outbox::alert(tx, &fold, kind, &subject, &text))
            .await
    }

    async fn pause(&self, name: &str, paused: Option<&str>, who: &Who) -> Result<()> {
        let (name, who) = (name.to_owned(), who.clone());
        let why = paused.map(str::to_owned);
        self.write(move |tx| house::pause(tx, &name, why.as_deref(), &who))
            .await
    }

    async fn change(&self, change: Change, dry_run: bool, who: &Who) -> Result<Vec<Changed>> {
        let (doing, filter, states): (_, Filter, &'static [&'static str]) = match change {
            Change::RetryFiles(filter) => (Doing::RetryFiles, filter, &[]),
            Change::RetryDeliveries(filter) => {
                (Doing::RetryDeliveries, filter, &["refused", "parked"])
            }
            Change::Release(filter) => (Doing::Release, filter, &["held", "parked"]),
            Change::Cancel(filter, why) => (Doing::Cancel(why), filter, &["due", "held", "parked"]),
        };
        let ids = self
            .search(move |db| match states {
                [] => filter::file_ids(db, &filter),
                states => filter::delivery_ids(db, &filter, states),
            })
            .await?;
        let (doing, who) = (Arc::new(doing), Arc::new(who.clone()));
        let mut changed = Vec::new();
        for step in ids.chunks(limits::BATCH_ORDERS) {
            let (doing, who, ids) = (Arc::clone(&doing), Arc::clone(&who), step.to_vec());
            changed.extend(
                self.write(move |tx| change::change(tx, &doing, &ids, &who, dry_run))
                    .await?,
            );
        }
        Ok(changed)
    }

    async fn edit(&self, order: OrderId, seen: &str, new: Correction, who: &Who) -> Result<bool> {
        let (seen, who) = (seen.to_owned(), who.clone());
        self.write(move |tx| edit::edit(tx, order, &seen, &new, &who))
            .await
    }

    async fn index(&self) -> Result<bool> {
        if !self.search(words::behind).await? {
            return Ok(false);
        }
        self.write(|tx| words::step(tx)).await
    }

    async fn note(&self, what: &str, who: &Who) -> Result<()> {
        let (what, who) = (what.to_owned(), who.clone());
        self.write(move |tx| house::record(tx, &who, None, &what))
            .await
    }

    async fn keep_profile(&self, hash: &str, text: &str) -> Result<()> {
        let (hash, text) = (hash.to_owned(), text.to_owned());
        self.write(move |tx| house::keep_profile(tx, &hash, &text))
            .await
    }

    async fn prune(&self, before: Millis) -> Result<bool> {
        self.write(move |tx| retain::prune(tx, before)).await
    }

    async fn close(&self) -> Result<()> {
        let (piece, answer) = work::piece(|tx| house::close(tx));
        self.send(Order::Close(piece)).await?;
        answer.await.map_err(|_| self.ended())?
    }
}
