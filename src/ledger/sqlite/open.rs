//! Opening the ledger: the lock, the file, its settings, its schema, and what a crash left.
//!
//! Promises: at most one process has the ledger open; what was committed is on the disk; a file that
//! is damaged or from a newer version is refused and left as it is.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use rustix::fs::{FlockOperation, flock};

use crate::clock::Millis;
use crate::limits;

/// The ledger's file within the state directory.
pub const FILE: &str = "orderdock.db";
/// The lock's file within the state directory. It holds the number of the process that has it.
pub const LOCK: &str = "lock";

/// The schema, one file a version. A file that was released never changes.
pub(super) const SCHEMA: [&str; 8] = [
    include_str!("../schema/001.sql"),
    include_str!("../schema/002.sql"),
    include_str!("../schema/003.sql"),
    include_str!("../schema/004.sql"),
    include_str!("../schema/005.sql"),
    include_str!("../schema/006.sql"),
    include_str!("../schema/007.sql"),
    include_str!("../schema/008.sql"),
];

/// Tables that stay small: read as a whole at every start.
const SMALL: [&str; 5] = ["house", "pause", "profile", "stale", "control"];

/// Why the ledger did not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it.
    #[error(
        "orderdock is already running on {}{}", .state_dir.display(),
        .pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    AlreadyRunning {
        /// Where.
        state_dir: PathBuf,
        /// Who, as far as the lock file tells.
        pid: Option<u32>,
    },
    /// The file is not a ledger, or no longer a whole one.
    #[error(
        "the ledger {} is damaged: {message}. It was left as it is; restore a copy, or move it \
         away to start with an empty one: partners that honour keys apply nothing twice",
        .file.display()
    )]
    Damaged {
        /// Which file.
        file: PathBuf,
        /// What SQLite said.
        message: String,
    },
    /// A later version of orderdock wrote it.
    #[error(
        "the ledger {} has schema version {found}, and this orderdock knows versions up to \
         {known}: run the newer orderdock that wrote it", .file.display()
    )]
    Newer {
        /// Which file.
        file: PathBuf,
        /// Its version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// The disk or its rights are in the way.
    #[error("cannot open the ledger in {}: {message}", .state_dir.display())]
    Io {
        /// Where.
        state_dir: PathBuf,
        /// What was said.
        message: String,
    },
}

/// The exclusive lock of a state directory, held as long as this lives.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Makes the state directory if it is missing and takes its lock.
pub(super) fn lock(state_dir: &Path) -> Result<Lock, OpenError> {
    let io = |error: std::io::Error| OpenError::Io {
        state_dir: state_dir.to_path_buf(),
        message: error.to_string(),
    };
    if !state_dir.is_dir() {
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(state_dir)
            .map_err(io)?;
    }
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(state_dir.join(LOCK))
        .map_err(io)?;
    if let Err(error) = flock(&file, FlockOperation::NonBlockingLockExclusive) {
        if error != rustix::io::Errno::WOULDBLOCK {
            return Err(io(error.into()));
        }
        let mut text = String::new();
        let read = (&file).take(32).read_to_string(&mut text);
        return Err(OpenError::AlreadyRunning {
            state_dir: state_dir.to_path_buf(),
            pid: read.ok().and_then(|_| text.trim().parse().ok()),
        });
    }
    file.set_len(0).map_err(io)?;
    file.rewind().map_err(io)?;
    writeln!(file, "{}", std::process::id()).map_err(io)?;
    Ok(Lock { _file: file })
}

/// The writer's connection: made if missing, settings read back, schema brought up to date.
pub(super) fn writer(state_dir: &Path, now: Millis) -> Result<(Connection, bool), OpenError> {
    let path = state_dir.join(FILE);
    if !path.exists() {
        create(&path).map_err(|error| OpenError::Io {
            state_dir: state_dir.to_path_buf(),
            message: error.to_string(),
        })?;
    }
    let sorted = |error: rusqlite::Error| explain(state_dir, &error);
    let mut db = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(sorted)?;
    settings(&db).map_err(sorted)?;
    migrate(&mut db, &path).map_err(|error| match error {
        Migration::Newer(found) => OpenError::Newer {
            file: path.clone(),
            found,
            known: SCHEMA.len(),
        },
        Migration::Sql(error) => explain(state_dir, &error),
    })?;
    for table in SMALL {
        let word: String = db
            .query_row(&format!("PRAGMA quick_check('{table}')"), [], |row| {
                row.get(0)
            })
            .map_err(sorted)?;
        if word != "ok" {
            return Err(OpenError::Damaged {
                file: path,
                message: word,
            });
        }
    }
    let unclean = recover(&mut db, now).map_err(sorted)?;
    Ok((db, unclean))
}

/// A reader's connection. It cannot change anything.
pub(super) fn reader(state_dir: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        state_dir.join(FILE),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(limits::LEDGER_BUSY)?;
    db.pragma_update(None, "query_only", true)?;
    plans_stay(&db)?;
    db.set_prepared_statement_cache_capacity(limits::STATEMENTS);
    Ok(db)
}

