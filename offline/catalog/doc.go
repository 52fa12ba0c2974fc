// Package catalog keeps what look-ups showed of the voucher tree: boxes,
// packages, reels and codes with counts on every node, in a database of its
// own that can be lost and looked up again. It knows no platform and no queue,
// and may touch no file but its own.
//
// How it is laid out:
//
//   - A box, a package and a reel is a row of nodes, a code a row of codes. The
//     key of a code is that of its node and its number there, so that the codes
//     of a node lie together and in order. What codes have in common (name, face
//     value, validity, status text) is a row of attributes.
//   - A node is live when its parents lead to the top node, which is never
//     shown; it holds the roots and the codes whose parent is not known. An
//     answer is staged under no parent, so nobody sees it. Its commit hangs it
//     into the live tree and cuts off what it replaces, a few rows whatever the
//     size. What was cut off, aborted or left behind by a kill is garbage, and
//     is deleted in the background a few rows at a time.
//   - Counts by status and face value are kept on every node and summed upward.
//   - A status set on all below a node is a mark on that node. The topmost mark
//     holds: before anything is written below it, it is pushed down along that
//     path, to the rows of codes at last.
//   - One connection writes, in transactions of a few milliseconds. Others
//     read, each call in one short read transaction.
package catalog
