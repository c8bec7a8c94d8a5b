//! New events on their way to those who follow their order.
//!
//! What is to be sent is composed, frozen and handed over in the transaction that marks the events,
//! so that a crash before it composes all of it again and a crash after it sends what is there.

use super::super::Shared;
use super::news;
use crate::clock;
use crate::failure::Failure;
use crate::ledger::tracking::{Followed, Follower, NewFollower, News, Unforwarded};
use crate::limits;
use crate::tracking::sign;

/// Hands some over; whether there were any.
pub(super) async fn forward(shared: &Shared) -> Result<bool, Failure> {
    let events = shared.ledger().unforwarded(limits::EVENTS_TOGETHER).await?;
    if events.is_empty() {
        return Ok(false);
    }
    let ids = events.iter().map(|one| one.id).collect();
    let mut news = Vec::new();
    for group in by_order(events) {
        compose(shared, &group, &mut news).await?;
    }
    let mails = news.iter().any(|one| matches!(one, News::Mail { .. }));
    shared.ledger().forwarded(ids, news).await?;
    if mails {
        shared.wakes.report.notify_one();
    }
    Ok(true)
}

/// The events of each order together, in the order in which they came: one mail for all of them.
fn by_order(mut events: Vec<Unforwarded>) -> Vec<Vec<Unforwarded>> {
    events.sort_by_key(|one| (one.order, one.id));
    let mut groups: Vec<Vec<Unforwarded>> = Vec::new();
    for event in events {
        match groups.last_mut() {
            Some(group) if group.first().is_some_and(|one| one.order == event.order) => {
                group.push(event);
            }
            _ => groups.push(vec![event]),
        }
    }
    groups
}

/// All that goes out about some events of one order.
async fn compose(
    shared: &Shared,
    group: &[Unforwarded],
    news: &mut Vec<News>,
) -> Result<(), Failure> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let rules = &shared.ports.tracking;
    for target in rules.standing(first, &shared.ports.plan) {
        tell(shared, group, target, None, news);
    }
    for follower in followers(shared, first).await? {
        tell(shared, group, &follower.target, Some(&follower.token), news);
    }
    for one in group {
        let lanes = one.known_as.keys();
        news.extend(lanes.filter_map(|lane| news::report(shared, one, lane)));
    }
    if rules.folders.contains_key(&first.source) {
        news.extend(news::file(rules, group));
    }
    Ok(())
}

/// Those who follow the order now, with those whom it names itself.
async fn followers(shared: &Shared, one: &Unforwarded) -> Result<Vec<Follower>, Failure> {
    let now = clock::now();
    let mut followers = one.followers.clone();
    let known = |followers: &[Follower], target: &str| {
        followers.iter().any(|follower| follower.target == target)
    };
    let secret = shared
        .ports
        .tracking
        .links
        .as_ref()
        .map(|links| &links.secret);
    for target in one.notify.iter().take(limits::NOTIFIED) {
        let Some(secret) = secret else { break };
        if known(&followers, target) || shared.ports.tracking.objection(target).is_some() {
            continue;
        }
        let new = NewFollower {
            order: one.order,
            target: target.clone(),
            token: sign::follower(secret, one.order, target),
            until: now.after(shared.ports.tracking.follow_for),
            again: false,
        };
        if shared.ledger().follow(new.clone()).await? == Followed::New {
            followers.push(Follower {
                id: 0,
                order: new.order,
                reference: one.reference.clone(),
                target: new.target,
                token: new.token,
                since: now,
                until: new.until,
                ended: None,
                why: None,
            });
        }
    }
    followers.retain(|follower| follower.ended.is_none() && follower.until > now);
    Ok(followers)
}

/// What one target hears. One that cannot be told is logged, and holds up nobody.
fn tell(
    shared: &Shared,
    group: &[Unforwarded],
    target: &str,
    token: Option<&str>,
    news: &mut Vec<News>,
) {
    let rules = &shared.ports.tracking;
    if let Some(why) = rules.objection(target) {
        tracing::info!(target, why, "Somebody who follows an order cannot be told.");
        return;
    }
    if target.contains("://") {
        news.extend(
            group
                .iter()
                .filter_map(|one| news::call(rules, one, target)),
        );
        return;
    }
    match news::mail(shared, group, target, token) {
        Ok(mail) => news.push(mail),
        Err(failure) => {
            tracing::warn!(%failure, target, "A mail to a follower could not be written.");
        }
    }
}
