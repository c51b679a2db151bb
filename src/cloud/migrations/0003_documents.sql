-- Documents and uploads. Moments are milliseconds since the Unix epoch. Texts are compared by their bytes, in the indexes, too.
--   viva_app      lists: the documents of the courses that its claims name, a user's own uploads
--   viva_filing   everything else, in the tenant of its claims
--   viva_upkeep   finds, in all tenants, documents that somebody has to work on and uploads whose time may be over; changes nothing
-- Nobody else has a policy here: Supabase's `anon` and `authenticated` see no row, whatever they are granted.

DO $$
BEGIN
    BEGIN
        CREATE ROLE viva_upkeep NOLOGIN NOINHERIT;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
        NULL;
    END;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'viva_upkeep' AND (rolbypassrls OR rolsuper)) THEN
        RAISE EXCEPTION 'the role viva_upkeep bypasses row-level security';
    END IF;
    GRANT viva_upkeep TO CURRENT_USER;
END
$$;

GRANT USAGE ON SCHEMA viva TO viva_upkeep;

-- A deleted document stays as a tombstone, without a name, so that nothing late brings it back.
CREATE TABLE viva.documents (
    tenant          text    COLLATE "C" NOT NULL,
    document        text    COLLATE "C" NOT NULL,
    course          text    COLLATE "C" NOT NULL,
    owner           text    COLLATE "C" NOT NULL,
    object          text    COLLATE "C" NOT NULL,
    name            text    NOT NULL,
    name_folded     text    NOT NULL,
    media_type      text    NOT NULL,
    bytes           bigint  NOT NULL,
    sha256          text    NOT NULL,
    state           text    COLLATE "C" NOT NULL,
    version         bigint  NOT NULL,
    revision        bigint  NOT NULL,
    attempts        bigint  NOT NULL,
    failure_code    text,
    failure_reason  text,
    title           text,
    pages           bigint,
    passages        bigint,
    -- Objects that are still to be removed.
    stale           text[]  COLLATE "C" NOT NULL,
    -- Whether somebody has work with it.
    unfinished      boolean NOT NULL,
    created         bigint  NOT NULL,
    updated         bigint  NOT NULL,
    PRIMARY KEY (tenant, document)
);

CREATE INDEX documents_newest ON viva.documents (tenant, course, created DESC, document) WHERE state <> 'deleted';
CREATE INDEX documents_owner ON viva.documents (tenant, owner) INCLUDE (bytes) WHERE state <> 'deleted';
CREATE INDEX documents_unfinished ON viva.documents (updated) WHERE unfinished;

-- Files on their way.
CREATE TABLE viva.uploads (
    tenant           text    COLLATE "C" NOT NULL,
    upload           text    COLLATE "C" NOT NULL,
    owner            text    COLLATE "C" NOT NULL,
    course           text    COLLATE "C" NOT NULL,
    document         text    COLLATE "C" NOT NULL,
    replaces         boolean NOT NULL,
    object           text    COLLATE "C" NOT NULL,
    name             text    NOT NULL,
    media_type       text    NOT NULL,
    bytes            bigint  NOT NULL,
    sha256           text    NOT NULL,
    state            text    COLLATE "C" NOT NULL,
    idempotency_key  text    COLLATE "C",
    fingerprint      text,
    created          bigint  NOT NULL,
    expires          bigint  NOT NULL,
    PRIMARY KEY (tenant, upload)
);

CREATE UNIQUE INDEX uploads_idempotency ON viva.uploads (tenant, owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX uploads_pending ON viva.uploads (tenant, owner, created DESC, upload) WHERE state = 'pending';
CREATE INDEX uploads_expires ON viva.uploads (expires);

-- FORCE: the tables' owner is under the policies, too.
ALTER TABLE viva.documents ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.uploads ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT ON viva.documents, viva.uploads TO viva_app, viva_upkeep;
GRANT SELECT, INSERT, UPDATE ON viva.documents TO viva_filing;
GRANT SELECT, INSERT, UPDATE (state), DELETE ON viva.uploads TO viva_filing;

CREATE POLICY app_sees ON viva.documents FOR SELECT TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND course = ANY ((SELECT viva.courses())::text[]));
CREATE POLICY app_sees ON viva.uploads FOR SELECT TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND owner = (SELECT viva.usr()));

CREATE POLICY filing ON viva.documents TO viva_filing USING (tenant = (SELECT viva.tenant()));
CREATE POLICY filing ON viva.uploads TO viva_filing USING (tenant = (SELECT viva.tenant()));

-- Not for whoever may take the role: only for whoever has.
CREATE POLICY upkeep ON viva.documents FOR SELECT TO viva_upkeep USING (current_user = 'viva_upkeep' AND unfinished);
CREATE POLICY upkeep ON viva.uploads FOR SELECT TO viva_upkeep USING (current_user = 'viva_upkeep');
