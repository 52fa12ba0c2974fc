package api

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds the nesting of what is skipped.
const maxDepth = 64

// errSink wraps what the receiver of the rows returned.
var errSink = errors.New("receiver of the rows")

// lookupHead is what stands at the root of a look-up's answer beside the tree.
type lookupHead struct {
	code, message, trace, order string
}

func (h *lookupHead) set(name string, raw []byte) {
	switch name {
	case "returnCode":
		h.code = Clean(string(raw), maxShort)
	case "returnDesc":
		h.message = Clean(string(raw), maxMessage)
	case "traceNo":
		h.trace = Clean(string(raw), maxShort)
	case "orderNo":
		h.order = Clean(string(raw), MaxIDLength)
	}
}

// rows turns a look-up's inner JSON into nodes.
type rows struct {
	sink    func(Node) error
	earn    func() // called for each row that came, also for one that is held back
	head    lookupHead
	nodes   int64
	skipped int64
	room    spillRoom
	texts   textCache
	spare   []byte
	// asked is the id that the answer must show; shown says that it did.
	asked ID
	shown bool
}

func newRows(asked ID, sink func(Node) error) *rows {
	return &rows{asked: asked, sink: sink, earn: func() {}, room: spillRoom{memory: spillMemory}, texts: textCache{}}
}

// branch decodes one stream: the answer, or children that were held back.
type branch struct {
	*rows
	dec *decoder
}

func (r *rows) over(src io.Reader) branch {
	return branch{rows: r, dec: newDecoder(src, 0)}
}

// decode reads the whole inner answer, to the end of src.
func (r *rows) decode(src io.Reader) error {
	b := r.over(src)
	defer b.dec.free()
	if b.kind() != '{' {
		_, err := b.value()
		return orNotJSON(err)
	}
	if err := b.object("", ""); err != nil {
		return err
	}
	if _, err := b.token(); !errors.Is(err, io.EOF) {
		return orNotJSON(err)
	}
	return nil
}

func orNotJSON(err error) error {
	if err == nil {
		return errNotJSON
	}
	return err
}

func (b branch) kind() jsontext.Kind {
	b.dec.gate.reach(b.dec.InputOffset())
	return b.dec.PeekKind()
}

func (b branch) token() (jsontext.Token, error) {
	b.dec.gate.reach(b.dec.InputOffset())
	token, err := b.dec.ReadToken()
	return token, innerError(err)
}

// value reads a whole value; of a list or an object only where it is known to be
// small. Strings in it are cut where it is larger than expected.
func (b branch) value() (jsontext.Value, error) {
	b.dec.gate.reach(b.dec.InputOffset())
	value, err := b.dec.ReadValue()
	if err != nil && b.dec.gate.clip == nil && errors.Is(err, errToken) {
		// jsontext keeps its place where reading failed, and goes on from there.
		b.dec.gate.shorten(b.dec.UnreadBuffer())
		b.dec.gate.reach(b.dec.InputOffset())
		value, err = b.dec.ReadValue()
	}
	return value, innerError(err)
}

// innerError keeps a syntax error's place and drops its text, which quotes the answer.
func innerError(err error) error {
	if err == nil {
		return nil
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%w: at byte %d", errNotJSON, syntax.ByteOffset)
	}
	return err
}

// skip reads past one value of any size.
func (b branch) skip() error { return b.copy(nil) }

// copy reads one value of any size, and writes it to a spill where there is one.
func (b branch) copy(to *jsontext.Encoder) error {
	start := b.dec.StackDepth()
	for {
		if k := b.kind(); k == '{' || k == '[' || k == '}' || k == ']' {
			token, err := b.token()
			if err == nil && to != nil {
				err = to.WriteToken(token)
			}
			if err != nil {
				return err
			}
			if to != nil && k == '}' {
				b.earn()
			}
		} else {
			value, err := b.value()
			if err == nil && to != nil {
				err = to.WriteValue(value)
			}
			if err != nil {
				return err
			}
		}
		switch depth := b.dec.StackDepth(); {
		case depth <= start:
			return nil
		case depth > start+maxDepth:
			return fmt.Errorf("%w: nested too deeply", errNotJSON)
		}
	}
}

// members are the hashes of the names an object had so far. Of two members with one name only
// one could be meant, and a reader beside this one might take the other.
type members []uint64

