-- Passages of documents and what is searched in them.
--   viva_app      searches: the passages of the courses that its claims name
--   viva_filing   stores, reads and removes, in the tenant of its claims
--
-- There is no GIN index: under row-level security Postgres does not look into one before it has checked each row, since `@@` is not
-- leakproof. A search walks the passages of its courses by the index below, which are thousands and not millions.

-- Letters without their marks, as SQLite's tokenizer has them.
CREATE FUNCTION viva.folded(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT regexp_replace(normalize(word, NFD), '[\u0300-\u036f]', '', 'g') $$;

-- Which version of a document counts; a deleted document's passages are gone for good.
CREATE TABLE viva.passage_documents (
    tenant    text    COLLATE "C" NOT NULL,
    document  text    COLLATE "C" NOT NULL,
    version   bigint  NOT NULL,
    deleted   boolean NOT NULL,
    PRIMARY KEY (tenant, document)
);

CREATE TABLE viva.passages (
    tenant    text    COLLATE "C" NOT NULL,
    document  text    COLLATE "C" NOT NULL,
    version   bigint  NOT NULL,
    ordinal   bigint  NOT NULL,
    course    text    COLLATE "C" NOT NULL,
    name      text    NOT NULL,
    headings  text    NOT NULL,
    text      text    NOT NULL,
    -- As it was told, so the text is kept.
    locator   json    NOT NULL,
    search    tsvector NOT NULL GENERATED ALWAYS AS (
        setweight(to_tsvector('pg_catalog.english', viva.folded(headings)), 'A')
        || setweight(to_tsvector('pg_catalog.english', viva.folded(text)), 'B')
        || setweight(to_tsvector('pg_catalog.english', viva.folded(name)), 'C')
    ) STORED,
    PRIMARY KEY (tenant, document, version, ordinal)
);

CREATE INDEX passages_course ON viva.passages (tenant, course, document);

-- FORCE: the tables' owner is under the policies, too.
ALTER TABLE viva.passage_documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.passages ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON viva.passage_documents, viva.passages TO viva_app;
GRANT SELECT, INSERT, UPDATE ON viva.passage_documents TO viva_filing;
GRANT SELECT, INSERT, UPDATE, DELETE ON viva.passages TO viva_filing;

CREATE POLICY app_sees ON viva.passage_documents FOR SELECT TO viva_app USING (tenant = (SELECT viva.tenant()));
CREATE POLICY app_sees ON viva.passages FOR SELECT TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND course = ANY ((SELECT viva.courses())::text[]));
CREATE POLICY filing ON viva.passage_documents TO viva_filing USING (tenant = (SELECT viva.tenant()));
CREATE POLICY filing ON viva.passages TO viva_filing USING (tenant = (SELECT viva.tenant()));
