-- Every review of a rating is kept, numbered for its criterion: what was said once is never changed.

-- The owner, too, sees no rows under FORCE.
ALTER TABLE viva.reviews NO FORCE ROW LEVEL SECURITY;
ALTER TABLE viva.reviews ADD COLUMN revision integer;

UPDATE viva.reviews AS kept SET revision = numbered.revision
FROM (
    SELECT tenant, usr, session, criterion, reviewer,
           row_number() OVER (PARTITION BY tenant, usr, session, criterion ORDER BY at, reviewer)::integer AS revision
    FROM viva.reviews
) AS numbered
WHERE (kept.tenant, kept.usr, kept.session, kept.criterion, kept.reviewer)
    = (numbered.tenant, numbered.usr, numbered.session, numbered.criterion, numbered.reviewer);

ALTER TABLE viva.reviews
    ALTER COLUMN revision SET NOT NULL,
    DROP CONSTRAINT reviews_pkey,
    ADD PRIMARY KEY (tenant, usr, session, criterion, revision);
ALTER TABLE viva.reviews FORCE ROW LEVEL SECURITY;

DROP POLICY app_changes ON viva.reviews;
REVOKE UPDATE ON viva.reviews FROM viva_app;
