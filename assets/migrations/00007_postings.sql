-- What a business day's report adds up: each acceptance, reopening and outcome
-- of an operation, by the number of its event. Like the rows of operations, all
-- in them follows from the events, and may lag behind them. Of what happened
-- before this migration there is none: what is open now begins the first report.

-- +goose Up
CREATE TABLE headings (
    n         INTEGER PRIMARY KEY,
    posted    TEXT    NOT NULL, -- accepted, reopened, an outcome, or discarded (a trace number)
    kind      TEXT    NOT NULL,
    operator  TEXT    NOT NULL,
    day       TEXT    NOT NULL, -- the business day of the acceptance
    quarter   INTEGER NOT NULL, -- of an hour, since 1970: zones differ by these
    by_status INTEGER NOT NULL,
    UNIQUE (day, posted, kind, operator, quarter, by_status)
);
CREATE TABLE postings (
    seq      INTEGER NOT NULL, -- of the event
    heading  INTEGER NOT NULL,
    fen      INTEGER NOT NULL,
    accepted INTEGER NOT NULL, -- the event that accepted the operation
    PRIMARY KEY (seq, heading)
) WITHOUT ROWID;

-- The event that accepted it; of operations from before some event up to now, 0 where it will not matter.
ALTER TABLE operations ADD COLUMN accepted_seq INTEGER NOT NULL DEFAULT 0;
UPDATE operations SET accepted_seq = seq WHERE state IN ('queued', 'sending', 'unknown', 'attention');
UPDATE operations SET accepted_seq = seq WHERE next_at <> '' AND state IN ('refused', 'settled');

-- The journal's next opening says in the chain what the first report begins with.
INSERT OR REPLACE INTO meta (key, value) SELECT 'day.begin', 'due' WHERE EXISTS (SELECT 1 FROM events WHERE op <> '');
