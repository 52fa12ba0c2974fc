-- What a manager's approval was given for: a JSON list of words, '' where
-- nobody approved, and in operations from before.

-- +goose Up
ALTER TABLE operations ADD COLUMN approved_for TEXT NOT NULL DEFAULT '';
