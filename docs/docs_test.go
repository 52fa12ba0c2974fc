// Package docs holds the documents against the tree that they describe.
package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// link finds what a document links to; pictures are links too.
var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// named finds a source file that a document names with its folder.
var named = regexp.MustCompile("`([a-z_]+(?:/[a-z_]+)+\\.(?:go|c|toml))`")

func TestEveryFileThatTheDocumentsNameIsThere(t *testing.T) {
	t.Parallel()
	for _, file := range documents(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range link.FindAllStringSubmatch(string(text), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), target)); err != nil {
				t.Errorf("%s links to %s, which is not there", file, found[1])
			}
		}
		for _, found := range named.FindAllStringSubmatch(string(text), -1) {
			if _, err := os.Stat(filepath.Join("..", found[1])); err != nil {
				t.Errorf("%s names %s, which is not there", file, found[1])
			}
		}
	}
}

// test finds a test that a document names, or that is there.
var test = regexp.MustCompile("(?:`|\nfunc )(Test[A-Z][A-Za-z0-9]+)[`(]")

func TestEveryTestThatTheDocumentsNameIsThere(t *testing.T) {
	t.Parallel()
	names := func(files []string) map[string]string {
		all := map[string]string{}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range test.FindAllStringSubmatch(string(text), -1) {
				all[found[1]] = file
			}
		}
		return all
	}
	there := names(ending(t, "_test.go"))
	for name, file := range names(documents(t)) {
		if there[name] == "" {
			t.Errorf("%s names %s, which is not there", file, name)
		}
	}
}

func documents(t *testing.T) []string { return ending(t, ".md") }

// ending are the files of the tree whose names end so.
func ending(t *testing.T, end string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, end) {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 5 {
		t.Fatalf("found %v: %v", files, err)
	}
	return files
}

// direct finds a module that go.mod requires by itself, without its host where
// everybody knows it.
var direct = regexp.MustCompile(`(?m)^\t(?:github\.com/|gopkg\.in/)?(\S+) v\S+$`)

func TestEveryDependencyHasItsReason(t *testing.T) {
	t.Parallel()
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	found := direct.FindAllStringSubmatch(string(mod), -1)
	if len(found) < 10 {
		t.Fatalf("only %d direct requirements found in go.mod", len(found))
	}
	for _, m := range found {
		if !strings.Contains(string(table), "`"+m[1]+"`") {
			t.Errorf("CONTRIBUTING.md does not say why %s is required", m[1])
		}
	}
}
