package offline

import (
	"reflect"
	"testing"
)

func TestTheDeskKeepsFewFields(t *testing.T) {
	t.Parallel()
	if n := reflect.TypeFor[Desk]().NumField(); n > 14 {
		t.Errorf("the desk has %d fields, more than 14: what it does more belongs into a room", n)
	}
}
