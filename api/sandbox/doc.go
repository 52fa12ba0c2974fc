// Package sandbox is a voucher platform in a process: the three envelopes with
// their signatures, the box tree, the status rules of a code, and faults by
// script. The demo, the training mode and the tests stand on it, so it is
// strict wherever the platform's description is. It may import api and the
// standard library only; it knows no counter, no terminal and no database.
//
// # Paths
//
//	POST /ebuyweb-posp/api/<action>        activeVoucher, activeResultQuery, delVoucher,
//	                                       queryVerifyInfo, reelActiveVoucher, reelDelVoucher
//	POST /paas/micro/ecoupon/<action>      _queryCodeDetailList
//	POST /starbucksjs/b2b/code/<action>    activeByPartNo
//	GET  /sandbox/effects                  what was really applied, a JSON line each
//	GET, PUT /sandbox/faults               the rules in force, see Fault
//	POST /sandbox/boxes                    adds boxes in the platform's answer shape, or makes one
//
// # Codes
//
// The platform's description has lost the meaning of every code but success,
// so the codes in codes.go are the sandbox's own. They say nothing about the
// platform.
//
// # Rules of its own
//
// Where the description is silent the sandbox had to choose. A trace number is
// spent by whatever passed the signature and form checks, look-ups included.
// A list of ids, and a reel, package or box, is changed whole or not at all. A
// code that is void already, or stands where a void would bring it, cannot be
// voided; a code past its validEnd cannot be activated. activeResultQuery
// knows activations of every day and answers nothing but R01 to a void's
// trace number. A range order answers 80 once and 100 from the second call
// on; its one effect is counted when it is accepted; a range that overlaps
// one activated before is refused. In the records of a code type 1 is its
// making and type 2 a redemption, as in the platform's example; type 11, an
// activation, and type 12, a void, are the sandbox's own.
package sandbox
