-- The ledger, version 1.
--
-- Rows are narrow and indexes few, because every order costs each of them once:
--  * what an index would tell of each order of a file, `span` tells of all that were written together;
--  * what holds without saying (an attempt that was accepted, a plan that was carried out) has no row;
--  * `due` is NULL unless a loop may have to look, so the indexes on it hold only open work;
--  * an index that only open rows belong to hangs on a column that changes once (`settled`), not on
--    the state words that change with every arrow;
--  * bytes lie in tables of their own, so that retention drops rows and lists never read bodies.
-- Times are milliseconds since 1970 UTC. Words are those of the domain.

-- One row: how the process before ended.
CREATE TABLE house (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    clean INTEGER NOT NULL,
    opened INTEGER NOT NULL
);

CREATE TABLE arrival (
    id         INTEGER PRIMARY KEY,
    source     TEXT NOT NULL,
    locator    BLOB NOT NULL,
    size       INTEGER NOT NULL,
    modified   INTEGER NOT NULL,
    claimed    INTEGER NOT NULL,
    stage      TEXT NOT NULL,             -- claimed, fetched, due, concluded, settled
    due        INTEGER,                   -- when a loop looks at it; NULL: it waits for deliveries
    -- 0, or its own id where a retried arrival lies elsewhere than at its locator
    apart      INTEGER NOT NULL DEFAULT 0,
    grace_over INTEGER NOT NULL DEFAULT 0,
    tries      INTEGER NOT NULL DEFAULT 0, -- moves that failed
    verdict    TEXT,                      -- done, error
    concluded  INTEGER,
    settled    INTEGER,
    settled_as TEXT,                      -- moved, already, superseded, vanished, finished, left, closed
    settled_to BLOB,
    lies_at    BLOB,                      -- where a retried arrival lies now
    lies_as    TEXT,                      -- under which verdict it lies there
    why        TEXT                       -- what it waits for, or why it was closed
);
CREATE UNIQUE INDEX arrival_unsettled ON arrival (source, locator, size, modified, apart)
    WHERE settled IS NULL;
-- What was left at its source is not taken again as long as it is the same version.
CREATE INDEX arrival_left ON arrival (source, locator, size, modified) WHERE settled_as = 'left';
CREATE INDEX arrival_due ON arrival (stage, due) WHERE due IS NOT NULL;

CREATE TABLE file (
    id         INTEGER PRIMARY KEY,
    arrival    INTEGER NOT NULL REFERENCES arrival (id),
    state      TEXT NOT NULL,             -- fetched, promoting, waiting, read, gone
    reading    INTEGER NOT NULL DEFAULT 0, -- counts readings; rows of earlier ones are history
    staged     INTEGER NOT NULL DEFAULT 0, -- orders of this reading lie invisible
    chunked    INTEGER NOT NULL DEFAULT 0, -- its bytes are the chunks of its arrival
    open       INTEGER NOT NULL DEFAULT 0, -- deliveries not final
    bad        INTEGER NOT NULL DEFAULT 0, -- withheld orders and refused deliveries
    cancelled  INTEGER NOT NULL DEFAULT 0,
    deaths     INTEGER NOT NULL DEFAULT 0,
    alone      INTEGER NOT NULL DEFAULT 0,
    sender     TEXT NOT NULL,
    name       TEXT NOT NULL,
    bytes      INTEGER NOT NULL,
    sha256     BLOB NOT NULL,
    waiting    TEXT,                      -- what the configuration lacks
    outcome    TEXT,                      -- accepted, partial, rejected
    format     TEXT,
    profile    INTEGER,
    candidate  INTEGER,
    orders     INTEGER NOT NULL DEFAULT 0,
    withheld   INTEGER NOT NULL DEFAULT 0,
    left_out   INTEGER NOT NULL DEFAULT 0, -- problems counted and not kept
    correctable INTEGER NOT NULL DEFAULT 0,
    withheld_rows TEXT                    -- JSON, where there are any
);
CREATE INDEX file_arrival ON file (arrival);
CREATE INDEX file_waiting ON file (id) WHERE waiting IS NOT NULL;
CREATE INDEX file_promoting ON file (arrival, id) WHERE state = 'promoting';

