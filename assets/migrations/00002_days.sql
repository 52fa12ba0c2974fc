-- A business day is a run of operations: where each run begins is enough to
-- find a day, and costs a row a day instead of an index entry an operation.

-- +goose Up
CREATE TABLE days (
    op  TEXT NOT NULL PRIMARY KEY, -- the first operation of a run
    day TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX days_day ON days (day, op);
INSERT INTO days (op, day)
    SELECT op, day FROM (SELECT op, day, lag(day) OVER (ORDER BY op) AS before FROM operations)
    WHERE before IS NULL OR before <> day;
DROP INDEX operations_day;
