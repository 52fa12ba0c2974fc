// Package day is the book of the business days: report X adds up what came since
// the last close, report Z closes a day by cutting the journal at an event's
// number, never at a time (docs/day.md). It reads a snapshot of the journal and
// writes one event a close; it asks no platform and decides about no operation.
package day