CREATE TABLE profile (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL,
    version TEXT NOT NULL,
    hash    TEXT NOT NULL,
    UNIQUE (name, version, hash)
);
CREATE TABLE profile_text (hash TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;

-- Bytes: a small file is one row of body, a large one the chunks of its arrival.
CREATE TABLE body (file INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE chunk (
    arrival INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    bytes   BLOB NOT NULL,
    PRIMARY KEY (arrival, seq)
);

-- Findings, as many in one row as were told together.
CREATE TABLE problem (
    file  INTEGER NOT NULL,
    n     INTEGER NOT NULL,               -- how many were told before these
    count INTEGER NOT NULL,
    body  TEXT NOT NULL,                  -- JSON, a list
    PRIMARY KEY (file, n)
) WITHOUT ROWID;

CREATE TABLE status_update (
    file INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    body TEXT NOT NULL,                   -- JSON
    PRIMARY KEY (file, n)
) WITHOUT ROWID;

CREATE TABLE orders (
    id           INTEGER PRIMARY KEY,
    file         INTEGER NOT NULL,
    reading      INTEGER NOT NULL,
    seq          INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    action       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    on_change    TEXT,                    -- NULL: refuse
    hold         INTEGER NOT NULL,        -- 1: a person must release it first
    reference    TEXT NOT NULL,
    identity     BLOB NOT NULL,
    content_hash BLOB NOT NULL,
    source_hash  BLOB NOT NULL,
    origin       TEXT NOT NULL,           -- JSON
    search       TEXT NOT NULL
);
CREATE TABLE content (orders INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- Orders of a file that were written together: all rows of orders from first to last. With a plan
-- they are staged and nobody sees them: no order without a delivery is shown.
CREATE TABLE span (
    file    INTEGER NOT NULL,
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    reading INTEGER NOT NULL,
    plan    TEXT,                         -- JSON: what the staged orders owe; NULL: carried out
    PRIMARY KEY (file, first)
) WITHOUT ROWID;

-- Readings whose staged orders are to be dropped.
CREATE TABLE stale (
    file    INTEGER NOT NULL,
    reading INTEGER NOT NULL,
    PRIMARY KEY (file, reading)
) WITHOUT ROWID;

CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY,
    orders      INTEGER NOT NULL,
    file        INTEGER NOT NULL,
    state       TEXT NOT NULL,
    destination TEXT NOT NULL,
    action      TEXT NOT NULL,
    -- NULL unless the state is due and nothing is in the way; kept while attempting, so that the
    -- next start finds attempts that were cut off in the index of what is due
    due         INTEGER,
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- an earlier attempt: 0 had no effect, 1 may have been applied, 2 the same, and a person has had
    -- it sent again since
    unknown     INTEGER NOT NULL DEFAULT 0,
    created     INTEGER NOT NULL,
    first_attempt INTEGER,
    started     INTEGER,                  -- the latest attempt
    ended       INTEGER,
    reference   TEXT NOT NULL,
    key         TEXT,                     -- NULL: no revision at the partner (repeat, conflict, …)
    -- its place among the revisions, where a person sent it after later ones; else its id is
    revised     REAL,
    behind      INTEGER,                  -- waits for this delivery to become final
    person      INTEGER,                  -- held or parked: since when
    code        TEXT,
    detail      TEXT,
    remote_id   TEXT
);
CREATE INDEX delivery_orders ON delivery (orders);
CREATE INDEX delivery_due ON delivery (destination, due) WHERE due IS NOT NULL;
-- For revisions, and for people who look for a number. By the sender's number and not by the
-- identity's hash: numbers come in sequences, so that new rows fall on the same few pages, where a
-- hash would touch a page of its own for every order.
CREATE INDEX delivery_reference
    ON delivery (reference COLLATE NOCASE, destination, (key IS NOT NULL));
CREATE INDEX delivery_behind ON delivery (behind) WHERE behind IS NOT NULL;
CREATE INDEX delivery_person ON delivery (destination, state, person) WHERE person IS NOT NULL;

-- A rendered body that is not the canonical JSON, frozen with the first attempt.
CREATE TABLE frozen (delivery INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- Attempts that ended. One that was accepted is the last of its delivery and stands in its row:
-- attempts, started, ended, detail.
CREATE TABLE attempt (
    delivery INTEGER NOT NULL,
    number   INTEGER NOT NULL,
    started  INTEGER NOT NULL,
    ended    INTEGER,
    result   TEXT,                        -- delivered, refused, later, parked, unknown
    detail   TEXT NOT NULL,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

CREATE TABLE report (
    id         INTEGER PRIMARY KEY,
    kind       TEXT NOT NULL,             -- report, alert, summary
    arrival    INTEGER,
    state      TEXT NOT NULL,             -- due, sent, withheld
    due        INTEGER,
    created    INTEGER NOT NULL,
    tries      INTEGER NOT NULL DEFAULT 0,
    count      INTEGER NOT NULL DEFAULT 1, -- equal alerts folded into this one
    fold       TEXT,
    message_id TEXT NOT NULL UNIQUE,
    recipient  TEXT,
    subject    TEXT,
    text       TEXT,
    detail     TEXT,
    sent       INTEGER
);
CREATE INDEX report_due ON report (due) WHERE due IS NOT NULL;
CREATE INDEX report_arrival ON report (arrival) WHERE arrival IS NOT NULL;
CREATE INDEX report_recipient ON report (recipient, sent) WHERE sent IS NOT NULL;
CREATE INDEX report_fold ON report (fold, created) WHERE fold IS NOT NULL;
CREATE INDEX report_withheld ON report (created) WHERE state = 'withheld';

CREATE TABLE message (report INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

CREATE TABLE pause (
    name  TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    who   TEXT NOT NULL,
    why   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE action (
    id   INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    who  TEXT NOT NULL,
    via  TEXT NOT NULL,
    file INTEGER,
    what TEXT NOT NULL
);
CREATE INDEX action_file ON action (file) WHERE file IS NOT NULL;

-- Counts by hour, so that `status` never counts what is closed.
CREATE TABLE tally (
    hour  INTEGER NOT NULL,
    what  TEXT NOT NULL,                  -- done, error, delivered, refused
    name  TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (hour, what, name)
) WITHOUT ROWID;
