// Package selftest checks whether this binary works: its database and what is
// embedded in it. It speaks to no platform and prints nothing.
package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"counterfoil/api"
	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline"
	"counterfoil/screens/cli/config"
	"counterfoil/ui"
)

// Check is one thing to check. Run returns a detail for a person, or why it fails.
type Check struct {
	Name string
	Run  func(context.Context) (string, error)
}

// Checks are all of them, in the order they are shown.
var Checks = []Check{
	{"database", database},
	{"signatures", func(context.Context) (string, error) { return "MD5, SHA-256", api.SelfTest() }},
	{"languages", languages},
	{"example", example},
	{"boxes", boxes},
}

// database opens a new data folder, which migrates it, and asks doctor what
// the database promises.
func database(ctx context.Context) (detail string, err error) {
	folder, err := os.MkdirTemp("", "counterfoil-selftest-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	settings, err := config.Demo("", api.Settings{MACKey: sandbox.DefaultMACKey}, offline.Rules{}, nil)
	if err != nil {
		return "", err
	}
	client, err := api.New(settings.Client())
	if err != nil {
		return "", err
	}
	desk, err := offline.Open(ctx, settings.Desk(filepath.Join(folder, "data")), client)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, desk.Stop()) }()
	whole, err := desk.Verify(ctx, nil)
	if err != nil {
		return "", err
	}
	for _, check := range desk.Doctor(ctx) {
		if check.Name != "doctor.database" {
			continue
		}
		if check.Level != offline.OK {
			return "", fmt.Errorf("%s %v", check.Detail, check.Args)
		}
		return fmt.Sprintf("SQLite %v, synchronous FULL, chain at %d", check.Args["SQLite"], whole.Head.Seq), nil
	}
	return "", errors.New("the database was not checked")
}

func languages(context.Context) (string, error) {
	for _, language := range []string{ui.English, ui.Chinese} {
		words, err := ui.NewWords(language)
		if err != nil {
			return "", err
		}
		for _, id := range []string{"cli.counterfoil.short", "ui.ok", "error.internal"} {
			if words.T(id) == id {
				return "", fmt.Errorf("%s: no text for %s", language, id)
			}
		}
	}
	return "en, zh", nil
}

func example(context.Context) (string, error) {
	return fmt.Sprintf("%d keys", len(config.Keys())), config.CheckText(assets.ExampleConfig)
}

func boxes(context.Context) (string, error) {
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		return "", err
	}
	defer s.Close()
	if err := s.Load(bytes.NewReader(assets.DemoBoxes)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d boxes", len(s.Boxes())), nil
}