/// A connection that moves pages and writes nothing else. Durable like the writer's.
pub(super) fn mover(state_dir: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(
        state_dir.join(FILE),
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    db.busy_timeout(limits::LEDGER_BUSY)?;
    db.pragma_update(None, "synchronous", "FULL")?;
    Ok(db)
}

/// An empty file that only we can read: it will hold everybody's orders.
fn create(path: &Path) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Sets what durability rests on and reads it back, since SQLite ignores what it cannot do.
fn settings(db: &Connection) -> rusqlite::Result<()> {
    db.busy_timeout(limits::LEDGER_BUSY)?;
    let empty: bool = db.query_row(
        "SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)",
        [],
        |row| row.get(0),
    )?;
    if empty {
        // Only possible before the first table. A start that was cut off may have left pages without
        // it, and then only VACUUM brings it into them.
        db.pragma_update(None, "page_size", limits::LEDGER_PAGE_BYTES)?;
        db.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        db.execute_batch("VACUUM")?;
    }
    let wal: String = db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    db.pragma_update(None, "synchronous", "FULL")?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "cache_size", -limits::LEDGER_CACHE_KB)?;
    db.query_row(
        &format!("PRAGMA journal_size_limit = {}", limits::WAL_KEEP_BYTES),
        [],
        |_| Ok(()),
    )?;
    let synchronous: i64 = db.query_row("PRAGMA synchronous", [], |row| row.get(0))?;
    let keys: bool = db.query_row("PRAGMA foreign_keys", [], |row| row.get(0))?;
    let vacuum: i64 = db.query_row("PRAGMA auto_vacuum", [], |row| row.get(0))?;
    if wal != "wal" || synchronous != 2 || !keys || vacuum != 2 {
        return Err(rusqlite::Error::SqliteFailure(
            rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN),
            Some(format!(
                "durable settings were not taken (journal_mode {wal}, synchronous {synchronous}, \
                 foreign_keys {keys}, auto_vacuum {vacuum}): is the file system a local one?"
            )),
        ));
    }
    plans_stay(db)?;
    db.set_prepared_statement_cache_capacity(limits::STATEMENTS);
    Ok(())
}

/// Plans do not depend on the values bound: else every statement that a partial index may serve is
/// compiled again for every row, which costs more than running it.
fn plans_stay(db: &Connection) -> rusqlite::Result<()> {
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

enum Migration {
    Newer(usize),
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Migration {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

/// Runs the schema files that the ledger has not seen, all in one transaction: a ledger is of one
/// version or of the next, and a new one costs one sync.
fn migrate(db: &mut Connection, path: &Path) -> Result<(), Migration> {
    let found: usize = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > SCHEMA.len() {
        return Err(Migration::Newer(found));
    }
    let unseen = SCHEMA.get(found..).unwrap_or_default();
    if unseen.is_empty() {
        return Ok(());
    }
    let step = db.transaction()?;
    for sql in unseen {
        step.execute_batch(sql)?;
    }
    step.pragma_update(None, "user_version", SCHEMA.len())?;
    step.commit()?;
    let (ledger, version) = (path.display(), SCHEMA.len());
    if found == 0 {
        tracing::info!(%ledger, version, "A new ledger was made.");
    } else {
        tracing::info!(%ledger, from = found, version, "The ledger's schema was brought up to date.");
    }
    Ok(())
}

/// Ends what an earlier process left open; true if it did not end cleanly.
///
/// The lock is ours, so no attempt can still be under way: each is due at once with its outcome
/// unknown. Files that may have been in a child are to be read alone.
fn recover(db: &mut Connection, now: Millis) -> rusqlite::Result<bool> {
    let step = db.transaction()?;
    let clean: Option<bool> = step
        .query_row("SELECT clean FROM house", [], |row| row.get(0))
        .optional()?;
    step.execute(
        "INSERT INTO house (id, clean, opened) VALUES (1, 0, ?1)
         ON CONFLICT (id) DO UPDATE SET clean = 0, opened = excluded.opened",
        [now.0],
    )?;
    step.execute(
        "INSERT OR IGNORE INTO attempt (delivery, number, started, ended, result, detail)
         SELECT id, attempts, started, NULL, 'unknown',
                'orderdock ended before the answer was known.'
         FROM delivery WHERE due IS NOT NULL AND state = 'attempting'",
        [],
    )?;
    let cut = step.execute(
        "UPDATE delivery SET state = 'due', unknown = 1, due = min(due, ?1)
         WHERE due IS NOT NULL AND state = 'attempting'",
        [now.0],
    )?;
    let unclean = clean == Some(false);
    // Uploads that were still coming in: their bytes are nowhere else.
    step.execute(
        "DELETE FROM chunk WHERE arrival IN (SELECT id FROM arrival
          WHERE settled IS NULL AND stage = 'claimed' AND due IS NULL)",
        [],
    )?;
    step.execute(
        "UPDATE arrival SET stage = 'settled', settled = ?1, settled_as = 'closed',
                why = 'The upload was cut off when orderdock ended.'
         WHERE settled IS NULL AND stage = 'claimed' AND due IS NULL",
        [now.0],
    )?;
    if unclean {
        step.execute(
            "UPDATE file SET alone = 1 WHERE state = 'fetched' AND arrival IN
             (SELECT id FROM arrival WHERE stage = 'fetched' AND due IS NOT NULL)",
            [],
        )?;
    }
    step.commit()?;
    if cut > 0 {
        tracing::warn!(
            deliveries = cut,
            "Attempts were cut off when orderdock ended; their outcome is unknown."
        );
    }
    Ok(unclean)
}

/// What an error at the start means.
fn explain(state_dir: &Path, error: &rusqlite::Error) -> OpenError {
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => OpenError::Damaged {
            file: state_dir.join(FILE),
            message,
        },
        _ => OpenError::Io {
            state_dir: state_dir.to_path_buf(),
            message,
        },
    }
}
