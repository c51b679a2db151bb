-- What passages mean: one vector for each, of whichever model made it last. It goes with its passage, and with its text.
CREATE TABLE passage_vectors (
    passage      INTEGER PRIMARY KEY,
    model        TEXT    NOT NULL,
    fingerprint  TEXT    NOT NULL,
    -- Numbers of 32 bits, little-endian; of length 1.
    vector       BLOB    NOT NULL
) STRICT;

CREATE TRIGGER passage_vectors_deleted AFTER DELETE ON passages BEGIN
    DELETE FROM passage_vectors WHERE passage = old.id;
END;

CREATE TRIGGER passage_vectors_updated AFTER UPDATE OF text, headings ON passages
WHEN old.text <> new.text OR old.headings <> new.headings BEGIN
    DELETE FROM passage_vectors WHERE passage = old.id;
END;

-- A search by meaning reads a scope's rows without their text.
CREATE INDEX passages_scope ON passages (tenant, course, document, version, ordinal);
