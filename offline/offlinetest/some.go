package offlinetest

import (
	"flag"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

var every = flag.Bool("every", false, "try every case of the long tables, not some at random")

// Some are n cases of a long table, each time others, so that a test run takes a
// minute. With -every it is all of them, and where -run names a case, too.
func Some[C any](n int, cases map[string]C) map[string]C {
	if *every || strings.Contains(flag.Lookup("test.run").Value.String(), "/") {
		return cases
	}
	names := slices.Collect(maps.Keys(cases))
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	some := map[string]C{}
	for _, name := range names[:min(n, len(names))] {
		some[name] = cases[name]
	}
	return some
}
