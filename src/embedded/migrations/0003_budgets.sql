-- What each session has booked, so that nothing is booked twice, and whether it holds a place among the open ones.
CREATE TABLE budget_sessions (
    tenant         TEXT    NOT NULL,
    usr            TEXT    NOT NULL,
    session        TEXT    NOT NULL,
    -- The day of its place, or of its first booking.
    day            INTEGER NOT NULL,
    -- none, held, released
    place          TEXT    NOT NULL,
    recognizer_ms  INTEGER NOT NULL,
    tokens         INTEGER NOT NULL,
    PRIMARY KEY (tenant, usr, session)
) STRICT, WITHOUT ROWID;

CREATE INDEX budget_sessions_day ON budget_sessions (day);

-- `owner` is a user, or empty for the tenant as a whole.
CREATE TABLE budget_days (
    tenant         TEXT    NOT NULL,
    owner          TEXT    NOT NULL,
    day            INTEGER NOT NULL,
    sessions_open  INTEGER NOT NULL,
    recognizer_ms  INTEGER NOT NULL,
    tokens         INTEGER NOT NULL,
    PRIMARY KEY (tenant, owner, day)
) STRICT, WITHOUT ROWID;

INSERT INTO budget_sessions
    SELECT tenant, usr, session, created / 86400000, 'held', 0, 0 FROM sessions WHERE state = 'open';

INSERT INTO budget_days
    SELECT tenant, owner, day, sum(sessions_open), sum(recognizer_ms), sum(tokens) FROM (
        SELECT tenant, usr AS owner, day, 0 AS sessions_open, recognizer_ms, tokens FROM budgets
        UNION ALL SELECT tenant, '', day, 0, recognizer_ms, tokens FROM budgets
        UNION ALL SELECT tenant, usr, day, 1, 0, 0 FROM budget_sessions
        UNION ALL SELECT tenant, '', day, 1, 0, 0 FROM budget_sessions
    ) GROUP BY tenant, owner, day;

DROP TABLE budgets;
