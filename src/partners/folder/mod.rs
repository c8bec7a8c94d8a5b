//! A folder that another program takes orders from: one file an order.
//!
//! Promises: a file appears under its name whole or not at all, written beside under a temporary
//! name, made durable, and renamed without ever replacing another; its name tells the delivery, so
//! that a repeat finds its own file and writes no second. What the other program has taken already is
//! written again by a repeat after a lost answer, which a crash between rename and record may cause.

mod write;

use std::path::PathBuf;

use async_trait::async_trait;

use super::form::derived;
use super::{Body, Found, Outcome, Partner, Receipt, Request};
use crate::failure::Failure;
use crate::order::{Action, Order};
use crate::problem::Problem;

/// The settings of one folder.
#[derive(Debug, Clone)]
pub struct FolderSettings {
    /// The destination's name, for messages.
    pub name: String,
    /// Where files are put.
    pub path: PathBuf,
    /// How orders are written.
    pub format: Written,
}

/// How orders are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Written {
    /// The canonical order as JSON.
    #[default]
    Json,
    /// A table with a row for each line.
    Csv,
    /// A UBL 2.1 Order, `OrderChange` or `OrderCancellation`.
    Ubl,
}

impl Written {
    fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Ubl => "xml",
        }
    }
}

/// One folder.
#[derive(Debug)]
pub struct Folder {
    during: String,
    path: PathBuf,
    format: Written,
}

impl Folder {
    /// A folder as `settings` say; it need not be there yet.
    #[must_use]
    pub fn new(settings: &FolderSettings) -> Self {
        Self {
            during: format!("writing to the folder of “{}”", settings.name),
            path: settings.path.clone(),
            format: settings.format,
        }
    }

    /// The file's name: the order's number, as far as it can stand in one, and what tells this
    /// delivery apart.
    fn file_name(&self, request: &Request) -> String {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let number = request.reference.chars().take(60);
        let number: String = number.map(|c| if plain(c) { c } else { '_' }).collect();
        let action = match request.action {
            Action::Create => "",
            Action::Update => "-update",
            Action::Cancel => "-cancel",
        };
        let key = derived(&request.key, 8);
        format!("{number}{action}-{key}.{}", self.format.extension())
    }

    fn failed(&self, error: &std::io::Error) -> Outcome {
        use std::io::ErrorKind;
        let message = format!("{}: {error}", self.path.display());
        match error.kind() {
            ErrorKind::NotFound
            | ErrorKind::PermissionDenied
            | ErrorKind::NotADirectory
            | ErrorKind::ReadOnlyFilesystem => {
                Outcome::Denied(Failure::operator(&self.during, message))
            }
            _ => Outcome::Later {
                after: None,
                failure: Failure::temporary(&self.during, message),
                destination: true,
            },
        }
    }
}

#[async_trait]
impl Partner for Folder {
    fn check(&self, _order: &Order) -> Vec<Problem> {
        Vec::new()
    }

    fn checks(&self) -> bool {
        false
    }

    fn render(&self, canonical: &[u8], _key: &str) -> Result<Body, Failure> {
        let during = || format!("writing an order, before {}", self.during);
        let order = || -> Result<Order, Failure> {
            serde_json::from_slice(canonical).map_err(|error| Failure::ours(during(), error))
        };
        Ok(match self.format {
            Written::Json => Body::Canonical,
            Written::Csv => Body::Rendered(write::csv(&order()?).into()),
            Written::Ubl => Body::Rendered(write::ubl(&order()?).into()),
        })
    }

    async fn deliver(&self, request: &Request) -> Outcome {
        let name = self.file_name(request);
        let (folder, file, body) = (self.path.clone(), name.clone(), request.body.clone());
        let put = tokio::task::spawn_blocking(move || write::put(&folder, &file, &body)).await;
        match put {
            Ok(Ok(())) => Outcome::Accepted(Receipt {
                answer: format!("written as {name}"),
                remote_id: Some(name),
                ..Receipt::default()
            }),
            Ok(Err(error)) => self.failed(&error),
            Err(error) => Outcome::Unknown(Failure::ours(&self.during, error)),
        }
    }

    /// A repeat finds its own file.
    async fn look_up(&self, _request: &Request) -> Option<Found> {
        None
    }

    /// Writes a file of no meaning under a temporary name and takes it away again.
    async fn probe(&self) -> Result<(), Failure> {
        let folder = self.path.clone();
        let tried = tokio::task::spawn_blocking(move || write::probe(&folder)).await;
        match tried {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.failed(&error).into_failure()),
            Err(error) => Err(Failure::ours(&self.during, error)),
        }
    }

    fn recognises_repeats(&self, _action: Action) -> bool {
        true
    }
}
