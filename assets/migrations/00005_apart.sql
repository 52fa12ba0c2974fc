-- Events that belong to no operation are few: people, gaps, the journal's own.
-- A start reads those that say what was found, and who may what.

-- +goose Up
CREATE INDEX IF NOT EXISTS events_apart ON events (event, seq) WHERE op = '';
