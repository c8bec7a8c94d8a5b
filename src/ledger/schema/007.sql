-- The ledger, version 7: answers to files in the partner's own format.
--
-- An answer is owed from the moment its file is read and due when the file's arrival is concluded,
-- in the same transaction: so the trigger, which no way to a verdict can pass by.

CREATE TABLE answer (
    id      INTEGER PRIMARY KEY,
    file    INTEGER NOT NULL,
    arrival INTEGER NOT NULL,
    state   TEXT NOT NULL,                -- owed, due, laid, dropped
    due     INTEGER,
    format  TEXT NOT NULL,
    place   TEXT NOT NULL,                -- where it is laid
    ours    TEXT,                         -- who we are in it
    theirs  TEXT,
    number  INTEGER,                      -- its control number at that place
    name    TEXT,                         -- its file's name, frozen with its bytes
    created INTEGER NOT NULL,
    tries   INTEGER NOT NULL DEFAULT 0,
    laid    INTEGER,
    detail  TEXT
);
CREATE INDEX answer_file ON answer (file);
CREATE INDEX answer_owed ON answer (arrival) WHERE state = 'owed';
CREATE INDEX answer_due ON answer (due) WHERE due IS NOT NULL;
CREATE TABLE answer_body (answer INTEGER PRIMARY KEY, bytes BLOB NOT NULL);

-- The last control number given out, by place.
CREATE TABLE control (series TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;

CREATE TRIGGER answer_concluded AFTER UPDATE OF stage ON arrival
WHEN new.stage = 'concluded' AND old.stage <> 'concluded'
BEGIN
    UPDATE answer SET state = 'due', due = new.concluded
    WHERE arrival = new.id AND state = 'owed';
END;
