// Package assets holds the files built into the program: languages,
// migrations, the demo's boxes and the example configuration. Nothing here decides anything.
package assets

import "embed"

// Languages holds the messages, one file per room and language: languages/<room>.<lang>.toml.
//
//go:embed languages/*.toml
var Languages embed.FS

// Migrations holds the database's schema as goose files, applied forward only:
// migrations/*.sql is the journal's.
//
//go:embed migrations
var Migrations embed.FS

// ExampleConfig is the complete commented example of a configuration.
//
//go:embed config/counterfoil.example.toml
var ExampleConfig []byte

// DemoBoxes seeds the sandbox: the boxes of the interface's description and a
// few more, in the platform's answer shape.
//
//go:embed demo/boxes.json
var DemoBoxes []byte

// DemoShift is the box that a demonstration's shift has sold of, in the same shape.
//
//go:embed demo/shift.json
var DemoShift []byte
