-- How an id came into the counter: scan, typed, paste, file or tree; '' in
-- operations from before it was kept.

-- +goose Up
ALTER TABLE operations ADD COLUMN entered TEXT NOT NULL DEFAULT '';
