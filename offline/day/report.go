package day

import (
	"time"

	"counterfoil/offline/journal/chain"
	"counterfoil/offline/operation"
)

// Totals is a number of operations and their sum in whole fen; voids carry none.
type Totals struct {
	Ops int64 `json:"ops"`
	Fen int64 `json:"fen"`
}

func (t Totals) plus(more Totals) Totals { return Totals{t.Ops + more.Ops, t.Fen + more.Fen} }

func (t Totals) less(more Totals) Totals { return Totals{t.Ops - more.Ops, t.Fen - more.Fen} }

// The two reports: of a day that is still open, and of one that is closed.
const (
	X = "X"
	Z = "Z"
)

// Report is report X or Z. Its JSON is public interface, and what the event of a
// close holds, but for Copy and Head.
type Report struct {
	Title
	Book
	Open      []Open     `json:"open"`
	Late      []Late     `json:"late"`
	Operators []Sum      `json:"operators"` // what was accepted, by who asked for it
	Kinds     []Sum      `json:"kinds"`     // what was accepted
	Hours     []Hour     `json:"hours"`
	Ever      Ever       `json:"ever"`
	Discarded int64      `json:"discarded_traces"` // trace numbers that were minted and never sent
	Checked   Checked    `json:"checked"`
	Copy      int        `json:"copy"` // 0 for the first print
	Head      chain.Head `json:"head"` // of an X the chain's, of a Z that of its own event
}

// Title says which report it is, of whom and by whom.
type Title struct {
	Report   string    `json:"report"`
	Z        int64     `json:"z"`    // 0 for an X
	Part     int       `json:"part"` // of the day, from 1; 0 for an X
	Day      string    `json:"day"`  // business day, yyyy-MM-dd
	Counter  string    `json:"counter"`
	ShopNo   string    `json:"shop_no"`
	ShopName string    `json:"shop_name"`
	Journal  string    `json:"journal"`
	At       time.Time `json:"at"`
	chain.Who
}

// Book is the balance of the events (From..To].
type Book struct {
	From       int64    `json:"from_seq"`
	To         int64    `json:"to_seq"`
	OpenBefore Totals   `json:"open_before"`
	Accepted   Totals   `json:"accepted"`
	Reopened   Totals   `json:"reopened"`
	Recovered  Totals   `json:"recovered"` // what documented gaps added or, below 0, took away
	Outcomes   Outcomes `json:"outcomes"`
	ByStatus   ByStatus `json:"by_status"`
	StillOpen  Totals   `json:"still_open"`
}

// Outcomes are the ways in which operations closed.
type Outcomes struct {
	Active    Totals `json:"active"`
	Void      Totals `json:"void"`
	Refused   Totals `json:"refused"`
	Withdrawn Totals `json:"withdrawn"`
	Settled   Totals `json:"settled"`
}

func (o Outcomes) all() Totals {
	return o.Active.plus(o.Void).plus(o.Refused).plus(o.Withdrawn).plus(o.Settled)
}

// ByStatus is the part of active and void that only a changed status proves.
type ByStatus struct {
	Totals
	Active Totals `json:"active"`
	Void   Totals `json:"void"`
}

// Open is an operation that no outcome has closed yet.
type Open struct {
	Op         string          `json:"op"`
	Kind       operation.Kind  `json:"kind"`
	ID         string          `json:"id"`
	State      operation.State `json:"state"`
	AmountFen  int64           `json:"amount_fen"`
	AcceptedAt time.Time       `json:"accepted_at"`
}

// Late adds up outcomes of operations that were accepted under an earlier Z; 0
// is what came before the first.
type Late struct {
	Z int64 `json:"z"`
	Totals
}

// Sum is what was accepted under one name.
type Sum struct {
	Name string `json:"name"`
	Totals
}

// Hour is what was accepted and what became active within an hour of the shop's zone.
type Hour struct {
	Hour     string `json:"hour"` // 2006-01-02T15
	Accepted Totals `json:"accepted"`
	Active   Totals `json:"active"`
}

// Ever is never reset.
type Ever struct {
	Active Totals `json:"active"`
	Void   Totals `json:"void"`
}

// Checked says what the platform's side of the book was found to be.
type Checked struct {
	Of          int64 `json:"of"`
	Answered    int64 `json:"answered"`
	Differences int64 `json:"differences"`
	Silent      int64 `json:"silent"`
	Skipped     bool  `json:"skipped"` // nobody was asked
}

// nothing reports that nothing was accepted, closed, reopened or recovered.
func (b *Book) nothing() bool {
	return b.Accepted == Totals{} && b.Reopened == Totals{} && b.Recovered == Totals{} && b.Outcomes == Outcomes{}
}

// expected is what must be open by all that was posted.
func (b *Book) expected() Totals {
	return b.OpenBefore.plus(b.Accepted).plus(b.Reopened).less(b.Outcomes.all())
}

// balance holds what was found open against what was posted. Only documented gaps
// of the journal may explain a difference. Error: *UnbalancedError.
func (b *Book) balance(open Totals, gaps bool) error {
	b.StillOpen = open
	if gaps {
		b.Recovered = open.less(b.expected())
	}
	if b.expected().plus(b.Recovered) != open {
		return &UnbalancedError{*b}
	}
	return nil
}
