-- Moments are milliseconds since the Unix epoch. Leases are not stored: one process at a time has this file, so a lease ends with it.
CREATE TABLE sessions (
    id              INTEGER PRIMARY KEY,
    tenant          TEXT    NOT NULL,
    usr             TEXT    NOT NULL,
    session         TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    epoch           INTEGER NOT NULL,
    owner           TEXT,
    connection      TEXT,
    bind_no         INTEGER NOT NULL,
    bound_head_seq  INTEGER NOT NULL,
    unbound_since   INTEGER,
    due_at          INTEGER,
    created         INTEGER NOT NULL,
    stored_version  INTEGER NOT NULL,
    UNIQUE (tenant, usr, session)
) STRICT;

CREATE INDEX sessions_open ON sessions (due_at, created) WHERE state = 'open';
CREATE INDEX sessions_bound ON sessions (id) WHERE connection IS NOT NULL;

-- The outbox log: one row for each commit, in the order of writing; its key is (session, first_seq).
CREATE TABLE log (
    id          INTEGER PRIMARY KEY,
    session_id  INTEGER NOT NULL,
    first_seq   INTEGER NOT NULL,
    last_seq    INTEGER NOT NULL,
    epoch       INTEGER NOT NULL,
    writer      TEXT    NOT NULL,
    cursor      TEXT    NOT NULL,
    committed   INTEGER NOT NULL,
    -- Stored events as JSON, a line each.
    events      TEXT    NOT NULL
) STRICT;

CREATE UNIQUE INDEX log_key ON log (session_id, first_seq);

CREATE TABLE snapshots (
    session_id  INTEGER PRIMARY KEY,
    schema      INTEGER NOT NULL,
    outbox_seq  INTEGER NOT NULL,
    cursor      TEXT    NOT NULL,
    state       TEXT    NOT NULL
) STRICT;

-- What is listed and opened after the live part.
CREATE TABLE summaries (
    tenant        TEXT    NOT NULL,
    usr           TEXT    NOT NULL,
    session       TEXT    NOT NULL,
    kind          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    title_folded  TEXT    NOT NULL,
    course        TEXT,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    questions     INTEGER NOT NULL,
    duration_ms   INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT, WITHOUT ROWID;

CREATE INDEX summaries_newest ON summaries (tenant, created DESC, usr, session);
CREATE INDEX summaries_course ON summaries (tenant, course, created DESC);

CREATE TABLE reports (
    tenant   TEXT NOT NULL,
    usr      TEXT NOT NULL,
    session  TEXT NOT NULL,
    report   TEXT NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT;

CREATE TABLE reviews (
    tenant     TEXT    NOT NULL,
    usr        TEXT    NOT NULL,
    session    TEXT    NOT NULL,
    criterion  TEXT    NOT NULL,
    reviewer   TEXT    NOT NULL,
    rating     INTEGER NOT NULL,
    comment    TEXT,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, session, criterion, reviewer)
) STRICT, WITHOUT ROWID;

CREATE TABLE deleted_summaries (
    tenant   TEXT NOT NULL,
    usr      TEXT NOT NULL,
    session  TEXT NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT, WITHOUT ROWID;

CREATE TABLE budgets (
    tenant         TEXT    NOT NULL,
    usr            TEXT    NOT NULL,
    day            INTEGER NOT NULL,
    sessions       INTEGER NOT NULL,
    recognizer_ms  INTEGER NOT NULL,
    tokens         INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, day)
) STRICT, WITHOUT ROWID;
