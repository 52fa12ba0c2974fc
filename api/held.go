package api

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// hold copies a value to s.
func (b branch) hold(s *spill) error {
	enc := jsontext.NewEncoder(s, lenient...)
	start := b.dec.StackDepth()
	for {
		var err error
		switch k := b.kind(); {
		case k != '{' && k != '[' && k != '}' && k != ']':
			var value jsontext.Value
			if value, err = b.value(); err == nil {
				err = enc.WriteValue(value)
			}
		default:
			var token jsontext.Token
			if token, err = b.token(); err == nil {
				err = enc.WriteToken(token)
			}
		}
		if err != nil {
			return err
		}
		switch depth := b.dec.StackDepth(); {
		case depth <= start:
			return nil
		case depth > start+maxDepth:
			return fmt.Errorf("%w: nested too deeply", errNotJSON)
		}
	}
}

// release decodes what was held back, now that the parent's id is known.
func (b branch) release(s *spill, parent string) error {
	defer s.drop()
	src, err := s.reader()
	if err != nil {
		return err
	}
	return b.over(src).children(s.level, parent)
}

// releaseAll decodes all that was held back under one parent.
func (b branch) releaseAll(held []*spill, parent string) error {
	for i, s := range held {
		if err := b.release(s, parent); err != nil {
			dropAll(held[i+1:])
			return err
		}
	}
	return nil
}

func dropAll(held []*spill) {
	for _, s := range held {
		s.drop()
	}
}
