-- Conversations over course files: numbered requests, which a worker reads; replies, which are the history; who looks on.
-- Moments are milliseconds since the Unix epoch. Texts are compared by their bytes, in the indexes, too.
--   viva_app      everything, of the one user whom its claims name: nobody else sees a conversation, teachers included
--   viva_upkeep   finds, in all tenants, in which conversations a reply is due; not a word of what was said

CREATE TABLE viva.conversations (
    tenant        text    COLLATE "C" NOT NULL,
    usr           text    COLLATE "C" NOT NULL,
    session       text    COLLATE "C" NOT NULL,
    title         text    NOT NULL,
    title_folded  text    NOT NULL,
    -- A person gave it.
    title_given   boolean NOT NULL,
    course        text    COLLATE "C",
    created       bigint  NOT NULL,
    updated       bigint  NOT NULL,
    -- The last number.
    requests      bigint  NOT NULL,
    messages      bigint  NOT NULL,
    PRIMARY KEY (tenant, usr, session)
);

CREATE INDEX conversations_latest ON viva.conversations (tenant, usr, updated DESC, session);

CREATE TABLE viva.chat_requests (
    tenant   text   COLLATE "C" NOT NULL,
    usr      text   COLLATE "C" NOT NULL,
    session  text   COLLATE "C" NOT NULL,
    number   bigint NOT NULL,
    -- What the client's ids make of it: the same again is the same request. A renaming has none.
    name     text   COLLATE "C",
    request  json   NOT NULL,
    PRIMARY KEY (tenant, usr, session, number)
);

CREATE UNIQUE INDEX chat_requests_name ON viva.chat_requests (tenant, usr, session, name) WHERE name IS NOT NULL;

CREATE TABLE viva.chat_replies (
    tenant   text   COLLATE "C" NOT NULL,
    usr      text   COLLATE "C" NOT NULL,
    session  text   COLLATE "C" NOT NULL,
    number   bigint NOT NULL,
    reply    text   COLLATE "C" NOT NULL,
    message  text   COLLATE "C" NOT NULL,
    attempt  bigint NOT NULL,
    -- What was said, where the request said something.
    said     json,
    state    text   COLLATE "C" NOT NULL,
    text     text   NOT NULL,
    -- As it was told, so the text is kept.
    details  json,
    rating   text,
    created  bigint NOT NULL,
    -- What was said and answered, in lower case, to be searched.
    folded   text   NOT NULL,
    PRIMARY KEY (tenant, usr, session, number)
);

CREATE UNIQUE INDEX chat_replies_reply ON viva.chat_replies (tenant, usr, session, reply);
CREATE UNIQUE INDEX chat_replies_attempt ON viva.chat_replies (tenant, usr, session, message, attempt);
CREATE INDEX chat_replies_due_in ON viva.chat_replies (tenant, usr, session) WHERE state = 'due';
CREATE INDEX chat_replies_due_since ON viva.chat_replies (created) WHERE state = 'due';

CREATE TABLE viva.chat_bindings (
    bind_no     bigint GENERATED ALWAYS AS IDENTITY,
    tenant      text   COLLATE "C" NOT NULL,
    usr         text   COLLATE "C" NOT NULL,
    session     text   COLLATE "C" NOT NULL,
    connection  text   COLLATE "C" NOT NULL,
    head_seq    bigint NOT NULL,
    PRIMARY KEY (tenant, usr, session, connection)
);

-- What was deleted stays so, whatever is filed late.
CREATE TABLE viva.deleted_conversations (
    tenant   text COLLATE "C" NOT NULL,
    usr      text COLLATE "C" NOT NULL,
    session  text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, usr, session)
);

-- FORCE: the tables' owner is under the policies, too.
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['conversations', 'chat_requests', 'chat_replies', 'chat_bindings', 'deleted_conversations'] LOOP
        EXECUTE format('ALTER TABLE viva.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', kept);
        EXECUTE format(
            'CREATE POLICY app ON viva.%I TO viva_app USING (tenant = (SELECT viva.tenant()) AND usr = (SELECT viva.usr()))', kept
        );
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON viva.conversations, viva.chat_replies TO viva_app;
GRANT SELECT, INSERT, DELETE ON viva.chat_requests, viva.chat_bindings TO viva_app;
GRANT SELECT, INSERT ON viva.deleted_conversations TO viva_app;

GRANT SELECT (tenant, usr, session, state, created) ON viva.chat_replies TO viva_upkeep;
CREATE POLICY upkeep ON viva.chat_replies FOR SELECT TO viva_upkeep USING (current_user = 'viva_upkeep' AND state = 'due');
