-- Serial ranges are few among many operations, and each new one is held against
-- all earlier ones of the counter.

-- +goose Up
CREATE INDEX IF NOT EXISTS operations_ranges ON operations (op) WHERE kind = 'range';
