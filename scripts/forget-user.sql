-- Forgets what Postgres keeps of one person: conversations, reports and reviews of their interviews, their own files and quizzes, their
-- attempts at quizzes, and all that was observed of their skills.
--
--   psql "$DATABASE_URL" -v tenant=default -v user=USER_ID -f scripts/forget-user.sql
--
-- Files that they gave to a course stay the course's, and so do the quizzes that they made for one, from then on without an owner. Their own files become tombstones: the next sweep removes their bytes and their text, and
-- then their names. What was deleted stays so, whatever is filed late. It may be run again.
\set ON_ERROR_STOP on

BEGIN;
SELECT set_config('viva.tenant', :'tenant', true), set_config('viva.user', :'user', true) \g /dev/null

SET LOCAL ROLE viva_filing;
UPDATE viva.documents
    SET state = 'deleted', revision = revision + 1, unfinished = true, updated = (extract(epoch FROM now()) * 1000)::bigint
    WHERE tenant = :'tenant' AND owner = :'user' AND course = :'user' AND state <> 'deleted';

DELETE FROM viva.attempts WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.evidence WHERE tenant = :'tenant' AND usr = :'user';
INSERT INTO viva.deleted_quizzes (tenant, quiz)
    SELECT tenant, quiz FROM viva.quizzes WHERE tenant = :'tenant' AND course = :'user' ON CONFLICT DO NOTHING;
DELETE FROM viva.quiz_editions AS edition USING viva.quizzes AS own
    WHERE edition.tenant = :'tenant' AND own.tenant = :'tenant' AND own.course = :'user' AND own.quiz = edition.quiz;
DELETE FROM viva.quizzes WHERE tenant = :'tenant' AND course = :'user';
UPDATE viva.quizzes SET owner = '', idempotency_key = NULL, fingerprint = NULL, version = version + 1
    WHERE tenant = :'tenant' AND owner = :'user';

SET LOCAL ROLE viva_app;
INSERT INTO viva.deleted_conversations (tenant, usr, session)
    SELECT tenant, usr, session FROM viva.conversations WHERE tenant = :'tenant' AND usr = :'user' ON CONFLICT DO NOTHING;
DELETE FROM viva.chat_bindings WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.chat_replies WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.chat_requests WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.conversations WHERE tenant = :'tenant' AND usr = :'user';

INSERT INTO viva.deleted (tenant, usr, session)
    SELECT tenant, usr, session FROM viva.summaries WHERE tenant = :'tenant' AND usr = :'user' ON CONFLICT DO NOTHING;
DELETE FROM viva.reviews WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.reports WHERE tenant = :'tenant' AND usr = :'user';
DELETE FROM viva.summaries WHERE tenant = :'tenant' AND usr = :'user';
COMMIT;
