//! The port's questions: the loops' to their own reader, people's to the others.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::questions::{answers, bytes as stored, counts, due, lists, next, status, stories};
use super::{Result, SqliteLedger};
use crate::arrival::{ArrivalId, DeliveryId, FileId, OrderId, ReportId};
use crate::clock::{self, Millis};
use crate::ledger::{
    Count, DeliveryRow, DueAnswer, DueDelivery, DueFetch, DueParse, DueReport, DueSettle, Fate,
    FileRow, FileStory, Filter, News, NextDue, OrderRow, OrderStory, Reads, Status, Told, Totals,
    Touched,
};

#[async_trait]
impl Reads for SqliteLedger {
    async fn due_fetch(
        &self,
        now: Millis,
        after: ArrivalId,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<DueFetch>> {
        let busy = serde_json::json!(busy).to_string();
        self.ask(move |db| due::fetch(db, now, after, &busy, limit))
            .await
    }

    async fn due_parse(&self, now: Millis, after: FileId, limit: usize) -> Result<Vec<DueParse>> {
        self.ask(move |db| due::parse(db, now, after, limit)).await
    }

    async fn due_deliveries(
        &self,
        destination: &str,
        now: Millis,
        holding: &[DeliveryId],
        limit: usize,
    ) -> Result<Vec<DueDelivery>> {
        let destination = destination.to_owned();
        let holding = holding.iter().map(|delivery| delivery.0).collect();
        self.ask(move |db| due::deliveries(db, &destination, now, &holding, limit))
            .await
    }

    async fn due_settle(
        &self,
        now: Millis,
        busy: &[String],
        limit: usize,
    ) -> Result<Vec<DueSettle>> {
        let busy = serde_json::json!(busy).to_string();
        self.ask(move |db| due::settle(db, now, &busy, limit)).await
    }

    async fn due_reports(&self, now: Millis, limit: usize) -> Result<Vec<DueReport>> {
        self.ask(move |db| due::reports(db, now, limit)).await
    }

    async fn due_answers(&self, now: Millis, limit: usize) -> Result<Vec<DueAnswer>> {
        self.ask(move |db| answers::due(db, now, limit)).await
    }

    async fn fates(&self, file: FileId, limit: u32) -> Result<Vec<Fate>> {
        self.ask(move |db| answers::fates(db, file, limit)).await
    }

    async fn next_due(&self, now: Millis) -> Result<NextDue> {
        self.ask(move |db| next::next(db, now)).await
    }

    async fn next_delivery(&self, destination: &str, now: Millis) -> Result<Option<Millis>> {
        let destination = destination.to_owned();
        self.ask(move |db| next::delivery(db, &destination, now))
            .await
    }

    async fn bytes(&self, file: FileId, offset: u64, length: usize) -> Result<Option<Bytes>> {
        self.ask(move |db| stored::bytes(db, file, offset, length))
            .await
    }

    async fn file_of(&self, arrival: ArrivalId) -> Result<Option<FileId>> {
        self.ask(move |db| stored::file_of(db, arrival)).await
    }

    fn news(&self) -> Arc<News> {
        Arc::clone(&self.news)
    }

    async fn touched(&self, touched: &Touched) -> Result<(Vec<FileRow>, Vec<DeliveryRow>)> {
        let of = |told: Told| {
            let rows = touched.rows.iter().filter(move |(table, _)| *table == told);
            let ids: Vec<i64> = rows.map(|(_, id)| *id).collect();
            serde_json::json!(ids).to_string()
        };
        let (arrivals, files) = (of(Told::Arrival), of(Told::File));
        let deliveries = of(Told::Delivery);
        self.search(move |db| {
            Ok((
                lists::files_touched(db, &arrivals, &files)?,
                lists::deliveries_touched(db, &deliveries)?,
            ))
        })
        .await
    }

    async fn files(&self, filter: &Filter) -> Result<Vec<FileRow>> {
        let filter = filter.clone();
        self.search(move |db| lists::files(db, &filter)).await
    }

    async fn orders(&self, filter: &Filter) -> Result<Vec<OrderRow>> {
        let filter = filter.clone();
        self.search(move |db| lists::orders(db, &filter)).await
    }

    async fn deliveries(&self, filter: &Filter) -> Result<Vec<DeliveryRow>> {
        let filter = filter.clone();
        self.search(move |db| lists::deliveries(db, &filter)).await
    }

    async fn file(&self, file: FileId) -> Result<Option<FileStory>> {
        self.search(move |db| stories::file(db, file)).await
    }

    async fn order(&self, order: OrderId) -> Result<Option<OrderStory>> {
        self.search(move |db| stories::order(db, order)).await
    }

    async fn status(&self) -> Result<Status> {
        self.search(|db| status::status(db, clock::now())).await
    }

    async fn totals(&self) -> Result<Totals> {
        self.search(status::totals).await
    }

    async fn counts(&self, hours: u32, span: u32) -> Result<Vec<Count>> {
        let (hours, span) = (i64::from(hours), i64::from(span));
        self.search(move |db| counts::counts(db, clock::now(), hours, span))
            .await
    }

    async fn mail(&self, report: ReportId) -> Result<Option<Bytes>> {
        self.search(move |db| stored::mail(db, report)).await
    }

    async fn body(&self, delivery: DeliveryId) -> Result<Option<Bytes>> {
        self.search(move |db| stored::body(db, delivery)).await
    }

    async fn paused(&self) -> Result<Vec<String>> {
        self.ask(|db| {
            db.prepare_cached("SELECT name FROM pause ORDER BY name")?
                .query_map([], |row| row.get(0))?
                .collect()
        })
        .await
    }

    async fn ended_uncleanly(&self) -> Result<bool> {
        Ok(self.unclean)
    }

    async fn reports_to(&self, recipient: &str, since: Millis) -> Result<u32> {
        let recipient = recipient.to_owned();
        self.ask(move |db| {
            db.prepare_cached(
                "SELECT count(*) FROM report
                 WHERE recipient = ?1 AND sent >= ?2 AND kind = 'report'",
            )?
            .query_row((recipient, since.0), |row| row.get(0))
        })
        .await
    }

    async fn told(&self, key: &str, since: Millis) -> Result<bool> {
        let key = key.to_owned();
        self.ask(move |db| {
            db.prepare_cached("SELECT EXISTS (SELECT 1 FROM said WHERE key = ?1 AND at >= ?2)")?
                .query_row((key, since.0), |row| row.get(0))
        })
        .await
    }
}
