//! People and keys: who may log in, and which programs may ask. For admins alone.
//!
//! A password comes in and only its hash goes on; a key is told once, to whoever makes it, and is
//! never part of an answer that is kept (which is why it is made by PUT and not by POST).

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::asker::Asker;
use super::change::{ask, strange};
use super::fault::Fault;
use super::members::Members;
use super::places::Done;
use super::view::instant;
use crate::control::{Request, Response as Told};
use crate::failure::Failure;
use crate::ledger::people::{Key, NAMES, NewKey, Role, User, is_name};
use crate::limits;
use crate::web::Shared;
use crate::web::access::{cookie, password};

/// What somebody may do.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleView {
    /// Look at everything.
    Viewer,
    /// Also retry, release, cancel, edit, upload, pause.
    Coordinator,
    /// Also people, keys and the configuration.
    Admin,
}

impl From<RoleView> for Role {
    fn from(role: RoleView) -> Self {
        match role {
            RoleView::Viewer => Self::Viewer,
            RoleView::Coordinator => Self::Coordinator,
            RoleView::Admin => Self::Admin,
        }
    }
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Coordinator => Self::Coordinator,
            Role::Admin => Self::Admin,
        }
    }
}

/// A person who may log in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UserView {
    name: String,
    role: RoleView,
    #[schema(format = DateTime)]
    created: String,
    /// The last log-in.
    #[schema(format = DateTime)]
    seen: Option<String>,
    /// Whether they sign in at a provider and have no password here.
    provider: bool,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            name: user.name,
            role: user.role.into(),
            provider: user.provider,
            created: instant(user.created),
            seen: user.seen.map(instant),
        }
    }
}

/// A person as they are let in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewUser {
    role: RoleView,
    #[schema(min_length = 10, max_length = 1000)]
    password: String,
}

/// A key, without what the program holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeyView {
    name: String,
    role: RoleView,
    /// The only sender it is for.
    sender: Option<String>,
    #[schema(format = DateTime)]
    created: String,
    /// Its last use, within some minutes.
    #[schema(format = DateTime)]
    seen: Option<String>,
}

impl From<Key> for KeyView {
    fn from(key: Key) -> Self {
        Self {
            name: key.name,
            role: key.role.into(),
            sender: key.sender,
            created: instant(key.created),
            seen: key.seen.map(instant),
        }
    }
}

/// A key as it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedKey {
    role: RoleView,
    /// The only sender it is for; else everybody's.
    #[serde(default)]
    sender: Option<String>,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MadeKey {
    name: String,
    /// For `Authorization: Bearer …`. It is not told again.
    key: String,
}

type Named = Result<Path<String>, PathRejection>;

/// A name that people and keys may have, in lower case.
fn fitting(name: Named) -> Result<String, Fault> {
    let Path(name) = name?;
    if is_name(&name) {
        return Ok(name.to_lowercase());
    }
    let why = format!("Nothing of this name can be: {NAMES}.");
    Err(Fault::new(StatusCode::NOT_FOUND, why))
}

/// What was done; a name that does not exist is not found.
fn done(told: Result<Told, Fault>) -> Result<Json<Done>, Fault> {
    match told {
        Ok(Told::Done(done)) => Ok(Json(Done { done })),
        Ok(_) => Err(strange()),
        Err(fault) if fault.is(StatusCode::CONFLICT) => Err(Fault::missing()),
        Err(fault) => Err(fault),
    }
}

/// Everybody who may log in.
#[utoipa::path(get, path = "/api/v1/users", tag = "users",
    responses((status = 200, body = Vec<UserView>), (status = "default", body = Fault)))]
pub(super) async fn users(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<UserView>>, Fault> {
    asker.is_admin()?;
    match ask(&site, &asker, Request::Users).await? {
        Told::Users(users) => Ok(Json(users.into_iter().map(UserView::from).collect())),
        _ => Err(strange()),
    }
}

/// Lets somebody log in, or gives them another role and password and ends their sessions.
#[utoipa::path(put, path = "/api/v1/users/{name}", tag = "users",
    params(("name" = String, Path, min_length = 1, max_length = 64)),
    request_body = NewUser,
    responses((status = 200, body = Done), (status = "default", body = Fault)))]
