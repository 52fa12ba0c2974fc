-- Who asked for a settlement or a withdrawal that a manager approved; '' where
-- nobody else did, and in operations from before it was kept.

-- +goose Up
ALTER TABLE operations ADD COLUMN settle_asked_by TEXT NOT NULL DEFAULT '';
