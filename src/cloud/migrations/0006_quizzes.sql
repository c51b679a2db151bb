-- Quizzes, the editions that students were given, attempts, and what was observed of people's skills. Moments are milliseconds since the
-- Unix epoch. Texts are compared by their bytes, in the indexes, too.
--   viva_app      lists the quizzes of the courses that its claims name, without a word of what they hold; reads the evidence of its user
--                 and of those courses
--   viva_filing   everything else, in the tenant of its claims
--   viva_upkeep   finds, in all tenants, quizzes whose items somebody has to go on making; not a word of what they hold

CREATE TABLE viva.quizzes (
    tenant           text    COLLATE "C" NOT NULL,
    quiz             text    COLLATE "C" NOT NULL,
    course           text    COLLATE "C" NOT NULL,
    owner            text    COLLATE "C" NOT NULL,
    title            text    NOT NULL,
    state            text    COLLATE "C" NOT NULL,
    -- The newest; NULL: it was never published.
    edition          bigint,
    items            bigint  NOT NULL,
    -- What its items rest on: pairs of a document and its version.
    sources          json    NOT NULL,
    -- When somebody has to go on making its items; NULL: nobody has to.
    work_due         bigint,
    version          bigint  NOT NULL,
    idempotency_key  text    COLLATE "C",
    fingerprint      text,
    created          bigint  NOT NULL,
    updated          bigint  NOT NULL,
    -- As it was told, so the text is kept; here and below.
    paper            json    NOT NULL,
    PRIMARY KEY (tenant, quiz)
);

CREATE INDEX quizzes_newest ON viva.quizzes (tenant, course, created DESC, quiz);
CREATE INDEX quizzes_owner ON viva.quizzes (tenant, owner) INCLUDE (work_due);
CREATE UNIQUE INDEX quizzes_idempotency ON viva.quizzes (tenant, owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX quizzes_waiting ON viva.quizzes (work_due, tenant, quiz) WHERE work_due IS NOT NULL;

-- What students were given; never changed.
CREATE TABLE viva.quiz_editions (
    tenant   text   COLLATE "C" NOT NULL,
    quiz     text   COLLATE "C" NOT NULL,
    edition  bigint NOT NULL,
    content  json   NOT NULL,
    PRIMARY KEY (tenant, quiz, edition)
);

-- Ids that are not used again.
CREATE TABLE viva.deleted_quizzes (
    tenant  text COLLATE "C" NOT NULL,
    quiz    text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, quiz)
);

CREATE TABLE viva.attempts (
    tenant     text    COLLATE "C" NOT NULL,
    attempt    text    COLLATE "C" NOT NULL,
    quiz       text    COLLATE "C" NOT NULL,
    course     text    COLLATE "C" NOT NULL,
    usr        text    COLLATE "C" NOT NULL,
    -- 1, 2, 3 … for each user and quiz.
    number     bigint  NOT NULL,
    edition    bigint  NOT NULL,
    -- A teacher's own.
    preview    boolean NOT NULL,
    -- The bits of a number without sign.
    seed       bigint  NOT NULL,
    state      text    COLLATE "C" NOT NULL,
    started    bigint  NOT NULL,
    due        bigint,
    submitted  bigint,
    points     double precision,
    max        double precision,
    revision   bigint  NOT NULL,
    sitting    json    NOT NULL,
    PRIMARY KEY (tenant, attempt)
);

CREATE UNIQUE INDEX attempts_number ON viva.attempts (tenant, quiz, usr, number);
CREATE UNIQUE INDEX attempts_open ON viva.attempts (tenant, quiz, usr) WHERE state = 'open';
CREATE INDEX attempts_newest ON viva.attempts (tenant, quiz, started DESC, attempt);
CREATE INDEX attempts_due ON viva.attempts (tenant, quiz, due, attempt) WHERE state = 'open' AND due IS NOT NULL;

-- It outlives the quiz that it was seen in.
CREATE TABLE viva.evidence (
    tenant    text   COLLATE "C" NOT NULL,
    course    text   COLLATE "C" NOT NULL,
    usr       text   COLLATE "C" NOT NULL,
    id        text   COLLATE "C" NOT NULL,
    at        bigint NOT NULL,
    evidence  json   NOT NULL,
    PRIMARY KEY (tenant, course, usr, id)
);

-- FORCE: the tables' owner is under the policies, too.
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['quizzes', 'quiz_editions', 'deleted_quizzes', 'attempts', 'evidence'] LOOP
        EXECUTE format('ALTER TABLE viva.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY filing ON viva.%I TO viva_filing USING (tenant = (SELECT viva.tenant()))', kept);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, DELETE ON viva.quizzes, viva.quiz_editions, viva.attempts, viva.evidence TO viva_filing;
-- The owner and the key are taken away where a person is forgotten.
GRANT UPDATE (owner, title, state, edition, items, sources, work_due, version, idempotency_key, fingerprint, updated, paper)
    ON viva.quizzes TO viva_filing;
GRANT UPDATE (state, submitted, points, max, revision, sitting) ON viva.attempts TO viva_filing;
GRANT UPDATE (at, evidence) ON viva.evidence TO viva_filing;
GRANT SELECT, INSERT ON viva.deleted_quizzes TO viva_filing;

GRANT SELECT (tenant, quiz, course, owner, title, state, edition, items, sources, work_due, version, created, updated)
    ON viva.quizzes TO viva_app;
CREATE POLICY app_sees ON viva.quizzes FOR SELECT TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND course = ANY ((SELECT viva.courses())::text[]));
GRANT SELECT ON viva.evidence TO viva_app;
CREATE POLICY app_sees ON viva.evidence FOR SELECT TO viva_app USING (
    tenant = (SELECT viva.tenant()) AND (usr = (SELECT viva.usr()) OR course = ANY ((SELECT viva.courses())::text[]))
);

-- Not for whoever may take the role: only for whoever has.
GRANT SELECT (tenant, quiz, work_due) ON viva.quizzes TO viva_upkeep;
CREATE POLICY upkeep ON viva.quizzes FOR SELECT TO viva_upkeep
    USING (current_user = 'viva_upkeep' AND work_due IS NOT NULL);
