-- Two claims where one meant two things:
--   viva.courses  courses whose members ask: their documents, passages and lists of quizzes; nothing of any person
--   viva.taught   courses whose teachers ask: also what is other people's there, summaries (with them reports and reviews) and evidence
-- Both are JSON arrays, set for the transaction. A member of a course sees of other members nothing, whatever the statement.
-- Until they are replaced, functions that know of one claim alone show teachers nothing of others.

CREATE FUNCTION viva.taught() RETURNS text[] LANGUAGE sql STABLE
    AS $$ SELECT ARRAY(SELECT jsonb_array_elements_text(COALESCE(NULLIF(current_setting('viva.taught', true), ''), '[]')::jsonb)) $$;

ALTER POLICY app_sees ON viva.summaries USING (
    tenant = (SELECT viva.tenant())
    AND (usr = (SELECT viva.usr()) OR course = ANY ((SELECT viva.taught())::text[]))
);

ALTER POLICY app_sees ON viva.evidence USING (
    tenant = (SELECT viva.tenant()) AND (usr = (SELECT viva.usr()) OR course = ANY ((SELECT viva.taught())::text[]))
);
