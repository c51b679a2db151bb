-- Quizzes: drafts that change. What is long stands last, so that a list does not read it.
CREATE TABLE quizzes (
    tenant           TEXT    NOT NULL,
    quiz             TEXT    NOT NULL,
    course           TEXT    NOT NULL,
    owner            TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    -- The newest; NULL: it was never published.
    edition          INTEGER,
    items            INTEGER NOT NULL,
    -- What its items rest on, as JSON: pairs of a document and its version.
    sources          TEXT    NOT NULL,
    -- When somebody has to go on making its items; NULL: nobody has to.
    work_due         INTEGER,
    version          INTEGER NOT NULL,
    idempotency_key  TEXT,
    fingerprint      TEXT,
    created          INTEGER NOT NULL,
    updated          INTEGER NOT NULL,
    paper            TEXT    NOT NULL,
    PRIMARY KEY (tenant, quiz)
) STRICT;

CREATE INDEX quizzes_newest ON quizzes (tenant, course, created DESC, quiz);
CREATE INDEX quizzes_owner ON quizzes (tenant, owner, work_due);
CREATE UNIQUE INDEX quizzes_idempotency ON quizzes (tenant, owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX quizzes_waiting ON quizzes (work_due) WHERE work_due IS NOT NULL;

-- What students were given; never changed.
CREATE TABLE quiz_editions (
    tenant   TEXT    NOT NULL,
    quiz     TEXT    NOT NULL,
    edition  INTEGER NOT NULL,
    content  TEXT    NOT NULL,
    PRIMARY KEY (tenant, quiz, edition)
) STRICT;

-- Ids that are not used again.
CREATE TABLE deleted_quizzes (
    tenant  TEXT NOT NULL,
    quiz    TEXT NOT NULL,
    PRIMARY KEY (tenant, quiz)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    tenant     TEXT    NOT NULL,
    attempt    TEXT    NOT NULL,
    quiz       TEXT    NOT NULL,
    course     TEXT    NOT NULL,
    usr        TEXT    NOT NULL,
    -- 1, 2, 3 … for each user and quiz.
    number     INTEGER NOT NULL,
    edition    INTEGER NOT NULL,
    -- 1: a teacher's own.
    preview    INTEGER NOT NULL,
    -- The bits of a number without sign.
    seed       INTEGER NOT NULL,
    state      TEXT    NOT NULL,
    started    INTEGER NOT NULL,
    due        INTEGER,
    submitted  INTEGER,
    points     REAL,
    max        REAL,
    revision   INTEGER NOT NULL,
    sitting    TEXT    NOT NULL,
    PRIMARY KEY (tenant, attempt)
) STRICT;

CREATE UNIQUE INDEX attempts_number ON attempts (tenant, quiz, usr, number);
CREATE UNIQUE INDEX attempts_open ON attempts (tenant, quiz, usr) WHERE state = 'open';
CREATE INDEX attempts_newest ON attempts (tenant, quiz, started DESC, attempt);
CREATE INDEX attempts_due ON attempts (tenant, quiz, due) WHERE state = 'open';

-- What was observed of people's skills; it outlives the quiz that it was seen in.
CREATE TABLE evidence (
    tenant    TEXT    NOT NULL,
    course    TEXT    NOT NULL,
    usr       TEXT    NOT NULL,
    id        TEXT    NOT NULL,
    at        INTEGER NOT NULL,
    evidence  TEXT    NOT NULL,
    PRIMARY KEY (tenant, course, usr, id)
) STRICT, WITHOUT ROWID;
