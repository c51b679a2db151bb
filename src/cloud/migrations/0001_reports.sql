-- Summaries, reports and reviews of sessions. Moments are milliseconds since the Unix epoch.
--
-- Whoever signs in to the database bypasses nothing: each request takes one of two roles for one transaction, and row-level security
-- shows it the rows of its claims alone. Without claims there are no rows.
--   viva_app      what people ask for: a user's own sessions, or those of the courses that a teacher teaches
--   viva_filing   writes summaries and reports as sessions change, and answers for a whole tenant
-- Claims: viva.tenant, viva.user, viva.courses (a JSON array), set for the transaction.

-- Roles belong to the whole cluster, so another database may have made them.
DO $$
DECLARE
    needed text;
BEGIN
    FOREACH needed IN ARRAY ARRAY['viva_app', 'viva_filing'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', needed);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = needed AND (rolbypassrls OR rolsuper)) THEN
            RAISE EXCEPTION 'the role % bypasses row-level security', needed;
        END IF;
        EXECUTE format('GRANT %I TO CURRENT_USER', needed);
    END LOOP;
END
$$;

GRANT USAGE ON SCHEMA viva TO viva_app, viva_filing;

CREATE FUNCTION viva.tenant() RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT NULLIF(current_setting('viva.tenant', true), '') $$;

CREATE FUNCTION viva.usr() RETURNS text LANGUAGE sql STABLE
    AS $$ SELECT NULLIF(current_setting('viva.user', true), '') $$;

CREATE FUNCTION viva.courses() RETURNS text[] LANGUAGE sql STABLE
    AS $$ SELECT ARRAY(SELECT jsonb_array_elements_text(COALESCE(NULLIF(current_setting('viva.courses', true), ''), '[]')::jsonb)) $$;

CREATE TABLE viva.summaries (
    tenant        text   NOT NULL,
    usr           text   NOT NULL,
    session       text   NOT NULL,
    kind          text   NOT NULL,
    state         text   NOT NULL,
    title         text   NOT NULL,
    title_folded  text   NOT NULL,
    course        text,
    created       bigint NOT NULL,
    updated       bigint NOT NULL,
    questions     bigint NOT NULL,
    duration_ms   bigint NOT NULL,
    -- As it was told, so the text is kept.
    usage         json,
    PRIMARY KEY (tenant, usr, session)
);

CREATE INDEX summaries_newest ON viva.summaries (tenant, created DESC, usr, session);
CREATE INDEX summaries_of_user ON viva.summaries (tenant, usr, created DESC, session);
CREATE INDEX summaries_of_course ON viva.summaries (tenant, course, created DESC, usr, session) WHERE course IS NOT NULL;

CREATE TABLE viva.reports (
    tenant   text NOT NULL,
    usr      text NOT NULL,
    session  text NOT NULL,
    report   json NOT NULL,
    PRIMARY KEY (tenant, usr, session)
);

CREATE TABLE viva.reviews (
    tenant     text     NOT NULL,
    usr        text     NOT NULL,
    session    text     NOT NULL,
    criterion  text     NOT NULL,
    reviewer   text     NOT NULL,
    rating     smallint NOT NULL,
    comment    text,
    at         bigint   NOT NULL,
    PRIMARY KEY (tenant, usr, session, criterion, reviewer)
);

-- What was deleted stays so, whatever is filed late.
CREATE TABLE viva.deleted (
    tenant   text NOT NULL,
    usr      text NOT NULL,
    session  text NOT NULL,
    PRIMARY KEY (tenant, usr, session)
);

-- FORCE: the tables' owner is under the policies, too.
ALTER TABLE viva.summaries ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.reports ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.reviews ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.deleted ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

GRANT SELECT, DELETE ON viva.summaries, viva.reports TO viva_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON viva.reviews TO viva_app;
GRANT SELECT, INSERT ON viva.deleted TO viva_app;
GRANT SELECT, INSERT, UPDATE ON viva.summaries, viva.reports TO viva_filing;
GRANT SELECT ON viva.deleted TO viva_filing;

-- The tenant's sessions that are the user's own, or of a course that the claims name.
CREATE POLICY app_sees ON viva.summaries FOR SELECT TO viva_app USING (
    tenant = (SELECT viva.tenant())
    AND (usr = (SELECT viva.usr()) OR course = ANY ((SELECT viva.courses())::text[]))
);
-- Deleting is the user's own right alone.
CREATE POLICY app_deletes ON viva.summaries FOR DELETE TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()));

-- A report is seen by whoever sees its summary: the inner query is under the policy above.
CREATE POLICY app_sees ON viva.reports FOR SELECT TO viva_app USING (
    EXISTS (
        SELECT FROM viva.summaries AS of
        WHERE of.tenant = reports.tenant AND of.usr = reports.usr AND of.session = reports.session
    )
);
CREATE POLICY app_deletes ON viva.reports FOR DELETE TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()));

CREATE POLICY app_sees ON viva.reviews FOR SELECT TO viva_app USING (
    EXISTS (
        SELECT FROM viva.summaries AS of
        WHERE of.tenant = reviews.tenant AND of.usr = reviews.usr AND of.session = reviews.session
    )
);
CREATE POLICY app_adds ON viva.reviews FOR INSERT TO viva_app WITH CHECK (
    EXISTS (
        SELECT FROM viva.summaries AS of
        WHERE of.tenant = reviews.tenant AND of.usr = reviews.usr AND of.session = reviews.session
    )
);
CREATE POLICY app_changes ON viva.reviews FOR UPDATE TO viva_app USING (
    EXISTS (
        SELECT FROM viva.summaries AS of
        WHERE of.tenant = reviews.tenant AND of.usr = reviews.usr AND of.session = reviews.session
    )
);
CREATE POLICY app_deletes ON viva.reviews FOR DELETE TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()));

CREATE POLICY app_marks ON viva.deleted FOR INSERT TO viva_app
    WITH CHECK (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()));
CREATE POLICY app_sees ON viva.deleted FOR SELECT TO viva_app
    USING (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()));

CREATE POLICY filing ON viva.summaries TO viva_filing USING (tenant = (SELECT viva.tenant()));
CREATE POLICY filing ON viva.reports TO viva_filing USING (tenant = (SELECT viva.tenant()));
CREATE POLICY filing ON viva.deleted FOR SELECT TO viva_filing USING (tenant = (SELECT viva.tenant()));
