-- Files that people gave. A deleted one stays as a tombstone, without a name, so that nothing late brings it back.
CREATE TABLE documents (
    tenant          TEXT    NOT NULL,
    document        TEXT    NOT NULL,
    course          TEXT    NOT NULL,
    owner           TEXT    NOT NULL,
    object          TEXT    NOT NULL,
    name            TEXT    NOT NULL,
    name_folded     TEXT    NOT NULL,
    media_type      TEXT    NOT NULL,
    bytes           INTEGER NOT NULL,
    sha256          TEXT    NOT NULL,
    state           TEXT    NOT NULL,
    version         INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    attempts        INTEGER NOT NULL,
    failure_code    TEXT,
    failure_reason  TEXT,
    title           TEXT,
    pages           INTEGER,
    passages        INTEGER,
    -- Objects that are still to be removed, as JSON.
    stale           TEXT    NOT NULL,
    -- Whether somebody has work with it.
    unfinished      INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    updated         INTEGER NOT NULL,
    PRIMARY KEY (tenant, document)
) STRICT, WITHOUT ROWID;

CREATE INDEX documents_newest ON documents (tenant, course, created DESC, document) WHERE state <> 'deleted';
CREATE INDEX documents_owner ON documents (tenant, owner) WHERE state <> 'deleted';
CREATE INDEX documents_unfinished ON documents (updated) WHERE unfinished = 1;

-- Files on their way.
CREATE TABLE uploads (
    tenant           TEXT    NOT NULL,
    upload           TEXT    NOT NULL,
    owner            TEXT    NOT NULL,
    course           TEXT    NOT NULL,
    document         TEXT    NOT NULL,
    replaces         INTEGER NOT NULL,
    object           TEXT    NOT NULL,
    name             TEXT    NOT NULL,
    media_type       TEXT    NOT NULL,
    bytes            INTEGER NOT NULL,
    sha256           TEXT    NOT NULL,
    state            TEXT    NOT NULL,
    idempotency_key  TEXT,
    fingerprint      TEXT,
    created          INTEGER NOT NULL,
    expires          INTEGER NOT NULL,
    PRIMARY KEY (tenant, upload)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX uploads_idempotency ON uploads (tenant, owner, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX uploads_pending ON uploads (tenant, owner, created DESC, upload) WHERE state = 'pending';
CREATE INDEX uploads_expires ON uploads (expires);

-- Which version of a document counts; a deleted document's passages are gone for good.
CREATE TABLE passage_documents (
    tenant    TEXT    NOT NULL,
    document  TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    deleted   INTEGER NOT NULL,
    PRIMARY KEY (tenant, document)
) STRICT, WITHOUT ROWID;

CREATE TABLE passages (
    id        INTEGER PRIMARY KEY,
    tenant    TEXT    NOT NULL,
    document  TEXT    NOT NULL,
    version   INTEGER NOT NULL,
    ordinal   INTEGER NOT NULL,
    course    TEXT    NOT NULL,
    -- One word for tenant and course, so that a search looks at no other's text.
    shelf     TEXT    NOT NULL,
    name      TEXT    NOT NULL,
    headings  TEXT    NOT NULL,
    text      TEXT    NOT NULL,
    locator   TEXT    NOT NULL,
    UNIQUE (tenant, document, version, ordinal)
) STRICT;

CREATE VIRTUAL TABLE passages_text USING fts5 (
    shelf, name, headings, text,
    content = 'passages', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);

-- What is deleted leaves the index at once, not at some later merge.
INSERT INTO passages_text (passages_text, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER passages_inserted AFTER INSERT ON passages BEGIN
    INSERT INTO passages_text (rowid, shelf, name, headings, text)
    VALUES (new.id, new.shelf, new.name, new.headings, new.text);
END;

CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
    INSERT INTO passages_text (passages_text, rowid, shelf, name, headings, text)
    VALUES ('delete', old.id, old.shelf, old.name, old.headings, old.text);
END;

CREATE TRIGGER passages_updated AFTER UPDATE ON passages BEGIN
    INSERT INTO passages_text (passages_text, rowid, shelf, name, headings, text)
    VALUES ('delete', old.id, old.shelf, old.name, old.headings, old.text);
    INSERT INTO passages_text (rowid, shelf, name, headings, text)
    VALUES (new.id, new.shelf, new.name, new.headings, new.text);
END;
