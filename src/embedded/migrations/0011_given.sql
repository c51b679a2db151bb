-- What a list shows of the newest edition stands in the quiz's row, before what is long; so the table is written anew.
CREATE TABLE quizzes_new (
    tenant           TEXT    NOT NULL,
    quiz             TEXT    NOT NULL,
    course           TEXT    NOT NULL,
    owner            TEXT    NOT NULL,
    title            TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    -- The newest, with its title and how many items it has; NULL: it was never published.
    edition          INTEGER,
    given_title      TEXT,
    given_items      INTEGER,
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

INSERT INTO quizzes_new
SELECT tenant, quiz, course, owner, title, state, edition,
       iif(edition IS NULL, NULL, COALESCE(json_extract(content, '$.title'), title)),
       iif(edition IS NULL, NULL, COALESCE(json_array_length(content, '$.items'), items)),
       items, sources, work_due, version, idempotency_key, fingerprint, created, updated, paper
FROM quizzes LEFT JOIN quiz_editions USING (tenant, quiz, edition);

DROP TABLE quizzes;
ALTER TABLE quizzes_new RENAME TO quizzes;

CREATE INDEX quizzes_newest ON quizzes (tenant, course, created DESC, quiz);
CREATE INDEX quizzes_owner ON quizzes (tenant, owner, work_due);
CREATE UNIQUE INDEX quizzes_idempotency ON quizzes (tenant, owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX quizzes_waiting ON quizzes (work_due) WHERE work_due IS NOT NULL;

-- Somebody's newest in a course.
CREATE INDEX evidence_newest ON evidence (tenant, course, usr, at DESC, id DESC);
