-- The ledger, version 6: what is told about orders after they were sent, and who hears of it.

-- The history of each order, all its revisions together: by identity. Corrected events stay.
CREATE TABLE event (
    id       INTEGER PRIMARY KEY,
    identity BLOB NOT NULL,
    key      BLOB NOT NULL,               -- which event: its teller's id of it, or all that it says
    content  BLOB NOT NULL,               -- what it says: another one under the same key corrects it
    orders   INTEGER NOT NULL,            -- the newest revision when it came
    file     INTEGER,                     -- the file that told it
    happened INTEGER NOT NULL,            -- when it happened; when it came where that is not known
    received INTEGER NOT NULL,
    last     INTEGER NOT NULL,            -- nothing more is to come
    forward  INTEGER,                     -- since when it is to be forwarded; NULL: planned
    body     TEXT NOT NULL                -- JSON
);
CREATE UNIQUE INDEX event_once ON event (identity, key, content);
CREATE INDEX event_forward ON event (forward) WHERE forward IS NOT NULL;
CREATE INDEX event_received ON event (received);

-- Events about orders that are not known yet.
CREATE TABLE waiting (
    id       INTEGER PRIMARY KEY,
    once     BLOB NOT NULL UNIQUE,        -- event, content and what it is about
    file     INTEGER,                     -- its arrival waits with it
    since    INTEGER NOT NULL,
    due      INTEGER,                     -- when a person is told; NULL: that was done
    look     INTEGER NOT NULL DEFAULT 0,  -- 1: an order with one of its numbers has appeared
    several  INTEGER NOT NULL,            -- more than one order goes by its numbers
    happened INTEGER,
    body     TEXT NOT NULL                -- JSON
);
CREATE INDEX waiting_due ON waiting (due) WHERE due IS NOT NULL;
CREATE INDEX waiting_look ON waiting (id) WHERE look = 1;
CREATE INDEX waiting_file ON waiting (file) WHERE file IS NOT NULL;
CREATE INDEX waiting_told ON waiting (since) WHERE due IS NULL;

-- By which numbers a waiting event finds its order.
CREATE TABLE waits_for (
    value   TEXT NOT NULL COLLATE NOCASE,
    waiting INTEGER NOT NULL,
    PRIMARY KEY (value, waiting)
) WITHOUT ROWID;

-- Numbers by which an order is found beside its reference: its shipments', its tracking numbers, what
-- its partner calls it.
CREATE TABLE number (
    orders INTEGER NOT NULL,
    value  TEXT NOT NULL COLLATE NOCASE,
    PRIMARY KEY (orders, value)
) WITHOUT ROWID;
CREATE INDEX number_value ON number (value, orders);

-- Where the reading of a partner's events stands: the last event's id, the last poll.
CREATE TABLE cursor (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at    INTEGER NOT NULL
) WITHOUT ROWID;

-- What we ask partners to tell of a delivery, by subscription or by asking again.
CREATE TABLE subscription (
    id          INTEGER PRIMARY KEY,
    delivery    INTEGER NOT NULL UNIQUE,
    destination TEXT NOT NULL,
    state       TEXT NOT NULL,            -- wanted, open, ended
    remote_id   TEXT,                     -- what the partner calls the subscription
    expires     INTEGER,
    due         INTEGER,                  -- when it is looked at; NULL: it is only listened to, or over
    tries       INTEGER NOT NULL DEFAULT 0, -- that failed, since the last that did not
    created     INTEGER NOT NULL,
    detail      TEXT
);
CREATE INDEX subscription_due ON subscription (destination, due) WHERE due IS NOT NULL;
CREATE INDEX subscription_remote ON subscription (destination, remote_id)
    WHERE remote_id IS NOT NULL;

-- Who wants to hear of an order. One who has left stays, so that the order's own list does not bring
-- them back.
CREATE TABLE follower (
    id       INTEGER PRIMARY KEY,
    identity BLOB NOT NULL,
    orders   INTEGER NOT NULL,
    target   TEXT NOT NULL,               -- a mail address or a URL
    token    TEXT NOT NULL UNIQUE,        -- what the link to leave carries
    since    INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    ended    INTEGER,
    why      TEXT
);
CREATE UNIQUE INDEX follower_once ON follower (identity, target);

-- News on their way to a URL or into a folder; mails are in report.
CREATE TABLE notice (
    id       INTEGER PRIMARY KEY,
    once     TEXT NOT NULL UNIQUE,
    identity BLOB NOT NULL,
    kind     TEXT NOT NULL,               -- url, file
    target   TEXT NOT NULL,               -- the URL, or the source
    name     TEXT,                        -- of the file
    state    TEXT NOT NULL,               -- due, sent, given_up
    due      INTEGER,
    created  INTEGER NOT NULL,
    tries    INTEGER NOT NULL DEFAULT 0,
    ended    INTEGER,
    detail   TEXT,
    body     BLOB                         -- NULL after retention
);
CREATE INDEX notice_due ON notice (due) WHERE due IS NOT NULL;
CREATE INDEX notice_identity ON notice (identity);

-- Updates out of files are events now.
DROP TABLE status_update;
