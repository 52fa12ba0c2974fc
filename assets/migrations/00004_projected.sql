-- The tables operations, attempts, evidence and days say what the events say,
-- and may lag behind them by some hundred events. Up to this one they do not.

-- +goose Up
INSERT OR REPLACE INTO meta (key, value)
    SELECT 'journal.projected', ifnull(max(seq), 0) FROM events;
