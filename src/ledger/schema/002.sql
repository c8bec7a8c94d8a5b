-- The ledger, version 2: people who log in. Passwords and tokens are here as hashes only.

CREATE TABLE person (
    name     TEXT PRIMARY KEY,            -- lower case
    role     TEXT NOT NULL,               -- viewer, coordinator, admin
    password TEXT NOT NULL,               -- PHC string, argon2id
    created  INTEGER NOT NULL,
    seen     INTEGER                      -- the last log-in
) WITHOUT ROWID;

CREATE TABLE session (
    token  BLOB PRIMARY KEY,              -- SHA-256 of what the browser holds
    person TEXT NOT NULL REFERENCES person (name),
    csrf   TEXT NOT NULL,
    until  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_person ON session (person);
CREATE INDEX session_until ON session (until);
