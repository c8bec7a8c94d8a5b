//! A mail to somebody who follows an order: what happened, and how to hear no more.

use super::clean::{label, sentence};
use super::message::{self, Body, Head, Kind};
use super::notice::{Link, Notice, Table};
use super::page::render;
use crate::failure::Failure;

/// What has happened to one order.
#[derive(Debug, Clone)]
pub struct News<'a> {
    /// The order's number.
    pub reference: &'a str,
    /// When, what, where; the latest last.
    pub events: &'a [(String, String, String)],
    /// Where all of it is shown.
    pub link: Option<&'a str>,
    /// How to hear no more; without it an operator decided that the recipient hears.
    pub leave: Option<&'a str>,
}

/// The whole mail.
///
/// # Errors
/// A failure of the operator where `head` has an address that is none.
pub fn compose_news(head: &Head<'_>, news: &News<'_>) -> Result<Vec<u8>, Failure> {
    let reference = label(news.reference);
    let latest = news.events.last().map(|(_, what, _)| sentence(what));
    let title = match latest.filter(|what| !what.is_empty()) {
        Some(what) => format!("Order {reference}: {what}"),
        None => format!("News of order {reference}"),
    };
    let rows = news
        .events
        .iter()
        .map(|(when, what, place)| vec![label(when), sentence(what), label(place)]);
    let mut links = Vec::new();
    links.extend(
        news.link
            .map(|url| Link::new("All that is known of this order", url)),
    );
    links.extend(
        news.leave
            .map(|url| Link::new("No more mails about this order", url)),
    );
    let notice = Notice {
        title: label(&title),
        paragraphs: vec![format!("There is news of order {reference}.")],
        attention_title: "",
        attention: Vec::new(),
        tables: vec![Table::new(
            "News",
            vec!["When", "What", "Where"],
            rows.collect(),
        )],
        links,
    };
    let body = Body {
        text: render("notice.txt", &notice)?,
        html: render("notice.html", &notice)?,
    };
    message::compose(
        head,
        Kind::News { leave: news.leave },
        &notice.title,
        &body,
        &[],
    )
}
