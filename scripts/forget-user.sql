-- Forgets what Postgres keeps of one person: conversations, reports and reviews of their interviews, and their own files.
--
--   psql "$DATABASE_URL" -v tenant=default -v user=USER_ID -f scripts/forget-user.sql
--
-- Files that they gave to a course stay the course's. Their own become tombstones: the next sweep removes their bytes and their text, and
-- then their names. What was deleted stays so, whatever is filed late. It may be run again.
\set ON_ERROR_STOP on

BEGIN;
SELECT set_config('viva.tenant', :'tenant', true), set_config('viva.user', :'user', true) \g /dev/null

SET LOCAL ROLE viva_filing;
UPDATE viva.documents
    SET state = 'deleted', revision = revision + 1, unfinished = true, updated = (extract(epoch FROM now()) * 1000)::bigint
    WHERE tenant = :'tenant' AND owner = :'user' AND course = :'user' AND state <> 'deleted';

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
