//go:build linux

package faults

import (
	"sync"
	"testing"

	"docserve/internal/testenv"
	"docserve/internal/testenv/clean"
)

// environment is a Python with a version of Sphinx, and its clean builder.
type environment struct {
	name    string
	python  string
	builder *clean.Builder
	mu      sync.Mutex // held from a clean build until it was compared: the next one takes its place
}

// open makes an environment ready.
func open(t *testing.T, name string) *environment {
	t.Helper()
	env := &environment{name: name, python: testenv.Python(t, name)}
	var err error
	if env.builder, err = clean.New(env.python, t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := env.builder.Close(); err != nil {
			t.Errorf("clean builder: %v", err)
		}
	})
	return env
}
