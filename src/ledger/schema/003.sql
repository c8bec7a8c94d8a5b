-- The ledger, version 3: an arrival may hold several files.
--
-- A mail or archive is a file like any other (`container` is NULL) until it is unpacked; then its
-- members are files of the same arrival. Its own bytes stay, so that it can be unpacked again.

ALTER TABLE file ADD COLUMN container INTEGER REFERENCES file (id);
ALTER TABLE file ADD COLUMN member INTEGER;      -- its place in the container, from 1
ALTER TABLE file ADD COLUMN forced TEXT;         -- the format that the sender's address asks for
CREATE INDEX file_member ON file (container, member) WHERE container IS NOT NULL;

-- The bytes of a large member; those of a small one are a row of body.
CREATE TABLE piece (
    container INTEGER NOT NULL,
    member    INTEGER NOT NULL,
    seq       INTEGER NOT NULL,
    bytes     BLOB NOT NULL,
    PRIMARY KEY (container, member, seq)
);

-- What the headers of a mail say.
CREATE TABLE letter (arrival INTEGER PRIMARY KEY, body TEXT NOT NULL);

-- What was said to whom, and when last: so that the same is not said again and again.
CREATE TABLE said (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
