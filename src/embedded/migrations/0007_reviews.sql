-- Every review of a rating is kept, numbered for its criterion.
CREATE TABLE rating_reviews (
    tenant     TEXT    NOT NULL,
    usr        TEXT    NOT NULL,
    session    TEXT    NOT NULL,
    criterion  TEXT    NOT NULL,
    revision   INTEGER NOT NULL,
    reviewer   TEXT    NOT NULL,
    rating     INTEGER NOT NULL,
    comment    TEXT,
    at         INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, session, criterion, revision)
) STRICT, WITHOUT ROWID;

INSERT INTO rating_reviews (tenant, usr, session, criterion, revision, reviewer, rating, comment, at)
SELECT tenant, usr, session, criterion,
       row_number() OVER (PARTITION BY tenant, usr, session, criterion ORDER BY at, reviewer),
       reviewer, rating, comment, at
FROM reviews;

DROP TABLE reviews;
ALTER TABLE rating_reviews RENAME TO reviews;
