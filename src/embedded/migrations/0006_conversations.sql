-- Conversations over course files. Their numbered requests are what a worker reads; their replies are the history.
CREATE TABLE conversations (
    tenant        TEXT    NOT NULL,
    usr           TEXT    NOT NULL,
    session       TEXT    NOT NULL,
    title         TEXT    NOT NULL,
    title_folded  TEXT    NOT NULL,
    -- 1: a person gave it.
    title_given   INTEGER NOT NULL,
    course        TEXT,
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    -- The last number.
    requests      INTEGER NOT NULL,
    messages      INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT, WITHOUT ROWID;

CREATE INDEX conversations_latest ON conversations (tenant, usr, updated);

CREATE TABLE chat_requests (
    tenant   TEXT    NOT NULL,
    usr      TEXT    NOT NULL,
    session  TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    -- What the client's ids make of it: the same again is the same request.
    name     TEXT    NOT NULL,
    request  TEXT    NOT NULL,
    PRIMARY KEY (tenant, usr, session, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX chat_requests_name ON chat_requests (tenant, usr, session, name);

CREATE TABLE chat_replies (
    tenant   TEXT    NOT NULL,
    usr      TEXT    NOT NULL,
    session  TEXT    NOT NULL,
    number   INTEGER NOT NULL,
    reply    TEXT    NOT NULL,
    message  TEXT    NOT NULL,
    attempt  INTEGER NOT NULL,
    -- What was said, where the request said something: JSON.
    said     TEXT,
    state    TEXT    NOT NULL,
    text     TEXT    NOT NULL,
    details  TEXT,
    rating   TEXT,
    created  INTEGER NOT NULL,
    -- What was said and answered, in lower case, to be searched.
    folded   TEXT    NOT NULL,
    PRIMARY KEY (tenant, usr, session, number)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX chat_replies_reply ON chat_replies (tenant, usr, session, reply);
CREATE UNIQUE INDEX chat_replies_attempt ON chat_replies (tenant, usr, session, message, attempt);
-- The sweep looks for those that wait too long.
CREATE INDEX chat_replies_due ON chat_replies (created) WHERE state = 'due';

-- Who looks on. Emptied at every start: connections end with their process.
CREATE TABLE chat_bindings (
    bind_no     INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant      TEXT    NOT NULL,
    usr         TEXT    NOT NULL,
    session     TEXT    NOT NULL,
    connection  TEXT    NOT NULL,
    head_seq    INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX chat_bindings_connection ON chat_bindings (tenant, usr, session, connection);

CREATE TABLE deleted_conversations (
    tenant   TEXT NOT NULL,
    usr      TEXT NOT NULL,
    session  TEXT NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT, WITHOUT ROWID;
