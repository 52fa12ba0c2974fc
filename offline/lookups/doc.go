// Package lookups asks the platform about vouchers, remembers for a while what
// it saw, and brings answers and confirmed statuses into the catalog in the
// background. The catalog is a cache: what cannot be written is dropped. The
// package decides nothing about operations and knows neither journal nor desk.
package lookups
