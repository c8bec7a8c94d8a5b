//! What programs ask: `/api/v1`, the same desk as the command line's.
//!
//! A key says who asks and what they may do; a key of one sender sees and touches that sender's files
//! and orders only, and does not learn that there are others. Every mistake is told as problem
//! details (RFC 9457). A POST with an Idempotency-Key is done once.

use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};
use axum::{Router, middleware};

use super::{Shared, guard};
use crate::limits;

mod asker;
mod change;
mod charts;
mod deliveries;
mod describe;
mod errands;
mod events;
mod fault;
mod files;
mod followers;
mod house;
mod members;
mod once;
mod orders;
mod original;
mod people;
mod places;
mod profiles;
mod query;
mod rate;
mod save;
mod view;

pub(super) use asker::Asker;
pub(super) use events::Feed;
pub(super) use fault::Fault;
pub(super) use rate::Rates;

pub(super) fn routes(site: &Shared) -> Router<Shared> {
    let quick = Router::new()
        .route("/api", get(describe::page))
        .route("/api/openapi.json", get(describe::openapi))
        .route("/api/v1/files", get(files::list))
        .route("/api/v1/files/{id}", get(files::show))
        .route("/api/v1/files/{id}/original", get(files::original))
        .route("/api/v1/files/{id}/view", get(original::view))
        .route("/api/v1/files/{id}/retry", post(files::retry))
        .route("/api/v1/files/{id}/release", post(files::release))
        .route("/api/v1/files/{id}/cancel", post(files::cancel))
        .route("/api/v1/orders", get(orders::list).post(orders::create))
        .route("/api/v1/orders/{id}", get(orders::show).put(orders::edit))
        .route("/api/v1/orders/{id}/evidence", get(orders::evidence))
        .route("/api/v1/orders/{id}/retry", post(orders::retry))
        .route("/api/v1/orders/{id}/send", post(orders::send))
        .route("/api/v1/orders/{id}/cancel", post(orders::cancel))
        .route(
            "/api/v1/orders/{id}/followers",
            post(followers::follow).delete(followers::unfollow),
        )
        .route("/api/v1/deliveries", get(deliveries::list))
        .route("/api/v1/deliveries/{id}", get(deliveries::show))
        .route("/api/v1/deliveries/{id}/retry", post(deliveries::retry))
        .route("/api/v1/deliveries/{id}/release", post(deliveries::release))
        .route("/api/v1/deliveries/{id}/cancel", post(deliveries::cancel))
        .route("/api/v1/sources", get(places::sources))
        .route("/api/v1/sources/{name}/{act}", post(places::source))
        .route("/api/v1/destinations", get(places::destinations))
        .route(
            "/api/v1/destinations/{name}/{act}",
            post(places::destination),
        )
        .merge(errands::routes())
        .route("/api/v1/changes/{of}/{act}", post(change::many))
        .route("/api/v1/charts", get(charts::charts))
        .route("/api/v1/status", get(house::status))
        .route("/api/v1/check", post(house::check))
        .route("/api/v1/reload", post(house::reload))
        .route("/api/v1/users", get(people::users))
        .route(
            "/api/v1/users/{name}",
            put(people::put_user).delete(people::remove_user),
        )
        .route("/api/v1/keys", get(people::keys))
        .route(
            "/api/v1/keys/{name}",
            put(people::put_key).delete(people::remove_key),
        )
        .route("/api/v1/profiles", get(profiles::list))
        .route("/api/v1/profiles/{name}", get(profiles::show))
        .route("/api/v1/profiles/import", post(profiles::import))
        .route("/api/v1/events", get(events::stream))
        .layer(DefaultBodyLimit::max(limits::API_BYTES));
    let tries = Router::new()
        .route("/api/v1/profiles/{name}", put(save::save))
        .route("/api/v1/profiles/test", post(profiles::test))
        .route("/api/v1/profiles/records", post(profiles::records))
        .route("/api/v1/profiles/suggest", post(profiles::suggest))
        .route("/api/v1/profiles/explain", post(profiles::explain))
        .layer(DefaultBodyLimit::max(limits::TRY_BYTES));
    let uploads = Router::new()
        .route("/api/v1/files", post(files::upload))
        .layer(DefaultBodyLimit::disable());
    quick
        .merge(tries)
        .layer(middleware::from_fn(guard::patience))
        .merge(uploads)
        .route("/api/{*rest}", get(fault::nothing).fallback(fault::nothing))
        .method_not_allowed_fallback(fault::method)
        .layer(middleware::from_fn_with_state(site.clone(), once::once))
}
