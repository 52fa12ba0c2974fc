// Package catalog keeps what look-ups showed of the voucher tree: boxes,
// packages, reels and codes with counts on every node, in a database of its
// own that can be lost and looked up again. It knows no platform and no queue,
// and may touch no file but its own.
//
// How it is laid out, and why:
//
//   - Boxes, packages and reels are rows of their own. Codes stand packed in
//     chunks of up to 128 under their parent, front-coded, with the rest of
//     what is known of them said once a chunk. A million codes are some eight
//     thousand rows, so that loading is bound by reading the answer and not by
//     SQLite, a place in a list is arithmetic, and looking for any part of an
//     id is a run over twenty megabytes instead of an index of trigrams.
//   - An index of 4096 hashed buckets leads from a code to its chunk. A large
//     load rewrites each bucket a few times instead of adding a million rows.
//   - A node is live when its parents lead to a root. What a look-up stages
//     hangs under no parent, so nobody meets it; the switch hangs the top of
//     it into the live tree and cuts off what it replaces, a few rows whatever
//     the size. What was cut off, aborted or left behind by a kill is cleared
//     away in the background in steps of a few milliseconds.
//   - A status set on everything below a node is a mark with a version; what
//     lies below takes it as its own while nothing newer is known there.
//     Counts are kept by status and face value, on every node.
//   - One connection writes, in transactions of a few milliseconds. Some
//     read, each call in one short read transaction.
//   - What a connection has read, the rows and chunks of one corner of the
//     tree, serves its next transaction if nothing was committed in between:
//     codes sold one behind the other mostly lie in one chunk.
package catalog
