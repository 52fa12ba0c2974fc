// Package stage is the platform that plays along on this machine: a sandbox that
// holds the demo's boxes and serves them, and the shift that a demonstration
// begins with. It knows no command and no terminal.
package stage

import (
	"bytes"
	"sync"

	"counterfoil/api/sandbox"
	"counterfoil/assets"
	"counterfoil/offline/files"
)

// Stage is a running sandbox.
type Stage struct {
	*sandbox.Sandbox
	Server  *sandbox.Server
	playing sync.WaitGroup
}

// Open seeds a sandbox with the demo's boxes and serves it.
func Open(o sandbox.Options, addr string) (*Stage, error) {
	s, err := sandbox.New(o)
	if err != nil {
		return nil, err
	}
	// A sandbox that kept its state keeps its boxes too.
	if len(s.Boxes()) == 0 {
		err = s.Load(bytes.NewReader(assets.DemoBoxes))
	}
	var server *sandbox.Server
	if err == nil {
		server, err = s.Listen(addr)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return &Stage{Sandbox: s, Server: server}, nil
}

// maxFaults bounds a list of faults, in bytes.
const maxFaults = 1 << 20

// LoadFaults takes a list of faults from a file.
func (s *Stage) LoadFaults(file string) error {
	text, _, err := files.ReadNamed(file, maxFaults)
	if err != nil {
		return err
	}
	rules, err := sandbox.ParseFaults(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.SetFaults(rules)
}

// Close ends the server and waits for what it still works on.
func (s *Stage) Close() {
	s.playing.Wait()
	_ = s.Server.Close()
	_ = s.Sandbox.Close()
}
