-- Ends of interviews that the platform is told: written with the finished summary, and kept when told, so that none is told again.
CREATE TABLE announcements (
    id        INTEGER PRIMARY KEY,
    tenant    TEXT    NOT NULL,
    usr       TEXT    NOT NULL,
    session   TEXT    NOT NULL,
    -- What is told, as JSON.
    finished  TEXT    NOT NULL,
    since     INTEGER NOT NULL,
    attempts  INTEGER NOT NULL,
    -- When it is tried next; NULL: it was told, or given up.
    due_at    INTEGER,
    UNIQUE (tenant, usr, session)
) STRICT;

CREATE INDEX announcements_due ON announcements (due_at) WHERE due_at IS NOT NULL;
