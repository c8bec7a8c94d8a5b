//! An original as people look at it: its rows, lines or segments, with what was found marked.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::asker::Asker;
use super::change::file;
use super::fault::Fault;
use super::files::{self, Id};
use super::view::ProblemView;
use crate::arrival::FileId;
use crate::control::{ShownLine, ShownRow, ShownTable};
use crate::problem::Problem;
use crate::web::Shared;

/// The beginning of an original and what lies about its findings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OriginalView {
    /// Where it is made of rows.
    tables: Vec<TableView>,
    /// Where it is a tree or made of segments.
    lines: Vec<LineView>,
    /// Whether there is more of it than is told here.
    cut: bool,
    /// Why it was not read to its end.
    problem: Option<String>,
    /// The findings that have a place; `mark` counts them from 0.
    #[schema(value_type = Vec<ProblemView>)]
    findings: Vec<Problem>,
}

/// A table or sheet.
#[derive(Debug, Serialize, ToSchema)]
struct TableView {
    /// The sheet's name; empty for a text.
    name: String,
    /// Cells of its widest row.
    width: usize,
    rows: Vec<RowView>,
}

/// A row.
#[derive(Debug, Serialize, ToSchema)]
struct RowView {
    /// As a spreadsheet numbers it.
    number: u64,
    /// Whether rows before it are left out.
    gap: bool,
    /// The finding about the whole row.
    mark: Option<usize>,
    cells: Vec<CellView>,
}

/// A cell.
#[derive(Debug, Serialize, ToSchema)]
struct CellView {
    text: String,
    /// The finding about it.
    mark: Option<usize>,
}

/// A line of a tree, or a segment.
#[derive(Debug, Serialize, ToSchema)]
struct LineView {
    /// The line or segment in the file; 0 where that is not known.
    number: u64,
    /// How far it is set in.
    depth: usize,
    text: String,
    /// Whether lines before it are left out.
    gap: bool,
    /// The finding about it.
    mark: Option<usize>,
}

impl From<ShownTable> for TableView {
    fn from(table: ShownTable) -> Self {
        Self {
            name: table.name,
            width: table.width,
            rows: table.rows.into_iter().map(RowView::from).collect(),
        }
    }
}

impl From<ShownRow> for RowView {
    fn from(row: ShownRow) -> Self {
        let cells = row.cells.into_iter();
        Self {
            number: row.number,
            gap: row.gap,
            mark: row.mark,
            cells: cells.map(|(text, mark)| CellView { text, mark }).collect(),
        }
    }
}

impl From<ShownLine> for LineView {
    fn from(line: ShownLine) -> Self {
        Self {
            number: line.number,
            depth: line.depth,
            text: line.text,
            gap: line.gap,
            mark: line.mark,
        }
    }
}

/// The beginning of an original as people look at it, and what lies about its findings, marked.
#[utoipa::path(get, path = "/api/v1/files/{id}/view", tag = "files", params(("id" = i64, Path)),
    responses((status = 200, body = OriginalView),
        (status = 410, description = "No longer kept", body = Fault),
        (status = 422, description = "It cannot be shown", body = Fault),
        (status = "default", body = Fault)))]
pub(super) async fn view(
    State(site): State<Shared>,
    asker: Asker,
    id: Id,
) -> Result<Json<OriginalView>, Fault> {
    let Path(id) = id?;
    file(&site, &asker, id).await?;
    files::is_kept(&site, id).await?;
    let shown = site.desk.original(FileId(id)).await?;
    let (shown, findings) = shown.ok_or_else(Fault::missing)?;
    Ok(Json(OriginalView {
        tables: shown.tables.into_iter().map(TableView::from).collect(),
        lines: shown.lines.into_iter().map(LineView::from).collect(),
        cut: shown.cut,
        problem: shown.problem,
        findings,
    }))
}
