-- The counter's memory. Times are RFC 3339 texts as in the operation's JSON,
-- '' where there is none; money is whole fen. Nothing is ever deleted.

-- +goose Up
CREATE TABLE operations (
    op          TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    level       TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    amount_fen  INTEGER NOT NULL,
    offline     INTEGER NOT NULL,
    operator    TEXT    NOT NULL,
    approved_by TEXT    NOT NULL,
    counter     TEXT    NOT NULL,
    accepted_at TEXT    NOT NULL,
    finished_at TEXT    NOT NULL,
    order_no    TEXT    NOT NULL,
    seq         INTEGER NOT NULL, -- of its last event
    hash        TEXT    NOT NULL,
    day         TEXT    NOT NULL,
    why         TEXT    NOT NULL,
    reason      TEXT    NOT NULL,
    settled_as  TEXT    NOT NULL,
    settled_by  TEXT    NOT NULL,
    waits_for   TEXT    NOT NULL,
    next_at     TEXT    NOT NULL,
    asked       INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    range       TEXT    NOT NULL  -- JSON, '' where kind is not range
);
-- ULIDs order by time: this is the key of every page.
CREATE UNIQUE INDEX operations_op ON operations (op);
CREATE INDEX operations_id ON operations (id, op);
CREATE INDEX operations_day ON operations (day, op);
-- Covers the counts; a shop has few open operations however many it has had.
CREATE INDEX operations_open ON operations (op, state, amount_fen, accepted_at)
    WHERE state IN ('queued', 'sending', 'unknown', 'attention');

-- What was closed and is looked at once more (docs/rules.md, "refusal" and "Settle").
CREATE INDEX operations_recheck ON operations (op)
    WHERE next_at <> '' AND state IN ('refused', 'settled');

CREATE TABLE attempts (
    op    TEXT    NOT NULL,
    n     INTEGER NOT NULL, -- from 0
    trace TEXT    NOT NULL,
    data  TEXT    NOT NULL, -- JSON
    PRIMARY KEY (op, n)
) WITHOUT ROWID;
-- A second guard: the platform must never see a trace number twice.
CREATE UNIQUE INDEX attempts_trace ON attempts (trace) WHERE length(trace) = 23;

CREATE TABLE evidence (
    op   TEXT    NOT NULL,
    n    INTEGER NOT NULL, -- from 0
    seq  INTEGER NOT NULL, -- of the event that brought it
    data TEXT    NOT NULL, -- JSON
    PRIMARY KEY (op, n)
) WITHOUT ROWID;

CREATE TABLE events (
    seq   INTEGER PRIMARY KEY,
    at    TEXT NOT NULL,
    op    TEXT NOT NULL,    -- '' where it belongs to no operation
    event TEXT NOT NULL,
    data  TEXT NOT NULL,    -- JSON
    prev  TEXT NOT NULL,    -- hash of the event before, '' for the first
    hash  TEXT NOT NULL     -- SHA-256, hexadecimal
);
CREATE INDEX events_salvaged ON events (seq) WHERE event = 'salvaged';

CREATE TABLE operators (
    name         TEXT    NOT NULL PRIMARY KEY,
    role         TEXT    NOT NULL,
    pin          TEXT    NOT NULL, -- argon2id, in its usual text form
    disabled     INTEGER NOT NULL,
    failures     INTEGER NOT NULL,
    locked_until TEXT    NOT NULL,
    created_at   TEXT    NOT NULL
) WITHOUT ROWID;

CREATE TABLE traces (
    day  TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