var memberSeed = maphash.MakeSeed()

// maxMembers bounds what is kept of them; the platform's objects have ten.
const maxMembers = 256

func (m *members) once(name []byte) error {
	hash := maphash.Bytes(memberSeed, name)
	if slices.Contains(*m, hash) {
		return errTwice
	}
	if len(*m) == maxMembers {
		return fmt.Errorf("%w: an object of too many members", errTooLarge)
	}
	*m = append(*m, hash)
	return nil
}

// memberOf says what a name means inside an object of level at: its id, a list
// of children of some lower level, or nothing of interest.
func memberOf(at Level, name []byte) (isID bool, child Level) {
	switch string(name) {
	case "boxId":
		return at == LevelBox, ""
	case "pkgId":
		return at == LevelPackage, ""
	case "reelId":
		return at == LevelReel, ""
	case "voucherBox":
		child = LevelBox
	case "voucherPkg":
		child = LevelPackage
	case "voucherReel":
		child = LevelReel
	case "codeDetail":
		child = LevelCode
	}
	if child.Rank() <= at.Rank() {
		child = ""
	}
	return false, child
}

// object reads one box, package or reel, or the root, whose level is "". An id
// that cannot be one costs what is below it, an absent one does not.
func (b branch) object(level Level, parent string) error {
	if _, err := b.token(); err != nil {
		return err
	}
	var held []*spill
	defer func() { dropAll(held) }()
	id, known, refused := "", level == "", false
	var names members
	for b.kind() != '}' {
		name, err := b.scalar()
		if err == nil {
			err = names.once(name)
		}
		if err != nil {
			return err
		}
		isID, child := memberOf(level, name)
		switch {
		case isID && !known && !refused:
			k := b.kind()
			raw, err := b.scalar()
			if err != nil {
				return err
			}
			if len(raw) == 0 && k != '{' && k != '[' {
				continue // as good as absent
			}
			if known = printableID(raw); !known {
				refused = true
				continue
			}
			id = string(raw)
			if err := b.give(Node{Level: level, ID: id, Parent: parent, Remaining: -1}); err != nil {
				return err
			}
			waiting := held
			held = nil
			if err := b.releaseAll(waiting, id); err != nil {
				return err
			}
		case child != "" && known:
			err = b.children(child, id)
		case child != "" && !refused:
			s := &spill{level: child, room: &b.room}
			held = append(held, s)
			err = b.copy(jsontext.NewEncoder(s, lenient...))
		case level == "":
			err = b.root(string(name))
		default:
			err = b.skip()
		}
		if err != nil {
			return err
		}
	}
	if _, err := b.token(); err != nil || known {
		return err
	}
	if refused {
		b.skipped++
		return nil
	}
	waiting := held
	held = nil
	return b.releaseAll(waiting, parent) // the next known node above takes them
}

// scalar reads a value as text; of a list or an object it reads past, and returns nil.
func (b branch) scalar() ([]byte, error) {
	if k := b.kind(); k == '{' || k == '[' {
		return nil, b.skip()
	}
	value, err := b.value()
	if err != nil {
		return nil, err
	}
	return scalar(value, &b.spare), nil
}

// root reads a field beside the tree.
func (b branch) root(name string) error {
	raw, err := b.scalar()
	if err == nil {
		b.head.set(name, raw)
	}
	return err
}

// children reads a list of nodes; one object stands for a list of one, null
// and anything else for none.
func (b branch) children(level Level, parent string) error {
	switch b.kind() {
	case '{':
		return b.child(level, parent)
	case '[':
	default:
		return b.skip()
	}
	if _, err := b.token(); err != nil {
		return err
	}
	for b.kind() != ']' {
		var err error
		if b.kind() == '{' {
			err = b.child(level, parent)
		} else {
			err = b.skip()
		}
		if err != nil {
			return err
		}
	}
	_, err := b.token()
	return err
}

func (b branch) child(level Level, parent string) error {
	if level == LevelCode {
		return b.code(parent)
	}
	return b.object(level, parent)
}

func (r *rows) give(n Node) error {
	r.nodes++
	r.earn()
	r.shown = r.shown || n.ID == string(r.asked) && n.Level == r.asked.Level()
	if err := r.sink(n); err != nil {
		return fmt.Errorf("%w: %w", errSink, err)
	}
	return nil
}
