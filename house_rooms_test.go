package main

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// roomRow is a line of the table in docs/architecture.md: room, purpose, imports,
// and what its tests may import as well.
var roomRow = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| .* \\| ([^|;]*)(?:; its tests: ([^|]*))? \\|$")

// forTests is the sentence there that says what tests of any room may import.
var forTests = regexp.MustCompile(`Tests of any room may use the package that they stand beside, and (.*?)\.\s`)

// quoted is a package where the page names it.
var quoted = regexp.MustCompile("`([^`]+)`")

func TestTheDrawnRoomsAreTheRoomsOfTheHouse(t *testing.T) {
	t.Parallel()
	text := architecture(t)
	drawn := map[string][2][]string{}
	for _, row := range roomRow.FindAllStringSubmatch(text, -1) {
		drawn[row[1]] = [2][]string{names(row[2]), names(row[3])}
	}
	for _, r := range rooms {
		shown, is := drawn[r.folder]
		delete(drawn, r.folder)
		if !is || !slices.Equal(shown[0], sorted(r.ours)) || !slices.Equal(shown[1], sorted(r.tests)) {
			t.Errorf("docs/architecture.md lets %s import %v and its tests %v, house_test.go %v and %v: say the same in both", r.folder, shown[0], shown[1], r.ours, r.tests)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(drawn)) {
		t.Errorf("docs/architecture.md has a room %s that house_test.go does not know", name)
	}
	if said := forTests.FindStringSubmatch(text); said == nil || !slices.Equal(names(said[1]), sorted(testsMay)) {
		t.Errorf("docs/architecture.md lets tests of any room import %v, house_test.go %v: say the same in both", said, testsMay)
	}
}

func architecture(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// names are the packages that a piece of the page names, in order of the alphabet.
func names(piece string) []string {
	var all []string
	for _, found := range quoted.FindAllStringSubmatch(piece, -1) {
		all = append(all, found[1])
	}
	return sorted(all)
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// pictureRow is a row of the picture there: its packages, then what they are.
var pictureRow = regexp.MustCompile("(?m)^│ ([^│]*)│")

// heights are the rows of the packages in the picture, counted from above.
func heights(t *testing.T) map[string]int {
	t.Helper()
	at, above := map[string]int{}, ""
	for i, row := range pictureRow.FindAllStringSubmatch(architecture(t), -1) {
		for _, name := range strings.Fields(row[1]) {
			switch {
			case name == "main.go":
				name = "."
			case strings.HasPrefix(name, "/"):
				name = above + name
			default:
				above = name
			}
			if _, twice := at[name]; twice {
				t.Errorf("the picture in docs/architecture.md has %s twice", name)
			}
			at[name] = i
		}
	}
	return at
}

func TestImportsLeadDownThePicture(t *testing.T) {
	t.Parallel()
	at := heights(t)
	there := map[string]bool{}
	for _, s := range tree(t) {
		if s.test || ownModule(s.folder) {
			continue
		}
		there[s.folder] = true
		for _, name := range imports(s) {
			if ours, yes := strings.CutPrefix(name, module+"/"); yes && at[ours] <= at[s.folder] {
				t.Errorf("%s imports %q, which the picture in docs/architecture.md does not draw below %s", s.path, name, s.folder)
			}
		}
	}
	for folder := range there {
		if _, is := at[folder]; !is {
			t.Errorf("package %s has no place in the picture in docs/architecture.md", folder)
		}
	}
	for name := range at {
		if !there[name] {
			t.Errorf("the picture in docs/architecture.md has %s, which is no package", name)
		}
	}
}

func TestNoRoomMayImportWhatItDoesNotNeed(t *testing.T) {
	t.Parallel()
	for _, r := range rooms {
		for i, name := range r.ours {
			lacking := r
			lacking.ours = slices.Delete(slices.Clone(r.ours), i, i+1)
			if !r.needs(t, false, lacking) {
				t.Errorf("the room %s may import %s, and does not, or only in tests, or might do so anyway", r.folder, name)
			}
		}
		for i, name := range r.tests {
			lacking := r
			lacking.tests = slices.Delete(slices.Clone(r.tests), i, i+1)
			if !r.needs(t, true, lacking) {
				t.Errorf("tests of the room %s may import %s, and do not, or might do so anyway", r.folder, name)
			}
		}
	}
	for _, name := range testsMay {
		if !slices.ContainsFunc(tree(t), func(s source) bool {
			return s.test && s.folder != name && slices.Contains(imports(s), module+"/"+name) && !slices.Contains(roomOf(s.folder).ours, name)
		}) {
			t.Errorf("tests of any room may import %s, and none needs that", name)
		}
	}
}

// needs tells whether files of the room, tests or others, import something of
// ours for which the permissions do not suffice when one of them is lacking.
func (r room) needs(t *testing.T, tests bool, lacking room) bool {
	t.Helper()
	return slices.ContainsFunc(tree(t), func(s source) bool {
		return s.test == tests && !ownModule(s.folder) && roomOf(s.folder).folder == r.folder &&
			slices.ContainsFunc(imports(s), func(name string) bool {
				ours, yes := strings.CutPrefix(name, module+"/")
				return yes && r.permits(s, ours) && !lacking.permits(s, ours)
			})
	})
}