pub(super) async fn put_user(
    State(site): State<Shared>,
    asker: Asker,
    name: Named,
    body: Result<Json<Members<NewUser>>, JsonRejection>,
) -> Result<Json<Done>, Fault> {
    asker.is_admin()?;
    let name = fitting(name)?;
    let Json(Members(NewUser { role, password })) = body?;
    let letters = password.chars().count();
    if !(limits::PASSWORD_LETTERS..=limits::PASSWORD_LETTERS_MOST).contains(&letters) {
        return Err(Fault::bad(format!(
            "A password has from {} to {} letters.",
            limits::PASSWORD_LETTERS,
            limits::PASSWORD_LETTERS_MOST
        )));
    }
    // Slow on purpose: not on a thread of the runtime.
    let hash = tokio::task::spawn_blocking(move || password::hash(&password));
    let hash = hash
        .await
        .map_err(|error| Failure::ours("hashing a password", error))??;
    let request = Request::PutUser {
        name,
        role: role.into(),
        password: hash,
    };
    done(ask(&site, &asker, request).await)
}

/// Lets somebody no longer log in.
#[utoipa::path(delete, path = "/api/v1/users/{name}", tag = "users",
    params(("name" = String, Path, min_length = 1, max_length = 64)),
    responses((status = 200, body = Done), (status = "default", body = Fault)))]
pub(super) async fn remove_user(
    State(site): State<Shared>,
    asker: Asker,
    name: Named,
) -> Result<Json<Done>, Fault> {
    asker.is_admin()?;
    let name = fitting(name)?;
    done(ask(&site, &asker, Request::RemoveUser { name }).await)
}

/// All keys.
#[utoipa::path(get, path = "/api/v1/keys", tag = "keys",
    responses((status = 200, body = Vec<KeyView>), (status = "default", body = Fault)))]
pub(super) async fn keys(
    State(site): State<Shared>,
    asker: Asker,
) -> Result<Json<Vec<KeyView>>, Fault> {
    asker.is_admin()?;
    match ask(&site, &asker, Request::Keys).await? {
        Told::Keys(keys) => Ok(Json(keys.into_iter().map(KeyView::from).collect())),
        _ => Err(strange()),
    }
}

/// Makes a key and tells it, this once.
#[utoipa::path(put, path = "/api/v1/keys/{name}", tag = "keys",
    params(("name" = String, Path, min_length = 1, max_length = 64)),
    request_body = AskedKey,
    responses((status = 201, body = MadeKey),
        (status = 409, description = "There is one of this name", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn put_key(
    State(site): State<Shared>,
    asker: Asker,
    name: Named,
    body: Result<Json<Members<AskedKey>>, JsonRejection>,
) -> Result<(StatusCode, Json<MadeKey>), Fault> {
    asker.is_admin()?;
    let name = fitting(name)?;
    let Json(Members(wanted)) = body?;
    let key = cookie::new_key()?;
    let new = NewKey {
        name: name.clone(),
        role: wanted.role.into(),
        sender: wanted.sender,
        hash: cookie::hashed(&key),
    };
    match ask(&site, &asker, Request::PutKey(new)).await? {
        Told::Done(_) => Ok((StatusCode::CREATED, Json(MadeKey { name, key }))),
        _ => Err(strange()),
    }
}

/// Takes a key away.
#[utoipa::path(delete, path = "/api/v1/keys/{name}", tag = "keys",
    params(("name" = String, Path, min_length = 1, max_length = 64)),
    responses((status = 200, body = Done), (status = "default", body = Fault)))]
pub(super) async fn remove_key(
    State(site): State<Shared>,
    asker: Asker,
    name: Named,
) -> Result<Json<Done>, Fault> {
    asker.is_admin()?;
    let name = fitting(name)?;
    done(ask(&site, &asker, Request::RemoveKey { name }).await)
}
