//! Who hears of an order: programs let others follow it, and take that back.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::asker::Asker;
use super::change::order;
use super::fault::Fault;
use super::files::Id;
use super::members::Members;
use super::view::instant;
use crate::clock;
use crate::ledger::tracking::{Followed, Follower, NewFollower};
use crate::tracking::sign;
use crate::web::Shared;

/// Who is to hear.
#[derive(Deserialize, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Target {
    /// A mail address or a URL.
    target: String,
}

/// Somebody who hears of an order, or did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FollowerView {
    target: String,
    #[schema(format = DateTime)]
    since: String,
    /// When it ends by itself at the latest.
    #[schema(format = DateTime)]
    until: String,
    #[schema(format = DateTime)]
    ended: Option<String>,
    /// Why it ended.
    why: Option<String>,
}

impl From<Follower> for FollowerView {
    fn from(row: Follower) -> Self {
        Self {
            target: row.target,
            since: instant(row.since),
            until: instant(row.until),
            ended: row.ended.map(instant),
            why: row.why,
        }
    }
}

/// Lets a mail address or URL hear of an order until its last event: at most five addresses and one URL.
#[utoipa::path(post, path = "/api/v1/orders/{id}/followers", tag = "orders", params(("id" = i64, Path)),
    request_body(content = Target, content_type = "application/json"),
    responses((status = 204, description = "They hear from now on"),
        (status = 409, description = "The order has as many followers as it may have", body = Fault),
        (status = 422, description = "This target cannot be told, and why", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn follow(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    body: Result<Json<Members<Target>>, JsonRejection>,
) -> Result<StatusCode, Fault> {
    asker.may_change()?;
    let Path(id) = id?;
    let Json(Members(Target { target })) = body?;
    let story = order(&site, &asker, id).await?;
    let unfit = |why: String| Fault::new(StatusCode::UNPROCESSABLE_ENTITY, why);
    let rules = site.desk.tracking();
    if let Some(why) = rules.objection(&target) {
        return Err(unfit(why));
    }
    let links = rules.links.as_ref();
    let links = links.ok_or_else(|| unfit("There is no `secret` in [tracking].".to_owned()))?;
    let new = NewFollower {
        order: story.order.id,
        token: sign::follower(&links.secret, story.order.id, &target),
        target,
        until: clock::now().after(rules.follow_for),
        again: true,
    };
    match site.ledger.follow(new).await? {
        Followed::New | Followed::Known => Ok(StatusCode::NO_CONTENT),
        Followed::Full => Err(Fault::conflict(
            "This order has as many followers as it may have: five mail addresses and one URL.",
        )),
        Followed::Missing => Err(Fault::missing()),
    }
}

/// A follower hears no more of an order.
#[utoipa::path(delete, path = "/api/v1/orders/{id}/followers", tag = "orders",
    params(("id" = i64, Path), Target),
    responses((status = 204, description = "They hear no more"), (status = "default", body = Fault)))]
pub(super) async fn unfollow(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
    which: Result<Query<Target>, QueryRejection>,
) -> Result<StatusCode, Fault> {
    asker.may_change()?;
    let Path(id) = id?;
    let Query(Target { target }) = which?;
    drop(order(&site, &asker, id).await?);
    // What the desk tells leaves the token out.
    let story = site.reads.order(crate::arrival::OrderId(id)).await?;
    let story = story.ok_or_else(Fault::missing)?;
    let mut followers = story.followers.into_iter();
    let one = followers.find(|one| one.target == target);
    let one = one.ok_or_else(Fault::missing)?;
    site.ledger.unfollow(&one.token).await?;
    Ok(StatusCode::NO_CONTENT)
}
