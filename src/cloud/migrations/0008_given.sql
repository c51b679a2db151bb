-- What a list shows of a quiz's newest edition stands in the quiz's row.
ALTER TABLE viva.quizzes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.quiz_editions NO FORCE ROW LEVEL SECURITY;

-- The newest edition's title, and how many items it has; NULL: the quiz was never published.
ALTER TABLE viva.quizzes ADD COLUMN given_title text, ADD COLUMN given_items bigint;

-- What a text cannot hold is replaced, as in a quiz's own title.
UPDATE viva.quizzes AS quiz
SET given_title = COALESCE(given.content ->> 'title', quiz.title),
    given_items = COALESCE(json_array_length(given.content -> 'items'), quiz.items)
FROM (SELECT tenant, quiz, edition, replace(content::text, '\u0000', '\ufffd')::json AS content FROM viva.quiz_editions) AS given
WHERE (given.tenant, given.quiz, given.edition) = (quiz.tenant, quiz.quiz, quiz.edition);

ALTER TABLE viva.quizzes FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.quiz_editions FORCE ROW LEVEL SECURITY;

GRANT UPDATE (given_title, given_items) ON viva.quizzes TO viva_filing;
GRANT SELECT (given_title, given_items) ON viva.quizzes TO viva_app;

-- Somebody's newest in a course.
CREATE INDEX evidence_newest ON viva.evidence (tenant, course, usr, at DESC, id DESC);
