-- The ledger, version 4: keys of programs, corrections of held orders, and what search needs.

-- Keys of programs. A key is here as its hash only; `name` is how people speak of it.
CREATE TABLE key (
    name    TEXT PRIMARY KEY,             -- lower case
    hash    BLOB NOT NULL UNIQUE,         -- SHA-256 of what the program holds
    role    TEXT NOT NULL,                -- viewer, coordinator, admin
    sender  TEXT,                         -- the only sender whose files and orders it is for
    created INTEGER NOT NULL,
    seen    INTEGER                       -- its last use, within some minutes
) WITHOUT ROWID;

-- What a request with an Idempotency-Key was answered, so that the same one is not done twice.
CREATE TABLE answered (
    asker   TEXT NOT NULL,
    key     TEXT NOT NULL,
    request BLOB NOT NULL,                -- SHA-256 of what was asked
    at      INTEGER NOT NULL,
    status  INTEGER,                      -- NULL: under way
    body    TEXT,
    PRIMARY KEY (asker, key)
) WITHOUT ROWID;
CREATE INDEX answered_at ON answered (at);

-- Corrections of held orders: who, when, old, new.
CREATE TABLE edit (
    id     INTEGER PRIMARY KEY,
    orders INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    who    TEXT NOT NULL,
    via    TEXT NOT NULL,
    old    BLOB NOT NULL,                 -- canonical JSON
    new    BLOB NOT NULL
);
CREATE INDEX edit_orders ON edit (orders);

-- Search. Filled in the background from `indexed` on, so that no arrow pays for it; what is newer
-- than `upto` is read row by row. Without text and without places of words: a hit is compared with
-- the row itself, and the three letters of a trigram need no order for that.
CREATE VIRTUAL TABLE order_words USING fts5 (
    words, sender, source, destination,
    tokenize = 'trigram', content = '', contentless_delete = 1, detail = 'column'
);
CREATE VIRTUAL TABLE file_words USING fts5 (
    words, sender, source,
    tokenize = 'trigram', content = '', contentless_delete = 1, detail = 'column'
);
CREATE TABLE indexed (what TEXT PRIMARY KEY, upto INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO indexed VALUES ('orders', 0), ('files', 0);

-- Few among many, and looked for: only such rows are in these.
CREATE INDEX span_staged ON span (first) WHERE plan IS NOT NULL;
CREATE INDEX delivery_ended_badly ON delivery (state, orders)
    WHERE state IN ('refused', 'cancelled', 'repeat');
CREATE INDEX arrival_error ON arrival (id) WHERE verdict = 'error';
CREATE INDEX file_withheld ON file (id) WHERE outcome IN ('partial', 'rejected');
